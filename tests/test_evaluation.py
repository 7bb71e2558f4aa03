import numpy as np
import pytest

from autoencoder.evaluation import active_units, evaluate
from autoencoder.experiments import in_batches
from autoencoder.model import build
from autoencoder.randomness import generator
from autoencoder.session import open_session
from tests.conftest import run_flags


@pytest.fixture
def trained(images, network_flags):
    """A session with first weights; they do as well as trained ones."""
    net = build((28, 28, 1), network_flags)
    with open_session(net.graph) as sess:
        sess.run(net.init_op)
        yield sess, net


def held_out(trained, images, batch_size=128, epoch=1, **changes):
    batches = in_batches(images, batch_size)
    return evaluate(*trained, batches, run_flags(**changes), epoch)


def test_every_image_counts_the_same_whatever_the_batch_size(trained, images):
    sess, net = trained
    noise = generator("held-out", 0, 1).standard_normal((300, 5), np.float32)
    feed = {net.input_batch: images / 255, net.epsilon: noise}
    img_loss, latent_loss = sess.run([net.img_loss, net.latent_loss], feed)
    for batch_size in (1, 7, 128, 300, 1000):
        found = held_out(trained, images, batch_size=batch_size)
        np.testing.assert_allclose(found.image_loss, img_loss.mean(), rtol=1e-6)
        np.testing.assert_allclose(found.latent_loss, latent_loss.mean(), rtol=1e-5)
        np.testing.assert_allclose(
            found.loss, (img_loss + latent_loss).mean(), rtol=1e-6
        )


def test_noise_changes_with_seed_and_epoch(trained, images):
    changes = ({}, {"seed": 1}, {"epoch": 2})
    losses = [held_out(trained, images, **change) for change in changes]
    assert len({loss.image_loss for loss in losses}) == 3
    assert held_out(trained, images)[:3] == losses[0][:3]


def test_kl_weight_is_that_of_training(trained, images):
    found = held_out(trained, images, kl_weight=0.25)
    assert found.loss == found.image_loss + 0.25 * found.latent_loss
    assert found.latent_loss > 0


def test_latent_terms_and_codes_against_numpy(trained, images):
    sess, net = trained
    noise = generator("held-out", 0, 1).standard_normal((300, 5), np.float32)
    mean, std = sess.run([net.mean_, net.std_dev], {net.input_batch: images / 255})
    found = held_out(trained, images)
    terms = (mean**2 + std**2 - 1) / 2 - np.log(std)
    np.testing.assert_allclose(found.latent_terms, terms.mean(0), rtol=1e-4)
    np.testing.assert_allclose(found.latent_terms.sum(), found.latent_loss, rtol=1e-6)
    np.testing.assert_allclose(found.mean_variance, mean.var(0), rtol=1e-4)
    np.testing.assert_allclose(found.codes, mean + noise * std, atol=1e-5)


def test_active_units_are_those_whose_mean_varies():
    assert active_units(np.array([0.0, 0.01, 0.0101, 2.0])) == 2


def test_one_image(trained, images):
    found = held_out(trained, images[:1])
    assert found.image_loss > 0
    assert found.mean_variance.tolist() == [0] * 5
