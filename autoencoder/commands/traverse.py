"""`python main.py traverse`: shows what each latent dimension changes, from -3 to 3.

python main.py traverse --images a.png
"""

import numpy as np

from autoencoder.figures import side_by_side, style
from autoencoder.trained.open_run import open_run

_VALUES = np.linspace(-3, 3, 13)


def run(flags):
    """Draws a row for each dimension, those with the largest KL at the top.

    The others stay at the code of the first image of --images, or at 0 without it.
    """
    with open_run(flags, "traverse") as opened:
        tensors = [opened.model.z, opened.model.latent_terms]
        first, terms, count = None, 0.0, 0
        for batch in opened.batches():
            z, latent_terms = opened.fetch(tensors, batch.images)
            first = z[0] if first is None else first
            terms = terms + latent_terms.sum(axis=0, dtype=np.float64)
            count += len(batch.images)
        order = np.argsort(-terms)
        centre = first if flags.images else np.zeros_like(first)
        codes = np.tile(centre, (len(order), len(_VALUES), 1))
        for row, dimension in enumerate(order):
            codes[row, :, dimension] = _VALUES
        images = opened.decode(codes.reshape(-1, len(centre)))
        images = images.reshape(*codes.shape[:2], *images.shape[1:])
        names = [f"z{i}: {terms[i] / count:.2f} nats" for i in order]
        figure = side_by_side.traversal(images, names, _VALUES)
        style.save(figure, opened.output / "traverse.png")
        print(f"{opened.output}: {len(order)} dimensions, by their KL, in traverse.png")
