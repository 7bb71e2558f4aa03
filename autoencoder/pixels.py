"""Images as arrays, laid out side by side; no drawing."""

import math

import numpy as np


def tiles(images):
    """Joins images [rows, columns, height, width, channels] to one.

    Returns:
        [rows * height, columns * width, channels].
    """
    rows, columns, height, width, channels = images.shape
    return images.swapaxes(1, 2).reshape(rows * height, columns * width, channels)


def sheet(images, columns=None, gap=0, ground=0):
    """Lays images out row by row.

    Args:
        images: array [n, height, width, channels].
        columns: int; None makes about as many as there are rows.
        gap: int, pixels between two images.
        ground: value of the pixels that no image covers.

    Returns:
        array [..., ..., channels] of the images' dtype.
    """
    count, height, width, channels = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    size = rows * columns, height + gap, width + gap, channels
    cells = np.full(size, ground, images.dtype)
    cells[:count, :height, :width] = images
    joined = tiles(cells.reshape(rows, columns, *size[1:]))
    return joined[: len(joined) - gap, : joined.shape[1] - gap]


def without_channel(pixels):
    """Returns grey [..., 1] as [...], which libraries expect, and colour as it is."""
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def eight_bits(images):
    """Returns floats in [0, 1] as uint8 from 0 to 255; what is not a number is 0."""
    return np.rint(np.nan_to_num(np.asarray(images, np.float32)) * 255).astype(np.uint8)
