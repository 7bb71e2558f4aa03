"""TensorBoard's event files: the graph, and numbers over the global step."""

import contextlib
import threading

from autoencoder.compat import tf
from autoencoder.errors import UserError

# Stands at the end of our event files' names, so that no other file is taken for one.
SUFFIX = ".autoencoder"


@contextlib.contextmanager
def open_writer(folder, graph, first_step=1):
    """Opens a tf.summary.FileWriter for a with block, and writes the graph if new.

    Where a run goes on, TensorBoard is told to forget what earlier files hold from
    first_step on: the run repeats those steps, and no curve shows them twice.

    Args:
        folder: pathlib.Path.
        graph: tf.Graph.
        first_step: int, the first that will be written; 1 in a new run.

    Yields:
        tf.summary.FileWriter.

    Raises:
        UserError: the events can't be written.
    """
    is_new = first_step == 1
    writer = tf.summary.FileWriter(
        str(folder), graph if is_new else None, filename_suffix=SUFFIX
    )
    if not is_new:
        start = tf.SessionLog(status=tf.SessionLog.START)
        writer.add_session_log(start, first_step)
    # The writer works in a thread of its own. What that one raises is raised again by
    # flush and close, so that its own traceback would only be the second of two.
    shown = threading.excepthook
    threading.excepthook = lambda failed: (
        None if failed.thread.name == "EventLoggerThread" else shown(failed)
    )
    try:
        yield writer
        flush(writer)
    finally:
        with contextlib.suppress(Exception):  # what flush has told already
            writer.close()
        threading.excepthook = shown


def flush(writer):
    """Brings to disk what was written; raises a UserError where that can't be done."""
    try:
        writer.flush()
    except Exception as error:  # of odd types, as IndexError where a file is too large
        reason = str(error).splitlines()[0].rpartition("; ")[2]
        raise UserError(f"TensorBoard's events can't be written: {reason}") from None


def write_scalar(writer, name, value, step):
    """Writes one number.

    The post puts a summary op into its graph; for a number that Python has already,
    that op would only clutter the picture.
    """
    summary = tf.Summary(value=[tf.Summary.Value(tag=name, simple_value=value)])
    writer.add_summary(summary, step)
