"""The slow tests: 100 kills at random moments, and damaged files of every kind.

`make test-slow` runs them; pytest does not pick the file up by itself. They print the
counts that docs/runs.md states. KILLS in the environment gives another count.
"""

import os
import shutil
import subprocess
import sys
import time

import numpy as np

from autoencoder.run_folder import checkpoints
from tests.conftest import ROOT, train_only
from tests.run_folder.test_resume import assert_same_run
from tests.seeded import generator

KILLS = int(os.environ.get("KILLS", "100"))


def command(small_npz, folder, epochs):
    return [
        sys.executable,
        ROOT / "main.py",
        "--dataset",
        small_npz,
        "--shuffle",
        "--results_dir",
        folder.parent,
        "--run_name",
        folder.name,
        "--epochs",
        str(epochs),
    ]


def finish(small_npz, folder, epochs):
    done = subprocess.run(
        command(small_npz, folder, epochs), capture_output=True, text=True, timeout=900
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_hundred_kills(small_npz, tmp_path):
    random = generator()
    folder = tmp_path / "killed"
    epochs, began = [], time.monotonic()
    for _ in range(KILLS):
        program = subprocess.Popen(
            command(small_npz, folder, 100_000),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(random.uniform(0, 8))
        assert program.poll() is None, program.stderr.read()
        program.kill()
        assert program.communicate()[1] == ""
        found, damage = checkpoints.newest(folder / "checkpoints")
        assert damage == []
        epochs.append(0 if found is None else found.epoch)
    assert epochs == sorted(epochs)
    last = epochs[-1] + 2
    finish(small_npz, folder, last)
    finish(small_npz, tmp_path / "whole", last)
    assert_same_run(tmp_path / "whole", folder, last)
    print(
        f"\n{KILLS} kills over {last} epochs, {time.monotonic() - began:.0f} s: "
        "the run ended bit for bit the same"
    )


def damages(folder, random):
    """Yields ways to damage the newest checkpoint: a name and a function for each."""
    for path in sorted((folder / "checkpoints").glob("epoch-2.*")):
        size = path.stat().st_size
        yield f"{path.name} missing", lambda p: p.unlink(), path.name
        inner = random.choice(np.arange(2, size - 1), 16, replace=False)
        for length in (0, 1, size - 1, *inner[:8]):
            yield f"{path.name} cut to {length}", cut(int(length)), path.name
        for position in (0, size - 1, *inner[8:]):
            bit = 1 << int(random.integers(8))
            what = f"{path.name} changed at {position}"
            yield what, change(int(position), bit), path.name


def cut(length):
    return lambda path: path.write_bytes(path.read_bytes()[:length])


def change(position, bit):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[position] ^= bit
        path.write_bytes(content)

    return damage


def test_damaged_files(small_npz, tmp_path, capsys):
    values = {"dataset": str(small_npz), "results_dir": str(tmp_path)}

    def run(name, epochs):
        train_only(**values, run_name=name, epochs=epochs, keep_every=1)
        return tmp_path / name

    whole, template = run("whole", 3), run("template", 2)
    tried = harmless = 0
    with capsys.disabled():
        random = generator()
    for what, damage, name in damages(template, random):
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        damage(folder / "checkpoints" / name)
        capsys.readouterr()
        run("damaged", 3)
        told = capsys.readouterr().err
        assert told.count("\n") <= 1, (what, told)
        harmless += told == ""
        assert_same_run(whole, folder, 3)
        tried += 1
    assert tried >= 60
    with capsys.disabled():
        print(
            f"\n{tried} damaged checkpoint files: each run ended bit for bit the same, "
            f"{tried - harmless} after a line that names the damage"
        )
