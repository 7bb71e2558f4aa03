"""TensorBoard's Projector: the test images' codes with labels and pictures, as files.

The codes stand in files beside the events, not in a variable: nothing is added to the
graph, and any latent size will do.
"""

import math

import imageio.v3 as iio
import numpy as np

from autoencoder.figures.post import tiles, without_channel
from autoencoder.files import replacing

CONFIG = "projector_config.pbtxt"
_CODES, _LABELS, _SPRITE = (
    "projector-codes.tsv",
    "projector-labels.tsv",
    "projector-sprite.png",
)
FILES = (CONFIG, _CODES, _LABELS, _SPRITE)

_MOST_PIXELS = 8192  # of a sprite in each direction: what browsers take as a texture
_MOST_BYTES = 32_000_000  # of a sprite in memory
_MOST_NUMBERS = 500_000  # of all codes: writing them is to cost no time


def write_images(folder, dataset, latent_dim):
    """Writes what stays the same: the configuration, labels and the sprite.

    Args:
        folder: pathlib.Path, of the events.
        dataset: Dataset, with test images.
        latent_dim: int.

    Returns:
        int, how many of the images are shown; write_codes wants as many codes.
    """
    images = dataset.x_test
    height, width = images.shape[1:3]
    columns = min(_MOST_PIXELS // width, math.ceil(math.sqrt(len(images))))
    count = min(
        len(images),
        columns * (_MOST_PIXELS // height),
        max(1, _MOST_NUMBERS // latent_dim),
        max(1, _MOST_BYTES // images[0].size),
    )
    rows = math.ceil(count / columns)
    sprite = np.zeros((rows * columns, *images.shape[1:]), np.uint8)
    sprite[:count] = images[:count]
    pixels = tiles(sprite.reshape(rows, columns, *images.shape[1:]))
    with replacing(folder / _SPRITE) as part:
        iio.imwrite(part, without_channel(pixels))
    _write_lines(folder / _LABELS, _labels(dataset, count))
    _write_lines(
        folder / CONFIG,
        [
            "embeddings {",
            '  tensor_name: "codes of the test images"',
            f'  tensor_path: "{_CODES}"',
            f'  metadata_path: "{_LABELS}"',
            "  sprite {",
            f'    image_path: "{_SPRITE}"',
            f"    single_image_dim: {width}",
            f"    single_image_dim: {height}",
            "  }",
            "}",
        ],
    )
    return count


def _labels(dataset, count):
    """Returns the lines of the labels' file: a class, a file's name, or a number."""
    columns = {}
    if dataset.y_test is not None:
        labels = dataset.y_test[:count]
        names = dataset.class_names
        columns["class"] = [names[i] if names else str(i) for i in labels]
    if dataset.test_names is not None:
        columns["file"] = dataset.test_names[:count]
    columns = columns or {"number": list(map(str, range(count)))}
    # One field each, also for a name that holds what ends a field or a line.
    rows = [
        [" ".join(name.split()) for name in row]
        for row in zip(*columns.values(), strict=True)
    ]
    # The Projector wants titles where there are several columns, and none otherwise.
    titles = [list(columns)] if len(columns) > 1 else []
    return ["\t".join(row) for row in titles + rows]


def write_codes(folder, codes):
    """Writes codes, float [n, latent_dim], of as many images as are shown.

    The Projector shows nothing of fewer than three dimensions: those get zeros.
    """
    missing = max(0, 3 - codes.shape[1])
    codes = np.pad(codes, ((0, 0), (0, missing)))
    with replacing(folder / _CODES) as part:
        np.savetxt(part, codes, "%.5g", "\t")


def _write_lines(path, lines):
    with replacing(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
