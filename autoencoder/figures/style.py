"""The look of all figures: the post's, which was seaborn's style "white".

Colours and style are written out here. Each function draws on a Figure of its own, so
that no state of pyplot's is shared.
"""

import colorsys
import math
import warnings

import matplotlib
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.transforms import Bbox

from autoencoder.files import replacing
from autoencoder.pixels import without_channel

# Classes are named after people's folders: a $ in a name does not start a formula.
# Where matplotlib's font lacks a character, it draws a box, which needs no warning.
matplotlib.rcParams["text.parse_math"] = False
warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)

INK = "0.15"  # seaborn's dark grey for axes, ticks and text
_MOST_NAMES = 26  # that fit beside a bar of colours


def hls_colours(count):
    """Seaborn's hls_palette(count, l=.45, s=.8): evenly spaced hues from 0.01 on."""
    hues = (0.01 + i / count for i in range(count))
    return [colorsys.hls_to_rgb(hue % 1, 0.45, 0.8) for hue in hues]


def white_axes(ax):
    """Gives axes seaborn's style "white": numbers without tick marks, no grid."""
    ax.spines[:].set_color(INK)
    ax.tick_params(length=0, labelcolor=INK)
    return ax


def show(ax, image, **options):
    """Shows an image in axes, a grey one from its darkest pixel to its brightest."""
    # As in the post, where an untrained decoder's grey therefore looks like noise.
    ax.imshow(shown(image), cmap="gray", **options)


def blank_axes(figure):
    """Adds axes that cover a Figure, of which nothing is drawn but images.

    Axes for each of many images would take longer than to draw the images.

    Returns:
        Axes, from 0 to 1 in both directions.
    """
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    return ax


def show_in(ax, image, box):
    """Shows an image in blank_axes, in the middle of a box and as large as fits.

    Args:
        ax: Axes.
        image: float [height, width, channels].
        box: (left, bottom, right, top), in shares of the Figure.
    """
    width, height = ax.figure.get_size_inches()
    box = Bbox.from_extents(*box)
    fitting = box.shrunk_to_aspect(image.shape[0] / image.shape[1], box, height / width)
    left, bottom, right, top = fitting.anchored("C", box).extents
    show(ax, image, extent=(left, right, bottom, top), aspect="auto")


def shown(image):
    """Returns an image as matplotlib takes it."""
    if image.dtype == np.float16:  # snapshots' grids; matplotlib 3.10 draws none
        image = image.astype(np.float32)
    return without_channel(image)


def scatter(ax, codes, labels, class_names=None, bar=True, **style):
    """Draws codes into axes, each a point in the colour of its class.

    Args:
        ax: Axes.
        codes: float [n, 2].
        labels: integers [n], or None: all points in one colour.
        class_names: list of str, of the labels 0, 1, ...; without it the bar shows
            the labels themselves.
        bar: bool, whether to add the bar that names the colours.
        **style: of matplotlib's scatter, such as s=4.
    """
    if labels is None:
        ax.scatter(codes[:, 0], codes[:, 1], color=hls_colours(1), **style)
        return
    if class_names:
        classes = np.arange(len(class_names))
    else:
        classes = np.arange(10) if set(labels) <= set(range(10)) else np.unique(labels)
    points = ax.scatter(
        codes[:, 0],
        codes[:, 1],
        c=np.searchsorted(classes, labels),
        cmap=ListedColormap(hls_colours(len(classes))),
        norm=BoundaryNorm(np.arange(len(classes) + 1) - 0.5, len(classes)),
        **style,
    )
    if bar:
        _name_colours(ax, points, classes, class_names)


def _name_colours(ax, points, classes, class_names):
    # Each name is at the middle of its colour's band. (The post's ten names are at the
    # ten edges of nine bands, and drift away from their colours.)
    bar = ax.figure.colorbar(points, ax=ax, spacing="proportional")
    stride = math.ceil(len(classes) / _MOST_NAMES)
    names = class_names or [str(label) for label in classes]
    bar.set_ticks(range(0, len(classes), stride), labels=names[::stride])
    bar.ax.tick_params(which="both", color=INK, labelcolor=INK)
    bar.minorticks_off()
    bar.outline.set_edgecolor(INK)


def save(figure, path):
    """Writes a Figure to a PNG file, which is never seen half-written."""
    with replacing(path) as part:
        figure.savefig(part)
