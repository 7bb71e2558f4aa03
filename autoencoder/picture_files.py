"""Pictures as single files, pixel by pixel."""

from collections import Counter
from pathlib import PurePath

import imageio.v3 as iio
import numpy as np

from autoencoder.files import replacing


def file_names(names):
    """Returns a file name for each image: its own, where no other has it.

    Args:
        names: list of str, of images: paths, or numbers in a data set.

    Returns:
        list of str, each with the ending .png and without a folder.
    """
    stems = [PurePath(name.replace("\\", "/")).stem or "image" for name in names]
    count = Counter(stem.lower() for stem in stems)  # some systems see no capitals
    width = len(str(len(names)))
    return [
        f"{stem}.png" if count[stem.lower()] == 1 else f"{i:0{width}}-{stem}.png"
        for i, stem in enumerate(stems)
    ]


def write(path, image):
    """Writes an image, float [height, width, channels] in [0, 1], to a PNG file."""
    pixels = np.rint(np.asarray(image) * 255).astype(np.uint8)
    with replacing(path) as part:
        iio.imwrite(part, pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
