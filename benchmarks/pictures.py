"""Measures the cost of a folder of pictures that may be larger than memory.

    python -m benchmarks.pictures      # over half an hour on two cores, 4 GB of disk

Trains one epoch on 200,000 pictures of 64x64 in colour, and as many steps on 2,000, and
takes the process's peak memory, without the pages of the cache's file, which Linux can
drop at any time. (TensorFlow reaches its full size in some hundred steps, so fewer are
not enough.) Then trains two epochs on 20,000 pictures, in turn from the cache and from
an .npz file, which is all in memory.
"""

import csv
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

_MAIN = Path(__file__).parent.parent / "main.py"
_EPOCHS = {2_000: 94, 200_000: 1}  # by the number of pictures: 1,410 and 1,407 steps
_COUNT, _ROUNDS = 20_000, 3
_FLAGS = ("--decoder=upsampling", "--stages=4", "--latent_dim=8")


def main():
    """Measures, and prints two tables in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        print("| pictures | peak memory, page cache aside | whole run |\n|---|---|---|")
        for count, epochs in _EPOCHS.items():
            _make(top / f"{count}", count)
            peak, seconds = _train(top, top / f"{count}", epochs)
            print(f"| {count:,} | {peak / 1e6:,.0f} MB | {seconds:.0f} s |", flush=True)
        _make(top / "some", _COUNT)
        _pack(top / "some", top / "packed.npz")
        rates = {"some": [], "packed.npz": []}
        for _ in range(_ROUNDS):
            for name, values in rates.items():
                _train(top, top / name, epochs=2)
                values.append(_images_per_second(top, Path(name).stem))
    cached, packed = map(np.array, rates.values())
    print(f"\nimages per second from the cache: {cached}, from memory: {packed}")
    ratios = packed / cached
    print(f"a step from the cache takes {np.median(ratios):.3f} times as long {ratios}")


def _make(folder, count):
    """Writes pictures of disks, each with its own colours and place."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:64, :64]
    for i in range(count):
        path = folder / f"class-{i % 10}" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        disk, ground = random.integers(0, 256, (2, 3))
        row, column = random.uniform(16, 48, 2)
        inside = np.hypot(y - row, x - column) < 12
        pixels = np.where(inside[..., None], disk, ground).astype(np.uint8)
        Image.fromarray(pixels).save(path, compress_level=1)


def _pack(folder, path):
    images = [np.asarray(Image.open(file)) for file in sorted(folder.rglob("*.png"))]
    held_out = len(images) // 10
    np.savez(path, x_train=images[held_out:], x_test=images[:held_out])


def _train(top, dataset, epochs):
    """Runs the program; returns peak anonymous memory in bytes, and seconds."""
    began, peak = time.perf_counter(), 0
    command = [sys.executable, str(_MAIN), f"--dataset={dataset}", *_FLAGS]
    command += [f"--epochs={epochs}", f"--results_dir={top / 'Results'}", "--overwrite"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        match = re.search(r"RssAnon:\s+(\d+) kB", status)
        peak = max(peak, int(match[1]) * 1024 if match else 0)
        time.sleep(0.1)
    if process.returncode:
        sys.exit(f"pictures: training on {dataset} failed, see above")
    return peak, time.perf_counter() - began


def _images_per_second(top, name):
    (path,) = (top / "Results").glob(f"{name}-*/metrics.csv")
    with path.open(newline="") as file:
        return float(list(csv.DictReader(file))[-1]["images_per_second"])


if __name__ == "__main__":
    main()
