"""Makes the session: the one place that does."""

import contextlib

from autoencoder.compat import session_config, tf
from autoencoder.errors import UserError


@contextlib.contextmanager
def open_session(graph, threads=0):
    """Opens a tf.Session on the graph for the length of a with block.

    Args:
        graph: tf.Graph; from here on it can still be run, but is not added to.
        threads: int; 0 takes all cores.

    Yields:
        tf.Session.

    Raises:
        UserError: the memory does not suffice.
    """
    graph.finalize()
    with tf.Session(graph=graph, config=session_config(threads)) as sess:
        try:
            yield sess
        except tf.errors.ResourceExhaustedError:
            raise UserError(
                "out of memory: a smaller --batch_size needs less, and so do a smaller "
                "--latent_dim and --inputs_decoder"
            ) from None
