import numpy as np
import pytest
from tensorflow.core.framework import dataset_options_pb2

from autoencoder.compat import tf
from autoencoder.data import DataPipe


def batches(images, order, batch_size):
    with tf.Graph().as_default(), tf.Session() as sess:
        pipe = DataPipe(images.shape[1:], batch_size)
        pipe.start(sess, images, order)
        found = []
        while True:
            try:
                found.append(sess.run(pipe.X))
            except tf.errors.OutOfRangeError:
                return found


@pytest.mark.parametrize(
    ("count", "batch_size", "lengths"),
    [
        (300, 128, [128, 128, 44]),
        (256, 128, [128, 128]),
        (5, 128, [5]),
        (1, 1, [1]),
        (3, 1, [1, 1, 1]),
    ],
)
def test_batches_are_all_images_in_order(images, count, batch_size, lengths):
    found = batches(images[:count], np.arange(count), batch_size)
    assert [len(batch) for batch in found] == lengths
    joined = np.concatenate(found)
    assert joined.dtype == np.float32
    np.testing.assert_array_equal(joined, images[:count].astype(np.float32) / 255)
    assert joined.min() == 0
    assert joined.max() == 1


def test_the_order_that_is_fed(images):
    order = np.random.default_rng(0).permutation(300)
    joined = np.concatenate(batches(images, order, 128))
    np.testing.assert_array_equal(joined, images[order].astype(np.float32) / 255)


def test_an_epoch_can_begin_again_before_it_ends(images):
    with tf.Graph().as_default(), tf.Session() as sess:
        pipe = DataPipe((28, 28, 1), 128)
        for _ in range(2):
            pipe.start(sess, images, np.arange(300))
            np.testing.assert_array_equal(
                sess.run(pipe.X), images[:128].astype(np.float32) / 255
            )


def test_images_are_read_a_batch_at_a_time(images):
    """Nothing copies the whole, so that it can lie on a disk and outgrow the memory."""

    class Watched:
        taken = []

        def __getitem__(self, indices):
            self.taken.append(indices.tolist())
            return images[indices]

    with tf.Graph().as_default(), tf.Session() as sess:
        pipe = DataPipe((28, 28, 1), 128)
        pipe.start(sess, Watched(), np.arange(300))
        while True:
            try:
                sess.run(pipe.X)
            except tf.errors.OutOfRangeError:
                break
    assert [len(indices) for indices in Watched.taken] == [128, 128, 44]
    assert sum(Watched.taken, []) == list(range(300))


def test_shape_and_names():
    with tf.Graph().as_default() as graph:
        pipe = DataPipe((32, 48, 3), 16)
        assert pipe.X.shape.as_list() == [None, 32, 48, 3]
        assert pipe.input_batch.shape.as_list() == [None, 32, 48, 3]
        assert {op.name.split("/")[0] for op in graph.get_operations()} == {"DataPipe"}


def test_a_wrong_shape_raises(images):
    with tf.Graph().as_default(), tf.Session() as sess:
        pipe = DataPipe((28, 28, 1), 16)
        pipe.start(sess, images[..., 0], np.arange(300))
        with pytest.raises(tf.errors.InvalidArgumentError, match="shape"):
            sess.run(pipe.X)


def test_tf_datas_tuner_is_off():
    """Its thread oversleeps, and the next epoch's initializer waits for it."""
    with tf.Graph().as_default() as graph:
        DataPipe((28, 28, 1), 16)
    (op,) = [op for op in graph.get_operations() if op.type == "OptionsDataset"]
    options = dataset_options_pb2.Options.FromString(op.get_attr("serialized_options"))
    assert options.autotune_options.WhichOneof("optional_enabled") == "enabled"
    assert not options.autotune_options.enabled
