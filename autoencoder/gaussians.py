"""Gaussians that fit the codes of many images, and codes drawn from them.

The encoder turns image i into N(mean_i, diag(std_dev_i^2)). Together, n images have the
mixture of these Gaussians. By the law of total variance its covariance is

    covariance of the means + mean of diag(std_dev^2)

The second term keeps it positive definite, even for a class of one image.
"""

import functools
from typing import NamedTuple

import numpy as np

# Of a variance: makes up for rounding where a class has fewer images than dimensions.
_ROUNDING = 1e-12


class Gaussian(NamedTuple):
    """The Gaussian with the mean and the covariance of a mixture of codes.

    Attributes:
        images: int, how many are in the mixture.
        mean: float64 [latent_dim].
        covariance: float64 [latent_dim, latent_dim].
    """

    images: int
    mean: np.ndarray
    covariance: np.ndarray

    def draw(self, epsilon):
        """Turns unit normal noise into codes: mean + L epsilon, L the factor.

        Args:
            epsilon: float32 [n, latent_dim].

        Returns:
            float32 [n, latent_dim].
        """
        factor = self.factor().astype(np.float32)
        return self.mean.astype(np.float32) + epsilon @ factor.T

    def factor(self):
        """Returns the covariance's lower Cholesky factor, float64."""
        std_devs = np.sqrt(self.covariance.diagonal())
        units = np.where(std_devs > 0, std_devs, 1)
        correlations = self.covariance / np.outer(units, units)
        factor = np.linalg.cholesky(correlations + _ROUNDING * np.eye(len(units)))
        return std_devs[:, None] * factor


class _Sums(NamedTuple):
    """What is kept of images: their number, mean code and two sums.

    Attributes:
        images: int.
        mean: float64 [latent_dim].
        scatter: float64 [latent_dim, latent_dim], sum of the outer products of the
            means' deviations from their mean.
        variance: float64 [latent_dim], sum of std_dev^2.
    """

    images: int
    mean: np.ndarray
    scatter: np.ndarray
    variance: np.ndarray


@np.errstate(over="ignore", invalid="ignore")  # where weights are not finite
def fit(codes, labels=None):
    """Fits Gaussians in one pass, in memory that does not grow with the images.

    Args:
        codes: iterable of (means, std_devs), both float32 [batch, latent_dim].
        labels: integers [n], of all images in order, or None.

    Returns:
        dict from label to the Gaussian of its images; None is the key of all images.
    """
    sums, first = {}, 0
    for means, std_devs in codes:
        batch = slice(first, first + len(means))
        first += len(means)
        its_labels = np.zeros(len(means)) if labels is None else labels[batch]
        for label in np.unique(its_labels).tolist():
            is_its = its_labels == label
            part = _sums(means[is_its], std_devs[is_its])
            sums[label] = _joined(sums[label], part) if label in sums else part
    gaussians = {None: _gaussian(functools.reduce(_joined, sums.values()))}
    if labels is not None:
        gaussians |= {label: _gaussian(sums[label]) for label in sorted(sums)}
    return gaussians


def _sums(means, std_devs):
    mean = means.mean(axis=0, dtype=np.float64)
    deviations = means - mean
    variance = np.square(std_devs, dtype=np.float64).sum(axis=0)
    return _Sums(len(means), mean, deviations.T @ deviations, variance)


def _joined(one, other):
    """Joins the sums of two sets of images; Chan, Golub and LeVeque 1979.

    Unlike sums of squares, these lose no digits where means are far from 0.
    """
    images = one.images + other.images
    step = other.mean - one.mean
    between = np.outer(step, step) * (one.images * other.images / images)
    return _Sums(
        images,
        one.mean + step * (other.images / images),
        one.scatter + other.scatter + between,
        one.variance + other.variance,
    )


def _gaussian(sums):
    covariance = (sums.scatter + np.diag(sums.variance)) / sums.images
    return Gaussian(sums.images, sums.mean, covariance)
