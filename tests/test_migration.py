"""Runs the rows of docs/migration.md: what the page says happens, happens."""

import subprocess
import sys

import numpy as np
import pytest

from autoencoder.compat import tf
from tests.conftest import ROOT
from tests.page_rows import PAGE, PLAIN, TWO_LINES, code, outcomes, rows, said


@pytest.mark.parametrize(("header", "column"), [(PLAIN, 1), (TWO_LINES, 2)])
def test_the_posts_code_without_and_with_the_two_lines(header, column, tmp_path):
    table = rows("the post's code")
    snippets = [code(row[0])[0] for row in table]
    happened = outcomes(snippets, tmp_path, header)
    assert happened == [said(row[column]) for row in table]


def test_each_row_does_what_the_page_says_and_its_replacement_works(tmp_path):
    table = rows("TensorFlow 1")
    snippets, expected = [], []
    for row in table:
        replacements = code(row[2])
        snippets += [code(row[0])[0], *replacements]
        expected += [said(row[1]), *["works"] * len(replacements)]
    assert dict(zip(snippets, outcomes(snippets, tmp_path), strict=True)) == dict(
        zip(snippets, expected, strict=True)
    )


def test_each_row_names_a_file_that_is_there():
    names = ["the post's code", "TensorFlow 1", "with tf-keras and tf-slim", "what"]
    tables = [row for name in names for row in rows(name)]
    assert len(tables) >= 100
    for row in tables:
        assert len(row) == 4, row
        assert row[3] == "-" or (ROOT / row[3]).is_file(), row


def test_images_as_a_constant_fill_the_graph(mnist):
    with tf.Graph().as_default() as graph:
        tf.data.Dataset.from_tensor_slices(mnist["x_train"])
    assert graph.as_graph_def().ByteSize() > 60000 * 28 * 28


def test_flags_of_tensorflow_read_anybodys_command_line():
    script = (
        f"{TWO_LINES}; tf.flags.DEFINE_integer('epochs', 20, ''); tf.flags.FLAGS.epochs"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--durations=5"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "UnrecognizedFlagError: Unknown command line flag 'durations'" in done.stderr


def test_a_cross_entropy_without_names_takes_the_labels_first():
    with tf.Graph().as_default(), tf.Session() as sess:
        labels, logits = tf.constant([[0.75, 0.25]]), tf.constant([[2.0, -3.0]])
        unnamed = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
        (value,) = sess.run(unnamed)
    log_softmax = np.array([2.0, -3.0]) - np.logaddexp(2.0, -3.0)
    assert value == pytest.approx(-(0.75 * log_softmax[0] + 0.25 * log_softmax[1]))


def test_keras_3_leaves_the_moving_averages_of_a_graph_alone():
    with tf.Graph().as_default(), tf.Session() as sess:
        layer = tf.keras.layers.BatchNormalization()
        output = layer(tf.constant([[1.0, 2.0], [3.0, 6.0]]), training=True)
        assert tf.get_collection(tf.GraphKeys.UPDATE_OPS) == []
        assert not hasattr(layer, "updates")
        (moving_mean,) = (v for v in tf.global_variables() if "moving_mean" in v.name)
        sess.run(tf.global_variables_initializer())
        sess.run(output)
        assert sess.run(moving_mean).tolist() == [0, 0]


def test_the_documentation_is_quoted_as_it_is():
    import tensorflow  # compat.v1 lacks the function

    documentation = tensorflow.config.experimental.enable_op_determinism.__doc__
    (quoted,) = [part for part in PAGE.split("\n\n") if part.startswith("> ")]
    words = quoted.replace("\n> ", " ").removeprefix("> ").split()
    assert " ".join(words) in " ".join(documentation.split())
