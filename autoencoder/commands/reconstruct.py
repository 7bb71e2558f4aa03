"""`python main.py reconstruct`: reconstructs images, and lists their losses.

python main.py reconstruct --images photos --resize
"""

import csv

import numpy as np

from autoencoder.figures import png
from autoencoder.files import replacing
from autoencoder.trained.open_run import open_run

_COLUMNS = ["name", "label", "class", "file", "image_loss", "kl", "loss"]
_MOST_SHOWN = 100  # pairs on the sheet


def run(flags):
    """Writes each reconstruction as a file, a sheet of pairs, and losses.csv."""
    with open_run(flags, "reconstruct") as opened:
        files = png.file_names([source.name for source in opened.sources])
        folder = opened.picture_folder(files)
        model, weight = opened.model, opened.trained.flags.kl_weight
        tensors = [model.output, model.img_loss, model.latent_loss]
        rows, pairs = [], []
        for batch in opened.batches():
            outputs, img_losses, kls = opened.fetch(tensors, batch.images)
            for i, (place, source) in enumerate(
                zip(batch.places, batch.sources, strict=True)
            ):
                png.write(folder / files[place], outputs[i])
                image = source.name, source.label, opened.class_name(source.label)
                losses = img_losses[i], kls[i], img_losses[i] + weight * kls[i]
                rows.append([*image, files[place], *losses])
                if len(pairs) < _MOST_SHOWN:
                    pair = batch.images[i] / 255, outputs[i]
                    pairs.append(np.concatenate(pair, axis=1))
        png.write_sheet(opened.output / "sheet.png", np.stack(pairs))
        _write_table(opened.output / "losses.csv", rows)
        print(
            f"{opened.output}: {len(rows):,} reconstructions in images/"
            f"{png.older_files(folder, len(rows))}, losses in "
            f"losses.csv (mean {np.mean([row[-1] for row in rows]):.2f} nats), and the "
            f"first {len(pairs)} beside their originals in sheet.png"
        )


def _write_table(path, rows):
    with (
        replacing(path) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
