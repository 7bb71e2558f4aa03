from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder import model
from autoencoder.compat import tf
from autoencoder.data import DataPipe
from autoencoder.errors import UserError
from autoencoder.session import open_session
from autoencoder.training import train


def train_small(
    images,
    network_flags,
    *,
    epochs=2,
    shuffle=False,
    seed=0,
    rate=5e-4,
    after_step=lambda step: None,
    traced_step=None,
):
    """Trains on the images; returns firsts, epochs and the weights at the end."""
    net = model.build(
        images.shape[1:],
        batch_size=128,
        learning_rate=rate,
        seed=seed,
        flags=network_flags,
    )
    with net.graph.as_default():
        variables = tf.global_variables()
    firsts, results = [], []
    with open_session(net.graph) as sess:
        sess.run(net.init_op)
        train(
            sess,
            net,
            images,
            epochs=epochs,
            seed=seed,
            shuffle=shuffle,
            after_first_batch=firsts.append,
            after_step=after_step,
            traced_step=traced_step,
            after_epoch=results.append,
        )
        weights = sess.run({variable.op.name: variable for variable in variables})
    return firsts, results, weights


def test_epochs_and_steps_are_counted(images, network_flags):
    firsts, results, weights = train_small(images, network_flags)
    assert [(first.epoch, first.number) for first in firsts] == [(1, 1), (2, 4)]
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
        if fetches == "initializer":
            assert feed["order"].tolist() == [*range(300)]
            return None
        for count, loss in self.batches:
            return None, np.zeros(count), np.ones(count), loss
        raise tf.errors.OutOfRangeError(None, None, "End of sequence")


def test_train_loss_weighs_every_image_equally(images):
    net = SimpleNamespace(
        pipe=DataPipe(SimpleNamespace(), "order", "initializer", None, None),
        global_step="global_step",
        train_op="train_op",
        trained=SimpleNamespace(img_loss="", latent_loss="", loss=""),
        replicas=None,
    )
    firsts, steps, results = [], [], []
    train(
        ThreeBatches(),
        net,
        images,
        epochs=1,
        seed=0,
        shuffle=False,
        after_first_batch=firsts.append,
        after_step=steps.append,
        after_epoch=results.append,
    )
    assert firsts == steps[:1]
    assert [step[:6] for step in steps] == [
        (1, 1, 128, 10.0, 0.0, 1.0),
        (1, 2, 128, 20.0, 0.0, 1.0),
        (1, 3, 44, 40.0, 0.0, 1.0),
    ]
    assert results[0].train_loss == (128 * 10 + 128 * 20 + 44 * 40) / 300


@pytest.mark.parametrize("shuffle", [False, True])
def test_same_seed_gives_the_same_weights_bit_for_bit(images, network_flags, shuffle):
    first = train_small(images, network_flags, shuffle=shuffle)[2]
    again = train_small(images, network_flags, shuffle=shuffle)[2]
    assert len(first) == 24 * 3 + 3  # weights, two slots of Adam each, its two powers
    for name, value in first.items():
        assert value.tobytes() == again[name].tobytes(), name


def test_one_step_is_traced_and_none_changed(images, network_flags):
    steps = []
    plain = train_small(images, network_flags)[2]
    traced = train_small(images, network_flags, after_step=steps.append, traced_step=5)[
        2
    ]
    assert [step.number for step in steps if step.trace is not None] == [5]
    names = {
        node.node_name
        for device in steps[4].trace.step_stats.dev_stats
        for node in device.node_stats
    }
    assert any(name.startswith("Encoder/conv2d") for name in names)
    for name, value in plain.items():
        assert value.tobytes() == traced[name].tobytes(), name


def test_seed_and_shuffle_change_the_weights(images, network_flags):
    kernels = [
        train_small(images, network_flags, epochs=1, **change)[2]["Encoder/mean/kernel"]
        for change in ({}, {"seed": 1}, {"shuffle": True})
    ]
    assert (kernels[0] != kernels[1]).mean() > 0.9
    assert (kernels[0] != kernels[2]).mean() > 0.9


@pytest.mark.parametrize("count", [1, 5])
def test_fewer_images_than_a_batch(images, network_flags, count):
    _, results, _ = train_small(images[:count], network_flags)
    assert [result.step for result in results] == [1, 2]


def test_a_loss_that_is_not_finite_names_epoch_and_step(images, network_flags):
    with pytest.raises(UserError, match=r"the loss is (nan|inf) in epoch 1, step [23]"):
        train_small(images, network_flags, rate=1e30)
