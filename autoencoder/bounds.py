"""Between which numbers an image loss lies: what a perfect and a blind model reach."""

import numpy as np

from autoencoder.feeds import cut

_AT_ONCE = 1_000_000  # pixels, of which NumPy makes eight bytes each
_LEVELS = np.arange(256) / 255
_LEAST_PROBABILITY = 1e-7  # of a pixel that is always black, or white


def entropy_floor(images):
    """Returns the image loss of a perfect reconstruction, in nats per image.

    Cross entropy with a grey pixel x costs at least x's own entropy, that of a coin
    which falls white with probability x. Only black and white pixels can cost nothing.

    Args:
        images: uint8 [n, height, width, channels].
    """
    inner = _LEVELS[1:-1]
    entropy = np.zeros(256)
    entropy[1:-1] = -inner * np.log(inner) - (1 - inner) * np.log(1 - inner)
    counts = np.zeros(256)
    for part in cut(images, max(1, _AT_ONCE // images[0].size)):
        counts += np.bincount(part.ravel(), minlength=256)
    return float(counts @ entropy / len(images))


def mean_image_loss(x_train, x_test):
    """Returns the image loss of predicting the mean training image, in nats per image.

    A model whose codes say nothing does no better.

    Args:
        x_train: uint8 [n, height, width, channels], whose mean is predicted.
        x_test: uint8 [m, height, width, channels], of which the loss is taken.
    """
    predicted = x_train.mean(axis=0) / 255
    predicted = predicted.clip(_LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    mean = x_test.mean(axis=0) / 255
    losses = -mean * np.log(predicted) - (1 - mean) * np.log(1 - predicted)
    return float(losses.sum())
