import numpy as np
import pytest

from autoencoder import evaluation, experiments
from autoencoder.evaluation import bound, log_mean_weights
from autoencoder.model import build
from autoencoder.randomness import generator
from autoencoder.session import open_session
from tests.conftest import run_flags


@pytest.fixture(scope="module")
def trained(images):
    """A network that a few large steps have taught a little."""
    net = build((28, 28, 1), run_flags(latent_dim=3, learning_rate=3e-3))
    with open_session(net.graph) as sess:
        sess.run(net.init_op)
        for _ in range(15):
            sess.run(net.train_op, {net.input_batch: images[:128] / 255})
        yield sess, net


def test_against_the_definition_in_numpy(trained, images):
    sess, net = trained
    found = log_mean_weights(sess, net, images[:2], 0, 4, seed=7)
    for i in range(2):
        x = images[i : i + 1] / 255
        mean, std = sess.run([net.mean_, net.std_dev], {net.input_batch: x})
        epsilon = generator("importance", 7, i).standard_normal((4, 3), np.float32)
        z = mean + epsilon * std
        img_loss = sess.run(
            net.img_loss, {net.input_batch: np.repeat(x, 4, 0), net.z: z}
        )

        def log_normal(value, mean, std):
            return (
                -0.5 * ((value - mean) / std) ** 2 - np.log(std * np.sqrt(2 * np.pi))
            ).sum(1)

        weights = -img_loss + log_normal(z, 0, 1) - log_normal(z, mean, std)
        np.testing.assert_allclose(
            found[i], np.log(np.mean(np.exp(weights - weights.max()))) + weights.max(),
            rtol=1e-5,
        )  # fmt: skip


def test_one_sample_equals_the_elbo_in_the_mean(trained, images):
    sess, net = trained
    feed = {net.input_batch: images[:20] / 255}
    elbos = []
    noise = np.random.default_rng(0)
    for _ in range(100):
        epsilon = noise.standard_normal((20, 3), np.float32)
        losses = sess.run(
            [net.img_loss, net.latent_loss], feed | {net.epsilon: epsilon}
        )
        elbos.append(-np.sum(losses, axis=0))
    values = [
        log_mean_weights(sess, net, images[:20], 0, 1, seed) for seed in range(100)
    ]
    difference = np.mean(values) - np.mean(elbos)
    error = np.hypot(np.std(values, 0).mean(), np.std(elbos, 0).mean()) / np.sqrt(2000)
    assert abs(difference) < 4 * error
    assert error < 0.3


def test_the_bound_rises_with_the_samples(trained, images):
    sess, net = trained
    bounds = [
        log_mean_weights(sess, net, images[:50], 0, samples, 0).mean()
        for samples in (1, 10, 100)
    ]
    assert bounds[0] < bounds[1] < bounds[2] < 0


def test_neither_batches_nor_chunks_matter(trained, images, monkeypatch):
    sess, net = trained
    whole = log_mean_weights(sess, net, images[:6], 0, 10, 0)
    parts = [
        log_mean_weights(sess, net, images[i : i + 2], i, 10, 0) for i in (0, 2, 4)
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-5)
    monkeypatch.setattr(evaluation, "_BATCH_SAMPLES", 20)
    chunks = log_mean_weights(sess, net, images[:6], 0, 10, 0)
    np.testing.assert_allclose(chunks, whole, rtol=1e-5)


def test_what_is_decoded_at_once_does_not_grow_with_the_samples(images, trained):
    sess, net = trained
    sizes = []

    class Watched:
        def run(self, fetches, feed):
            sizes.append(len(feed[net.input_batch]))
            return sess.run(fetches, feed)

    log_mean_weights(Watched(), net, images[:100], 0, 50, 0)
    assert max(sizes) <= evaluation._BATCH_SAMPLES
    assert sum(sizes[1:]) == 100 * 50


def test_samples_of_large_images_are_decoded_in_smaller_parts(
    images, trained, monkeypatch
):
    sess, net = trained
    monkeypatch.setattr(experiments, "_BATCH_VALUES", 6 * 28 * 28)
    sizes = []

    class Watched:
        def run(self, fetches, feed):
            sizes.append(len(feed[net.input_batch]))
            return sess.run(fetches, feed)

    parts = log_mean_weights(Watched(), net, images[:2], 0, 10, 0)
    assert sizes == [2, 6, 6, 6, 2]
    monkeypatch.undo()
    whole = log_mean_weights(sess, net, images[:2], 0, 10, 0)
    np.testing.assert_allclose(parts, whole, rtol=1e-5)


def test_mean_and_standard_error():
    found = bound(np.array([1.0, 2.0, 3.0, 6.0]))
    assert found.mean == 3
    assert found.standard_error == pytest.approx(np.sqrt(14 / 3) / 2)
    assert bound(np.array([1.0])).standard_error is None
