"""What the figures are drawn from: the arrays of each epoch, kept in the run's folder.

With them every figure and GIF of a run can be drawn again, and otherwise, without
training or even TensorFlow.
"""

import itertools
import re

import numpy as np

from autoencoder.files import delete_parts, replacing


def save(folder, epoch, arrays):
    """Writes the arrays of an epoch to folder/epoch-N.npz.

    Args:
        folder: pathlib.Path, the run's folder of snapshots.
        epoch: int, counted from 1.
        arrays: dict of
            first_outputs, outputs: float32 [shown, height, width, channels] in [0, 1],
                reconstructions after the epoch's first step and at its end;
            first_codes, codes: float32 [n, 2], a sample of z of each test image;
            grid: float [14, 14, height, width, channels] in [0, 1], at the epoch's
                end, of large images smaller ones;
            latent_terms, mean_variance: float64 [latent_dim], see evaluation.HeldOut.
            Where there are no test images, or no plane, theirs are left out.
    """
    with replacing(folder / f"epoch-{epoch}.npz", synced=True) as part:
        np.savez(part, **arrays)


def load(folder, epochs, *names):
    """Reads arrays of epochs.

    Args:
        folder: pathlib.Path, the run's folder of snapshots.
        epochs: iterable of int.
        names: of the arrays, as in save.

    Returns:
        list of tuples, an array for each name, in the order of the epochs. It stops at
        the first epoch without them: they aren't there in older runs, or were deleted
        or damaged.
    """
    found = []
    for epoch in epochs:
        path = folder / f"epoch-{epoch}.npz"
        try:
            with np.load(path) as file:
                found.append(tuple(file[name] for name in names))
        # A damaged file makes zipfile, zlib and NumPy raise a dozen types between them.
        except Exception:
            break
    return found


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
    """Deletes the arrays of what came after an epoch; 0 deletes all."""
    delete_parts(folder)
    for path in folder.glob("*.npz"):
        match = re.fullmatch(r"epoch-(\d+)\.npz", path.name)
        if match and int(match[1]) > epoch:
            path.unlink()
