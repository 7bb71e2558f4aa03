"""Trains the same network in several ways, in turn, and prints the cost of each.

    make bench        # or, with benchmarks/requirements.txt: python -m benchmarks.bench

Every way is a process of its own with the same images, first weights, batch size and
number of threads. They take a few steps each, in turn, for many rounds, so other load
on the machine affects all alike. See docs/speed.md for the results.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from autoencoder.errors import UserError
from autoencoder.machine import machine, require_bfloat16
from benchmarks import inputs, whole_runs
from benchmarks.arithmetic import flop_per_step

BATCH_SIZE, LATENT_DIM = 128, 5
OURS = "this program, float32"
WAYS = {
    OURS: {"module": "ours"},
    "this program, bfloat16": {"module": "ours", "precision": "bfloat16"},
    "the original's way": {"module": "original"},
    "Keras 3, fit, no XLA": {"module": "keras_fit"},
    "JAX": {"module": "jax_jit"},
    "PyTorch": {"module": "pytorch", "channels_last": False},
    "PyTorch, channels last": {"module": "pytorch"},
    "PyTorch, compiled": {"module": "pytorch", "compiled": True},
    "PyTorch, bfloat16": {"module": "pytorch", "precision": "bfloat16"},
    "PyTorch, bfloat16, compiled": {
        "module": "pytorch",
        "precision": "bfloat16",
        "compiled": True,
    },
}
# PyTorch compiles anew instead of using an earlier run's cache. glibc gives no memory
# back to the system, which makes PyTorch's steps a tenth faster.
_ENVIRONMENT = {
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
}
_TOLERANCE = {"float32": 1e-3, "bfloat16": 1e-2}


class Way:
    """A worker and its measurements."""

    def __init__(self, name, setup, arrays, threads):
        self.name = name
        self.precision = setup.get("precision", "float32")
        settings = {k: v for k, v in setup.items() if k != "module"}
        settings |= {"latent_dim": LATENT_DIM, "batch_size": BATCH_SIZE}
        settings["threads"] = threads
        description = {"module": setup["module"], "arrays": str(arrays)}
        self._log = arrays.with_name(f"{name}.log")  # what libraries print
        command = [sys.executable, "-m", "benchmarks.worker", repr(time.time())]
        command.append(json.dumps(description | {"settings": settings}))
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | _ENVIRONMENT | {"OMP_NUM_THREADS": str(threads)},
            )
        self.rounds = []

    def ask(self, *command):
        with contextlib.suppress(BrokenPipeError):  # it has ended; the log says why
            print(json.dumps(command), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            print(self._log.read_text(errors="replace"), file=sys.stderr)
            sys.exit(f"bench: {self.name} ended at {command}: see above")
        return json.loads(line)

    def end(self):
        self._process.stdin.close()
        self._process.wait()


def main():
    options = _options()
    threads = options.threads or os.cpu_count()
    print(f"{machine()}, {threads} threads; {versions()}")
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        np.savez(arrays, **inputs.arrays(BATCH_SIZE, LATENT_DIM))
        possible, ways = possible_ways(WAYS), []
        precisions = {setup.get("precision", "float32") for setup in possible.values()}
        setup = {"module": "products", "precisions": sorted(precisions)}
        limits = Way("products", setup, arrays, threads)
        limits.ask("rates")
        for name, setup in possible.items():
            _progress(f"starting {name}")
            ways.append(Way(name, setup, arrays, threads))
            ways[-1].first_loss = ways[-1].ask("loss")
            ways[-1].ask("steps", 10)
        _require_same_losses(ways)
        rates = _measure(ways, limits, options)
        print(_table(ways, rates), flush=True)
        print(_codes_table(ways, options.rounds), flush=True)
        for way in (limits, *ways):
            way.end()
    if not options.only_steps:
        print(whole_runs.table(threads, _progress))


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"type": _positive, "metavar": "N"}
    parser.add_argument("--rounds", **numbers, default=40)
    parser.add_argument("--steps", **numbers, default=8, help="of a way in a round")
    parser.add_argument("--threads", **numbers, help="default: as many as cores")
    parser.add_argument("--only_steps", action="store_true", help="no whole runs")
    return parser.parse_args()


def _positive(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def possible_ways(wanted):
    """Returns those of WAYS that this machine can run; prints why not the others."""
    missing = {}
    try:
        require_bfloat16()
    except UserError as error:
        missing["precision"] = str(error).partition(": leave")[0]
    if not any(map(shutil.which, (os.environ.get("CXX", "g++"), "clang++"))):
        missing["compiled"] = "torch.compile needs a C++ compiler: install g++"
    ways = {}
    for name, setup in wanted.items():
        if reasons := [missing[key] for key in setup if key in missing]:
            print(f"left out: {name}: {'; '.join(reasons)}")
        else:
            ways[name] = setup
    return ways


def versions():
    """Returns the versions of Python and of the libraries that are there."""
    named = [f"Python {platform.python_version()}"]
    for name in ("tensorflow", "keras", "jax", "torch"):
        with contextlib.suppress(PackageNotFoundError):
            named.append(f"{name} {version(name)}")
    return ", ".join(named)


def _require_same_losses(ways):
    expected = ways[0].first_loss
    for way in ways:
        error = abs(way.first_loss / expected - 1)
        if not error <= _TOLERANCE[way.precision]:
            sys.exit(f"bench: {way.name} has loss {way.first_loss}, not {expected}")
    losses = ", ".join(f"{way.first_loss:.4f}" for way in ways)
    print(f"the same network in all of them; losses of the first batch: {losses}")


def _measure(ways, limits, options):
    """Takes the rounds; returns the median rates of the products."""
    rates = []
    for number in range(options.rounds):
        _progress(f"round {number + 1} of {options.rounds}")
        rates.append(limits.ask("rates"))
        for way in ways:
            seconds = way.ask("steps", options.steps + 2)
            way.rounds.append(statistics.median(seconds[2:]))  # without 2 to warm up
    return {key: statistics.median(r[key] for r in rates) for key in rates[0]}


def _table(ways, rates):
    flop = flop_per_step(LATENT_DIM, BATCH_SIZE)
    lines = [
        f"{flop / 1e9:.1f} GFLOP a step; products of matrices: "
        + ", ".join(
            f"{name} {rate / 1e9:.0f} GFLOP/s, so at least {flop / rate * 1e3:.1f} ms"
            for name, rate in rates.items()
        ),
        "",
        "| | ms a step (least to most of a round) | images per second | steps' time, "
        "ours at this precision = 1 | share of the limit | to the first step "
        "| peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    ours = {w.precision: w for w in ways if w.name.startswith("this program")}
    for way in ways:
        step = statistics.median(way.rounds)
        lines.append(
            f"| {way.name} | {step * 1e3:.1f} ({min(way.rounds) * 1e3:.1f} to "
            f"{max(way.rounds) * 1e3:.1f}) | {BATCH_SIZE / step:,.0f} "
            f"| {paired_ratio(way.rounds, ours[way.precision].rounds):.2f} "
            f"| {flop / rates[way.precision] / step:.0%} "
            f"| {way.ask('start_up'):.1f} s | {way.ask('memory') / 1e6:,.0f} MB |"
        )
    return "\n".join(lines) + "\n"


def paired_ratio(seconds, others):
    """Returns the median ratio of rounds, whose two times have the same load."""
    return statistics.median(a / b for a, b in zip(seconds, others, strict=True))


def _codes_table(ways, rounds, count=2_500):
    """Measures and returns the throughput of encoder and decoder alone."""
    compared = [w for w in ways if w.name in (OURS, "PyTorch, channels last")]
    rates = {(w.name, what): [] for w in compared for what in ("encode", "decode")}
    for number in range(rounds + 1):
        _progress(f"encoding and decoding, round {number + 1} of {rounds + 1}")
        for way in compared:
            for what in ("encode", "decode"):
                rates[way.name, what].append(way.ask(what, count))
    lines = ["| images per second | encode | decode |", "|---|---|---|"]
    for way in compared:
        medians = (
            statistics.median(rates[way.name, w][1:]) for w in ("encode", "decode")
        )
        lines.append(f"| {way.name} | {' | '.join(f'{m:,.0f}' for m in medians)} |")
    return "\n".join(lines) + "\n"


def _progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
