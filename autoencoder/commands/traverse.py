"""`python main.py traverse`: what each latent dimension changes, from -3 to 3."""

import numpy as np

from autoencoder.figures import post as figures
from autoencoder.figures import side_by_side as comparisons
from autoencoder.trained import open_run as use

_VALUES = np.linspace(-3, 3, 13)


def run(flags):
    """Draws a row for each dimension, those that say most at the top.

    The others stay at the code of the first image of --images, or at 0 without it.
    """
    with use.opened(flags, "traverse") as found:
        first, terms, count = None, 0.0, 0
        for batch, z, latent_terms in found.applied("z", "latent_terms"):
            first = z[0] if first is None else first
            terms = terms + latent_terms.sum(axis=0, dtype=np.float64)
            count += len(batch.images)
        order = np.argsort(-terms)
        centre = first if flags.images else np.zeros_like(first)
        codes = np.tile(centre, (len(order), len(_VALUES), 1))
        for row, dimension in enumerate(order):
            codes[row, :, dimension] = _VALUES
        images = found.decode(codes.reshape(-1, len(centre)))
        images = images.reshape(*codes.shape[:2], *images.shape[1:])
        names = [f"z{i}: {terms[i] / count:.2f} nats" for i in order]
        figure = comparisons.traversal(images, names, _VALUES)
        figures.save(figure, found.output / "traverse.png")
        print(f"{found.output}: {len(order)} dimensions, by their KL, in traverse.png")
