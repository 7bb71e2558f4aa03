"""What a task says when another one is lost, and how it ends if TensorFlow waits."""

import contextlib
import os
import threading

from autoencoder.cluster.waiting import report

_ROUND = 1  # seconds between two looks
_REFUSALS = 3  # in a row, after which a task is gone


def line(cluster, otherwise=""):
    """Returns a line with the tasks that are gone, or what to say if all answer."""
    lost = ", ".join(str(task) for task in cluster.others if not task.answers())
    return (
        f"another task was lost ({lost or otherwise}): start all tasks again, and "
        "training goes on after the last checkpoint"
    )


@contextlib.contextmanager
def ending_with(cluster, tasks):
    """Ends this process with status 1 if another task's has ended within a with block.

    A session's run fails if a task is lost that takes part in it. But before the first
    run of a collective TensorFlow waits without end for the first answer of a task that
    is gone: all ask the chief about it, and the chief waits until all have asked. No
    exception of Python's ends that.

    Args:
        cluster: tf_config.Cluster.
        tasks: list of tf_config.Task, those to look at.
    """
    is_over = threading.Event()

    def watch():
        refusals = 0
        while refusals < _REFUSALS:
            if is_over.wait(_ROUND):
                return
            is_gone = any(task.refuses() for task in tasks)
            refusals = refusals + 1 if is_gone else 0
        report(line(cluster))
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
