from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.decoder import decoder

NODES = {
    "dense", "dense_1", "Reshape", "conv2d_transpose", "conv2d_transpose_1",
    "conv2d_transpose_2", "Flatten", "dense_2", "dense_3", "Reshape_1",
}  # fmt: skip
KERNELS = {
    "dense": [5, 49],
    "dense_1": [49, 49],
    "conv2d_transpose": [4, 4, 64, 1],
    "conv2d_transpose_1": [4, 4, 64, 64],
    "conv2d_transpose_2": [4, 4, 64, 64],
    "dense_2": [3136, 784],
    "dense_3": [784, 784],
}


def build(image_shape=(28, 28, 1), inputs_decoder=None, **changes):
    flags = {"latent_dim": 5, "decoder": "dense", "stages": 2} | changes
    flags = SimpleNamespace(inputs_decoder=inputs_decoder, **flags)
    with tf.Graph().as_default() as graph:
        z = tf.placeholder(tf.float32, [None, 5], name="z")
        output, logits = decoder(z, image_shape, flags=flags)
        init = tf.global_variables_initializer()
    return graph, z, output, logits, init


def test_nodes():
    names = [op.name.split("/") for op in build()[0].get_operations()]
    assert {parts[1] for parts in names if parts[0] == "Decoder"} == NODES
    assert {parts[0] for parts in names} == {"Decoder", "z", "init"}


def test_variables():
    with build()[0].as_default():
        found = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    expected = {f"Decoder/{name}/kernel": shape for name, shape in KERNELS.items()}
    for name, shape in KERNELS.items():
        units = shape[-2] if "transpose" in name else shape[-1]
        expected[f"Decoder/{name}/bias"] = [units]
    assert found == expected


def test_tensors():
    graph, _, output, logits, _ = build()
    assert output.name == "Decoder/Reshape_1:0"
    assert output.shape.as_list() == [None, 28, 28, 1]
    assert logits.name == "Decoder/dense_3/BiasAdd:0"
    assert logits.shape.as_list() == [None, 784]
    assert graph.get_operation_by_name("Decoder/dense_3/Sigmoid").type == "Sigmoid"
    for name, shape in [
        ("dense/Relu", [None, 49]),
        ("Reshape", [None, 7, 7, 1]),
        ("conv2d_transpose/Relu", [None, 7, 7, 64]),
        ("conv2d_transpose_2/Relu", [None, 7, 7, 64]),
    ]:
        tensor = graph.get_tensor_by_name(f"Decoder/{name}:0")
        assert tensor.shape.as_list() == shape


@pytest.mark.parametrize("batch", [1, 7])
def test_output_is_the_sigmoid_of_the_logits(batch):
    graph, z, output, logits, init = build()
    codes = np.random.default_rng(0).standard_normal((batch, 5))
    with tf.Session(graph=graph) as sess:
        sess.run(init)
        output, logits = sess.run([output, logits], {z: codes})
    expected = 1 / (1 + np.exp(-logits.astype(float)))
    assert output.shape == (batch, 28, 28, 1)
    np.testing.assert_allclose(output.reshape(batch, 784), expected, rtol=1e-5)


def test_explicit_inputs_decoder_is_a_square():
    graph = build(inputs_decoder=100)[0]
    reshaped = graph.get_tensor_by_name("Decoder/Reshape:0")
    assert reshaped.shape.as_list() == [None, 10, 10, 1]


def test_other_sizes_follow_from_the_images():
    graph, _, output, logits, _ = build((32, 48, 3))
    assert output.shape.as_list() == [None, 32, 48, 3]
    assert logits.shape.as_list() == [None, 32 * 48 * 3]
    reshaped = graph.get_tensor_by_name("Decoder/Reshape:0")
    assert reshaped.shape.as_list() == [None, 8, 12, 1]


UPSAMPLING_KERNELS = {
    "dense": [5, 49],
    "dense_1": [49, 49 * 64],
    "conv2d_transpose": [4, 4, 64, 64],
    "conv2d_transpose_1": [4, 4, 64, 64],
    "conv2d_transpose_2": [4, 4, 1, 64],
}


def test_upsampling_mirrors_the_encoder():
    graph, _, output, logits, _ = build(decoder="upsampling")
    with graph.as_default():
        found = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    kernels = {f"Decoder/{name}/kernel": k for name, k in UPSAMPLING_KERNELS.items()}
    assert {k: v for k, v in found.items() if k.endswith("kernel")} == kernels
    for name, shape in [
        ("Reshape", [None, 7, 7, 64]),
        ("conv2d_transpose/Relu", [None, 7, 7, 64]),
        ("conv2d_transpose_1/Relu", [None, 14, 14, 64]),
        ("conv2d_transpose_2/Sigmoid", [None, 28, 28, 1]),
    ]:
        tensor = graph.get_tensor_by_name(f"Decoder/{name}:0")
        assert tensor.shape.as_list() == shape
    assert output.shape.as_list() == [None, 28, 28, 1]
    assert logits.shape.as_list() == [None, 784]


@pytest.mark.parametrize("stages", [1, 2, 3, 4])
def test_upsampling_at_other_sizes_and_stages(stages):
    shape = (32, 48, 3)
    graph, z, output, logits, init = build(shape, decoder="upsampling", stages=stages)
    reshaped = graph.get_tensor_by_name("Decoder/Reshape:0")
    assert reshaped.shape.as_list() == [None, 32 >> stages, 48 >> stages, 64]
    with tf.Session(graph=graph) as sess:
        sess.run(init)
        output, logits = sess.run([output, logits], {z: np.ones((2, 5))})
    expected = 1 / (1 + np.exp(-logits.astype(float)))
    assert output.shape == (2, *shape)
    np.testing.assert_allclose(output.reshape(2, -1), expected, rtol=1e-5)
