"""metrics.csv in a run's folder: a row per epoch."""

import csv
import re

from autoencoder.files import replacing
from autoencoder.run_folder.layout import METRICS

COLUMNS = [
    "epoch",
    "step",
    "train_loss",
    "test_image_loss",
    "test_latent_loss",
    "test_loss",
    "seconds",
    "images_per_second",
]


def write(folder, rows):
    """Writes metrics.csv: a row per epoch, COLUMNS, losses in nats per image.

    seconds are an epoch's, from its first step to the writing of its row;
    images_per_second are those of its training steps alone.

    Args:
        folder: pathlib.Path, of the run.
        rows: list of dicts with the keys COLUMNS; None is an empty field.
    """
    with (
        replacing(folder / METRICS, synced=True) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def count_epochs(folder):
    """Returns the number of rows in metrics.csv, without other lines such as notes.

    Args:
        folder: pathlib.Path, of the run; if it has no metrics.csv, 0.
    """
    path = folder / METRICS
    content = path.read_bytes() if path.is_file() else b""
    return len(re.findall(rb"^\d+,", content, re.MULTILINE))
