"""The classes of a run's images: names, colours, and where their codes are."""

import numpy as np

from autoencoder.figures.style import hls_colours

_MOST_CLASSES = 100
_MOST_NUMBERS = 100_000  # of covariances on a page


def names_and_labels(dataset, labels):
    """Returns the classes' names, and for each label an index into them, or None.

    A page has no room for more than 100 classes: they are treated as none.

    Args:
        dataset: Dataset.
        labels: integers [n], or None.
    """
    if labels is None:
        return [], None
    names, indices = dataset.class_names, labels
    if not names:
        values, indices = np.unique(labels, return_inverse=True)
        names = [str(value) for value in values]
    return (names, indices) if len(names) <= _MOST_CLASSES else ([], None)


def evenly(labels, count):
    """Orders images so that every beginning holds about as many of each class.

    Args:
        labels: integers [count], or None.
        count: int, of the images.

    Returns:
        int [count], indices: the first image of each class, the second of each, ...
    """
    if labels is None:
        return np.arange(count)
    by_class = np.argsort(labels, kind="stable")
    _, starts, counts = np.unique(
        labels[by_class], return_index=True, return_counts=True
    )
    ranks = np.empty(count, int)
    ranks[by_class] = np.arange(count) - np.repeat(starts, counts)
    return np.lexsort((labels, ranks))


def groups(prior, names, dataset):
    """Returns what the page has of each class.

    Args:
        prior: FittedPrior.
        names: list of str, of the classes, from names_and_labels.
        dataset: Dataset, the same.

    Returns:
        list of dict, one for each class: its name and colour, mean, the mean code, and
        factor, the rows of the covariance's lower Cholesky factor up to the diagonal. A
        class without training images has no mean; where the factors would be long there
        are none.
    """
    labels = range(len(names)) if dataset.class_names else map(int, names)
    latent_dim = len(prior.gaussians[None].mean)
    are_short = len(names) * latent_dim * (latent_dim + 1) / 2 <= _MOST_NUMBERS
    found = []
    colours = hls_colours(max(1, len(names)))
    for name, label, colour in zip(names, labels, colours, strict=False):
        group = {"name": name, "colour": _css(colour)}
        if label in prior.gaussians:
            gaussian = prior.gaussians[label]
            group["mean"] = rounded(gaussian.mean)
            if are_short:
                rows = enumerate(gaussian.factor(), 1)
                group["factor"] = [rounded(row[:length]) for length, row in rows]
        found.append(group)
    return found


def rounded(values):
    """Returns an array as nested lists of numbers with few digits, for JSON."""
    return np.asarray(values, np.float64).round(4).tolist()


def _css(colour):
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)
