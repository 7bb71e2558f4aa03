"""What the trainings of make equivalence say, written into docs/claims.md, numbers.md.

    python main.py claims --results_dir Results/claims --output docs
    python -m benchmarks.verdict

docs/claims.md has the rules. docs/equivalence.csv has the losses of the trainings, and
docs/original-seeds.csv those of the original's own source, a second witness.
docs/claims.json has the measures of the claims.
"""

import csv
from collections import defaultdict

import numpy as np

from autoencoder.claims import records, tables, verdicts
from autoencoder.claims.statistics import equivalence, interval
from benchmarks import pages
from benchmarks.equivalence import EPOCHS, ROWS, SEEDS

SOURCE_ROWS = ROWS.with_name("original-seeds.csv")
MARGIN = 1.5  # nats; fixed before the first result: docs/claims.md
_SETTINGS = {("mnist", 5): "MNIST, z = 5", ("fashion-mnist", 2): "Fashion-MNIST, z = 2"}
_LAST = range(EPOCHS - 4, EPOCHS + 1)
_PROGRAMS = {
    "here": "here",
    "original": "the original's definition",
    "source": "the original's source",
}


def read(path, program=None):
    """Returns the mean held-out loss of epochs 16 to 20 of each training.

    Args:
        path: pathlib.Path, of a CSV file; without KL is left out.
        program: str, for files without this column.

    Returns:
        dict from (program, dataset, latent_dim) to a dict from seed to float.
    """
    losses = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if int(row["epoch"]) in _LAST and row.get("kl_weight", "1") == "1":
                key = program or row["program"], row["dataset"], int(row["latent_dim"])
                losses[key, int(row["seed"])].append(float(row["test_loss"]))
    means = defaultdict(dict)
    for (key, seed), values in losses.items():
        if len(values) == len(_LAST):
            means[key][seed] = float(np.mean(values))
    return means


def table(means):
    """Returns the tables in Markdown.

    Args:
        means: dict, as read returns.
    """
    lines = [["", "", *(f"seed {seed}" for seed in SEEDS), "mean", "95% interval"]]
    lines.append(["---"] * len(lines[0]))
    verdicts = [["", "compared with", "difference", "90% interval", "verdict"]]
    verdicts.append(["---"] * len(verdicts[0]))
    for setting, title in _SETTINGS.items():
        samples = {
            program: means[(program, *setting)]
            for program in _PROGRAMS
            if (program, *setting) in means
        }
        lines += [
            [title, _PROGRAMS[name], *_row(sample)] for name, sample in samples.items()
        ]
        here = samples.pop("here", {})
        verdicts += [
            [title, _PROGRAMS[name], *_compared(here, sample, name == "original")]
            for name, sample in samples.items()
        ]
    return "\n".join(pages.line(cells) for cells in [*lines, [], *verdicts])


def _row(sample):
    values = [sample[seed] for seed in sorted(sample)]
    cells = [f"{sample[seed]:.1f}" if seed in sample else "" for seed in SEEDS]
    if len(values) < 2:
        return [*cells, "", ""]
    mean, half = np.mean(values), interval(values)
    return [*cells, f"{mean:.2f}", f"{mean - half:.2f} to {mean + half:.2f}"]


def _compared(here, other, is_test):
    """Returns the cells of a comparison; the source, with fewer seeds, is no test."""
    if min(len(here), len(other)) < 2:
        return ["", "", "too few seeds"]
    found = equivalence([*here.values()], [*other.values()], MARGIN)
    cells = [f"{found.difference:+.2f}", f"{found.low:+.2f} to {found.high:+.2f}"]
    if not is_test:
        return [*cells, "a witness"]
    if not set(here) == set(other) == set(SEEDS):
        return [*cells, "not all seeds yet"]
    return [*cells, "**equivalent**" if found.is_shown else "**not shown**"]


def parts():
    """Returns a dict from (page, mark) to the tables that belong there."""
    kept = records.read(pages.DOCS)
    results = verdicts.results(kept.records.values())
    means = read(ROWS) | read(SOURCE_ROWS, "source")
    return {
        (pages.DOCS / "claims.md", "results"): tables.markdown(results, kept.limits),
        (pages.DOCS / "numbers.md", "equivalence"): table(means),
    }


if __name__ == "__main__":
    for place, text in parts().items():
        pages.write(*place, text)
