"""How training images are drawn, so that what a reader draws can look like them."""

import numpy as np

_MOST_SIDE = 64  # pixels: larger images are more than strokes
_MOST_IMAGES = 1000
_MNIST_SIDE, _MNIST_BOX = 28, 20


def drawing(images, is_binary=False):
    """Returns what the drawing pad needs to know.

    Args:
        images: uint8 [n, height, width, channels], to train on.
        is_binary: bool, whether the run takes images of black and white.

    Returns:
        dict for the page, or None for images in colour and large ones:
            ground, stroke: int, 0 to 255, of the images' border and of the values
                farthest from it.
            box: int, or None. As in MNIST, drawings are scaled to a box of so many
                pixels and their centre of mass is put into the middle;
            is_binary: bool, whether drawings become black and white.
    """
    height, width, channels = images.shape[1:]
    if channels != 1 or max(height, width) > _MOST_SIDE:
        return None
    images = images[:_MOST_IMAGES, ..., 0]
    border = np.ones((height, width), bool)
    border[1:-1, 1:-1] = False
    ground = round(float(images[:, border].mean()))
    ends = images.max(axis=(1, 2)) if ground < 128 else images.min(axis=(1, 2))
    stroke = round(float(ends.mean()))
    box = _MNIST_BOX if _are_like_mnist(images) else None
    return {"ground": ground, "stroke": stroke, "box": box, "is_binary": is_binary}


def _are_like_mnist(images):
    """Whether all have 28x28 pixels, black ground, MNIST's box and centre of mass."""
    if images.shape[1:] != (_MNIST_SIDE, _MNIST_SIDE) or not images.any((1, 2)).all():
        return False
    inked = images > 0
    sides = np.maximum(inked.any(axis=1).sum(axis=1), inked.any(axis=2).sum(axis=1))
    mass = images.sum(axis=(1, 2), dtype=np.float64)
    places = np.arange(_MNIST_SIDE)
    centres = [images.sum(axis=axis) @ places / mass for axis in (1, 2)]
    are_centred = np.abs(np.subtract(centres, _MNIST_SIDE / 2)).max() <= 0.51
    return bool(sides.max() <= _MNIST_BOX and are_centred)
