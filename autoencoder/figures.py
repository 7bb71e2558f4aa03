"""Pictures: NumPy arrays and a path in, a file out."""

import math

import imageio.v3 as iio
import numpy as np

from autoencoder.files import replacing


def sheet(images, path, gap=2):
    """Lays images out on one sheet, row by row, on a white ground.

    Args:
        images: float [n, height, width, 1] in [0, 1].
        path: of the PNG file.
        gap: int, pixels between two images.
    """
    count, height, width, _ = images.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    pixels = np.full((rows * (height + gap), columns * (width + gap)), 255, np.uint8)
    for i, image in enumerate(images[..., 0]):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        pixels[top : top + height, left : left + width] = np.rint(image * 255)
    with replacing(path) as part:
        iio.imwrite(part, pixels[:-gap, :-gap])
