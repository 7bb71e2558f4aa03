"""Pictures as single files, pixel by pixel."""

from pathlib import PurePath

import imageio.v3 as iio
import numpy as np
from PIL.PngImagePlugin import PngInfo

from autoencoder.figures.post import without_channel
from autoencoder.files import PROGRAM, replacing

_MOST_BYTES = 200  # of a name in UTF-8, without number and ending


def file_names(names):
    """Returns a file name for each image: its own, or, if two have the same, numbered.

    Long ones are cut: file systems take 255 bytes, with number and ending.

    Args:
        names: list of str, of images: paths, or numbers in a data set.

    Returns:
        list of str, each with the ending .png and without a folder.
    """
    stems = [_cut(PurePath(name.replace("\\", "/")).stem or "image") for name in names]
    if len({stem.lower() for stem in stems}) < len(stems):  # some see no capitals
        width = len(str(len(stems)))
        stems = [f"{i:0{width}}-{stem}" for i, stem in enumerate(stems)]
    return [f"{stem}.png" for stem in stems]


def _cut(stem):
    return stem.encode()[:_MOST_BYTES].decode(errors="ignore")


def besides(folder, names):
    """Says how many other files lie in a folder, from earlier calls; "" if none."""
    others = len([*folder.iterdir()]) - len(names)
    return f" ({others:,} older files lie beside them)" if others else ""


def write(path, image):
    """Writes an image, float [height, width, channels] in [0, 1], to a PNG file."""
    pixels = np.rint(np.asarray(image) * 255).astype(np.uint8)
    text = PngInfo()
    text.add_text("Software", PROGRAM)  # by which outputs.py knows it again
    with replacing(path) as part:
        iio.imwrite(part, without_channel(pixels), pnginfo=text)
