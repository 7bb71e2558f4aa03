"""How long the ways of the benchmark take to a held-out loss of 120 nats per image.

    python -m benchmarks.record epochs "PyTorch, channels last" --seed 1
    python -m benchmarks.record seconds "PyTorch, channels last" JAX
    python -m benchmarks.record table

MNIST with z = 5. The first trains until the loss is there, and counts the epochs: other
load on the machine does not change them. The second times the steps of two epochs, and
nothing else may run. Several ways take parts of their epochs in turn, so what disturbs
the machine nevertheless disturbs all alike. Each appends rows to docs/records.csv.
The third writes both into docs/records.md, with epochs from docs/equivalence.csv.
"""

import argparse
import csv
import datetime
import math
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from autoencoder.machine import cores, machine
from benchmarks import bench, inputs, pages
from benchmarks.equivalence import EPOCHS, ROWS

ENOUGH = 120  # nats
_MOST = 40  # epochs
_TIMED, _PARTS, _WARM_UP = 2, 20, 10  # epochs, parts of each, and steps before
_RECORDS = pages.DOCS / "records.csv"
_PAGE = pages.DOCS / "records.md"
_COLUMNS = ("date", "way", "what", "seed", "value", "software", "machine")
# Trainings whose every epoch docs/equivalence.csv has.
_ALSO = {"here": bench.OURS, "original": "the original's way"}


def count_epochs(way, steps):
    """Trains until the held-out loss is low enough.

    Args:
        way: bench.Way, before its first step.
        steps: int, those of an epoch.

    Returns:
        int, the epochs that it took.

    Raises:
        SystemExit: it did not get there.
    """
    for epoch in range(1, _MOST + 1):
        way.ask("steps", steps)
        loss = way.ask("held_out")
        print(f"{way.name}: epoch {epoch}, held-out loss {loss:.2f}", flush=True)
        if loss <= ENOUGH:
            return epoch
    sys.exit(f"record: {way.name} is not at {ENOUGH} nats after {_MOST} epochs")


def time_epochs(ways, steps):
    """Returns each way's median seconds an epoch, of parts of two epochs.

    Args:
        ways: list of bench.Way; they take twentieths of an epoch in turn.
        steps: int, those of an epoch.
    """
    for way in ways:
        print(f"{way.name}: steps to warm up", flush=True)
        way.ask("steps", _WARM_UP)
    found = {way: [] for way in ways}
    parts = [len(part) for part in np.array_split(range(steps), _PARTS)]
    for number, count in enumerate(parts * _TIMED, start=1):
        for way in ways:
            found[way].append(statistics.mean(way.ask("steps", count)) * steps)
        print(f"part {number} of {_TIMED * _PARTS}", flush=True)
    return [statistics.median(seconds) for seconds in found.values()]


def first_biases(arrays):
    """Returns the biases of inputs.arrays as 0, as the program's are at first.

    The benchmark's are random, to show a wrong one. With them the same network is at
    176 nats after two epochs, with zeros at about 147.
    """
    names = [name for name in arrays if name.endswith("/bias")]
    return {name: np.zeros_like(arrays[name]) for name in names}


def append(path, **row):
    """Appends a row of all _COLUMNS to a CSV file, which is made if it is missing."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def table(records, trainings):
    """Returns the table in Markdown, fastest first.

    Args:
        records: list of dict, the rows of docs/records.csv.
        trainings: list of dict, those of docs/equivalence.csv.
    """
    epochs = _epochs_of(trainings)
    for row in records:
        if row["what"] == "epochs":
            epochs[row["way"]][int(row["seed"])] = int(row["value"])
    rows = []
    for row in records:
        needed = [count for _, count in sorted(epochs[row["way"]].items())]
        if row["what"] == "seconds" and needed:
            seconds = float(row["value"])
            total = statistics.median(needed) * seconds
            counts = (f"> {EPOCHS}" if n == math.inf else str(n) for n in needed)
            cells = [row["way"], ", ".join(counts), f"{seconds:.1f}"]
            cells += [f"{total:,.0f}", row["machine"], row["software"], row["date"]]
            rows.append((total, cells))
    head = ["", "epochs, by seed", "s an epoch", f"s to {ENOUGH} nats"]
    head += ["machine", "software", "date"]
    cells = [head, ["---"] * len(head), *(cells for _, cells in sorted(rows))]
    return "\n".join(map(pages.line, cells))


def _epochs_of(trainings):
    """Returns a dict from way to a dict from seed to the first epoch that is enough.

    It is infinite for a training that is over and did not get there.
    """
    epochs = defaultdict(dict)
    for row in trainings:
        setting = row["dataset"], row["latent_dim"], row["kl_weight"]
        if setting == ("mnist", "5", "1"):
            seeds = epochs[_ALSO[row["program"]]]
            if float(row["test_loss"]) <= ENOUGH:
                seeds.setdefault(int(row["seed"]), int(row["epoch"]))
            elif int(row["epoch"]) == EPOCHS:
                seeds.setdefault(int(row["seed"]), math.inf)
    return epochs


def _read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    options = _options()
    if options.what == "table":
        pages.write(_PAGE, "records", table(_read(_RECORDS), _read(ROWS)))
        return
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        content = inputs.arrays(bench.BATCH_SIZE, bench.LATENT_DIM, options.seed)
        content |= first_biases(content)
        np.savez(arrays, **content)
        ways = [
            bench.Way(name, bench.WAYS[name], arrays, cores()) for name in options.ways
        ]
        steps = -(-len(content["images"]) // bench.BATCH_SIZE)
        if options.what == "seconds":
            values = time_epochs(ways, steps)
        else:
            values = [count_epochs(*ways, steps)]
        for way in ways:
            way.end()
    for name, value in zip(options.ways, values, strict=True):
        append(
            _RECORDS,
            date=datetime.date.today().isoformat(),
            way=name,
            what=options.what,
            seed=options.seed,
            value=round(value, 1),
            software=bench.versions(),
            machine=machine(),
        )


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["epochs", "seconds", "table"])
    parser.add_argument("ways", nargs="*", metavar="way", help=", ".join(bench.WAYS))
    parser.add_argument("--seed", type=int, default=0, help="of the first weights")
    options = parser.parse_args()
    what, ways = options.what, options.ways
    if what == "table" and ways:
        parser.error("table takes no way")
    if what == "epochs" and len(ways) != 1:
        parser.error("epochs takes one way")
    if what == "seconds" and not ways:
        parser.error("seconds takes at least one way")
    for way in ways:
        if way not in bench.WAYS:
            parser.error(f"{way} is not one of {', '.join(bench.WAYS)}")
        if what == "epochs" and way in _ALSO.values():
            parser.error(f"docs/equivalence.csv has the epochs of {way}")
        if not bench.possible_ways({way: bench.WAYS[way]}):
            parser.error(f"{way} needs another machine")
    return options


if __name__ == "__main__":
    main()
