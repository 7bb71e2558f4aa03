"""`python main.py interpolate`: from one image to another, through the latent space."""

from pathlib import PurePath

import numpy as np

from autoencoder.errors import UserError
from autoencoder.figures import gif as animation
from autoencoder.figures import post as figures
from autoencoder.figures import side_by_side as comparisons
from autoencoder.trained import open_run as use

_MOST_STOPS = 20


def run(flags):
    """Writes a strip and a GIF between two images, or from each to the next."""
    with use.opened(flags, "interpolate") as found:
        from autoencoder.experiments import between

        if not flags.images:
            del found.sources[2:]  # the first two test images
        if not 2 <= len(found.sources) <= _MOST_STOPS:
            whose = "--images names" if flags.images else "the run's test images are"
            raise UserError(
                f"interpolate needs 2 to {_MOST_STOPS} images, and {whose} "
                f"{len(found.sources)}"
            )
        stops, codes = [], []
        for batch, z in found.applied("z"):
            stops += zip(batch.sources, batch.images, strict=True)
            codes.append(z)
        if found.left_out:
            lines = "; ".join(found.left_out.values())
            raise UserError(f"interpolate needs all of its images: {lines}")
        images = found.decode(between(np.concatenate(codes), flags.steps))
        titles = {
            i * (flags.steps + 1): (_title(source.name), image / 255)
            for i, (source, image) in enumerate(stops)
        }
        figure = comparisons.interpolation(images, titles)
        figures.save(figure, found.output / "interpolation.png")
        frames = animation.gif(
            found.output / "interpolation.gif", figures.image, [*images]
        )
        print(
            f"{found.output}: {len(images)} images in interpolation.png, and "
            f"{frames} of them in interpolation.gif"
        )


def _title(name):
    return f"image {name}" if name.isdigit() else PurePath(name).stem[:12]
