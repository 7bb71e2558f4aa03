"""Feeding images past the iterator: any tensor of a graph can be fed."""

import numpy as np


def cut(images, batch_size):
    """Yields images [n, ...] in batches; the last one may be shorter."""
    for start in range(0, len(images), batch_size):
        yield images[start : start + batch_size]


def image_feeds(model, batches, noise):
    """Turns batches of images into what is fed, each with its own noise.

    The noise is drawn image by image in order, so that no result depends on the batch
    size, and training's noise and iterator stay as they are.

    Args:
        model: Model.
        batches: iterable of uint8 [batch, height, width, channels].
        noise: numpy.random.Generator, of epsilon.

    Yields:
        dict, for feed_dict: input_batch float32 in [0, 1], epsilon [batch, latent_dim].
    """
    latent_dim = int(model.z.shape[1])
    for batch in batches:
        yield {
            model.input_batch: batch.astype(np.float32) / 255,
            model.epsilon: noise.standard_normal((len(batch), latent_dim), np.float32),
        }
