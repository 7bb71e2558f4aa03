"""Runs a cluster's task: the chief trains as usual, the others only take steps."""

import math
import signal

import autoencoder
from autoencoder import training
from autoencoder.cluster import lost
from autoencoder.cluster.meeting import meet
from autoencoder.cluster.replica import Replica
from autoencoder.cluster.waiting import report, until_all_answer
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.machine import uses_onednn
from autoencoder.model import build
from autoencoder.run_folder.name import weight_flags
from autoencoder.session import use_threads

# Session.run raises these if another task was lost.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
)


def run(cluster, flags, train, load):
    """Does this task's part of a training.

    Args:
        cluster: tf_config.Cluster.
        flags: the command's, alike for all tasks.
        train: the chief's function, of the flags and of a function from a Dataset to
            a task.
        load: function from the flags to the Dataset.

    Raises:
        UserError: a task differs, did not come, or was lost.
    """
    # Session.run blocks Python's signal handlers while it waits for other tasks.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    report(
        f"{cluster.me} is one of {len(cluster.tasks)} tasks; Ctrl-C ends it at once, "
        "and finished epochs are kept"
    )
    try:
        if cluster.is_chief:
            train(flags, lambda dataset: _join(cluster, dataset, flags))
        else:
            _take_part(cluster, load(flags), flags)
    except _LOST as error:
        reason = error.message.partition("\n")[0]
        raise UserError(lost.line(cluster, reason)) from None


def _join(cluster, dataset, flags):
    """Returns this task's Replica once all tasks are there and have agreed."""
    use_threads(flags.threads)  # the server starts them
    meet(cluster, _description(cluster, dataset, flags))
    replica = Replica(cluster, flags)
    until_all_answer(cluster.others)
    return replica


def _take_part(cluster, dataset, flags):
    replica = _join(cluster, dataset, flags)
    batches = math.ceil(len(dataset.x_train) / flags.batch_size)
    model = build(dataset.image_shape, flags, replica, batches)
    with replica.session(model) as sess:
        training.train(sess, model, dataset.trained_on, flags, training.Moments())


def _description(cluster, dataset, flags):
    """Returns the settings that all tasks must share, by names for a message."""
    values = weight_flags(flags, dataset.image_shape[:2]) | {"epochs": flags.epochs}
    return {
        "the program's version": autoencoder.__version__,
        "TensorFlow's version": tf.__version__,
        "oneDNN": uses_onednn(),
        "the number of tasks": len(cluster.tasks),
        "the data's SHA-256": dataset.sha256,
        **{f"--{name}": value for name, value in values.items()},
    }
