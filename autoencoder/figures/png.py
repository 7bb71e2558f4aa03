"""PNG files of images, pixel by pixel."""

from pathlib import PurePath

import imageio.v3 as iio
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from autoencoder.files import PROGRAM, replacing
from autoencoder.pixels import eight_bits, sheet, without_channel

_MOST_BYTES = 200  # of a name in UTF-8, without number and ending
_GAP = 2  # pixels between two images on a sheet


def file_names(names):
    """Returns a file name for each image: its own, or, if two have the same, numbered.

    Long names are shortened: file systems take 255 bytes, including number and ending.

    Args:
        names: list of str, of images: paths, or numbers in a data set.

    Returns:
        list of str, each with the ending .png and without a folder.
    """
    stems = [_cut(PurePath(name.replace("\\", "/")).stem or "image") for name in names]
    # Some file systems do not distinguish capital letters.
    if len({stem.lower() for stem in stems}) < len(stems):
        width = len(str(len(stems)))
        stems = [f"{i:0{width}}-{stem}" for i, stem in enumerate(stems)]
    return [f"{stem}.png" for stem in stems]


def _cut(stem):
    return stem.encode()[:_MOST_BYTES].decode(errors="ignore")


def older_files(folder, count):
    """Returns a remark on files from earlier calls, or "" if a folder has only count.

    Args:
        folder: pathlib.Path.
        count: int, of the files that this call has written there.
    """
    older = len([*folder.iterdir()]) - count
    return f" ({older:,} older files lie beside them)" if older else ""


def read(path, size):
    """Returns the pixels of a PNG file, or None if it is damaged or of another size.

    Args:
        path: pathlib.Path.
        size: (height, width).

    Returns:
        uint8 [height, width, 3], or None.
    """
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError):  # both are Pillow's for damage
        return None
    return pixels if pixels.shape == (*size, 3) else None


def write(path, image):
    """Writes an image, float [height, width, channels] in [0, 1], to a PNG file."""
    text = PngInfo()
    text.add_text("Software", PROGRAM)  # outputs.py recognizes our files by it
    with replacing(path) as part:
        iio.imwrite(part, without_channel(eight_bits(image)), pnginfo=text)


def write_sheet(path, images):
    """Writes images to one PNG file, row by row on a white ground.

    Args:
        path: pathlib.Path.
        images: float [n, height, width, channels] in [0, 1].
    """
    write(path, sheet(images, gap=_GAP, ground=1))
