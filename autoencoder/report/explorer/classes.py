"""The classes of a run's images: names, colours, and where their codes are."""

import numpy as np

from autoencoder.figures.style import hls_colours

_MOST_CLASSES = 100
_MOST_NUMBERS = 100_000  # of covariances on a page
_SMALLEST_VARIANCE = 1e-9  # keeps a covariance definite where there are few images


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


def gaussians(means, std_devs, labels, names):
    """Fits a Gaussian to the codes of each class.

    A code is a sample of N(mean, std_dev²) of its image. The covariance of all of a
    class is that of the means plus the mean variance.

    Args:
        means: float [n, latent_dim], of the images.
        std_devs: float [n, latent_dim], of the images.
        labels: integers [n], indices into names, or None.
        names: list of str.

    Returns:
        list of dict for the page, one for each class: its name and colour, mean, the
        mean code, and factor, the rows of the covariance's lower Cholesky factor up to
        the diagonal. A class without images has no mean; where the factors would be
        long there are none.
    """
    found = []
    colours = hls_colours(max(1, len(names)))
    latent_dim = means.shape[1]
    are_short = len(names) * latent_dim * (latent_dim + 1) / 2 <= _MOST_NUMBERS
    for label, name in enumerate(names):
        group = {"name": name, "colour": _css(colours[label])}
        chosen = labels == label
        if chosen.any():
            group["mean"] = rounded(means[chosen].mean(axis=0))
            if are_short:
                group["factor"] = _factor(means[chosen], std_devs[chosen])
        found.append(group)
    return found


def rounded(values):
    """Returns an array as nested lists of numbers with few digits, for JSON."""
    return np.asarray(values, np.float64).round(4).tolist()


def _factor(means, std_devs):
    centred = means.astype(np.float64) - means.mean(axis=0, dtype=np.float64)
    covariance = centred.T @ centred / len(means)
    covariance += np.diag(np.square(std_devs, dtype=np.float64).mean(axis=0))
    covariance += _SMALLEST_VARIANCE * np.eye(len(covariance))
    factor = np.linalg.cholesky(covariance)
    return [rounded(row[: i + 1]) for i, row in enumerate(factor)]


def _css(colour):
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)
