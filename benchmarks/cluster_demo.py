"""A cluster on this machine, beside one process on the same cores.

    make cluster-demo      # or: python -m benchmarks.cluster_demo

A chief, a worker and a ps, processes on loopback, train MNIST with z = 5 for an epoch;
then one process does. The replicas share the cores out: each has half of the threads.
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
_JOBS = ("ps", "worker", "chief")


def main():
    """Trains both, and prints a line for each."""
    threads = max(2, os.cpu_count())
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "chief and worker with half of the threads each, and a ps": _cluster(
                Path(folder, "cluster"), threads // 2
            ),
            f"one process, {threads} threads": _single(Path(folder, "single"), threads),
        }
    print("\nMNIST, z = 5, batches of 128, one epoch:")
    for name, row in rows.items():
        print(
            f"{name}: {float(row['images_per_second']):,.0f} images per second, "
            f"held-out loss {float(row['test_loss']):.2f}"
        )
    together, alone = (float(row["images_per_second"]) for row in rows.values())
    print(f"efficiency: {together / alone:.0%}")


def _cluster(results, threads):
    spec = {
        job: [f"127.0.0.1:{port}"] for job, port in zip(_JOBS, _ports(), strict=True)
    }
    processes = {}
    for job in _JOBS:
        config = {"cluster": spec, "task": {"type": job, "index": 0}}
        print(f"TF_CONFIG='{json.dumps(config)}'")
        processes[job] = _start(results, threads, {"TF_CONFIG": json.dumps(config)})
    try:
        for job, process in processes.items():
            if process.wait():
                sys.exit(f"cluster-demo: {job} failed, see above")
    finally:
        for process in processes.values():
            process.kill()
    return _metrics(results)


def _single(results, threads):
    if _start(results, threads, {}).wait():
        sys.exit("cluster-demo: the single process failed, see above")
    return _metrics(results)


def _start(results, threads, environment):
    flags = ["--latent_dim=5", "--epochs=1", f"--threads={threads}"]
    return subprocess.Popen(
        [sys.executable, str(_MAIN), *flags, f"--results_dir={results}"],
        env=os.environ | environment,
    )


def _ports():
    sockets = [socket.socket() for _ in _JOBS]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _metrics(results):
    with (results / "mnist-z5" / "metrics.csv").open(newline="") as file:
        return next(csv.DictReader(file))


if __name__ == "__main__":
    main()
