"""The post's experiments: a session in, NumPy arrays out."""

import numpy as np

from autoencoder.compat import tf


def first_images(sess, pipe, images, order):
    """The post's first test of its DataPipe: the first image of each batch.

    Args:
        sess: session on the pipe's graph.
        pipe: DataPipe.
        images: uint8 [n, height, width, channels].
        order: int64 [n], indices into images.

    Returns:
        float32 [batches, height, width, channels] in [0, 1].
    """
    sess.run(pipe.initializer, {pipe.images: images, pipe.order: order})
    first = []
    while True:
        try:
            first.append(sess.run(pipe.input_batch)[0])
        except tf.errors.OutOfRangeError:
            return np.stack(first)
