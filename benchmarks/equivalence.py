"""Trains the original's definition and this program, for a test of equivalence.

    python -m benchmarks.equivalence                    # goes on where it was stopped
    python -m benchmarks.equivalence --only mnist-z5    # those whose name has it

20 epochs each, five seeds, two processes of one thread at a time. When a training ends,
its rows are appended to docs/equivalence.csv. This program's trainings are runs as
main.py makes them, in Results/claims, and resume. The original's begin again when they
were stopped: its noise has a state that no checkpoint holds.
"""

import argparse
import csv
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parent.parent
ROWS = _ROOT / "docs" / "equivalence.csv"
RUNS = "Results/claims"
EPOCHS = 20
# Fixed before the first result; see docs/claims.md. None is added after looking.
SEEDS = (1, 2, 3, 4, 5)
_SETTINGS = (  # program, dataset, latent_dim, kl_weight
    ("original", "mnist", 5, 1),
    ("here", "mnist", 5, 1),
    ("original", "fashion-mnist", 2, 1),
    ("here", "fashion-mnist", 2, 1),
    ("here", "mnist", 2, 1),
    ("here", "mnist", 2, 0),
)
_LOSSES = ("test_image_loss", "test_latent_loss", "test_loss")


class Training(NamedTuple):
    """A training, by the columns of a row that tell it from others."""

    program: str
    dataset: str
    latent_dim: int
    kl_weight: int
    seed: int

    @property
    def name(self):
        """str, that of its folder or file in Results/claims."""
        weight = "" if self.kl_weight else "-kl0"
        data = Path(self.dataset).stem
        return f"{self.program}-{data}-z{self.latent_dim}{weight}-seed{self.seed}"

    def start(self, epochs, runs):
        """Starts it as a process of its own.

        Args:
            epochs: int.
            runs: str, the folder of runs.

        Returns:
            subprocess.Popen.
        """
        flags = {
            "dataset": self.dataset,
            "latent_dim": self.latent_dim,
            "seed": self.seed,
            "epochs": epochs,
            "threads": 1,
        }
        if self.program == "here":
            command = [sys.executable, str(_ROOT / "main.py")]
            flags |= {"kl_weight": self.kl_weight, "run_name": self.name}
            flags["results_dir"] = runs
        else:
            command = [sys.executable, "-m", "benchmarks.original_training"]
            flags["output"] = self.losses(runs)
        command += [f"--{name}={value}" for name, value in flags.items()]
        log = Path(runs) / f"{self.name}.log"
        with log.open("w") as file:
            return subprocess.Popen(command, cwd=_ROOT, stdout=file, stderr=file)

    def losses(self, runs):
        """Returns the path of the CSV file with its losses."""
        folder = Path(runs) / self.name
        if self.program == "here":
            return folder / "metrics.csv"
        return folder.with_suffix(".csv")


def trainings():
    """Returns all trainings, seed by seed, the two programs side by side."""
    return [Training(*setting, seed) for seed in SEEDS for setting in _SETTINGS]


def run(planned, path, *, epochs=EPOCHS, processes=2, runs=RUNS):
    """Runs the trainings that have no rows yet, and appends the rows of each.

    Args:
        planned: list of Training.
        path: pathlib.Path, of the CSV file.
        epochs: int, of each.
        processes: int, at a time.
        runs: str, the folder of runs.

    Raises:
        SystemExit: a training failed; the others were ended.
    """
    done = {tuple(row[: len(Training._fields)]) for row in _read(path)}
    waiting = [one for one in planned if tuple(map(str, one)) not in done]
    print(f"{len(waiting)} of {len(planned)} trainings to do", flush=True)
    Path(runs).mkdir(parents=True, exist_ok=True)
    at_work = {}
    try:
        while waiting or at_work:
            while waiting and len(at_work) < processes:
                training = waiting.pop(0)
                at_work[training] = training.start(epochs, runs)
                print(f"{training.name}: begins", flush=True)
            time.sleep(0.2)
            for training, process in list(at_work.items()):
                if process.poll() is not None:
                    del at_work[training]
                    _finish(training, process, path, runs)
    finally:
        for process in at_work.values():
            process.terminate()
            process.wait()


def _finish(training, process, path, runs):
    if process.returncode:
        log = Path(runs) / f"{training.name}.log"
        raise SystemExit(f"{training.name} ended with {process.returncode}: see {log}")
    with training.losses(runs).open(newline="") as file:
        losses = list(csv.DictReader(file))
    rows = [
        (*training, row["epoch"], *(f"{float(row[name]):.3f}" for name in _LOSSES))
        for row in losses
    ]
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow([*Training._fields, "epoch", *_LOSSES])
        writer.writerows(rows)
    print(f"{training.name}: loss {rows[-1][-1]}", flush=True)


def _read(path):
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.reader(file))


def main():
    """Reads the command line, and runs what it names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="part of the trainings' names")
    parser.add_argument(
        "--processes", type=int, default=2, choices=range(1, 9), metavar="N",
        help="at a time",
    )  # fmt: skip
    arguments = parser.parse_args()
    # kill ends the processes, too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    planned = [one for one in trainings() if arguments.only in one.name]
    run(planned, ROWS, processes=arguments.processes)


if __name__ == "__main__":
    main()
