"""fitted-prior.npz in a run's folder: Gaussians fitted to its training images' codes.

generate draws from them, and needs no data then. The file is made when training ends,
or by the first command that needs it. It counts only for the checkpoint that it names.
No TensorFlow here.
"""

import math
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from autoencoder import gaussians
from autoencoder.datasets.load import class_name
from autoencoder.experiments import posteriors
from autoencoder.files import replacing
from autoencoder.run_folder.layout import FITTED_PRIOR

_MOST_VALUES = 2**26  # of all classes' covariances: 512 MB


class FittedPrior(NamedTuple):
    """Gaussians that fit the codes of a run's training images.

    Attributes:
        classes: dict from label to its class as the commands print it, a str; empty if
            there are no labels.
        gaussians: dict from label to gaussians.Gaussian; None is the key of all images.
    """

    classes: dict
    gaussians: dict


def classes_of(dataset, latent_dim):
    """Returns FittedPrior.classes of a Dataset; empty also if there are too many."""
    labels = [] if dataset.y_train is None else np.unique(dataset.y_train).tolist()
    if len(labels) * latent_dim**2 > _MOST_VALUES:
        return {}
    return {label: class_name(dataset.class_names, label) for label in labels}


def fit(sess, model, dataset, batch_size):
    """Fits the prior, under a progress bar.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        dataset: Dataset.
        batch_size: int, images in one run.

    Returns:
        FittedPrior.
    """
    classes = classes_of(dataset, model.latent_dim)
    codes = posteriors(sess, model, dataset.x_train, batch_size)
    batches = math.ceil(len(dataset.x_train) / batch_size)
    shown = tqdm(codes, "encoding", batches, unit=" batches", leave=False, disable=None)
    labels = dataset.y_train if classes else None
    return FittedPrior(classes, gaussians.fit(shown, labels))


def read_or_fit(sess, model, run):
    """Returns the FittedPrior of a TrainedRun with its data; it writes no file.

    Args:
        sess: session with the weights of the run's checkpoint.
        model: Network.
        run: TrainedRun.
    """
    prior = read(run.path, run.checkpoint)
    return prior or fit(sess, model, run.dataset, run.flags.batch_size)


def write(folder, checkpoint, prior):
    """Writes fitted-prior.npz: a row for all images, then one for each class.

    Args:
        folder: pathlib.Path, of the run.
        checkpoint: Checkpoint, whose weights made the codes.
        prior: FittedPrior.
    """
    images, means, covariances = zip(*prior.gaussians.values(), strict=True)
    with replacing(folder / FITTED_PRIOR, synced=True) as part:
        np.savez(
            part,
            step=checkpoint.step,
            checkpoint=checkpoint.sha256,
            labels=np.array([*prior.classes]),
            classes=np.array([*prior.classes.values()], str),
            images=images,
            means=means,
            covariances=covariances,
        )


def read(folder, checkpoint):
    """Reads fitted-prior.npz.

    Args:
        folder: pathlib.Path, of the run.
        checkpoint: Checkpoint that is in use.

    Returns:
        FittedPrior, or None if the file is missing, damaged or of other weights.
    """
    try:
        with np.load(folder / FITTED_PRIOR) as file:
            source = file["step"].item(), file["checkpoint"].item()
            if source != (checkpoint.step, checkpoint.sha256):
                return None
            labels, classes = file["labels"].tolist(), file["classes"].tolist()
            rows = zip(
                file["images"].tolist(), file["means"], file["covariances"], strict=True
            )
            fitted = map(gaussians.Gaussian._make, rows)
            return FittedPrior(
                dict(zip(labels, classes, strict=True)),
                dict(zip([None, *labels], fitted, strict=True)),
            )
    # For a damaged file zipfile, zlib and NumPy raise a dozen types of errors.
    except Exception:
        return None
