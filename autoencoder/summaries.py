"""TensorBoard's event files: the graph, and numbers over the global step."""

from autoencoder.compat import tf

# Stands at the end of our event files' names, so that no other file is taken for one.
SUFFIX = ".autoencoder"


def open_writer(folder, graph):
    """Opens a tf.summary.FileWriter on the folder and writes the graph.

    Args:
        folder: pathlib.Path.
        graph: tf.Graph.
    """
    return tf.summary.FileWriter(str(folder), graph, filename_suffix=SUFFIX)


def write_scalar(writer, name, value, step):
    """Writes one number.

    The post puts a summary op into its graph; for a number that Python has already,
    that op would only clutter the picture.
    """
    summary = tf.Summary(value=[tf.Summary.Value(tag=name, simple_value=value)])
    writer.add_summary(summary, step)
