"""The post's pictures, in its size of 640x480 pixels: arrays in, a Figure out."""

from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from autoencoder.figures.style import (
    INK,
    blank_axes,
    scatter,
    show,
    show_in,
    white_axes,
)
from autoencoder.pixels import tiles

SIZE = (480, 640)  # height and width, matplotlib's own


def reconstructions(originals, outputs):
    """The post's Train/Epoch_N.png: images on the left, reconstructions on the right.

    Args:
        originals: float [n, height, width, channels] in [0, 1].
        outputs: the same of the decoder.
    """
    width, height = Figure().get_size_inches()
    figure = Figure((width, height * max(1, len(originals) / 5)))  # five fit the post's
    ax = blank_axes(figure)
    grid = GridSpec(len(originals), 2, figure)
    bottoms, tops, *columns = grid.get_grid_positions(figure)
    for images, left, right in zip([originals, outputs], *columns, strict=True):
        for pixels, bottom, top in zip(images, bottoms, tops, strict=True):
            show_in(ax, pixels, (left, bottom, right, top))
    return figure


def image(pixels):
    """The post's Test/N.png: one image with pixel ticks.

    Args:
        pixels: float [height, width, channels] in [0, 1].
    """
    figure = Figure()
    show(white_axes(figure.subplots()), pixels)
    return figure


def latent_space(codes, labels, class_names=None, axes=True):
    """The post's Test/Latent_N.png: each code a point, in the colour of its class.

    Args:
        codes: float [n, 2].
        labels: integers [n], or None: all points in one colour.
        class_names: list of str, of the labels 0, 1, ...; without it the bar shows
            the labels themselves.
        axes: bool; the post's GIFs over 20 epochs have none.
    """
    figure = Figure()
    ax = white_axes(figure.subplots())
    ax.set_title("Latent space", color=INK)
    scatter(ax, codes, labels, class_names)
    if not axes:
        ax.axis("off")
    return figure


def space(images):
    """The post's Test/Space_N.png: decoded images as tiles, with pixel ticks.

    Args:
        images: float [rows, columns, height, width, channels] in [0, 1]; the first row
            is at the top.
    """
    return image(tiles(images))
