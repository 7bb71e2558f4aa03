"""The machine's limits: the rates of square matrix products."""

import time

import numpy as np

from autoencoder.compat import session_config, tf

SIZES = (1024, 2048, 3072)
_RUNS = 3


class Peer:
    """Times products of two matrices, in place of a network.

    Args:
        precisions: list of "float32" and "bfloat16".
    """

    def __init__(self, images, weights, *, threads, precisions, **settings):
        self._sess = tf.Session(config=session_config(threads))
        self._products = {}
        for dtype in map(tf.as_dtype, precisions):
            for size in SIZES:
                matrix = tf.Variable(tf.cast(tf.random_normal([size, size]), dtype))
                self._products[dtype.name, size] = tf.matmul(matrix, matrix).op
        self._sess.run(tf.global_variables_initializer())

    def rates(self):
        """Returns a dict from precision to the best size's rate, in operations/s."""
        best = {}
        for (dtype, size), product in self._products.items():
            seconds = []
            for _ in range(_RUNS):
                began = time.perf_counter()
                self._sess.run(product)
                seconds.append(time.perf_counter() - began)
            rate = 2 * size**3 / float(np.median(seconds))
            best[dtype] = max(best.get(dtype, 0), rate)
        return best
