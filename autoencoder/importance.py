"""The importance-weighted bound of Burda et al. 2016, arXiv:1509.00519."""

from typing import NamedTuple

import numpy as np

from autoencoder.experiments import decoded_at_once
from autoencoder.randomness import generator

_MOST_AT_ONCE = 2048
_SMALLEST_STD_DEV = 1e-30  # where softplus underflows, as in loss.py


class Bound(NamedTuple):
    """A lower bound of log p(x), in nats per image, and its standard error.

    One image alone has none: None.
    """

    mean: float
    standard_error: float | None


def log_mean_weights(sess, model, images, first, samples, seed):
    """Returns log 1/K sum p(x|z) p(z) / q(z|x) over K samples of q, for each image.

    Each image has a noise of its own, keyed by its number, so that the result depends
    neither on the batch nor on how many samples are decoded at once.

    Args:
        sess: session in which the model's variables have values.
        model: Model.
        images: uint8 [n, height, width, channels].
        first: int, number of the first of them among all.
        samples: int, K.
        seed: int, of the run.

    Returns:
        float64 [n].
    """
    X = images / np.float32(255)
    mean, std = sess.run([model.mean_, model.std_dev], {model.input_batch: X})
    std = np.maximum(std, _SMALLEST_STD_DEV)
    noises = [generator("importance", seed, first + i) for i in range(len(images))]
    total = np.full(len(images), -np.inf)
    decoded = min(_MOST_AT_ONCE, decoded_at_once(model))
    at_once = max(1, decoded // len(images))
    for start in range(0, samples, at_once):
        count = min(at_once, samples - start)
        epsilon = np.stack(
            [
                noise.standard_normal((count, mean.shape[1]), np.float32)
                for noise in noises
            ]
        )
        z = mean[:, None] + epsilon * std[:, None]
        img_loss = sess.run(
            model.img_loss,
            {
                model.input_batch: np.repeat(X, count, axis=0),
                model.z: z.reshape(-1, mean.shape[1]),
            },
        ).reshape(len(images), count)
        # log p(z) - log q(z|x); the normal densities' constants cancel out.
        prior = (np.square(epsilon) - np.square(z)).sum(axis=2, dtype=np.float64) / 2
        weights = prior + np.log(std).sum(axis=1, dtype=np.float64)[:, None] - img_loss
        total = np.logaddexp(total, np.logaddexp.reduce(weights, axis=1))
    return total - np.log(samples)


def bound(values):
    """Returns the Bound of log_mean_weights over images, float64 [n]."""
    error = None
    if len(values) > 1:
        error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return Bound(float(values.mean()), error)
