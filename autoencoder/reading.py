"""Reads a picture file of any kind as pixels of one size, grey or in colour."""

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageOps

from autoencoder.errors import UserError

_SIXTEEN_BITS = {"I", "I;16", "I;16B", "I;16L"}  # Pillow's modes of grey
_GREY = {"1", "L", "LA", *_SIXTEEN_BITS}


class Kind(NamedTuple):
    """What a picture is, before it is converted.

    Attributes:
        width, height: int, pixels, as it is to be seen: EXIF's orientation is followed.
        is_grey: bool.
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
        shape: (height, width, channels) to scale and crop to; None returns the Kind.
        background: str, the colour on which what is transparent is laid.
        resize: bool; without it a picture of another size or colour is an error.

    Returns:
        uint8 [height, width, channels]; or, without a shape, Kind.

    Raises:
        UserError: with the reason in a few words, to stand behind the file's name.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if not Path(path).is_file() and Path(path).exists():
                raise UserError("is no file")  # a pipe would be waited for
            with Image.open(path) as image:
                if shape is None:
                    return _kind(image)
                return _pixels(image, shape, background, resize)
    except FileNotFoundError:
        raise UserError("is not there any more") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UserError("has too many pixels") from None
    # What Pillow raises for what is cut short, damaged or no picture.
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError):
        raise UserError("is damaged, or no picture") from None


def fitted(images, size=None, channels=0):
    """Scales and crops images of an array, as read does those of files.

    Args:
        images: uint8 [n, height, width, channels], 1 or 3.
        size: (height, width), or None, which keeps theirs.
        channels: 1, 3, or 0, which keeps theirs.

    Returns:
        uint8 [n, height, width, channels]; images themselves where they fit.
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
    """Raises a UserError where --background is a word, but none for a colour."""
    try:
        ImageColor.getrgb(background)
    except ValueError:
        raise UserError(
            f"--background {background} is no colour: choose one as white or #ff8800"
        ) from None


def _kind(image):
    width, height = image.size
    if image.getexif().get(0x0112, 1) >= 5:  # EXIF's orientation: lying on its side
        width, height = height, width
    return Kind(width, height, _is_grey(image))


def _is_grey(image):
    return image.mode in _GREY


def _pixels(image, shape, background, resize):
    height, width, channels = shape
    kind = _kind(image)
    wanted = Kind(width, height, channels == 1)
    # Grey stands in colour as it is: a data set may have both.
    if not resize and kind not in (wanted, wanted._replace(is_grey=True)):
        raise UserError(f"is {kind}, and the run takes {wanted}: --resize converts")
    image = ImageOps.exif_transpose(image)
    return _fitted(_eight_bits(_without_alpha(image, background)), shape)


def _fitted(image, shape):
    height, width, channels = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height))
    return np.asarray(image).reshape(shape)


def _eight_bits(image):
    if image.mode not in _SIXTEEN_BITS:
        return image
    pixels = np.asarray(image, np.int64).clip(0, 65535) // 257
    return Image.fromarray(pixels.astype(np.uint8))


def _without_alpha(image, background):
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    ground = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
