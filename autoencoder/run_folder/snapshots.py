"""The arrays of each epoch, from which a run's figures are drawn.

With them every figure and GIF of a run can be drawn again, or changed, without
training or even TensorFlow.
"""

import itertools

import numpy as np

from autoencoder.files import delete_parts, replacing
from autoencoder.run_folder.layout import SNAPSHOT, numbered


def save(folder, epoch, arrays):
    """Writes the arrays of an epoch to folder/epoch-N.npz.

    Args:
        folder: pathlib.Path, the run's folder of snapshots.
        epoch: int, counted from 1.
        arrays: dict of
            first_outputs, outputs: float32 [shown, height, width, channels] in [0, 1],
                reconstructions after the epoch's first step and at its end;
            first_codes, codes: float32 [n, 2], a sample of z of each test image;
            first_means, means, first_std_devs, std_devs: float32 [k, latent_dim],
                mean_ and std_dev of up to 2,000 test images, evenly spread:
                experiments.spread(n, k) are their numbers;
            first_decoded, decoded: uint8 [d, height, width, channels], the means of
                up to 500 of those, decoded; spread(k, d) are their places among them;
            grid: float [14, 14, height, width, channels] in [0, 1], at the epoch's
                end;
            latent_terms, mean_variance: float64 [latent_dim], see evaluation.HeldOut.
            The images of decoded and grid are scaled down if they are large.
            Arrays that need test images or a plane are left out if there are none.
    """
    with replacing(folder / SNAPSHOT.format(epoch), synced=True) as part:
        np.savez_compressed(part, **arrays)


def load(folder, epochs, *names):
    """Reads arrays of epochs.

    Args:
        folder: pathlib.Path, the run's folder of snapshots.
        epochs: iterable of int.
        names: of the arrays, as in save.

    Returns:
        list of tuples, an array for each name, in the order of the epochs. It stops at
        the first epoch without them: older runs have none, and files get deleted or
        damaged.
    """
    states = []
    for epoch in epochs:
        path = folder / SNAPSHOT.format(epoch)
        try:
            with np.load(path) as file:
                states.append(tuple(file[name] for name in names))
        # For a damaged file zipfile, zlib and NumPy raise a dozen types of errors.
        except Exception:
            break
    return states


def readable(folder, epochs, *names):
    """Returns the first of the epochs, up to one that load would not return.

    Args:
        folder: pathlib.Path, the run's folder of snapshots.
        epochs: iterable of int.
        names: of the arrays, as in save.

    Returns:
        list of int.
    """
    return list(
        itertools.takewhile(lambda epoch: load(folder, [epoch], *names), epochs)
    )


def cut_back(folder, epoch):
    """Deletes the arrays of later epochs; 0 deletes all."""
    delete_parts(folder)
    for number, path in numbered(folder, SNAPSHOT):
        if number > epoch:
            path.unlink()
