"""MNIST in ten colours: three channels to train on without any other data.

After the Colored MNIST of Arjovsky et al. 2019, arXiv:1907.02893, whose colours follow
the labels, but not always. Here each of the ten digits has its own hue, and one image
in ten has a random hue.
"""

import colorsys

import numpy as np

_COLOURS = np.array([colorsys.hsv_to_rgb(i / 10, 1, 1) for i in range(10)])
_DRAWN = 0.1  # share
_SEED = 0
RULE = f"hues of ten, {_DRAWN} at random, seed {_SEED}"


def tinted(images, labels):
    """Returns images in colour, always the same for the same images and labels.

    Args:
        images: uint8 [n, height, width, 1].
        labels: integers [n], 0 to 9.

    Returns:
        uint8 [n, height, width, 3].
    """
    random = np.random.default_rng(_SEED)
    is_drawn = random.random(len(labels)) < _DRAWN
    hues = np.where(is_drawn, random.integers(0, 10, len(labels)), labels)
    levels = np.rint(_COLOURS[hues] * 255).astype(np.uint16)
    result = np.empty((*images.shape[:3], 3), np.uint8)
    for channel in range(3):
        level = levels[:, None, None, channel]
        result[..., channel] = (images[..., 0] * level + 127) // 255
    return result
