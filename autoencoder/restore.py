"""Brings a run's network back from its checkpoint."""

import contextlib

from autoencoder import model
from autoencoder.compat import tf
from autoencoder.session import open_session, use_threads


@contextlib.contextmanager
def restored(run, threads=0):
    """Opens a session with a run's network and weights for a with block.

    Args:
        run: TrainedRun.
        threads: int; 0 takes all cores.

    Yields:
        sess: tf.Session.
        model: Model.
    """
    use_threads(threads)
    net = model.build(
        run.image_shape,
        batch_size=run.flags.batch_size,
        kl_weight=run.flags.kl_weight,
        seed=run.flags.seed,
        flags=run.flags,
    )
    with net.graph.as_default():
        saver = tf.train.Saver(max_to_keep=None)
    with open_session(net.graph, threads) as sess:
        saver.restore(sess, str(run.checkpoint.prefix))
        yield sess, net
