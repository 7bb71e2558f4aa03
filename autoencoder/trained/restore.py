"""Restores a run's network from its checkpoint."""

import contextlib

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.model import for_use
from autoencoder.session import open_session, use_threads
from autoencoder.trained.found import refreshed

# restore's errors if a checkpoint's files are deleted before or while it reads.
_GONE = (tf.errors.NotFoundError, tf.errors.DataLossError, ValueError)


@contextlib.contextmanager
def restored(run, threads=0):
    """Opens a session with a run's network and weights for a with block.

    Args:
        run: TrainedRun, whose checkpoint is restored even if there are newer ones.
        threads: int; 0 takes all cores.

    Yields:
        sess: tf.Session.
        model: Network.
    """
    with _network(run, threads) as (sess, model, saver):
        saver.restore(sess, str(run.checkpoint.prefix))
        yield sess, model


@contextlib.contextmanager
def newest_restored(run, threads=0):
    """Opens a session with the newest weights of a run, which may still be trained.

    Args:
        run: TrainedRun.
        threads: int; 0 takes all cores.

    Yields:
        run: TrainedRun, with the checkpoint that was restored.
        sess: tf.Session.
        model: Network.
    """
    with _network(run, threads) as (sess, model, saver):
        yield restore_newest(saver, sess, run), sess, model


def restore_newest(saver, sess, run):
    """Restores a run's newest checkpoint; training may delete one at any moment.

    Args:
        saver: tf.train.Saver of the run's variables.
        sess: tf.Session.
        run: TrainedRun.

    Returns:
        TrainedRun, with the checkpoint that was restored.

    Raises:
        UserError: the newest can't be restored, and stays the newest.
    """
    while True:
        run = refreshed(run)
        try:
            saver.restore(sess, str(run.checkpoint.prefix))
            return run
        except _GONE as error:
            if refreshed(run).checkpoint.prefix == run.checkpoint.prefix:
                reason = str(error).partition("\n")[0]
                raise UserError(
                    f"checkpoint {run.checkpoint.prefix} can't be restored: {reason}"
                ) from None


@contextlib.contextmanager
def _network(run, threads):
    """Yields a session, the network without what trained it, and a tf.train.Saver."""
    use_threads(threads)
    model = for_use(run.image_shape, run.flags)
    with model.graph.as_default():
        saver = tf.train.Saver(max_to_keep=None)
    with open_session(model.graph, threads) as sess:
        yield sess, model, saver
