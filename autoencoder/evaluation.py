"""Held-out numbers: the losses over a whole set of images that are not trained on."""

from typing import NamedTuple

import numpy as np

from autoencoder.feeds import image_feeds
from autoencoder.randomness import generator

# Burda et al. 2016, arXiv:1509.00519, section 5.2: below it a unit says nothing.
_LEAST_VARIANCE = 0.01


class HeldOut(NamedTuple):
    """Means over all images, in nats per image; loss is what training minimizes.

    Attributes:
        image_loss, latent_loss, loss: float.
        latent_terms: float64 [latent_dim], the latent_loss of each dimension.
        mean_variance: float64 [latent_dim], variance over the images of each mean.
        means: float32 [n, latent_dim], mean_ of each image.
        std_devs: float32 [n, latent_dim], std_dev of each image.
        codes: float32 [n, latent_dim], the one sample of z that was taken of each.
    """

    image_loss: float
    latent_loss: float
    loss: float
    latent_terms: np.ndarray
    mean_variance: np.ndarray
    means: np.ndarray
    std_devs: np.ndarray
    codes: np.ndarray


def evaluate(sess, model, batches, *, kl_weight, seed, epoch):
    """Computes the losses of all images, one sample of z each.

    Every image counts the same, also in a last batch that is shorter. The noise comes
    from (seed, epoch) and doesn't depend on the batch size, and so don't the numbers.

    Args:
        sess: session in which the model's variables have values.
        model: Model.
        batches: iterable of uint8 [batch, height, width, channels], not empty.
        kl_weight: float, as in training.
        seed: int, of the run.
        epoch: int, counted from 1.

    Returns:
        HeldOut.
    """
    noise = generator("held-out", seed, epoch)
    fetches = [model.img_loss, model.latent_loss, model.latent_terms]
    fetches += [model.mean_, model.std_dev, model.z]
    sums, terms = np.zeros(2), 0.0
    latent = []
    for feed in image_feeds(model, batches, noise):
        *losses, batch_terms, mean_, std_dev, z = sess.run(fetches, feed)
        sums += np.sum(losses, axis=1, dtype=np.float64)
        terms += np.sum(batch_terms, axis=0, dtype=np.float64)
        latent.append((mean_, std_dev, z))
    means, std_devs, codes = map(np.concatenate, zip(*latent, strict=True))
    image_loss, latent_loss = (sums / len(codes)).tolist()
    return HeldOut(
        image_loss,
        latent_loss,
        image_loss + kl_weight * latent_loss,
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
