"""The slow test of power cuts: what they may leave of a run, at 100 random moments.

`make test-slow` runs it. strace records what a run of a few epochs, and then its going
on, write and sync. From that, the folder is built as a power cut may leave it, and
judged by the code that chooses a checkpoint. Some of the folders are gone on with for
real. POWER_CUTS and TEST_SEED in the environment give other counts and another chance.
"""

import functools
import os
import re
import shutil
import subprocess
import sys

import pytest

from autoencoder.run_folder import resume
from autoencoder.run_folder.folder import claim
from autoencoder.run_folder.metrics import count_epochs
from autoencoder.run_folder.snapshots import load
from tests.conftest import ROOT, run_flags
from tests.run_folder.disk import STRACE, Disk, calls
from tests.run_folder.test_resume import metrics, snapshots, weights
from tests.seeded import generator

CUTS = int(os.environ.get("POWER_CUTS", "100"))
RESUMED = 5
EPOCHS = 5
STOP = 3  # epochs of the first command


def command(small_npz, results, epochs, *more):
    return [
        sys.executable,
        ROOT / "main.py",
        f"--dataset={small_npz}",
        "--run_name=run",
        f"--results_dir={results}",
        f"--epochs={epochs}",
        *more,
    ]


def finish(small_npz, results, *more):
    """Runs the program to the end; returns the run's folder."""
    done = subprocess.run(
        command(small_npz, results, EPOCHS, *more),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return results / "run"


def record(small_npz, folder):
    """Trains, and goes on training, in folder; returns what of it concerns folder."""
    if shutil.which("strace") is None:
        pytest.fail("strace is missing: install it (on Debian, apt install strace)")
    found = []
    for epochs in (STOP, EPOCHS):
        log = folder.with_name(f"strace-{epochs}.txt")
        subprocess.run(
            [*STRACE, "-o", log, *command(small_npz, folder / "Results", epochs)],
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=600,
        )
        found += calls(log.read_text(encoding="utf-8", errors="replace"))
    disk = Disk(folder)
    return [call for call in found if disk.concerns(call) or printed(call)]


def printed(call):
    """Returns the epoch whose line a call prints, or 0."""
    match = re.match(r'1<[^>]*>, "epoch (\d+)/', call.arguments)
    return int(match[1]) if match and call.name == "write" else 0


def judged(small_npz, results, capsys):
    """Returns the epoch after which a command would go on; 0: it begins anew."""
    flags = run_flags(
        dataset=str(small_npz), results_dir=str(results), run_name="run", epochs=EPOCHS
    )
    capsys.readouterr()
    with claim(flags, "small") as folder:
        found = None if folder.earlier is None else resume.find(folder, flags)
    assert capsys.readouterr().err == ""  # no checkpoint was damaged
    return 0 if found is None else found.epoch


def contents(recorded, other):
    """Returns a function from a file's path to its content, as either run left it."""

    @functools.cache
    def content(path):
        path = re.sub(r"\.tempstate\d+$", "", path)
        for folder in (other, recorded):
            if (folder / path).is_file():
                return (folder / path).read_bytes()
        return bytes(100_000)  # not there any more: nobody reads it

    return content


def moments(found, random):
    """Returns how many calls are done at each of CUTS moments, in order."""
    first = next(number for number, call in enumerate(found) if printed(call))
    others = random.choice(len(found) + 1, CUTS - 1, replace=False)
    return sorted([random.integers(first), *others])


def test_power_cuts(small_npz, tmp_path, capsys):
    with capsys.disabled():
        random = generator()
    recorded, whole = tmp_path / "recorded", tmp_path / "whole"
    recorded.mkdir()
    finish(small_npz, whole / "Results", "--keep_every=1")
    found = record(small_npz, recorded)
    content = contents(recorded, whole)
    points = moments(found, random)
    resumed = {0, *random.choice(range(1, CUTS), RESUMED - 1, replace=False)}
    disk, done, last, epochs = Disk(recorded), 0, 0, []
    for number, point in enumerate(points):
        for call in found[done:point]:
            last = max(last, printed(call))
            if not printed(call):
                disk.apply(call)
        done = point
        left = tmp_path / "left"
        left.mkdir()
        disk.leave(left, random, content)
        run = left / "Results" / "run"
        kept = [len(load(run / "snapshots", range(1, last + 1), "outputs"))]
        kept += [count_epochs(run), judged(small_npz, left / "Results", capsys)]
        assert all(last <= epoch <= last + 1 for epoch in kept), (last, kept, point)
        epochs.append(kept[-1])
        if number in resumed:
            assert_same(finish(small_npz, left / "Results"), whole / "Results" / "run")
        shutil.rmtree(left)
    with capsys.disabled():
        print(
            f"{CUTS} power cuts, {epochs.count(0)} of them before a checkpoint: none "
            f"lost an epoch; {RESUMED} runs went on, and ended bit for bit the same"
        )


def assert_same(one, other):
    assert metrics(one) == metrics(other)
    assert weights(one, EPOCHS) == weights(other, EPOCHS)
    assert snapshots(one) == snapshots(other)
