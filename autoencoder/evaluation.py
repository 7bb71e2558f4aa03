"""Held-out numbers: the losses over images that are not trained on, and their limits.

The limits are the entropy floor below, the mean image above, and a bound on log p(x)
that is tighter than the ELBO.
"""

from typing import NamedTuple

import numpy as np

from autoencoder.experiments import decoder_batch_size, in_batches
from autoencoder.randomness import generator

# Burda et al. 2016, arXiv:1509.00519, section 5.2: below it a unit says nothing.
_LEAST_VARIANCE = 0.01
_BATCH_PIXELS = 1_000_000  # NumPy takes eight bytes for each
_LEVELS = np.arange(256) / 255
_LEAST_PROBABILITY = 1e-7  # of a pixel that is always black, or white
_BATCH_SAMPLES = 2048
_SMALLEST_STD_DEV = 1e-30  # where softplus underflows, as in loss.py


class HeldOut(NamedTuple):
    """Means over all images, in nats per image; loss is what training minimizes.

    Attributes:
        image_loss, latent_loss, loss: float.
        latent_terms: float64 [latent_dim], the latent_loss of each dimension.
        mean_variance: float64 [latent_dim], variance over the images of each mean.
        means: float32 [n, latent_dim], mean_ of each image.
        std_devs: float32 [n, latent_dim], std_dev of each image.
        codes: float32 [n, latent_dim], one sample of z of each.
    """

    image_loss: float
    latent_loss: float
    loss: float
    latent_terms: np.ndarray
    mean_variance: np.ndarray
    means: np.ndarray
    std_devs: np.ndarray
    codes: np.ndarray


def evaluate(sess, model, batches, flags, epoch):
    """Computes the losses of all images, one sample of z each.

    Every image counts the same, even in a shorter last batch. The noise is
    keyed by (seed, epoch), so the numbers do not depend on the batch size.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        batches: iterable of uint8 [batch, height, width, channels], not empty.
        flags: the run's; reads kl_weight and seed.
        epoch: int, counted from 1.

    Returns:
        HeldOut.
    """
    noise = generator("held-out", flags.seed, epoch)
    fetches = [model.img_loss, model.latent_loss, model.latent_terms]
    fetches += [model.mean_, model.std_dev, model.z]
    sums, terms = np.zeros(2), 0.0
    latent = []
    for batch in batches:
        feed = model.feed(batch, noise)
        *losses, batch_terms, mean_, std_dev, z = sess.run(fetches, feed)
        sums += np.sum(losses, axis=1, dtype=np.float64)
        terms += np.sum(batch_terms, axis=0, dtype=np.float64)
        latent.append((mean_, std_dev, z))
    means, std_devs, codes = map(np.concatenate, zip(*latent, strict=True))
    image_loss, latent_loss = (sums / len(codes)).tolist()
    return HeldOut(
        image_loss,
        latent_loss,
        image_loss + flags.kl_weight * latent_loss,
        latent_terms=terms / len(codes),
        mean_variance=np.var(means, axis=0, dtype=np.float64),
        means=means,
        std_devs=std_devs,
        codes=codes,
    )


def active_units(mean_variance):
    """Counts the latent dimensions that say something about an image.

    Args:
        mean_variance: float [latent_dim], as in HeldOut.

    Returns:
        int, the number of variances above 0.01 (Burda et al. 2016, section 5.2).
    """
    return int(np.sum(mean_variance > _LEAST_VARIANCE))


def entropy_floor(images):
    """Returns the image loss of a perfect reconstruction, in nats per image.

    Cross entropy with a grey pixel x costs at least x's entropy, that of a coin which
    falls white with probability x. Only black and white pixels can cost nothing.

    Args:
        images: uint8 [n, height, width, channels].
    """
    inner = _LEVELS[1:-1]
    entropy = np.zeros(256)
    entropy[1:-1] = -inner * np.log(inner) - (1 - inner) * np.log(1 - inner)
    counts = np.zeros(256)
    for part in in_batches(images, max(1, _BATCH_PIXELS // images[0].size)):
        counts += np.bincount(part.ravel(), minlength=256)
    return float(counts @ entropy / len(images))


def mean_image_loss(x_train, x_test):
    """Returns the image loss of predicting the mean training image, in nats per image.

    A model whose codes say nothing does no better.

    Args:
        x_train: uint8 [n, height, width, channels], whose mean is predicted.
        x_test: uint8 [m, height, width, channels], whose loss is computed.
    """
    predicted = x_train.mean(axis=0) / 255
    predicted = predicted.clip(_LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    mean = x_test.mean(axis=0) / 255
    losses = -mean * np.log(predicted) - (1 - mean) * np.log(1 - predicted)
    return float(losses.sum())


class Bound(NamedTuple):
    """Mean of log_mean_weights over images, in nats per image, and its standard error.

    A single image has none: None.
    """

    mean: float
    standard_error: float | None


def log_mean_weights(sess, model, images, first, samples, seed):
    """Returns log 1/K sum p(x|z) p(z) / q(z|x) over K samples of q, for each image.

    It is the importance-weighted bound of Burda et al. 2016, arXiv:1509.00519, of
    log p(x), if x is black and white. A Bernoulli is no density of greys (Loaiza-Ganem
    and Cunningham 2019, arXiv:1907.06845), so that for greys there is no log p(x). The
    number is then a bound of something else: log p(x|z) is linear in x, which makes
    log E[p(x|z)] convex, and by Jensen's inequality it is at most the expected
    log-likelihood of images of black and white, each pixel white with the probability
    of its grey.

    Each image has its own noise, keyed by its number, so that the result depends
    neither on the batch nor on how many samples are decoded at once.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        images: uint8 [n, height, width, channels].
        first: int, the first one's number among all images.
        samples: int, K.
        seed: int, of the run.

    Returns:
        float64 [n].
    """
    mean, std = sess.run([model.mean_, model.std_dev], model.feed(images))
    std = np.maximum(std, _SMALLEST_STD_DEV)
    noises = [generator("importance", seed, first + i) for i in range(len(images))]
    total = np.full(len(images), -np.inf)
    codes = min(_BATCH_SAMPLES, decoder_batch_size(model))
    draws = max(1, codes // len(images))
    for start in range(0, samples, draws):
        shape = (min(draws, samples - start), model.latent_dim)
        epsilon = np.stack([n.standard_normal(shape, np.float32) for n in noises])
        z = mean[:, None] + epsilon * std[:, None]
        feed = model.feed(np.repeat(images, shape[0], axis=0))
        feed[model.z] = z.reshape(-1, model.latent_dim)
        img_loss = sess.run(model.img_loss, feed).reshape(epsilon.shape[:2])
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
