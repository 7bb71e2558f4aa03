"""The post's "Get the data": the DataPipe that brings the images into the graph."""

from autoencoder.compat import tf

_PREFETCHED = 2  # batches: one is worked on while the next waits


class DataPipe:
    """The scope DataPipe: batches of images through an initializable iterator.

    The post puts the images into the graph, as a constant of 47 MB. Here they stay a
    NumPy array, from which a Python function takes one batch at a time; the graph is
    fed their order at the start of each epoch.

    Graph mode surprises twice. Every run that needs input_batch draws a new batch, so
    everything about one batch is fetched in one run. And after the last batch a run
    raises tf.errors.OutOfRangeError: that ends an epoch, and start begins the next.

    Attributes:
        input_batch: float32 [batch, height, width, channels] in [0, 1]. If it is fed,
            no batch is drawn.
        X: input_batch, reshaped, as in the post: what encoder and loss read.
    """

    def __init__(self, image_shape, batch_size, share=lambda batch: batch):
        """Builds the scope.

        Args:
            image_shape: (height, width, channels).
            batch_size: int; the last batch of an epoch may be shorter.
            share: function from a batch to the part of it that this process computes.
        """
        self._image_shape = image_shape
        self._images = None
        with tf.variable_scope("DataPipe"):
            self._order = tf.placeholder(tf.int64, [None], name="order")
            dataset = tf.data.Dataset.from_tensor_slices(self._order)
            # AutoGraph would write the function to a file, which a kill leaves behind.
            to_float = tf.autograph.experimental.do_not_convert(self._to_float)
            dataset = dataset.batch(batch_size).map(to_float)
            dataset = dataset.prefetch(_PREFETCHED).with_options(_untuned())
            iterator = tf.data.make_initializable_iterator(dataset)
            self._initializer = iterator.initializer
            # X must not be fed: gradients ask for its shape, and TensorFlow's optimizer
            # takes that from the op before it, which draws a batch.
            self.input_batch = share(iterator.get_next())
            self.X = tf.reshape(self.input_batch, [-1, *image_shape])

    def _to_float(self, indices):
        """Takes a whole batch at once: one by one costs a tenth of a training step."""
        batch = tf.numpy_function(lambda i: self._images[i], [indices], tf.uint8)
        batch = tf.ensure_shape(batch, [None, *self._image_shape])
        return tf.cast(batch, tf.float32) / 255

    def start(self, sess, images, order):
        """Starts an epoch.

        Args:
            sess: session on the pipe's graph.
            images: uint8 [n, height, width, channels], or what gives such for indices;
                as large in every epoch: batches of the epoch before may still be on
                their way.
            order: int64 [n], indices into images.
        """
        self._images = images
        sess.run(self._initializer, {self._order: order})


def _untuned():
    """Returns tf.data's options without its tuner, which delays an epoch's start."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return options
