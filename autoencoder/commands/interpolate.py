"""`python main.py interpolate`: walks from image to image through the latent space.

python main.py interpolate --images a.png --images b.png
"""

from pathlib import PurePath

import numpy as np

from autoencoder.errors import UserError
from autoencoder.experiments import between
from autoencoder.figures import gif, post, side_by_side, style
from autoencoder.trained.open_run import open_run

_MOST_STOPS = 20


def run(flags):
    """Writes a strip and a GIF between two images, or from each to the next."""
    with open_run(flags, "interpolate") as opened:
        if not flags.images:  # the first two test images
            opened = opened._replace(sources=opened.sources[:2])
        _require_stops(len(opened.sources), flags)
        stops, codes = [], []
        for batch in opened.batches():
            stops += zip(batch.sources, batch.images, strict=True)
            codes.append(opened.fetch(opened.model.z, batch.images))
        if opened.left_out:
            lines = "; ".join(opened.left_out.values())
            raise UserError(f"interpolate needs all of its images: {lines}")
        images = opened.decode(between(np.concatenate(codes), flags.steps))
        titles = {
            i * (flags.steps + 1): (_title(source.name), image / 255)
            for i, (source, image) in enumerate(stops)
        }
        figure = side_by_side.interpolation(images, titles)
        style.save(figure, opened.output / "interpolation.png")
        frames = gif.write(opened.output / "interpolation.gif", post.image, [*images])
        print(
            f"{opened.output}: {len(images)} images in interpolation.png, and "
            f"{frames} of them in interpolation.gif"
        )


def _require_stops(count, flags):
    if not 2 <= count <= _MOST_STOPS:
        subject = "--images names" if flags.images else "the run's test images are"
        raise UserError(
            f"interpolate needs 2 to {_MOST_STOPS} images, and {subject} {count}"
        )


def _title(name):
    return f"image {name}" if name.isdigit() else PurePath(name).stem[:12]
