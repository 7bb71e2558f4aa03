"""Makes the numbers and the figure of docs/questions.md again.

    make questions              # under two hours; goes on where it was stopped

Short trainings of a small network, five epochs with the upsampling decoder, show what
the page says. They are runs as main.py makes them, in Results/questions.
"""

import argparse
import functools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from autoencoder.experiments import spread
from autoencoder.figures import style
from autoencoder.run_folder import snapshots
from autoencoder.trained.found import load_run
from benchmarks import pages, uses_of_codes
from benchmarks.questions_figure import rate_and_distortion

_ROOT = Path(__file__).parent.parent
RUNS = _ROOT / "Results" / "questions"
PAGE = pages.DOCS / "questions.md"
FIGURE = pages.DOCS / "figures" / "rate-and-distortion.png"
EPOCHS = 5
WEIGHTS = (0, 0.1, 0.3, 1, 3, 10, 784)  # of KL; 784 is the mean over the pixels
DIMENSIONS = (2, 5, 10, 20, 50)
_BINARIZED = ("sampled", "threshold")
_PLAIN = "kl1"  # the name of the run that differs in nothing
_SHOWN = 10  # reconstructions of each weight
_GREY = (26, 229)  # a tenth of the way from black and from white


def trainings():
    """Returns a dict from the runs' names to the flags of their trainings."""
    planned = {f"kl{weight}": {"kl_weight": weight} for weight in WEIGHTS}
    planned |= {f"z{z}": {"latent_dim": z} for z in DIMENSIONS if z != 5}
    planned |= {name: {"binarize": name} for name in _BINARIZED}
    planned["warmup"] = {"kl_weight": 10, "kl_warmup": 3}
    planned["fashion"] = {"dataset": "fashion-mnist", "latent_dim": 10}
    defaults = {"dataset": "mnist", "latent_dim": 5, "decoder": "upsampling"}
    return {name: defaults | flags for name, flags in planned.items()}


def train(folder, epochs):
    """Runs the trainings that are not finished, each as a process of its own."""
    for name, flags in trainings().items():
        flags |= {"epochs": epochs, "results_dir": folder, "run_name": name}
        main_py(**flags)


def main_py(*command, **flags):
    """Runs main.py; ends with its status if that is not 0."""
    words = [f"--{name}={value}" for name, value in flags.items()]
    done = subprocess.run([sys.executable, _ROOT / "main.py", *command, *words])
    if done.returncode:
        sys.exit(done.returncode)


def table(folder, names):
    """Returns a table in Markdown of a run in each row, from evaluate and snapshots.

    Args:
        folder: pathlib.Path, of the runs.
        names: dict from the rows' titles to the runs' names.
    """
    lines = [
        "| | image loss | above the floor | KL | image loss + KL | active units "
        "| grey pixels |",
        "|---|---|---|---|---|---|---|",
    ]
    for title, name in names.items():
        found = evaluated(folder / name)
        image_loss, kl = found["image_loss"], found["kl"]
        decoded, _ = decoded_and_originals(folder / name)
        lines.append(
            f"| {title} | {image_loss:.1f} | {found['above_entropy_floor']:.1f} "
            f"| {kl:.2f} | {image_loss + kl:.1f} | {found['active_units']} "
            f"| {grey(decoded):.1%} |"
        )
    return "\n".join(lines)


@functools.cache
def evaluated(path):
    """Returns evaluate's numbers of a run, a dict."""
    main_py("evaluate", run_dir=path)
    return json.loads((path / "evaluate" / "evaluate.json").read_text("utf-8"))


def decoded_and_originals(path):
    """Returns decoded means after a run's last epoch, and the images that they are of.

    Returns:
        tuple of two uint8 arrays [n, height, width, channels].
    """
    run = load_run(path)
    epoch = run.checkpoint.epoch
    ((means, decoded),) = snapshots.load(run.snapshots, [epoch], "means", "decoded")
    images = run.dataset.x_test
    kept = spread(len(images), len(means))
    return decoded, images[kept[spread(len(kept), len(decoded))]]


def grey(images):
    """Returns the share of pixels that are neither nearly black nor nearly white."""
    return float(np.mean((images > _GREY[0]) & (images < _GREY[1])))


def tables(folder):
    """Returns a dict from the marks on the page to their tables."""
    weights = {f"`--kl_weight {weight}`": f"kl{weight}" for weight in WEIGHTS}
    sizes = {f"z = {z}": _PLAIN if z == 5 else f"z{z}" for z in DIMENSIONS}
    shades = {"none": _PLAIN} | {name: name for name in _BINARIZED}
    detectors = {"MNIST": folder / "z10", "Fashion-MNIST": folder / "fashion"}
    return {
        "weights": table(folder, weights),
        "warmup": table(folder, {"at once": "kl10", "`--kl_warmup 3`": "warmup"}),
        "dimensions": table(folder, sizes),
        "binarize": table(folder, {f"`--binarize {n}`": shades[n] for n in shades}),
        "classifiers": uses_of_codes.accuracies(folder / "z10", main_py),
        "anomalies": uses_of_codes.anomalies(detectors, main_py),
    }


def draw(folder, path):
    """Draws the losses of all weights, and reconstructions of each."""
    points, rows = [], []
    for weight in WEIGHTS:
        run = folder / f"kl{weight}"
        found = evaluated(run)
        points.append((weight, found["kl"], found["image_loss"]))
        decoded, originals = decoded_and_originals(run)
        rows.append(decoded[:_SHOWN])
    style.save(rate_and_distortion(points, originals[:_SHOWN], rows), path)


def main():
    """Trains what is missing, then writes the tables and the figure."""
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    train(RUNS, EPOCHS)
    for name, text in tables(RUNS).items():
        pages.write(PAGE, name, text)
    draw(RUNS, FIGURE)


if __name__ == "__main__":
    main()
