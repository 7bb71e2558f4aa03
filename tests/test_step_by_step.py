"""The benchmark step_by_step without its TensorFlow 1, on 300 images."""

import numpy as np
import pytest

from benchmarks import step_by_step
from benchmarks.original import Peer


@pytest.fixture(scope="module")
def trained(images, tmp_path_factory):
    """What prepare and train write."""
    folder = tmp_path_factory.mktemp("steps")
    start, result = folder / "start.npz", folder / "result.npz"
    step_by_step.prepare(start, images)
    step_by_step.train(start, result, 1)
    return dict(np.load(start)), dict(np.load(result))


def test_each_step_is_the_originals(trained, images):
    """The peer is the original's graph on this TensorFlow, with its own Adam."""
    start, result = trained
    weights = {name: value for name, value in start.items() if "/" in name}
    assert len(weights) == 24
    settings = {"latent_dim": 5, "batch_size": 128, "threads": 1}
    peer = Peer(images, weights, is_finite=True, **settings)
    losses = []
    for first in (0, 128, 256):
        part = slice(first, first + 128)
        batch, epsilon = images[part] / np.float32(255), start["noise"][part]
        losses.append(peer.loss(batch, epsilon))
        feed = {peer.input_batch: batch, peer._epsilon: epsilon}
        peer.sess.run(peer._train_op, feed)
    np.testing.assert_allclose(result["losses"], losses, rtol=1e-4)
    assert result["losses"].shape == (3,)


def test_training_changed_all_weights(trained):
    start, result = trained
    assert set(result) - {"losses"} == set(start) - {"images", "noise"}
    for name, value in result.items():
        assert name == "losses" or (value != start[name]).any(), name


def test_the_table():
    first = {"losses": np.array([3.0, 2.0]), "a": np.zeros(2), "b": np.ones(1)}
    other = {"losses": np.array([3.5, 2.25]), "a": np.array([0, 0.125]), "b": [1.0]}
    lines = step_by_step.compare(first, {"other": other}).splitlines()
    assert lines[2:] == [
        "| here, one thread | 3.0000 | 2.0000 |  |  |",
        "| other | 3.5000 | 2.2500 | 0.5 | 0.12 |",
    ]
