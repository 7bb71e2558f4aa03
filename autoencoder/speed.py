"""How fast this machine trains: a few steps, timed."""

import statistics
import time

import numpy as np

from autoencoder import model
from autoencoder.session import open_session, use_threads

_WARM_UP, _STEPS = 3, 12


def seconds_per_step(flags):
    """Times training steps of the post's network on images of noise.

    Args:
        flags: reads latent_dim, inputs_decoder, batch_size and threads.

    Returns:
        float, the median.
    """
    images = np.random.default_rng(0).random((flags.batch_size, 28, 28, 1), np.float32)
    use_threads(flags.threads)
    net = model.build((28, 28, 1), flags=flags)
    seconds = []
    with open_session(net.graph, flags.threads) as sess:
        sess.run(net.init_op)
        for _ in range(_WARM_UP + _STEPS):
            began = time.perf_counter()
            sess.run(net.train_op, {net.input_batch: images})
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[_WARM_UP:])
