"""Held-out numbers: the losses over a whole set of images that are not trained on."""

from typing import NamedTuple

import numpy as np

from autoencoder.feeds import image_feeds
from autoencoder.randomness import generator


class HeldOut(NamedTuple):
    """Means over all images, in nats per image; loss is what training minimizes."""

    image_loss: float
    latent_loss: float
    loss: float


def evaluate(sess, model, images, *, batch_size, kl_weight, seed, epoch):
    """Computes the losses of all images, one sample of z each.

    Every image counts the same, also in a last batch that is shorter. The noise comes
    from (seed, epoch) and doesn't depend on the batch size, and so don't the numbers.

    Args:
        sess: session in which the model's variables have values.
        model: Model.
        images: uint8 [n, height, width, channels], n at least 1.
        batch_size: int, images in one run.
        kl_weight: float, as in training.
        seed: int, of the run.
        epoch: int, counted from 1.

    Returns:
        HeldOut.
    """
    noise = generator("held-out", seed, epoch)
    sums = np.zeros(2)
    for feed in image_feeds(model, images, noise, batch_size):
        losses = sess.run([model.img_loss, model.latent_loss], feed)
        sums += np.sum(losses, axis=1, dtype=np.float64)
    image_loss, latent_loss = (sums / len(images)).tolist()
    return HeldOut(image_loss, latent_loss, image_loss + kl_weight * latent_loss)
