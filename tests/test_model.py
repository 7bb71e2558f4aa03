import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.model import build, for_use, parameter_count
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def golden():
    """Numbers computed with the network exactly as the post's code defines it."""
    with np.load(ROOT / "tests" / "golden-mnist-z5.npz") as file:
        return dict(file)


@pytest.fixture
def net(network_flags):
    return build((28, 28, 1), network_flags)


def golden_weights(golden):
    """The weights that the golden numbers were computed with, by variable name."""
    random = np.random.RandomState(int(golden["seed"]))
    weights = {}
    for name, shape in zip(
        golden["variable_names"], golden["variable_shapes"], strict=True
    ):
        shape = [int(n) for n in shape.strip("(),").split(",")]
        scale = np.sqrt(2.5 / np.prod(shape[:-1])) if len(shape) > 1 else 0.01
        weights[str(name)] = (random.standard_normal(shape) * scale).astype(np.float32)
    return weights


def trained_variables(net):
    with net.graph.as_default():
        return {variable.op.name: variable for variable in tf.trainable_variables()}


def load(sess, net, weights):
    sess.run(net.init_op)
    variables = trained_variables(net)
    assert sorted(variables) == sorted(weights)
    for name, value in weights.items():
        variable = variables[name]
        sess.run(variable.initializer, {variable.initial_value: value})


def test_golden_outputs(net, golden):
    with tf.Session(graph=net.graph) as sess:
        load(sess, net, golden_weights(golden))
        feed = {
            net.input_batch: golden["images"][..., np.newaxis] / 255,
            net.epsilon: golden["epsilon"][0],
        }
        tensors = {
            "mean": net.mean_,
            "std_dev": net.std_dev,
            "z": net.z,
            "output": net.output,
            "img_loss": net.img_loss,
            "latent_loss": net.latent_loss,
            "loss": net.loss,
        }
        for name, value in sess.run(tensors, feed).items():
            assert value.shape == golden[name].shape
            tolerance = 1e-5 * np.abs(golden[name]).max()
            np.testing.assert_allclose(value, golden[name], rtol=0, atol=tolerance)


def test_golden_adam_steps(net, golden):
    with tf.Session(graph=net.graph) as sess:
        load(sess, net, golden_weights(golden))
        images = {net.input_batch: golden["images"][..., np.newaxis] / 255}
        for step, expected in enumerate(golden["loss_after_adam_steps"]):
            sess.run(net.train_op, {**images, net.epsilon: golden["epsilon"][step + 1]})
            loss = sess.run(net.loss, {**images, net.epsilon: golden["epsilon"][0]})
            np.testing.assert_allclose(loss, expected, rtol=1e-4)
        assert sess.run(net.global_step) == 5
        values = sess.run(trained_variables(net))
    sums = [np.abs(values[name]).sum() for name in golden["variable_names"]]
    np.testing.assert_allclose(sums, golden["abs_sum_after_adam"], rtol=1e-4)


@pytest.mark.parametrize(("latent_dim", "count"), [(5, 3_373_538), (2, 3_354_569)])
def test_parameter_count(network_flags, latent_dim, count):
    network_flags.latent_dim = latent_dim
    assert parameter_count(build((28, 28, 1), network_flags)) == count


def test_top_level_of_the_graph(net):
    names = {op.name.split("/")[0] for op in net.graph.get_operations()}
    optimizer = {"gradients", "Adam", "beta1_power", "beta2_power"}
    assert names == {
        "DataPipe", "Encoder", "Decoder", "loss", "Noise", "global_step", "init"
    } | optimizer  # fmt: skip


def test_encoder_nodes_in_the_whole_graph(net):
    names = [op.name.split("/") for op in net.graph.get_operations()]
    assert {parts[1] for parts in names if parts[0] == "Encoder"} == {
        "conv2d", "conv2d_1", "conv2d_2", "flatten", "mean", "dense", "std_dev",
        "Shape", "strided_slice", "stack", "epsilon", "Mul", "add",
    }  # fmt: skip


def test_graph_stays_small(net):
    assert len(net.graph.as_graph_def().SerializeToString()) < 1_000_000


def start(sess, net, images):
    net.pipe.start(sess, images, np.arange(len(images)))


def test_noise_of_training_is_a_function_of_seed_and_step(network_flags, images):
    def noises(seed):
        network_flags.batch_size, network_flags.seed = 8, seed
        net = build((28, 28, 1), network_flags)
        with tf.Session(graph=net.graph) as sess:
            sess.run(net.init_op)
            start(sess, net, images)
            return [sess.run([net.epsilon, net.train_op])[0] for _ in range(3)]

    first, again, other = noises(1), noises(1), noises(2)
    np.testing.assert_array_equal(first, again)
    assert (np.array(first) != np.array(other)).all()
    assert (first[0] != first[1]).all()


def test_feeding_draws_no_batch(net, images):
    """Feeding stands in for the pipe in every run, gradients included."""
    with tf.Session(graph=net.graph) as sess:
        sess.run(net.init_op)  # the iterator is not initialized: drawing would raise
        for tensor in (net.loss, net.train_op, net.output):
            sess.run(tensor, {net.input_batch: images[:2] / 255})
        codes = np.zeros((3, 5))
        assert sess.run(net.output, {net.z: codes}).shape == (3, 28, 28, 1)


def test_without_kl_the_loss_is_the_image_loss(network_flags, images):
    network_flags.kl_weight = 0.0
    net = build((28, 28, 1), network_flags)
    with tf.Session(graph=net.graph) as sess:
        sess.run(net.init_op)
        feed = {net.input_batch: images[:4] / 255}
        loss, img_loss = sess.run([net.loss, net.img_loss], feed)
    np.testing.assert_allclose(loss, img_loss.mean(), rtol=1e-6)


def test_the_network_alone_is_the_trained_one(net, network_flags, images):
    """Same weights, images and noise: the same numbers, bit for bit, of fewer ops."""
    alone = for_use((28, 28, 1), network_flags)
    found = []
    for network in (net, alone):
        with network.graph.as_default():
            variables = tf.trainable_variables()
            init = tf.global_variables_initializer()
        with tf.Session(graph=network.graph) as sess:
            sess.run(init)
            feed = network.feed(images[:9], np.random.default_rng(0))
            if network is net:
                weights = {v.op.name: sess.run(v) for v in variables}
            for variable in variables:
                variable.load(weights[variable.op.name], sess)
            fetches = [network.z, network.output, network.img_loss, network.latent_loss]
            found.append(sess.run(fetches, feed))
    assert len(alone.graph.get_operations()) < len(net.graph.get_operations()) / 3
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_feed_draws_the_noise_image_by_image(net, images):
    whole = net.feed(images[:5], np.random.default_rng(3))
    noise = np.random.default_rng(3)
    parts = [net.feed(images[:2], noise), net.feed(images[2:5], noise)]
    for tensor in (net.input_batch, net.epsilon):
        joined = np.concatenate([part[tensor] for part in parts])
        np.testing.assert_array_equal(whole[tensor], joined)
    assert whole[net.input_batch].dtype == np.float32
    np.testing.assert_array_equal(whole[net.input_batch] * 255, images[:5])
    assert (net.feed(images[:2])[net.epsilon] == 0).all()
