"""Measures the cost of training by batch, latent size, data and threads.

    make growth     # or: python -m benchmarks.growth

Each setting is trained for some seconds in its own process. It prints the tables and
writes the figure to docs/growth.png. docs/speed.md shows both.
"""

import contextlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

_ROOT = Path(__file__).parent.parent
_USUAL = {"batch_size": 128, "latent_dim": 5, "images": 60_000, "threads": 2}
_VALUES = {
    "batch_size": [32, 64, 128, 256, 512, 1024],
    "latent_dim": [2, 5, 10, 20, 50, 128],
    "images": [1_000, 10_000, 60_000, 200_000, 1_000_000],
    "threads": [1, 2],
}
_TITLES = {
    "batch_size": "batch size",
    "latent_dim": "latent dimensions",
    "images": "training images",
    "threads": "threads",
}
_WARM_UP, _SECONDS = 5, 10


class _Enough(Exception):
    """Ends a training that has been measured."""


def main():
    """Measures all, prints a table and draws the figure."""
    costs = {}
    for name, values in _VALUES.items():
        print(f"| {_TITLES[name]} | µs per image | peak memory |\n|---|---|---|")
        for value in values:
            setting = _USUAL | {name: value}
            costs[name, value] = _run_process(setting)
            seconds, memory = costs[name, value]
            line = f"| {value:,} | {seconds * 1e6:.0f} | {memory / 1e6:,.0f} MB |"
            print(line, flush=True)
        print()
    _figure(costs).savefig(_ROOT / "docs" / "growth.png")


def _run_process(setting):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", json.dumps(setting)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"growth: {setting} failed: {done.stderr}")
    return json.loads(done.stdout)


def _measure(batch_size, latent_dim, images, threads):
    """Trains for some seconds; returns seconds per image and peak memory in bytes."""
    from autoencoder import training
    from autoencoder.model import build
    from autoencoder.session import open_session, use_threads
    from flags import training_flags

    with np.load(_ROOT / "datasets" / "mnist.npz") as file:
        real = file["x_train"][..., np.newaxis]
    data = np.empty((images, *real.shape[1:]), np.uint8)
    for start in range(0, images, len(real)):  # np.resize would take the memory twice
        data[start : start + len(real)] = real[: images - start]
    use_threads(threads)
    flags = training_flags(latent_dim=latent_dim, batch_size=batch_size, epochs=10**6)
    model = build((28, 28, 1), flags)
    with open_session(model.graph, threads) as sess:
        sess.run(model.init_op)
        watch = _Watch()
        with contextlib.suppress(_Enough):
            training.train(sess, model, data, flags, watch)
    seconds, seen = np.sum(watch.steps[_WARM_UP:], axis=0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return seconds / seen + np.median(watch.starts) / images, memory


class _Watch:
    """Times steps, and the starts of epochs: the time since the step before.

    It acts as training.Moments, a module that main must not import.
    """

    traced_step = None

    def __init__(self):
        self.steps, self.starts = [], []
        self._mark = time.perf_counter()

    def after_first_batch(self, step):
        self.starts.append(time.perf_counter() - self._mark - step.seconds)

    def after_step(self, step):
        self._mark = time.perf_counter()
        self.steps.append((step.seconds, step.images))
        if sum(seconds for seconds, _ in self.steps[_WARM_UP:]) > _SECONDS:
            raise _Enough

    def after_epoch(self, epoch):
        pass


def _figure(costs):
    figure = Figure(figsize=(12, 5), layout="constrained")
    axes = figure.subplots(2, len(_VALUES), sharey="row", sharex="col")
    for column, (name, values) in enumerate(_VALUES.items()):
        seconds, memory = zip(*(costs[name, value] for value in values), strict=True)
        time_axes, memory_axes = axes[:, column]
        time_axes.plot(values, np.array(seconds) * 1e6, "o-")
        memory_axes.plot(values, np.array(memory) / 1e6, "o-")
        memory_axes.set_xlabel(_TITLES[name])
        if name != "threads":
            memory_axes.set_xscale("log")
        memory_axes.set_xticks(values, [f"{value:,}" for value in values], rotation=45)
        memory_axes.minorticks_off()
    axes[0, 0].set_ylabel("µs per image")
    axes[1, 0].set_ylabel("peak memory, MB")
    most_seconds, most_memory = np.max(list(costs.values()), axis=0)
    axes[0, 0].set_ylim(0, 1.1 * most_seconds * 1e6)  # the other columns share it
    axes[1, 0].set_ylim(0, 1.1 * most_memory / 1e6)
    for ax in axes.flat:
        ax.grid(alpha=0.3)
    return figure


if __name__ == "__main__":
    if len(sys.argv) == 2:  # one setting's process
        print(json.dumps(_measure(**json.loads(sys.argv[1]))))
    else:
        main()
