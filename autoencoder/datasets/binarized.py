"""--binarize: images of black and white, from greys. NumPy alone.

A Bernoulli for each pixel has a likelihood only for such images. Papers sample them, as
Salakhutdinov and Murray 2008 did: a pixel is white with the probability of its grey.
"""

import numpy as np

from autoencoder.errors import UserError
from autoencoder.randomness import generator

_AT_ONCE = 1024  # images
_HALF = 128  # of 255


def binarized(images, how, seed, purpose):
    """Makes images black and white, 0 and 255.

    Args:
        images: uint8 [n, ...].
        how: str, sampled or threshold.
        seed: int, of the run.
        purpose: str, of the random numbers.

    Returns:
        uint8 [n, ...].
    """
    found = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        if how == "threshold":
            found[part] = np.where(images[part] < _HALF, 0, 255)
        else:
            found[part] = sampled(images[part], generator(purpose, seed, start))
    return found


def sampled(images, random):
    """Makes each pixel 255 with the probability of its grey / 255, otherwise 0.

    Args:
        images: uint8 array.
        random: numpy.random.Generator.
    """
    levels = random.integers(0, 255, images.shape, np.uint8)  # 0 to 254
    return np.where(levels < images, 255, 0).astype(np.uint8)


def binarized_dataset(data, flags):
    """Returns a Dataset as --binarize asks for it; a UserError if it does not fit.

    Test images are sampled once. Training images are, too, for all uses but training,
    which samples their greys anew in every epoch.

    Args:
        data: Dataset.
        flags: reads binarize and seed.
    """
    if flags.binarize == "none":
        return data
    splits = {"x_train": data.x_train, "x_test": data.x_test}
    try:
        made = {
            split: binarized(images, flags.binarize, flags.seed, f"binarized {split}")
            for split, images in splits.items()
            if images is not None
        }
    except MemoryError:
        raise UserError(
            f"{data.name} does not fit into memory, where --binarize {flags.binarize} "
            "keeps it: take fewer or smaller images, or leave the flag out"
        ) from None
    greys = data.x_train if flags.binarize == "sampled" else None
    return data._replace(**made, x_train_greys=greys)


class _Epoch:
    """The images of an epoch, each sampled when its batch is taken."""

    def __init__(self, greys, seed, epoch):
        self._greys, self._seed, self._epoch = greys, seed, epoch

    def __getitem__(self, indices):
        # The first index keys a batch, which does not depend on those before it then.
        purpose = f"binarized batch {indices[0]}"
        random = generator(purpose, self._seed, self._epoch)
        return sampled(self._greys[indices], random)


def images_of_epoch(images, flags, epoch):
    """Returns what DataPipe takes an epoch's images from.

    Args:
        images: uint8 [n, height, width, channels]; with --binarize sampled, greys.
        flags: reads binarize and seed.
        epoch: int, counted from 1.
    """
    return _Epoch(images, flags.seed, epoch) if flags.binarize == "sampled" else images
