"""Files for TensorBoard's Projector: the test images' codes, labels and pictures.

The codes are in files beside the events instead of a variable, so nothing is added to
the graph, and any latent size is possible.
"""

import math

import imageio.v3 as iio
import numpy as np

from autoencoder.files import replacing
from autoencoder.pixels import sheet, without_channel
from autoencoder.run_folder.layout import (
    PROJECTOR_CODES,
    PROJECTOR_CONFIG,
    PROJECTOR_LABELS,
    PROJECTOR_SPRITE,
)

_MOST_PIXELS = 8192  # of a sprite in each direction: browsers' limit for a texture
_MOST_BYTES = 32_000_000  # of a sprite in memory
_MOST_NUMBERS = 500_000  # of all codes, so that writing them takes little time


def write_images(folder, dataset, latent_dim):
    """Writes what stays the same in all epochs: configuration, labels and sprite.

    Args:
        folder: pathlib.Path, of the events.
        dataset: Dataset, with test images.
        latent_dim: int.

    Returns:
        int, how many of the images are shown; write_codes takes as many codes.
    """
    images = dataset.x_test
    height, width = images.shape[1:3]
    columns = max(1, min(_MOST_PIXELS // width, math.ceil(math.sqrt(len(images)))))
    count = min(
        len(images),
        columns * max(1, _MOST_PIXELS // height),
        max(1, _MOST_NUMBERS // latent_dim),
        max(1, _MOST_BYTES // images[0].size),
    )
    pixels = sheet(images[:count], columns)
    with replacing(folder / PROJECTOR_SPRITE) as part:
        iio.imwrite(part, without_channel(pixels))
    _write_lines(folder / PROJECTOR_LABELS, _labels(dataset, count))
    _write_lines(folder / PROJECTOR_CONFIG, _config(height, width))
    return count


def _config(height, width):
    return [
        "embeddings {",
        '  tensor_name: "codes of the test images"',
        f'  tensor_path: "{PROJECTOR_CODES}"',
        f'  metadata_path: "{PROJECTOR_LABELS}"',
        "  sprite {",
        f'    image_path: "{PROJECTOR_SPRITE}"',
        f"    single_image_dim: {width}",
        f"    single_image_dim: {height}",
        "  }",
        "}",
    ]


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
    # A name may hold tabs or line ends, which would end its field.
    rows = [
        [" ".join(name.split()) for name in row]
        for row in zip(*columns.values(), strict=True)
    ]
    # The Projector expects titles if there are several columns, and none otherwise.
    titles = [list(columns)] if len(columns) > 1 else []
    return ["\t".join(row) for row in titles + rows]


def write_codes(folder, codes):
    """Writes codes, float [n, latent_dim], of as many images as are shown.

    The Projector needs three dimensions: missing ones are zeros.
    """
    missing = max(0, 3 - codes.shape[1])
    codes = np.pad(codes, ((0, 0), (0, missing)))
    with replacing(folder / PROJECTOR_CODES) as part:
        np.savetxt(part, codes, "%.5g", "\t")


def _write_lines(path, lines):
    with replacing(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
