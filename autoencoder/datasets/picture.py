"""Reads a picture file of five formats as pixels of one size, grey or in colour."""

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageOps
from PIL.Image import Transpose

from autoencoder.errors import UserError

FORMATS = "PNG, JPEG, WebP, BMP or GIF"  # in messages
_FORMATS = (
    "PNG",
    "JPEG",
    "WEBP",
    "BMP",
    "GIF",
)  # Pillow's names; for others it may run programs
_SIXTEEN_BITS = {"I", "I;16", "I;16B", "I;16L"}  # Pillow's modes of grey
_GREY = {"1", "L", "LA", *_SIXTEEN_BITS}
_ORIENTATION = 0x0112  # EXIF's tag
_TO_UPRIGHT = {  # by EXIF's orientation, of which 1 is upright
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


class Kind(NamedTuple):
    """A picture's size and colour before it is converted.

    Attributes:
        width, height: int, pixels, after EXIF's orientation is applied.
        is_grey: bool, whether it is stored as grey, whatever its pixels are.
    """

    width: int
    height: int
    is_grey: bool

    def __str__(self):
        return f"{self.width}x{self.height} {'grey' if self.is_grey else 'in colour'}"


def read(path, shape=None, background="black", resize=True):
    """Reads the first frame of a PNG, JPEG, WebP, BMP or GIF file.

    Args:
        path: of the file.
        shape: (height, width, channels) to scale and crop to; None returns the Kind
            of the picture, which is decoded all the same: it may be damaged.
        background: str, the colour behind transparent areas.
        resize: bool; without it a picture of another size or colour is an error.

    Returns:
        uint8 [height, width, channels]; or, without a shape, Kind.

    Raises:
        UserError: with the reason in a few words that follow the file's name.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of odd EXIF
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if Path(path).is_dir():
                raise UserError("is a folder that can't be read")
            if not Path(path).is_file() and Path(path).exists():
                raise UserError("is not a file")  # reading a pipe would wait
            with Image.open(path, formats=_FORMATS) as image:
                if shape is None:
                    image.load()
                    return _kind(image)
                return _pixels(image, shape, background, resize)
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError("is not there any more") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UserError("has too many pixels") from None
    except MemoryError:
        raise UserError("does not fit into memory") from None
    # For a damaged file Pillow raises a dozen types; its OSErrors have no number.
    except Exception as error:
        if getattr(error, "errno", None):
            raise UserError(f"can't be read ({error.strerror})") from None
        raise UserError(f"is damaged, or no {FORMATS} file") from None


def fitted(images, size=None, channels=0):
    """Scales and crops the images of an array, like read those of files.

    Args:
        images: uint8 [n, height, width, channels], 1 or 3.
        size: (height, width), or None to keep it.
        channels: 1, 3, or 0 to keep them.

    Returns:
        uint8 [n, height, width, channels]; the same array if it fits.
    """
    shape = (*(size or images.shape[1:3]), channels or images.shape[3])
    if shape == images.shape[1:]:
        return images
    result = np.empty((len(images), *shape), np.uint8)
    for i, image in enumerate(images):
        pixels = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        result[i] = _fitted(pixels, shape)
    return result


def require_colour(background):
    """Raises a UserError if --background is a word that names no colour."""
    try:
        ImageColor.getrgb(background)
    except ValueError:
        raise UserError(
            f"--background {background} is not a colour: choose white or #ff8800"
        ) from None


def _kind(image):
    width, height = image.size
    if _orientation(image) >= 5:  # lying on its side
        width, height = height, width
    return Kind(width, height, image.mode in _GREY)


def _orientation(image):
    """Returns EXIF's orientation, 1 to 8; 1 if it is missing or invalid."""
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # damaged EXIF is no reason to leave a picture out
        return 1
    return value if isinstance(value, int) and value in _TO_UPRIGHT else 1


def _pixels(image, shape, background, resize):
    height, width, channels = shape
    kind = _kind(image)
    wanted = Kind(width, height, channels == 1)
    # A colour data set may hold grey pictures, too.
    if not resize and kind not in (wanted, wanted._replace(is_grey=True)):
        raise UserError(f"is {kind}, and the run takes {wanted}: --resize converts")
    orientation = _orientation(image)
    if image.mode in _SIXTEEN_BITS:
        image = _eight_bits(image)
    image = _without_alpha(image, background)
    if orientation != 1:
        image = image.transpose(_TO_UPRIGHT[orientation])
    return _fitted(image, shape)


def _fitted(image, shape):
    height, width, channels = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height))
    return np.asarray(image).reshape(shape)


def _eight_bits(image):
    """Returns 16-bit grey as 8-bit grey, with alpha if a grey is transparent."""
    pixels = np.asarray(image, np.int64).clip(0, 65535)
    grey = Image.fromarray(((pixels + 128) // 257).astype(np.uint8))
    transparent = image.info.get("transparency")
    if transparent is None:
        return grey
    alpha = Image.fromarray(np.where(pixels == transparent, 0, 255).astype(np.uint8))
    return Image.merge("LA", (grey, alpha))


def _without_alpha(image, background):
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    ground = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
