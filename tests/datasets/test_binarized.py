"""--binarize: which pixels become white, and on what that depends."""

import numpy as np
import pytest

from autoencoder.datasets import binarized as module
from autoencoder.datasets.binarized import binarized, images_of_epoch, sampled
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.evaluation import entropy_floor
from tests.conftest import run_flags


@pytest.mark.parametrize("grey", [1, 77, 128, 254])
def test_sampled_images_of_a_constant_grey_have_that_mean(grey):
    greys = np.full((1000, 10, 10, 1), grey, np.uint8)
    found = binarized(greys, "sampled", 0, "x")
    assert set(np.unique(found)) <= {0, 255}
    share = grey / 255
    error = np.sqrt(share * (1 - share) / greys.size)
    assert abs((found == 255).mean() - share) < 4 * error


def test_black_stays_black_and_white_stays_white():
    ends = np.repeat(np.array([0, 255], np.uint8), 50_000)
    np.testing.assert_array_equal(sampled(ends, np.random.default_rng(0)), ends)


def test_each_pixel_is_drawn_by_itself():
    greys = np.full((4000, 2), 128, np.uint8)
    white = binarized(greys, "sampled", 0, "x") == 255
    assert abs(np.corrcoef(white.T)[0, 1]) < 0.06
    assert abs(np.corrcoef(white[1:, 0], white[:-1, 0])[0, 1]) < 0.06


def test_the_threshold_is_half_of_the_brightness():
    greys = np.array([0, 1, 127, 128, 255], np.uint8)[:, None]
    found = binarized(greys, "threshold", 0, "x")
    assert found.ravel().tolist() == [0, 0, 0, 255, 255]


def test_purpose_and_seed_key_the_samples(monkeypatch):
    greys = np.full((50, 20), 100, np.uint8)
    first = binarized(greys, "sampled", 0, "a")
    np.testing.assert_array_equal(binarized(greys, "sampled", 0, "a"), first)
    assert (binarized(greys, "sampled", 0, "b") != first).any()
    assert (binarized(greys, "sampled", 1, "a") != first).any()
    monkeypatch.setattr(module, "_AT_ONCE", 20)
    parts = binarized(greys, "sampled", 0, "a")
    np.testing.assert_array_equal(parts[:20], first[:20])
    assert (parts[20:40] != parts[:20]).any()  # parts are drawn from other numbers


def test_an_epoch_samples_anew_and_a_batch_not():
    greys = np.full((64, 4, 4, 1), 128, np.uint8)
    flags = run_flags(binarize="sampled", seed=3)
    first, again, second = (images_of_epoch(greys, flags, epoch) for epoch in (1, 1, 2))
    batch, other = np.arange(32), np.arange(32, 64)
    taken = first[batch]
    np.testing.assert_array_equal(taken, again[batch])
    np.testing.assert_array_equal(taken, first[batch])  # and not of what came before
    assert (taken != second[batch]).mean() == pytest.approx(0.5, abs=0.1)
    assert (taken != first[other]).mean() == pytest.approx(0.5, abs=0.1)
    for how in ("none", "threshold"):
        assert images_of_epoch(greys, run_flags(binarize=how), 1) is greys


def load(small_npz, **changes):
    return load_dataset(run_flags(dataset=str(small_npz), **changes))


def test_a_data_set_follows_the_flag(small_npz):
    plain = load(small_npz)
    assert plain.trained_on is plain.x_train
    found = load(small_npz, binarize="sampled")
    again = load(small_npz, binarize="sampled")
    for split in ("x_train", "x_test"):
        images, greys = getattr(found, split), getattr(plain, split)
        assert set(np.unique(images)) == {0, 255}
        assert abs(images.mean() - greys.mean()) < 0.5
        assert (images[greys == 255] == 255).all()
        np.testing.assert_array_equal(images, getattr(again, split))
    np.testing.assert_array_equal(found.trained_on, plain.x_train)
    assert found.sha256 == plain.sha256
    assert entropy_floor(plain.x_test) > 40
    assert entropy_floor(found.x_test) == 0
    half = load(small_npz, binarize="threshold")
    np.testing.assert_array_equal(half.x_test == 255, plain.x_test >= 128)
    assert half.trained_on is half.x_train


def test_a_data_set_without_test_images(small_npz, tmp_path):
    with np.load(small_npz) as file:
        np.savez(tmp_path / "a.npz", x_train=file["x_train"][:9])
    assert load(tmp_path / "a.npz", binarize="sampled").x_test is None


def test_too_little_memory_is_one_line(small_npz, monkeypatch):
    def full(*arguments):
        raise MemoryError

    monkeypatch.setattr(module, "binarized", full)
    with pytest.raises(UserError, match="small does not fit .* --binarize sampled"):
        load(small_npz, binarize="sampled")
