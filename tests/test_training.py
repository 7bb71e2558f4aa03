from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.model import build
from autoencoder.session import open_session
from autoencoder.task import ALONE
from autoencoder.training import Moments, train
from tests.conftest import run_flags


class Noted(Moments):
    """Keeps what the loop says at its moments."""

    def __init__(self, traced_step=None):
        self.traced_step = traced_step
        self.firsts, self.steps, self.epochs = [], [], []

    def after_first_batch(self, step):
        self.firsts.append(step)

    def after_step(self, step):
        self.steps.append(step)

    def after_epoch(self, epoch):
        self.epochs.append(epoch)


def train_small(images, traced_step=None, **changes):
    """Trains on the images; returns what was noted, and the weights at the end."""
    flags = run_flags(**{"latent_dim": 5, "epochs": 2} | changes)
    model = build(images.shape[1:], flags, batches=3)
    with model.graph.as_default():
        variables = tf.global_variables()
    noted = Noted(traced_step)
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        train(sess, model, images, flags, noted)
        weights = sess.run({variable.op.name: variable for variable in variables})
    return noted, weights


def test_epochs_and_steps_are_counted(images):
    noted, weights = train_small(images)
    results = noted.epochs
    assert [(first.epoch, first.number) for first in noted.firsts] == [(1, 1), (2, 4)]
    assert [(result.number, result.step) for result in results] == [(1, 3), (2, 6)]
    assert weights["global_step"] == 6
    assert results[1].train_loss < results[0].train_loss < 784 * np.log(2) + 10
    assert all(result.seconds > 0 for result in results)


class ThreeBatches:
    """Stands in for a session: batches of 128, 128 and 44 images with known losses."""

    def __init__(self):
        self.batches = iter([(128, 10.0), (128, 20.0), (44, 40.0)])

    def run(self, fetches, feed=None, **trace):
        if fetches == "global_step":
            return 0
        for count, loss in self.batches:
            return np.zeros(count), np.ones(count), loss, None
        raise tf.errors.OutOfRangeError(None, None, "End of sequence")


class Pipe:
    """Stands in for a DataPipe."""

    def start(self, sess, images, order):
        assert order.tolist() == [*range(300)]


def test_train_loss_weighs_every_image_equally(images):
    model = SimpleNamespace(
        pipe=Pipe(),
        global_step="global_step",
        train_op="train_op",
        steps=ALONE.steps,
        trained=SimpleNamespace(img_loss="", latent_loss="", loss=""),
    )
    noted = Noted()
    train(ThreeBatches(), model, images, run_flags(epochs=1), noted)
    assert noted.firsts == noted.steps[:1]
    assert [step[:6] for step in noted.steps] == [
        (1, 1, 128, 10.0, 0.0, 1.0),
        (1, 2, 128, 20.0, 0.0, 1.0),
        (1, 3, 44, 40.0, 0.0, 1.0),
    ]
    assert noted.epochs[0].train_loss == (128 * 10 + 128 * 20 + 44 * 40) / 300


@pytest.mark.parametrize("shuffle", [False, True])
def test_same_seed_gives_the_same_weights_bit_for_bit(images, shuffle):
    first = train_small(images, shuffle=shuffle)[1]
    again = train_small(images, shuffle=shuffle)[1]
    assert len(first) == 24 * 3 + 3  # weights, two slots of Adam each, its two powers
    for name, value in first.items():
        assert value.tobytes() == again[name].tobytes(), name


def test_one_step_is_traced_and_none_changed(images):
    _, plain = train_small(images)
    noted, traced = train_small(images, traced_step=5)
    assert [step.number for step in noted.steps if step.trace is not None] == [5]
    names = {
        node.node_name
        for device in noted.steps[4].trace.step_stats.dev_stats
        for node in device.node_stats
    }
    assert any(name.startswith("Encoder/conv2d") for name in names)
    for name, value in plain.items():
        assert value.tobytes() == traced[name].tobytes(), name


def test_seed_and_shuffle_change_the_weights(images):
    kernels = [
        train_small(images, epochs=1, **change)[1]["Encoder/mean/kernel"]
        for change in ({}, {"seed": 1}, {"shuffle": True})
    ]
    assert (kernels[0] != kernels[1]).mean() > 0.9
    assert (kernels[0] != kernels[2]).mean() > 0.9


@pytest.mark.parametrize("count", [1, 5])
def test_fewer_images_than_a_batch(images, count):
    noted, _ = train_small(images[:count])
    assert [result.step for result in noted.epochs] == [1, 2]


def test_a_loss_that_is_not_finite_names_epoch_and_step(images):
    with pytest.raises(UserError, match=r"the loss is (nan|inf) in epoch 1, step [23]"):
        train_small(images, learning_rate=1e30)


@pytest.mark.parametrize(("epochs", "kl_weight"), [(1, 1.0), (2, 4.0)])
def test_the_kl_weight_rises_over_the_first_epochs(images, epochs, kl_weight):
    noted, _ = train_small(images, epochs=3, kl_warmup=epochs, kl_weight=kl_weight)
    assert [step.number for step in noted.steps] == [*range(1, 10)]
    for step in noted.steps:
        weight = kl_weight * min(1, (step.number - 1) / (3 * epochs))
        expected = step.image_loss + weight * step.latent_loss
        assert step.loss == pytest.approx(expected, rel=1e-6)
    assert noted.steps[0].loss == noted.steps[0].image_loss


def test_the_weight_is_that_of_the_gradients(images):
    """With a weight of 0 in the first step KL pulls at nothing, and then it does."""
    rising, _ = train_small(images, epochs=1, kl_warmup=1, kl_weight=100.0)
    without, _ = train_small(images, epochs=1, kl_weight=0.0)
    same, then = zip(rising.steps[:2], without.steps[:2], strict=True)
    assert same[0].image_loss == same[1].image_loss
    assert then[0].image_loss == then[1].image_loss  # after the step without KL
    assert rising.steps[2].latent_loss < without.steps[2].latent_loss


def test_sampled_images_are_trained_on(images):
    sampled, _ = train_small(images, binarize="sampled")
    plain, _ = train_small(images)
    again, _ = train_small(images, binarize="sampled")
    assert [step.loss for step in sampled.steps] == [step.loss for step in again.steps]
    assert sampled.steps[0].loss != plain.steps[0].loss
    # Black and white images have no entropy of their own: less is lost in the end.
    assert sampled.steps[0].loss == pytest.approx(plain.steps[0].loss, rel=0.02)
