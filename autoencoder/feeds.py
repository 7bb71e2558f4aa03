"""Feeding images past the iterator: any tensor of a graph can be fed."""

import numpy as np


def image_feeds(model, images, noise, batch_size):
    """Cuts images into batches to be fed, each with its own noise.

    The noise is drawn image by image in order, so that no result depends on the batch
    size, and training's noise and iterator stay as they are.

    Args:
        model: Model.
        images: uint8 [n, height, width, channels].
        noise: numpy.random.Generator, of epsilon.
        batch_size: int; the last batch may be shorter.

    Yields:
        dict, for feed_dict: input_batch float32 in [0, 1], epsilon [batch, latent_dim].
    """
    latent_dim = int(model.z.shape[1])
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        yield {
            model.input_batch: batch.astype(np.float32) / 255,
            model.epsilon: noise.standard_normal((len(batch), latent_dim), np.float32),
        }
