import numpy as np
import pytest

from autoencoder.bfloat16 import filter_gradient, in_bfloat16
from autoencoder.compat import layers, tf
from autoencoder.model import build, parameter_count
from tests.conftest import ROOT

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def golden():
    with np.load(ROOT / "tests" / "golden-mnist-z5.npz") as file:
        return dict(file)


def built(flags, precision, shape=(28, 28, 1)):
    flags.precision = precision
    return build(shape, flags)


def gradients_of(model):
    return {variable.op.name: gradient for gradient, variable in model.gradients}


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("channels", "filters"), [(1, 5), (3, 5), (5, 1)])
@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize(("batch", "height", "width"), [(1, 8, 12), (3, 7, 10)])
def test_filter_gradient_is_tensorflows(
    batch, height, width, stride, channels, filters, padding
):
    images = RANDOM.standard_normal((batch, height, width, channels))
    with tf.Graph().as_default(), tf.Session() as sess:
        images = tf.constant(images, tf.float32)
        kernel = tf.zeros([4, 4, channels, filters])
        strides = [1, stride, stride, 1]
        outputs = tf.nn.conv2d(images, kernel, strides, padding)
        gradient = tf.constant(RANDOM.standard_normal(outputs.shape), tf.float32)
        ours = filter_gradient(images, kernel, gradient, strides, padding)
        (expected,) = tf.gradients(outputs, kernel, gradient)
        assert ours.shape == kernel.shape
        ours, expected = sess.run([ours, expected])
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_biases_gradients_are_not_summed_in_bfloat16():
    """In bfloat16 256 + 1 is 256, and a sum of ones never gets any further."""
    with tf.Graph().as_default(), tf.Session() as sess:
        images = tf.ones([128, 8, 8, 1])
        with in_bfloat16():
            outputs = layers.conv2d(images, 2, 4, 1, "same", activation=tf.nn.relu)
        bias = tf.trainable_variables()[1]
        total = tf.reduce_sum(tf.cast(outputs, tf.float32))
        (gradient,) = tf.gradients(total, bias)
        sess.run(tf.global_variables_initializer())
        sess.run(bias.assign([100.0, 100.0]))  # past the relu's bend
        np.testing.assert_array_equal(sess.run(gradient), [8192, 8192])


def test_the_same_variables_as_in_float32(network_flags):
    nets = [built(network_flags, precision) for precision in ("float32", "bfloat16")]
    for net in nets:
        assert parameter_count(net) == 3_373_538
        assert {v.dtype.base_dtype for _, v in net.gradients} == {tf.float32}
    variables = [
        {(v.name, str(v.shape)) for v in net.graph.get_collection("variables")}
        for net in nets
    ]
    assert variables[0] == variables[1]


def test_float32_runs_one_network(network_flags):
    net = built(network_flags, "float32")
    assert net.trained.loss is net.loss
    types = {output.dtype for op in net.graph.get_operations() for output in op.outputs}
    assert tf.bfloat16 not in types


def test_products_are_bfloat16_and_losses_float32(network_flags):
    net = built(network_flags, "bfloat16")
    ops = net.graph.get_operations()
    products = [op for op in ops if op.type in ("Conv2D", "MatMul")]
    products += [op for op in ops if op.type.startswith("Conv2DBackprop")]
    products = [op for op in products if "/BiasAdd_grad/" not in op.name]
    trained = [op for op in products if op.name.startswith(("bfloat16/", "gradients/"))]
    # 12 layers, each with gradients of kernel and inputs; that of the images is built,
    # too, and never run. Kernels of a single channel get their gradient from patches.
    patches = [op.name for op in trained if op.name.endswith("/patches")]
    assert {name.split("/")[3] for name in patches} == {"conv2d", "conv2d_transpose"}
    assert len(patches) == 2
    assert len(trained) == 12 * 3 + 2
    assert "Conv2DBackpropFilter" not in {op.type for op in trained}
    assert {op.outputs[0].dtype for op in trained} == {tf.bfloat16}
    others = [op for op in products if op not in trained]
    assert {op.name.split("/")[0] for op in others} == {"Encoder", "Decoder"}
    assert {op.outputs[0].dtype for op in others} == {tf.float32}
    tensors = {n: t for n, t in vars(net.trained).items() if n != "kl_weight"}
    assert {tensor.dtype for tensor in tensors.values()} == {tf.float32}
    of_losses = [op for op in ops if op.name.startswith("bfloat16/loss/")]
    types = {output.dtype for op in of_losses for output in op.outputs}
    assert tf.float32 in types
    assert tf.bfloat16 not in types
    assert {gradient.dtype for gradient, _ in net.gradients} == {tf.float32}


def test_loss_and_gradients_are_nearly_those_of_float32(network_flags, golden):
    images = golden["images"][..., np.newaxis] / 255
    found = []
    for precision in ("float32", "bfloat16"):
        net = built(network_flags, precision)
        with tf.Session(graph=net.graph) as sess:
            sess.run(net.init_op)
            feed = {net.input_batch: images, net.trained.epsilon: golden["epsilon"][0]}
            feed[net.epsilon] = golden["epsilon"][0]
            fetches = [net.loss, net.trained.loss, gradients_of(net)]
            found.append(sess.run(fetches, feed))
    (loss, same, exact), (again, near, gradients) = found
    assert loss == same == again
    assert near != loss
    np.testing.assert_allclose(near, loss, rtol=1e-3)
    for name, expected in exact.items():
        difference = np.linalg.norm(gradients[name] - expected)
        assert difference < 0.1 * np.linalg.norm(expected), name


@pytest.mark.parametrize(
    ("shape", "decoder", "stages"),
    [
        ((28, 28, 1), "upsampling", 2),
        ((28, 28, 3), "dense", 1),
        ((32, 48, 3), "upsampling", 3),
        ((48, 32, 1), "dense", 3),
    ],
)
def test_gradients_of_every_kind_of_network(
    network_flags, images, shape, decoder, stages
):
    network_flags.decoder, network_flags.stages = decoder, stages
    height, width, channels = shape
    batch = np.pad(images[:16], ((0, 0), (0, 20), (0, 20), (0, 0)))
    batch = batch[:, :height, :width] / np.float32(255) * np.linspace(1, 0.5, channels)
    epsilon = np.random.default_rng(0).standard_normal((16, 5))
    found = []
    for precision in ("float32", "bfloat16"):
        net = built(network_flags, precision, shape)
        with tf.Session(graph=net.graph) as sess:
            sess.run(net.init_op)
            feed = {net.input_batch: batch, net.trained.epsilon: epsilon}
            found.append(sess.run([net.trained.loss, gradients_of(net)], feed))
    (loss, exact), (near, gradients) = found
    np.testing.assert_allclose(near, loss, rtol=1e-3)
    assert set(gradients) == set(exact)
    whole, expected = (
        np.concatenate([part[name].ravel() for name in exact])
        for part in (gradients, exact)
    )
    difference = np.linalg.norm(whole - expected)
    assert 0 < difference < 0.1 * np.linalg.norm(expected)


def test_both_networks_draw_the_same_noise(network_flags, images):
    net = built(network_flags, "bfloat16")
    with tf.Session(graph=net.graph) as sess:
        sess.run(net.init_op)
        feed = {net.input_batch: images[:4] / 255}
        noises = sess.run([net.epsilon, net.trained.epsilon], feed)
    np.testing.assert_array_equal(*noises)


def test_a_step_moves_the_weights_that_float32_reads(network_flags, images):
    net = built(network_flags, "bfloat16")
    with tf.Session(graph=net.graph) as sess:
        sess.run(net.init_op)
        feed = {net.input_batch: images[:64] / 255}
        before = sess.run(net.loss, feed)
        for _ in range(5):
            sess.run(net.train_op, feed)
        assert sess.run(net.loss, feed) < before - 1
