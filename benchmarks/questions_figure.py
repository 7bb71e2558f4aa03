"""The figure of docs/questions.md: what each weight of KL buys."""

import numpy as np
from matplotlib.figure import Figure

from autoencoder.figures.style import INK, show, white_axes
from autoencoder.pixels import tiles

_TICKS = (0, 1, 10, 100)


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
    for number, (weight, kl, loss) in enumerate(points):
        # Above and below in turn: small weights lie close together.
        curve.annotate(
            f"{weight:g}",
            (kl, loss),
            (0, -9 if number % 2 else 9),
            textcoords="offset points",
            ha="center",
            va="center",
            color=INK,
        )
    curve.margins(0.06, 0.12)
    curve.set_xlabel("KL, nats per image (rate)", color=INK)
    curve.set_ylabel("image loss (distortion)", color=INK)
    curve.set_xscale("symlog", linthresh=1)
    curve.set_xticks(_TICKS, [str(tick) for tick in _TICKS])
    curve.set_title("Each point's number: the weight of KL", color=INK)
    lines = [originals, *rows]
    height = originals.shape[1]
    show(images, tiles(np.stack(lines)))
    images.set_yticks(
        [height * (i + 0.5) for i in range(len(lines))],
        ["original", *(f"{weight:g}" for weight, *_ in points)],
    )
    images.set_xticks([])
    images.set_ylabel("weight of KL", color=INK)
    images.tick_params(length=0, labelcolor=INK)
    images.spines[:].set_visible(False)
    return figure
