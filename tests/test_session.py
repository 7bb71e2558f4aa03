import pytest

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.session import open_session


def test_runs_the_graph():
    with tf.Graph().as_default() as graph:
        three = tf.constant(1) + 2
    with open_session(graph, threads=1) as sess:
        assert sess.run(three) == 3
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(three)


def test_too_little_memory_is_one_line():
    with tf.Graph().as_default() as graph:
        size = tf.placeholder(tf.int64)
        huge = tf.random_uniform([size])
    with (
        pytest.raises(UserError, match="^out of memory: .*--batch_size"),
        open_session(graph) as sess,
    ):
        sess.run(huge, {size: 1 << 50})
