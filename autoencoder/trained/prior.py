"""The fitted prior of a trained run: read from its folder, or made at first use.

No TensorFlow here: the label and, where it is needed, the data are checked first.
"""

import sys

import numpy as np

from autoencoder.errors import UserError
from autoencoder.run_folder import fitted_prior
from autoencoder.trained.open_run import load_for

_MOST_LISTED = 20  # classes, in an error


def load(flags):
    """Loads a run for its fitted prior, with its data if the prior has to be made.

    Args:
        flags: as in open_run.load_for.

    Returns:
        TrainedRun.
    """
    run = load_for(flags, with_data=False)
    if fitted_prior.read(run.path, run.checkpoint) is None:
        return load_for(flags, with_data=True)
    return run


def label_of(run, name):
    """Finds the class that --label means.

    Args:
        run: TrainedRun that load returned.
        name: str: a class as the commands print it; or its label, if that is no other
            class's name.

    Returns:
        int, the label.

    Raises:
        UserError: there are no labels, or not one such class.
    """
    prior = fitted_prior.read(run.path, run.checkpoint)
    if prior is None:
        classes = fitted_prior.classes_of(run.dataset, run.flags.latent_dim)
    else:
        classes = prior.classes
    if not classes:
        raise UserError(
            f"--label {name}: {run.path} was trained on images without labels, or "
            "with too many classes; --prior fitted takes all images together"
        )
    labels = [label for label, its_name in classes.items() if its_name == name]
    if len(labels) > 1:
        raise UserError(
            f"--label {name}: {len(labels)} classes of {run.path} have this name: give "
            f"one of their numbers, {_listed(labels)}"
        )
    labels += [label for label in classes if str(label) == name]
    if not labels:
        raise UserError(
            f"--label {name}: {run.path} has no training image of such a class; its "
            f"classes are {_listed(classes.values())}"
        )
    return labels[0]


def _listed(values):
    texts = [str(value) for value in values]
    more = len(texts) - _MOST_LISTED
    ending = [f"and {more:,} more"] if more > 0 else []
    return ", ".join(texts[:_MOST_LISTED] + ending)


def gaussian(run, label=None):
    """Returns the Gaussian of all training images, or of a class.

    If its file is missing, damaged or of other weights, it is made anew.

    Args:
        run: OpenRun.
        label: int, or None.

    Returns:
        gaussians.Gaussian.

    Raises:
        UserError: the codes are not finite.
    """
    trained = run.trained
    prior = fitted_prior.read(trained.path, trained.checkpoint) or _fitted(run)
    found = prior.gaussians[label]
    if not np.isfinite(found.covariance).all():
        raise UserError(
            f"no prior can be fitted: the codes of {trained.path} are not finite"
        )
    return found


def _fitted(run):
    trained = run.trained
    dataset = trained.dataset
    if dataset is None:  # the run's training has just finished another epoch
        dataset = load_for(run.flags, with_data=True).dataset
    batch_size = trained.flags.batch_size  # training's, so that it makes no difference
    prior = fitted_prior.fit(run.sess, run.model, dataset, batch_size)
    try:
        fitted_prior.write(trained.path, trained.checkpoint, prior)
    except OSError as error:
        print(
            f"main.py: warning: {error.filename} can't be written ({error.strerror}), "
            "so the next command fits it again",
            file=sys.stderr,
        )
    return prior
