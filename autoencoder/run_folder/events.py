"""TensorBoard's event files: graph, numbers, pictures, histograms and flags."""

import contextlib
import logging
import threading

import imageio.v3 as iio
import numpy as np

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.pixels import eight_bits, without_channel
from autoencoder.run_folder.layout import EVENT_SUFFIX

_BUCKETS = 64


@contextlib.contextmanager
def open_writer(folder, graph, first_step=1):
    """Opens a tf.summary.FileWriter for a with block, and writes the graph if new.

    In a resumed run, TensorBoard is told to forget what earlier files hold from
    first_step on. The run repeats those steps, and no curve shows them twice.

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
    with _errors_told():
        writer = tf.summary.FileWriter(
            str(folder), graph if is_new else None, filename_suffix=EVENT_SUFFIX
        )
        if not is_new:
            start = tf.SessionLog(status=tf.SessionLog.START)
            writer.add_session_log(start, first_step)
    with _silent_thread():
        try:
            yield writer
            flush(writer)
        finally:
            with contextlib.suppress(Exception):  # flush has reported it
                writer.close()


@contextlib.contextmanager
def _silent_thread():
    """Silences the writer's thread: flush raises its errors again."""
    shown, logger = threading.excepthook, logging.getLogger("tensorflow")

    def is_unrelated(record):
        return not record.getMessage().startswith("EventFileWriter writer thread error")

    threading.excepthook = lambda failed: (
        None if failed.thread.name == "EventLoggerThread" else shown(failed)
    )
    logger.addFilter(is_unrelated)
    try:
        yield
    finally:
        logger.removeFilter(is_unrelated)
        threading.excepthook = shown


@contextlib.contextmanager
def _errors_told():
    """Turns the writer's errors into a UserError.

    Its thread flushes every two minutes; what then fails, the next call raises.
    """
    try:
        yield
    except Exception as error:  # IndexError if a file is too large
        reason = str(error).partition("\n")[0].rpartition("; ")[2]
        raise UserError(f"TensorBoard's events can't be written: {reason}") from None


def flush(writer):
    """Flushes the events to disk; raises a UserError if that fails."""
    with _errors_told():
        writer.flush()


def write_scalars(writer, values, step):
    """Writes numbers.

    The post has a summary op in its graph. Python has these numbers already, and an op
    would only clutter the picture of the graph.

    Args:
        writer: tf.summary.FileWriter.
        values: dict from tag to float.
        step: int, the global step.
    """
    _write(
        writer,
        [tf.Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()],
        step,
    )


def write_trace(writer, trace, step):
    """Writes a step's trace, for the tab Graphs.

    Args:
        writer: tf.summary.FileWriter.
        trace: tf.RunMetadata.
        step: int, the global step.
    """
    with _errors_told():
        writer.add_run_metadata(trace, f"step {step}", step)


def write_images(writer, images, step):
    """Writes pictures; a pixel that is not a number is black.

    Args:
        writer: tf.summary.FileWriter.
        images: dict from tag to float [height, width, channels] in [0, 1].
        step: int, the global step.
    """
    values = []
    for tag, image in images.items():
        height, width, channels = image.shape
        pixels = without_channel(eight_bits(image))
        png = iio.imwrite("<bytes>", pixels, extension=".png")
        picture = tf.Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=png
        )
        values.append(tf.Summary.Value(tag=tag, image=picture))
    _write(writer, values, step)


def write_histograms(writer, arrays, step):
    """Writes histograms, for the tabs Distributions and Histograms.

    Numbers that are not finite are left out.

    Args:
        writer: tf.summary.FileWriter.
        arrays: dict from tag to floats of any shape.
        step: int, the global step.
    """
    _write(
        writer,
        [
            tf.Summary.Value(tag=tag, histo=_histogram(array[np.isfinite(array)]))
            for tag, array in arrays.items()
            if np.isfinite(array).any()
        ],
        step,
    )


def write_run(writer, name, flags, hparams, metrics):
    """Writes a run's flags, for the tabs Text and HParams.

    Args:
        writer: tf.summary.FileWriter.
        name: str, of the run.
        flags: dict, all of them, for Text.
        hparams: list of str, of the flags that HParams compares.
        metrics: list of str, tags of the scalars that it compares.
    """
    # These import TensorFlow, which compat.py must do first; hparams.api is the same
    # and loads Keras, too.
    from tensorboard.plugins.hparams import summary_v2 as hp
    from tensorboard.plugins.text.summary_v2 import text_pb

    rows = [f"| --{flag} | {_in_markdown(value)} |" for flag, value in flags.items()]
    table = "\n".join(["| flag | value |", "|---|---|", *rows])
    given = {flag: flags[flag] for flag in hparams if flags[flag] is not None}
    for summary in (
        text_pb("flags", table),
        hp.hparams_config_pb(
            [hp.HParam(flag) for flag in given], [hp.Metric(tag) for tag in metrics]
        ),
        hp.hparams_pb(given, trial_id=name),
    ):
        # TensorBoard's own class of the same message.
        _add(writer, tf.Summary.FromString(summary.SerializeToString()), 0)


def _histogram(values):
    try:
        counts, edges = np.histogram(values, _BUCKETS)
    except ValueError:  # too large for so many different edges
        counts, edges = [values.size], [values.min(), values.max()]
    return tf.HistogramProto(
        min=values.min(),
        max=values.max(),
        num=values.size,
        sum=values.sum(dtype=np.float64),
        sum_squares=np.square(values, dtype=np.float64).sum(),
        bucket_limit=edges[1:],
        bucket=counts,
    )


def _in_markdown(value):
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _write(writer, values, step):
    _add(writer, tf.Summary(value=values), step)


def _add(writer, summary, step):
    with _errors_told():
        writer.add_summary(summary, step)
