"""The figure of docs/questions.md: what each weight of KL buys."""

import numpy as np
from matplotlib.figure import Figure

from autoencoder.figures.style import INK, show, white_axes
from autoencoder.pixels import tiles


def rate_and_distortion(points, originals, rows):
    """Draws image loss over KL, and below a row of reconstructions for each weight.

    Args:
        points: list of (kl_weight, KL, image loss), in nats per image.
        originals: uint8 [n, height, width, channels].
        rows: list of uint8 arrays of that shape, in the order of points.
    """
    figure = Figure((7.2, 8.0), layout="constrained")
    curve, images = figure.subplots(2, 1, height_ratios=(3, 4))
    white_axes(curve)
    _, kls, losses = zip(*points, strict=True)
    curve.plot(kls, losses, marker="o", ms=4, color="C0")
    for weight, kl, loss in points:
        curve.annotate(
            f"{weight:g}", (kl, loss), (5, 4), textcoords="offset points", color=INK
        )
    curve.set_xlabel("KL, nats per image (rate)", color=INK)
    curve.set_ylabel("image loss (distortion)", color=INK)
    curve.set_xscale("symlog", linthresh=1)
    lines = [originals, *rows]
    height = originals.shape[1]
    show(images, tiles(np.stack(lines)))
    images.set_yticks(
        [height * (i + 0.5) for i in range(len(lines))],
        ["original", *(f"{weight:g}" for weight, *_ in points)],
    )
    images.set_xticks([])
    images.tick_params(length=0, labelcolor=INK)
    images.spines[:].set_visible(False)
    return figure
