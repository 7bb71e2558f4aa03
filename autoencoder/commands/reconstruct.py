"""`python main.py reconstruct`: images, what becomes of them, and at what loss."""

import csv

import numpy as np

from autoencoder.figures import png as picture_files
from autoencoder.figures import post as figures
from autoencoder.files import replacing
from autoencoder.trained import open_run as use

_ON_THE_SHEET = 100


def run(flags):
    """Writes each reconstruction as a file, a sheet of pairs, and losses.csv."""
    with use.opened(flags, "reconstruct") as found:
        names = picture_files.file_names([source.name for source in found.sources])
        folder = found.picture_folder(names)
        file_of = dict(zip(map(id, found.sources), names, strict=True))
        rows, pairs, weight = [], [], found.run.flags.kl_weight
        for batch, output, img_loss, latent_loss in found.applied(
            "output", "img_loss", "latent_loss"
        ):
            for i, source in enumerate(batch.sources):
                file = file_of[id(source)]
                picture_files.write(folder / file, output[i])
                loss = img_loss[i] + weight * latent_loss[i]
                losses = img_loss[i], latent_loss[i], loss
                known = source.label, found.class_name(source.label)
                rows.append([source.name, *known, file, *losses])
                if len(pairs) < _ON_THE_SHEET:
                    pairs.append((batch.images[i] / 255, output[i]))
        figures.sheet(_side_by_side(pairs), found.output / "sheet.png")
        with (
            replacing(found.output / "losses.csv") as part,
            part.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            titles = ["name", "label", "class", "file", "image_loss", "kl", "loss"]
            writer.writerow(titles)
            writer.writerows(rows)
        print(
            f"{found.output}: {len(rows):,} reconstructions in images/"
            f"{picture_files.besides(folder, rows)}, losses in "
            f"losses.csv (mean {np.mean([row[-1] for row in rows]):.2f} nats), and the "
            f"first {len(pairs)} beside their originals in sheet.png"
        )


def _side_by_side(pairs):
    return np.stack([np.concatenate(pair, axis=1) for pair in pairs])
