"""Who takes the training steps: this process alone, unless told otherwise.

cluster/replica.py has the same methods for one process of several.
"""

import contextlib
import functools
import itertools

from autoencoder.compat import tf
from autoencoder.session import open_session


class Alone:
    """Takes every step by itself: the whole batch, and Adam at once.

    Args:
        threads: int, of its sessions; 0 takes all cores.
    """

    def __init__(self, threads=0):
        self._threads = threads

    def devices(self):
        """Returns the context in which the graph is built: where its ops are placed."""
        return contextlib.nullcontext()

    def share(self, batch):
        """Returns the part of a batch that this process computes."""
        return batch

    def noise(self, seed, step):
        """Returns encoder's function that draws a step's noise."""
        return noise_of_step(seed, step)

    def apply(self, optimizer, gradients, trained, global_step):
        """Builds the training step.

        Args:
            optimizer: tf.train.Optimizer.
            gradients: list of (gradient, variable), of trained.loss.
            trained: Network.
            global_step: int64 variable.

        Returns:
            train_op: op that takes a step.
            trained: Network, whose losses are the whole batch's.
        """
        return optimizer.apply_gradients(gradients, global_step), trained

    def steps(self, batches):
        """Returns an iterable with an item for each step that an epoch may take.

        It has no end: the run after the last batch raises OutOfRangeError.

        Args:
            batches: int, the epoch's.
        """
        return itertools.repeat(None)

    @contextlib.contextmanager
    def session(self, model, initialize):
        """Yields a session in which the model's variables have values.

        Args:
            model: Model.
            initialize: function that gives them values in a session.
        """
        with open_session(model.graph, self._threads) as sess:
            initialize(sess)
            yield sess


ALONE = Alone()


def noise_of_step(seed, step):
    """Returns a tf.random_normal whose noise is a function of seed and step.

    So a run that was interrupted and resumed sees the noise of one that was not.

    Args:
        seed: int.
        step: int64 scalar tensor or variable, the global step.
    """
    with tf.name_scope("Noise"):
        key = tf.stack([tf.constant(seed, tf.int64), step])
    return functools.partial(tf.random.stateless_normal, seed=key)
