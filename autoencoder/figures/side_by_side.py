"""Figures that set states or runs side by side: NumPy arrays in, a Figure out."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from autoencoder.figures.style import (
    INK,
    blank_axes,
    scatter,
    show,
    show_in,
    shown,
    white_axes,
)
from autoencoder.pixels import tiles

_DPI = 100  # matplotlib's own: a Figure's inch
_LONGEST_LINE = 10  # letters of a title above a single image
_LONGEST_STRIP = 20  # images in a line


def reconstructions_over_epochs(originals, outputs, titles):
    """The post's first figure: a row for each image and its reconstructions.

    Args:
        originals: float [n, height, width, channels] in [0, 1].
        outputs: list of the decoder's, one for each column. If their numbers of images
            differ, only the first images that all of them have are drawn.
        titles: list of str, above the columns of outputs.
    """
    rows = min(map(len, [originals, *outputs]))
    columns = 1 + len(outputs)
    size = np.array([40 + 100 * columns, 99 + 76.25 * rows])  # the post's is 540x480
    figure = Figure(size / _DPI)
    ax = blank_axes(figure)
    for column, images in enumerate([originals, *outputs]):
        left = 40 + 100 * column
        title = "Original\nInput" if column == 0 else titles[column - 1]
        figure.text(
            left / size[0], 1 - 34 / size[1], title, va="center", color=INK, size=9
        )
        for row, image in enumerate(images[:rows]):
            top = size[1] - 60 - 76.25 * row
            box = [left, top - 64, left + 64, top] / np.tile(size, 2)
            show_in(ax, image, box)
    return figure


def grid_points(values):
    """The post's "Two dimensional grid of points": black dots.

    Args:
        values: float [n], the coordinates in both directions.
    """
    figure = Figure((18.61, 9.59))
    x, y = np.meshgrid(values, values)
    figure.subplots().plot(x, y, "k.")
    return figure


class LatentAndSpace:
    """The same plane twice: the test images' codes, and what is decoded there.

    For GIFs: called with one state after another, it returns the same Figure, changed,
    to be drawn before the next call. To lay a Figure out takes longer than to draw it.

    Args:
        labels: integers [n], or None.
        values: float [rows], the grid's coordinates in both directions.
        limit: float; the left plane is drawn from -limit to limit.
        class_names: list of str, or None.
    """

    def __init__(self, labels, values, limit, class_names=None):
        self._labels, self._class_names = labels, class_names
        self._values, self._limit = values, limit
        self._figure = None

    def __call__(self, codes, grid):
        """Returns the Figure of a state.

        Args:
            codes: float [n, 2].
            grid: float [rows, columns, height, width, channels] in [0, 1]; the first
                row has the smallest y, as in the post.
        """
        if self._figure is None:
            self._figure = self._laid_out(codes, grid[::-1])
            return self._figure
        self._figure.set_layout_engine("none")  # stays as it is
        left, right = self._figure.axes[:2]
        left.collections[0].set_offsets(codes)
        (image,) = right.images
        image.set_data(shown(tiles(grid[::-1])))
        image.autoscale()
        return self._figure

    def _laid_out(self, codes, grid):
        figure = Figure((8.8, 4.0), layout="constrained")
        left, right = (white_axes(ax) for ax in figure.subplots(1, 2))
        # As large as s=9 with rims, and twice as fast: a frame takes a quarter less.
        scatter(left, codes, self._labels, self._class_names, s=16, linewidths=0)
        _square(left, self._limit)
        low, high = _edges(self._values)
        _frame(left, (low, low), (high, high))
        _decoded(right, grid, (low, low), (high, high))
        left.set_title("Latent space", color=INK)
        right.set_title("Decoded from the framed square", color=INK)
        return figure


def without_and_with_kl(planes, titles):
    """Latent spaces on equal axes, and below each what its framed part decodes to.

    Args:
        planes: list of (codes [n, 2], labels [n] or None, experiments.Frame of the
            codes, grid). The grid, float [rows, columns, height, width, channels] in
            [0, 1], is decoded from the middles of the frame's cells, with the first row
            at the top.
        titles: list of str, one for each.
    """
    figure = Figure((9.6, 9.2), layout="constrained")
    axes = figure.subplots(2, len(planes))
    limit = 1.05 * max(np.abs(codes).max() for codes, *_ in planes)
    for column, title, plane in zip(axes.T, titles, planes, strict=True):
        codes, labels, frame, grid = plane
        above, below = (white_axes(ax) for ax in column)
        scatter(above, codes, labels, bar=False, s=9)
        _square(above, limit)
        _frame(above, frame.low, frame.high)
        spread = " and ".join(f"{std:.2f}" for std in codes.std(axis=0))
        above.set_title(f"{title}: standard deviations {spread}", color=INK)
        _decoded(below, grid, frame.low, frame.high)
        cells = f"{(frame.counts == 0).sum()} of {frame.counts.size} cells"
        below.set_title(f"the frame, decoded: {cells} hold no image", color=INK)
    return figure


def interpolation(images, stops):
    """Images decoded along a path through the latent space, in lines of at most 20.

    Args:
        images: float [n, height, width, channels] in [0, 1].
        stops: dict from index into images to (title, image): the image that was
            encoded there, shown above its place.
    """
    columns = min(len(images), _LONGEST_STRIP)
    lines = range(0, len(images), _LONGEST_STRIP)
    rows = [2 if any(0 <= i - first < columns for i in stops) else 1 for first in lines]
    heights = [2.1 if count == 2 else 0.95 for count in rows]
    figure = Figure((0.75 * columns, sum(heights)))
    parts = figure.subfigures(len(lines), squeeze=False, height_ratios=heights)[:, 0]
    for first, part, count in zip(lines, parts, rows, strict=True):
        axes = _strip(part, count, columns, 0.3 / 2.1 if count == 2 else 0.02)
        for i, image in enumerate(images[first : first + columns]):
            show(axes[-1, i], image)
            if first + i in stops:
                title, stop = stops[first + i]
                show(axes[0, i], stop)
                axes[0, i].set_title(title, color=INK, size=9)
    return figure


def titled(images, titles):
    """Images in a row, each with a title.

    Args:
        images: float [n, height, width, channels] in [0, 1].
        titles: list of str.
    """
    titles = [textwrap.fill(title, _LONGEST_LINE) for title in titles]
    lines = max(title.count("\n") for title in titles) + 1
    title_height = 0.15 + 0.15 * lines
    height = title_height + 0.9
    figure = Figure((0.75 * len(images), height))
    axes = _strip(figure, 1, len(images), title_height / height)
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        show(ax, image)
        ax.set_title(title, color=INK, size=9 if lines == 1 else 8)
    return figure


def traversal(images, names, values):
    """A row of images for each latent dimension.

    Args:
        images: float [rows, columns, height, width, channels] in [0, 1].
        names: list of str, of the rows.
        values: float [columns], of the dimension.
    """
    rows, columns = images.shape[:2]
    height, width = images.shape[2:4]
    inner = 60 * np.array([columns * width, rows * height]) / max(height, width)
    size = inner + (120, 40)
    figure = Figure(size / _DPI)
    place = np.concatenate([(110, 10), inner]) / np.tile(size, 2)
    ax = white_axes(figure.add_axes(place))
    show(ax, tiles(images), extent=(0, columns, rows, 0), aspect="auto")
    ax.set_yticks(np.arange(rows) + 0.5, names)
    ax.set_xticks(np.arange(columns) + 0.5, [f"{value:g}" for value in values])
    ax.xaxis.tick_top()
    return figure


def _strip(figure, rows, columns, title_share):
    """Returns axes [rows, columns] close together, with room for titles above."""
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(0.01, 0.02, 0.99, 1 - title_share, wspace=0.06, hspace=0.06)
    for ax in axes.flat:
        ax.axis("off")
    return axes


def _square(ax, limit):
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")


def _frame(ax, low, high):
    width, height = np.subtract(high, low)
    ax.add_patch(Rectangle(low, width, height, fill=False, color=INK, linewidth=1))


def _decoded(ax, grid, low, high):
    """Shows a grid of images, first row at the top, over the plane it was decoded from.

    Tiles are as wide as they are high, whatever the plane's shape; ticks show it.
    """
    show(ax, tiles(grid), extent=(low[0], high[0], low[1], high[1]), aspect="auto")
    ax.set_box_aspect(1)


def _edges(values):
    half = (values[1] - values[0]) / 2
    return values[0] - half, values[-1] + half
