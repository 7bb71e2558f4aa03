"""Whole runs of two epochs with all pictures, as a user starts them."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

# The reader of events imports TensorFlow, which would say what it found on the machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

_ROOT = Path(__file__).parent.parent
_ROUNDS = 2
# TensorFlow as it is, with Keras and JAX, which the two programs leave out.
_IMPORT = "import numpy, tensorflow; data = dict(numpy.load('datasets/mnist.npz'))"


def table(threads, progress):
    """Measures, and returns a table in Markdown.

    Args:
        threads: int, of both programs.
        progress: called with a line of text before each run.
    """
    costs = {"import": [], "ours": [], "original": []}
    first_steps = []
    for number in range(_ROUNDS):
        progress(f"whole runs, round {number + 1} of {_ROUNDS}")
        with tempfile.TemporaryDirectory() as folder:
            costs["import"].append(_run("-c", _IMPORT))
            began = time.time()
            flags = ("--latent_dim", 2, "--epochs", 2, "--threads", threads)
            costs["ours"].append(_run("main.py", *flags, "--results_dir", folder))
            first_steps.append(_time_of_first_step(folder) - began)
            original = ("-m", "benchmarks.original", folder, threads)
            costs["original"].append(_run(*original))
    ours, original, imported = (
        _cells(costs[name]) for name in ("ours", "original", "import")
    )
    return "\n".join(
        [
            "| two epochs with z = 2 and all pictures | seconds (least to most) "
            "| peak memory |",
            "|---|---|---|",
            "| this program, with held-out numbers, TensorBoard, checkpoints and "
            f"report | {ours} |",
            f"| the original's way | {original} |",
            f"| importing TensorFlow and reading the data | {imported} |",
            "",
            f"start to first step: {statistics.median(first_steps):.1f} s",
        ]
    )


def _cells(runs):
    seconds, memory = zip(*runs, strict=True)
    return (
        f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) "
        f"| {statistics.median(memory) / 1e6:,.0f} MB"
    )


def _run(*arguments):
    """Runs Python; returns seconds and peak memory in bytes."""
    command = [sys.executable, *map(str, arguments)]
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            log.seek(0)
            sys.exit(f"{log.read()}bench: {' '.join(command)} failed: see above")
    return seconds, usage.ru_maxrss * 1024


def _time_of_first_step(folder):
    """Returns the first step's time, from TensorBoard's events."""
    (events,) = Path(folder).glob("*/logs/events.*")
    for event in EventFileLoader(str(events)).Load():
        if any(value.tag == "batch_loss" for value in event.summary.value):
            return event.wall_time
    sys.exit(f"bench: no step in {events}")
