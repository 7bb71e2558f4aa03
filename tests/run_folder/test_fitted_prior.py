"""fitted-prior.npz: what is read is what was written, or nothing."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.datasets.load import Dataset
from autoencoder.gaussians import fit
from autoencoder.run_folder import fitted_prior
from autoencoder.run_folder.checkpoints import Checkpoint
from autoencoder.run_folder.fitted_prior import FittedPrior

CHECKPOINT = Checkpoint(Path("epoch-2"), 2, 6, [], "ab" * 32)
IMAGES = np.zeros((4, 8, 8, 1), np.uint8)
LABELS = np.array([3, 1, 3, -2])


def dataset(labels=LABELS, names=None):
    return Dataset("x", IMAGES, labels, None, None, names, sha256="abc")


@pytest.fixture
def prior():
    random = np.random.default_rng(0)
    codes = random.normal(size=(2, 4, 5)).astype(np.float32)
    return FittedPrior({-2: "-2", 1: "Ankle boot", 3: "字"}, fit([codes], LABELS))


def assert_same(found, prior):
    assert found.classes == prior.classes
    assert [*found.gaussians] == [*prior.gaussians]
    for label, gaussian in prior.gaussians.items():
        assert found.gaussians[label].images == gaussian.images
        for name in ("mean", "covariance"):
            array = getattr(found.gaussians[label], name)
            np.testing.assert_array_equal(array, getattr(gaussian, name))
            assert array.dtype == np.float64


def test_what_is_read_is_what_was_written(prior, tmp_path):
    assert fitted_prior.read(tmp_path, CHECKPOINT) is None
    fitted_prior.write(tmp_path, CHECKPOINT, prior)
    assert [path.name for path in tmp_path.iterdir()] == ["fitted-prior.npz"]
    assert_same(fitted_prior.read(tmp_path, CHECKPOINT), prior)
    alone = FittedPrior({}, {None: prior.gaussians[None]})
    fitted_prior.write(tmp_path, CHECKPOINT, alone)
    assert_same(fitted_prior.read(tmp_path, CHECKPOINT), alone)


def test_a_file_of_other_weights_does_not_count(prior, tmp_path):
    fitted_prior.write(tmp_path, CHECKPOINT, prior)
    for changes in ({"step": 7}, {"sha256": "cd" * 32}):
        assert fitted_prior.read(tmp_path, CHECKPOINT._replace(**changes)) is None
    assert fitted_prior.read(tmp_path, CHECKPOINT._replace(epoch=9)) is not None


def test_a_damaged_file_does_not_count(prior, tmp_path):
    fitted_prior.write(tmp_path, CHECKPOINT, prior)
    path = tmp_path / "fitted-prior.npz"
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        assert fitted_prior.read(tmp_path, CHECKPOINT) is None
    for place in range(0, len(whole), 53):
        content = bytearray(whole)
        content[place] ^= 16
        path.write_bytes(content)
        found = fitted_prior.read(tmp_path, CHECKPOINT)
        if found is not None:  # a field of zip's that nobody reads, such as the date
            assert_same(found, prior)


@pytest.mark.parametrize(
    ("labels", "names", "classes"),
    [
        (None, None, {}),
        (LABELS, None, {-2: "-2", 1: "1", 3: "3"}),
        (LABELS % 2, ["even", "odd", "none"], {0: "even", 1: "odd"}),
        (np.array([2**63, 0, 0, 0], np.uint64), None, {0: "0", 2**63: str(2**63)}),
    ],
)
def test_classes_are_those_of_training_images(labels, names, classes, tmp_path):
    assert fitted_prior.classes_of(dataset(labels, names), 5) == classes
    codes = np.ones((4, 5), np.float32), np.ones((4, 5), np.float32)
    prior = FittedPrior(classes, fit([codes], labels))
    fitted_prior.write(tmp_path, CHECKPOINT, prior)
    assert_same(fitted_prior.read(tmp_path, CHECKPOINT), prior)


def test_too_many_classes_are_fitted_together(monkeypatch):
    monkeypatch.setattr(fitted_prior, "_MOST_VALUES", 3 * 5**2)
    assert len(fitted_prior.classes_of(dataset(), 5)) == 3
    assert fitted_prior.classes_of(dataset(), 6) == {}
    codes = np.ones((2, 4, 6), np.float32)
    sess = SimpleNamespace(run=lambda fetches, feed: [*codes])
    model = SimpleNamespace(
        latent_dim=6, mean_=None, std_dev=None, feed=lambda images: None
    )
    prior = fitted_prior.fit(sess, model, dataset(), 4)
    assert prior.classes == {}
    assert [*prior.gaussians] == [None]
