import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.encoder import encoder
from autoencoder.task import noise_of_step

# As the post's picture of the opened Encoder in TensorBoard shows them.
NODES = {
    "conv2d", "conv2d_1", "conv2d_2", "flatten", "mean", "dense", "std_dev",
    "Shape", "strided_slice", "stack", "epsilon", "Mul", "add",
}  # fmt: skip
KERNELS = {
    "conv2d": [4, 4, 1, 64],
    "conv2d_1": [4, 4, 64, 64],
    "conv2d_2": [4, 4, 64, 64],
    "mean": [3136, 5],
    "dense": [3136, 5],
}


@pytest.fixture
def graph(network_flags):
    """Builds the encoder on a placeholder, and returns it with its tensors."""

    def build(key=None, shape=(28, 28, 1)):
        with tf.Graph().as_default() as graph:
            X = tf.placeholder(tf.float32, [None, *shape])
            noise = tf.random_normal if key is None else noise_of_step(*key)
            outputs = encoder(X, noise, network_flags)
            init = tf.global_variables_initializer()
        return graph, X, outputs, init

    return build


@pytest.mark.parametrize("key", [None, (0, 1)])
def test_nodes_of_the_posts_picture(graph, key):
    ops = graph(key)[0].get_operations()
    inside = [op.name.split("/") for op in ops if op.name.startswith("Encoder/")]
    assert {parts[1] for parts in inside} == NODES
    assert {op.name.split("/")[0] for op in ops} - {"Placeholder", "Noise"} == {
        "Encoder", "init"
    }  # fmt: skip


def test_variables(graph):
    with graph()[0].as_default():
        found = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    expected = {f"Encoder/{name}/kernel": shape for name, shape in KERNELS.items()}
    expected |= {f"Encoder/{name}/bias": shape[-1:] for name, shape in KERNELS.items()}
    assert found == expected


def test_inner_shapes(graph):
    g = graph()[0]
    for name, shape in [
        ("conv2d/Relu", [None, 14, 14, 64]),
        ("conv2d_1/Relu", [None, 7, 7, 64]),
        ("conv2d_2/Relu", [None, 7, 7, 64]),
        ("flatten/Reshape", [None, 3136]),
        ("std_dev", [None, 5]),
        ("epsilon", [None, 5]),
    ]:
        assert g.get_tensor_by_name(f"Encoder/{name}:0").shape.as_list() == shape


@pytest.mark.parametrize("batch", [1, 7])
def test_z_is_mean_plus_epsilon_times_std_dev(graph, images, batch):
    g, X, (z, mean_, std_dev), init = graph()
    epsilon = g.get_tensor_by_name("Encoder/epsilon:0")
    noise = np.random.default_rng(0).standard_normal((batch, 5))
    with tf.Session(graph=g) as sess:
        sess.run(init)
        feed = {X: images[:batch] / 255, epsilon: noise}
        z, mean_, std_dev = sess.run([z, mean_, std_dev], feed)
    assert z.shape == (batch, 5)
    assert (std_dev > 0).all()
    np.testing.assert_allclose(z, mean_ + noise * std_dev, rtol=1e-5, atol=1e-6)


def draws(graph, key):
    g, X, _, init = graph(key)
    epsilon = g.get_tensor_by_name("Encoder/epsilon:0")
    with tf.Session(graph=g) as sess:
        sess.run(init)
        feed = {X: np.zeros((2000, 28, 28, 1))}
        return [sess.run(epsilon, feed) for _ in range(2)]


def test_epsilon_is_unit_normal_and_new_in_every_run(graph):
    first, second = draws(graph, None)
    assert first.shape == (2000, 5)
    assert abs(first.mean()) < 0.05
    assert abs(first.std() - 1) < 0.05
    assert (first != second).all()


def test_epsilon_is_a_function_of_seed_and_step(graph):
    first, second = draws(graph, (3, 4))
    np.testing.assert_array_equal(first, second)
    assert (first != draws(graph, (3, 5))[0]).all()
    assert abs(first.std() - 1) < 0.05


def test_other_sizes_follow_from_the_images(graph):
    g = graph(shape=(32, 48, 3))[0]
    flat = g.get_tensor_by_name("Encoder/flatten/Reshape:0")
    assert flat.shape.as_list() == [None, 8 * 12 * 64]


@pytest.mark.parametrize(("stages", "features"), [(1, 16 * 24), (3, 4 * 6), (4, 2 * 3)])
def test_more_stages_halve_the_image_more_often(network_flags, graph, stages, features):
    network_flags.stages = stages
    built, _, (z, _, _), _ = graph(shape=(32, 48, 3))
    flat = built.get_tensor_by_name("Encoder/flatten/Reshape:0")
    assert flat.shape.as_list() == [None, features * 64]
    assert z.shape.as_list() == [None, 5]
    convolutions = [op for op in built.get_operations() if op.type == "Conv2D"]
    assert len(convolutions) == stages + 1
