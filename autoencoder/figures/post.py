"""The post's pictures: NumPy arrays in, a Figure out, which save writes to a file.

They look like the post's: 640x480 pixels, seaborn's style "white" and its ten hls
colours, both written out here. Each function draws on a Figure of its own, so that no
state of pyplot's is shared, and no file is seen half-written under its name.
"""

import colorsys
import math
import warnings

import imageio.v3 as iio
import matplotlib
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure

from autoencoder.files import replacing

# Classes are named after people's folders: a $ in a name begins no formula, and where
# matplotlib's font lacks a letter, the box in its place says enough.
matplotlib.rcParams["text.parse_math"] = False
warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)

INK = "0.15"  # of seaborn's style "white": axes, ticks and text in dark grey


def sheet(images, path, gap=2):
    """Lays images out on one sheet, row by row, on a white ground.

    Args:
        images: float [n, height, width, channels] in [0, 1].
        path: of the PNG file.
        gap: int, pixels between two images.
    """
    count, height, width, channels = images.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    size = rows * (height + gap), columns * (width + gap)
    pixels = np.full((*size, channels), 255, np.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        pixels[top : top + height, left : left + width] = np.rint(image * 255)
    with replacing(path) as part:
        iio.imwrite(part, without_channel(pixels[:-gap, :-gap]))


def reconstructions(originals, outputs):
    """The post's Train/Epoch_N.png: images on the left, what became of them beside.

    Args:
        originals: float [n, height, width, 1] in [0, 1].
        outputs: the same of the decoder.
    """
    width, height = Figure().get_size_inches()
    figure = Figure((width, height * max(1, len(originals) / 5)))  # five fit the post's
    axes = figure.subplots(len(originals), 2, squeeze=False)
    for row, pair in zip(axes, zip(originals, outputs, strict=True), strict=True):
        for ax, image in zip(row, pair, strict=True):
            show(ax, image)
            ax.axis("off")
    return figure


def image(pixels):
    """The post's Test/N.png: one image with pixel ticks.

    Args:
        pixels: float [height, width, 1] in [0, 1].
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


def scatter(ax, codes, labels, class_names=None, bar=True, **style):
    """Draws codes into axes, each a point in the colour of its class.

    Args:
        ax: Axes.
        codes: as in latent_space.
        labels: as in latent_space.
        class_names: as in latent_space.
        bar: bool, whether to add the bar that names the colours.
        **style: of matplotlib's scatter, as s=4.
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
    # A name stands in the middle of its colour's band. (In the post ten names stand at
    # the ten edges that nine of the bands have, and drift away from their colours.)
    bar = ax.figure.colorbar(points, ax=ax, spacing="proportional")
    every = math.ceil(len(classes) / 26)  # as many names as fit
    names = class_names or [str(label) for label in classes]
    bar.set_ticks(range(0, len(classes), every), labels=names[::every])
    bar.ax.tick_params(which="both", color=INK, labelcolor=INK)
    bar.minorticks_off()
    bar.outline.set_edgecolor(INK)


def space(images):
    """The post's Test/Space_N.png: decoded images as tiles, with pixel ticks.

    Args:
        images: float [rows, columns, height, width, 1] in [0, 1]; the first row is at
            the top.
    """
    return image(tiles(images))


def tiles(images):
    """Joins images [rows, columns, height, width, 1] to one [rows * height, ..., 1]."""
    rows, columns, height, width, channels = images.shape
    return images.swapaxes(1, 2).reshape(rows * height, columns * width, channels)


def without_channel(pixels):
    """Returns grey [..., 1] as [...], as libraries want it, and colour as it is."""
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def hls_colours(count):
    """Seaborn's hls_palette(count, l=.45, s=.8): evenly spaced hues from 0.01 on."""
    hues = (0.01 + i / count for i in range(count))
    return [colorsys.hls_to_rgb(hue % 1, 0.45, 0.8) for hue in hues]


def white_axes(ax):
    """Gives axes seaborn's style "white": numbers without tick marks, no grid."""
    ax.spines[:].set_color(INK)
    ax.tick_params(length=0, labelcolor=INK)
    return ax


def show(ax, pixels, **options):
    """Shows an image in axes, a grey one from its darkest pixel to its brightest."""
    # Like the post: that is why an untrained decoder's grey shows as noise.
    ax.imshow(without_channel(pixels), cmap="gray", **options)


def save(figure, path):
    """Writes a Figure to a PNG file."""
    with replacing(path) as part:
        figure.savefig(part)
