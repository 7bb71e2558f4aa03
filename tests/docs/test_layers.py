"""Ours are tf.layers: names, shapes and outputs, next to TensorFlow's own functions."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT

# One network of the four layers, its weights set by number, in a process of its own:
# TF_USE_LEGACY_KERAS must be set before TensorFlow is imported.
NETWORK = """
import sys
import numpy as np
from types import SimpleNamespace as Layers
if sys.argv[1] == "ours":
    from autoencoder.compat import layers, tf
else:
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
if sys.argv[1] == "tf_keras":
    layers = tf.layers
if sys.argv[1] == "private":
    from tensorflow.python.keras.legacy_tf_layers import convolutional, core
    layers = Layers(
        conv2d=convolutional.conv2d, conv2d_transpose=convolutional.conv2d_transpose,
        dense=core.dense, flatten=core.flatten,
    )
relu = tf.nn.relu
images = tf.placeholder(tf.float32, [None, 9, 7, 2])
outputs = []
with tf.variable_scope("Encoder"):
    outputs += [layers.conv2d(images, 5, 4, 2, "same", activation=relu)]
    outputs += [layers.conv2d(outputs[-1], 3, (3, 2), use_bias=False)]
    outputs += [layers.dense(layers.flatten(outputs[-1]), 6, relu)]
    outputs += [layers.dense(outputs[-1], 4, name="mean")]
with tf.variable_scope("Decoder"):
    x = tf.reshape(layers.dense(outputs[-1], 12), [-1, 3, 4, 1])
    outputs += [layers.conv2d_transpose(x, 5, 4, 1, "same", activation=relu)]
    outputs += [layers.conv2d_transpose(outputs[-1], 3, (3, 5), (2, 3))]
    outputs += [layers.conv2d_transpose(outputs[-1], 2, 3, 2, "same", use_bias=False)]
    outputs += [layers.flatten(outputs[-1])]
found = {}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for number, variable in enumerate(tf.global_variables()):
        shape = variable.shape.as_list()
        weights = np.random.default_rng(number).normal(0, 0.3, shape)
        variable.load(weights.astype(np.float32), sess)
        found[variable.op.name] = np.array(shape)
    batch = np.random.default_rng(99).random([2, 9, 7, 2], np.float32)
    for number, output in enumerate(sess.run(outputs, {images: batch})):
        found[f"output {number}"] = output
np.savez(sys.argv[2], **found)
"""


def network(whose, folder):
    path = folder / f"{whose}.npz"
    legacy = "1" if whose == "tf_keras" else "0"
    done = subprocess.run(
        [sys.executable, "-c", NETWORK, whose, str(path)],
        cwd=ROOT,
        env={**os.environ, "TF_USE_LEGACY_KERAS": legacy},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with np.load(path) as file:
        return dict(file)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return network("ours", tmp_path_factory.mktemp("ours"))


def test_the_names_are_tensorflow_1s(ours):
    assert [name for name in ours if not name.startswith("output")] == [
        "Encoder/conv2d/kernel",
        "Encoder/conv2d/bias",
        "Encoder/conv2d_1/kernel",
        "Encoder/dense/kernel",
        "Encoder/dense/bias",
        "Encoder/mean/kernel",
        "Encoder/mean/bias",
        "Decoder/dense/kernel",
        "Decoder/dense/bias",
        "Decoder/conv2d_transpose/kernel",
        "Decoder/conv2d_transpose/bias",
        "Decoder/conv2d_transpose_1/kernel",
        "Decoder/conv2d_transpose_1/bias",
        "Decoder/conv2d_transpose_2/kernel",
    ]


@pytest.mark.parametrize("whose", ["tf_keras", "private"])
def test_names_shapes_and_outputs_are_tensorflows(ours, whose, tmp_path):
    theirs = network(whose, tmp_path)
    assert list(theirs) == list(ours)
    for name, value in ours.items():
        assert theirs[name].shape == value.shape, name
        np.testing.assert_allclose(theirs[name], value, rtol=1e-6, atol=1e-6)
