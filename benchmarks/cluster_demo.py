"""Compares two tasks of a cluster with one process on the same cores.

    make cluster-demo      # or: python -m benchmarks.cluster_demo

For each decoder, a chief and a worker on loopback train MNIST with z = 5 for an epoch,
each with half of the threads; then one process does so with all threads.
"""

import csv
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

_MAIN = Path(__file__).parent.parent / "main.py"
_JOBS = ("worker", "chief")


def main():
    """Trains both ways with both decoders, and prints the results."""
    threads = max(2, os.cpu_count())
    lines = []
    for decoder in ("dense", "upsampling"):
        with tempfile.TemporaryDirectory() as folder:
            together = _together(Path(folder, "cluster"), decoder, threads // 2)
            alone = _alone(Path(folder, "alone"), decoder, threads)
        lines += [
            f"--decoder {decoder}, MNIST, z = 5, batches of 128, one epoch:",
            f"  chief and worker, {threads // 2} thread each: {_summary(together)}",
            f"  one process, {threads} threads: {_summary(alone)}",
            f"  efficiency: {_speed(together) / _speed(alone):.0%}",
        ]
    print("\n" + "\n".join(lines))


def _together(results, decoder, threads):
    spec = {job: [f"127.0.0.1:{_free_port()}"] for job in _JOBS}
    processes = {}
    for job in _JOBS:
        config = {"cluster": spec, "task": {"type": job, "index": 0}}
        print(f"TF_CONFIG='{json.dumps(config)}'", flush=True)
        environment = {"TF_CONFIG": json.dumps(config)}
        processes[job] = _start(results, decoder, threads, environment)
    try:
        for job, process in processes.items():
            if process.wait():
                sys.exit(f"cluster-demo: {job} failed, see above")
    finally:
        for process in processes.values():
            process.kill()
    return _metrics(results)


def _alone(results, decoder, threads):
    if _start(results, decoder, threads, {}).wait():
        sys.exit("cluster-demo: the single process failed, see above")
    return _metrics(results)


def _start(results, decoder, threads, environment):
    flags = ["--latent_dim=5", "--epochs=1", "--run_name=demo"]
    flags += [f"--decoder={decoder}", f"--threads={threads}"]
    return subprocess.Popen(
        [sys.executable, str(_MAIN), *flags, f"--results_dir={results}"],
        env=os.environ | environment,
    )


def _free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def _metrics(results):
    with (results / "demo" / "metrics.csv").open(newline="") as file:
        return next(csv.DictReader(file))


def _speed(row):
    return float(row["images_per_second"])


def _summary(row):
    loss = float(row["test_loss"])
    return f"{_speed(row):,.0f} images per second, held-out loss {loss:.2f}"


if __name__ == "__main__":
    main()
