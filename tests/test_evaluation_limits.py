import tracemalloc

import numpy as np
import pytest

from autoencoder.evaluation import entropy_floor, mean_image_loss
from tests.conftest import ROOT


def test_entropy_of_a_few_pixels():
    images = np.array([[0, 255], [51, 204]], np.uint8).reshape(2, 1, 2, 1)
    coin = -0.2 * np.log(0.2) - 0.8 * np.log(0.8)
    assert entropy_floor(images) == pytest.approx(2 * coin / 2)


def test_the_floor_of_many_images_takes_little_memory():
    """NumPy counts in eight bytes a pixel: not of all of them at a time."""
    images = np.zeros((2000, 64, 64, 3), np.uint8)
    tracemalloc.start()
    try:
        assert entropy_floor(images) == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_mean_image_of_a_few_pixels():
    x_train = np.array([[0, 255], [102, 255]], np.uint8).reshape(2, 1, 2, 1)
    x_test = np.array([[255, 255]], np.uint8).reshape(1, 1, 2, 1)
    assert mean_image_loss(x_train, x_test) == pytest.approx(-np.log(0.2), abs=1e-6)
    # A pixel that is always white in training and black here costs much, not inf.
    assert 16 < mean_image_loss(x_train, 255 - x_test) < 17


@pytest.mark.parametrize(
    ("name", "floor", "mean"),
    [("mnist", 45.5, 205.8), ("fashion-mnist", 189.9, 385.0)],
)
def test_the_data_sets_numbers(name, floor, mean):
    with np.load(ROOT / "datasets" / f"{name}.npz") as file:
        x_train, x_test = file["x_train"], file["x_test"]
    assert entropy_floor(x_test) == pytest.approx(floor, abs=0.05)
    assert mean_image_loss(x_train, x_test) == pytest.approx(mean, abs=0.05)
