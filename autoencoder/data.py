"""The post's "Get the data": the DataPipe that brings the images into the graph."""

from types import SimpleNamespace
from typing import NamedTuple

from autoencoder.compat import tf

# Batches that wait ready while a step runs. One is being worked on, one waits.
_PREFETCHED = 2


class Part(NamedTuple):
    """Which part of a batch this task has, one of several that share it.

    Attributes:
        first_step: placeholder, int64, the global step before the epoch's first.
        step: int64 scalar, the global step before the batch's.
        whole: int32 scalar, images in the whole batch.
        begin, end: int32 scalars, the part's place in it; they may be the same.
    """

    first_step: tf.Tensor
    step: tf.Tensor
    whole: tf.Tensor
    begin: tf.Tensor
    end: tf.Tensor


class DataPipe(NamedTuple):
    """Handles of the DataPipe.

    Attributes:
        source: namespace whose images are what an epoch's batches are taken from.
        order: placeholder, int64 [n], indices into the images: the order of an epoch.
        initializer: op that starts an epoch; it is fed the order.
        input_batch: float32 [batch, height, width, channels] in [0, 1]. Other images
            can be fed in its place, and then no batch is drawn.
        X: input_batch, reshaped: what the encoder and the loss read.
        part: Part, or None where X is the whole batch.
    """

    source: SimpleNamespace
    order: tf.Tensor
    initializer: tf.Operation
    input_batch: tf.Tensor
    X: tf.Tensor
    part: Part | None = None

    def start(self, sess, images, order, step=0):
        """Starts an epoch.

        Batches of the epoch before may still be on their way: as long as they are,
        images of a pipe stay the same.

        Args:
            sess: session on the pipe's graph.
            images: uint8 [n, height, width, channels].
            order: int64 [n], indices into images.
            step: int, the global step before the epoch's first.
        """
        self.source.images = images
        feed = {self.order: order}
        if self.part is not None:
            feed[self.part.first_step] = step
        sess.run(self.initializer, feed)


def data_pipe(image_shape, batch_size, cluster=None):
    """Builds the scope DataPipe: batches of images through an initializable iterator.

    The post puts the images themselves into the graph, where they become a constant
    of 47 MB. Here they stay outside, an array of NumPy's, and a function of Python's
    that is called out of the graph takes a batch from it at a time. A placeholder, fed
    with all images at the start of an epoch, would do, too, but each session copies
    what it is fed, and tf.data once more.

    Graph mode surprises twice. Every run of a tensor that depends on input_batch draws
    another batch: what belongs together has to be fetched in one run. And after the
    last batch a run raises tf.errors.OutOfRangeError; that is how an epoch ends, and
    why each one begins with the initializer.

    Args:
        image_shape: (height, width, channels).
        batch_size: int; the last batch of an epoch may be shorter.
        cluster: Cluster, of whose replicas each takes its share of every batch; None:
            the batch is whole.

    Returns:
        DataPipe.
    """
    source = SimpleNamespace(images=None)
    with tf.variable_scope("DataPipe"):
        order = tf.placeholder(tf.int64, [None], name="order")

        # AutoGraph would rewrite it as a file of source, which a kill leaves behind.
        @tf.autograph.experimental.do_not_convert
        def to_float(indices):
            # A whole batch at once: image by image costs a tenth of the step.
            batch = tf.numpy_function(lambda i: source.images[i], [indices], tf.uint8)
            batch = tf.ensure_shape(batch, [None, *image_shape])
            return tf.cast(batch, tf.float32) / 255

        @tf.autograph.experimental.do_not_convert
        def shared_out(step, indices):
            whole = tf.size(indices)
            begin, end = (
                whole * share // cluster.replicas
                for share in (cluster.share, cluster.share + 1)
            )
            # An empty part computes an image that doesn't count: oneDNN's convolutions
            # refuse an empty batch.
            own = indices[begin : tf.maximum(end, begin + 1)]
            return to_float(own), Part(first, step, whole, begin, end)

        dataset = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        if cluster is None:
            dataset = dataset.map(to_float)
        else:
            first = tf.placeholder(tf.int64, [], name="first_step")
            dataset = dataset.enumerate(first).map(shared_out)
        dataset = dataset.prefetch(_PREFETCHED)
        # There is nothing to tune here, and tf.data's tuner can oversleep: an epoch
        # that begins anew waits for it, now and then a third of the time of the last.
        options = tf.data.Options()
        options.autotune.enabled = False
        dataset = dataset.with_options(options)
        iterator = tf.data.make_initializable_iterator(dataset)
        if cluster is None:
            input_batch, part = iterator.get_next(), None
        else:
            input_batch, part = iterator.get_next()
            part = part._replace(first_step=first)
        # What is fed is input_batch, and X is what the network reads. Feeding X would
        # do for the losses, but where gradients ask for its shape, TensorFlow's graph
        # optimizer ties them to X's op, and that goes on drawing batches.
        X = tf.reshape(input_batch, [-1, *image_shape])
    return DataPipe(source, order, iterator.initializer, input_batch, X, part)
