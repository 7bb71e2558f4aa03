"""Curves of a run: numbers in, a Figure out."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autoencoder.figures.style import INK, hls_colours, white_axes

_RED, _ORANGE, _, _GREEN, _, _, _BLUE, *_ = hls_colours(10)
_PALE = "0.75"


def losses(rows, floor=None, mean_image_loss=None):
    """Losses over the epochs between their two limits, and KL on the right.

    Args:
        rows: list of dict, those of metrics.csv.
        floor: float, the entropy floor in nats, or None.
        mean_image_loss: float, in nats, of predicting the mean image; or None.
    """
    figure = Figure((9.6, 4.4), layout="constrained")
    left, right = (white_axes(ax) for ax in figure.subplots(1, 2))
    _line(left, rows, "train_loss", _PALE, "loss, training images")
    _line(left, rows, "test_loss", _RED, "loss, held out")
    _line(left, rows, "test_image_loss", _BLUE, "image loss, held out")
    for level, name, style in (
        (mean_image_loss, "image loss of the mean image", "--"),
        (floor, "entropy floor", ":"),
    ):
        if level is not None:
            left.axhline(level, color=INK, linestyle=style, linewidth=1)
            left.annotate(
                f"{name}, {level:.1f}", (0.99, level), (0, 3), color=INK, size=9,
                xycoords=("axes fraction", "data"), textcoords="offset points",
                ha="right",
            )  # fmt: skip
    _line(right, rows, "test_latent_loss", _GREEN, "KL, held out")
    for ax, title in ((left, "Loss, nats per image"), (right, "KL, nats per image")):
        ax.set_title(title, color=INK)
        ax.set_xlabel("epoch", color=INK)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.set_xlim(0.5, rows[-1]["epoch"] + 0.5)
        ax.margins(y=0.12)
    figure.legend(loc="outside lower center", ncols=4, labelcolor=INK, frameon=False)
    return figure


def kl_per_dimension(latent_terms, mean_variance, active):
    """KL of each latent dimension, the largest first.

    Args:
        latent_terms: float [latent_dim], KL of each dimension in nats per image.
        mean_variance: float [latent_dim], variance over the images of each mean.
        active: int, the number of active units: those whose variance is largest.
    """
    order = np.argsort(-latent_terms)
    is_active = np.isin(order, np.argsort(-mean_variance)[:active])
    figure = Figure((6.4, 3.6), layout="constrained")
    ax = white_axes(figure.subplots())
    places = np.arange(len(order))
    ax.bar(places, latent_terms[order], color=np.where(is_active, "C0", _PALE))
    if len(order) <= 40:
        ax.set_xticks(places, [str(dimension) for dimension in order])
    ax.set_xlabel("latent dimension", color=INK)
    ax.set_ylabel("KL, nats per image", color=INK)
    ax.set_title(f"{active} of {len(order)} units are active", color=INK)
    return figure


def _line(ax, rows, column, colour, label):
    points = [(row["epoch"], row[column]) for row in rows if column in row]
    if points:
        marker = "o" if len(points) < 60 else ""
        epochs, values = zip(*points, strict=True)
        ax.plot(epochs, values, marker=marker, color=colour, label=label, ms=3)
