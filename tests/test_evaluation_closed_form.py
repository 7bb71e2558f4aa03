"""The importance-weighted bound where log p(x) has a closed form.

A linear decoder with Gaussian noise: z ~ N(0, I), x = Wz + b + N(0, s²). Then x is
Gaussian, too, with the covariance WW' + s²I.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.evaluation import log_mean_weights

RANDOM = np.random.default_rng(0)
PIXELS, S = 6, 0.5


class Linear:
    """Stands in for network and session: q(z|x) is N(mean, std²), as it is told.

    Args:
        weights: float [pixels, latent_dim], W; b is 0.
        widened: float, by which the posterior's standard deviations are multiplied.
    """

    mean_, std_dev, img_loss, z = "mean_", "std_dev", "img_loss", "z"

    def __init__(self, weights, widened=1.0):
        self._weights, self._widened = weights, widened
        self.latent_dim = weights.shape[1]
        self.output = SimpleNamespace(shape=_Shape())

    def feed(self, images):
        return {"images": images / 10}  # bytes as images; see pixels

    def run(self, fetches, feed):
        x = feed["images"]
        if fetches == self.img_loss:
            residual = x - feed["z"] @ self._weights.T
            density = np.log(S * np.sqrt(2 * np.pi))
            return (np.square(residual / S) / 2 + density).sum(axis=1)
        precision = np.eye(self.latent_dim) + self._weights.T @ self._weights / S**2
        mean = x @ self._weights @ np.linalg.inv(precision) / S**2
        std = np.sqrt(np.diag(np.linalg.inv(precision))) * self._widened
        return mean.astype(np.float32), np.tile(std, (len(x), 1)).astype(np.float32)

    def log_likelihood(self, images):
        """The closed form."""
        x = images / 10
        covariance = self._weights @ self._weights.T + S**2 * np.eye(PIXELS)
        _, determinant = np.linalg.slogdet(2 * np.pi * covariance)
        inverse = np.linalg.inv(covariance)
        return -0.5 * (np.einsum("ni,ij,nj->n", x, inverse, x) + determinant)


class _Shape:
    """Says how many pixels an image has, as tf.TensorShape does."""

    def __getitem__(self, part):
        return SimpleNamespace(num_elements=lambda: PIXELS)


IMAGES = RANDOM.integers(0, 20, (8, PIXELS), np.uint8)


def bound(model, samples, seed=0):
    return log_mean_weights(model, model, IMAGES, 0, samples, seed)


@pytest.mark.parametrize("samples", [1, 7])
def test_with_the_true_posterior_one_sample_is_enough(samples):
    """p(x, z) / q(z|x) is then p(x), whatever z is."""
    model = Linear(RANDOM.normal(size=(PIXELS, 1)))
    expected = model.log_likelihood(IMAGES)
    np.testing.assert_allclose(bound(model, samples), expected, rtol=1e-5)


@pytest.mark.parametrize("latent_dim", [1, 3])
def test_with_another_posterior_many_samples_come_near(latent_dim):
    """The true posterior of 3 dimensions has correlations, which q has not."""
    model = Linear(RANDOM.normal(size=(PIXELS, latent_dim)), widened=1.5)
    expected = model.log_likelihood(IMAGES)
    np.testing.assert_allclose(bound(model, 50_000), expected, atol=0.06)


def test_the_bound_is_below_and_rises_with_the_samples():
    model = Linear(RANDOM.normal(size=(PIXELS, 2)), widened=1.5)
    expected = model.log_likelihood(IMAGES).mean()
    bounds = [
        np.mean([bound(model, samples, seed).mean() for seed in range(200)])
        for samples in (1, 4, 16, 64)
    ]
    assert bounds == sorted(bounds)
    assert bounds[0] < expected - 0.3
    assert abs(bounds[-1] - expected) < 0.05


def test_one_sample_is_the_elbo_in_the_mean():
    """The ELBO is log p(x) - KL(q || posterior), here of one dimension."""
    wide = 1.5
    model = Linear(RANDOM.normal(size=(PIXELS, 1)), widened=wide)
    kl = (wide**2 - 1) / 2 - np.log(wide)
    values = [bound(model, 1, seed) for seed in range(4000)]
    error = np.std(values, axis=0) / np.sqrt(len(values))
    difference = np.mean(values, axis=0) - (model.log_likelihood(IMAGES) - kl)
    assert (np.abs(difference) < 4.5 * error).all()
