"""The post's "Get the data": the DataPipe that brings the images into the graph."""

from typing import NamedTuple

from autoencoder.compat import tf

# Batches that wait ready while a step runs. One is being worked on, one waits.
_PREFETCHED = 2


class DataPipe(NamedTuple):
    """Handles of the DataPipe.

    Attributes:
        images: placeholder, uint8 [n, height, width, channels].
        order: placeholder, int64 [n], indices into images: the order of an epoch.
        initializer: op that starts an epoch; it is fed images and order.
        input_batch: float32 [batch, height, width, channels] in [0, 1]. Other images
            can be fed in its place, and then no batch is drawn.
        X: input_batch, reshaped: what the encoder and the loss read.
    """

    images: tf.Tensor
    order: tf.Tensor
    initializer: tf.Operation
    input_batch: tf.Tensor
    X: tf.Tensor


def data_pipe(image_shape, batch_size):
    """Builds the scope DataPipe: batches of images through an initializable iterator.

    The post puts the images themselves into the graph, where they become a constant
    of 47 MB. Here they are fed to the iterator's initializer and the graph stays small.

    Graph mode surprises twice. Every run of a tensor that depends on input_batch draws
    another batch: what belongs together has to be fetched in one run. And after the
    last batch a run raises tf.errors.OutOfRangeError; that is how an epoch ends, and
    why each one begins with the initializer.

    Args:
        image_shape: (height, width, channels).
        batch_size: int; the last batch of an epoch may be shorter.

    Returns:
        DataPipe.
    """
    with tf.variable_scope("DataPipe"):
        images = tf.placeholder(tf.uint8, [None, *image_shape], name="images")
        order = tf.placeholder(tf.int64, [None], name="order")

        def to_float(indices):
            # A whole batch at once: image by image costs a tenth of the step.
            return tf.cast(tf.gather(images, indices), tf.float32) / 255

        dataset = tf.data.Dataset.from_tensor_slices(order)
        dataset = dataset.batch(batch_size).map(to_float).prefetch(_PREFETCHED)
        # There is nothing to tune here, and tf.data's tuner can oversleep: an epoch
        # that begins anew waits for it, now and then a third of the time of the last.
        options = tf.data.Options()
        options.autotune.enabled = False
        dataset = dataset.with_options(options)
        iterator = tf.data.make_initializable_iterator(dataset)
        input_batch = iterator.get_next()
        # What is fed is input_batch, and X is what the network reads. Feeding X would
        # do for the losses, but where gradients ask for its shape, TensorFlow's graph
        # optimizer ties them to X's op, and that goes on drawing batches.
        X = tf.reshape(input_batch, [-1, *image_shape])
    return DataPipe(images, order, iterator.initializer, input_batch, X)
