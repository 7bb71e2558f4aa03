"""NumPy random numbers that are a function of a purpose, a seed and an epoch."""

import zlib

import numpy as np


def generator(purpose, seed, epoch=0):
    """Makes the generator for one purpose in one epoch.

    Keyed generators make each result repeatable by itself: nothing depends on what was
    drawn before, so a resumed run draws the same as one that was not stopped.

    Args:
        purpose: str, such as "order" or "held-out".
        seed: int, of the run.
        epoch: int, counted from 1; 0 if there is none.

    Returns:
        numpy.random.Generator.
    """
    return np.random.default_rng([zlib.crc32(purpose.encode()), seed, epoch])


def image_order(count, seed, epoch, shuffle):
    """Returns the order in which an epoch sees the images, int64 [count].

    The post uses the file's order in every epoch; with shuffle it is a permutation
    that is a function of seed and epoch.
    """
    if shuffle:
        return generator("order", seed, epoch).permutation(count)
    return np.arange(count)
