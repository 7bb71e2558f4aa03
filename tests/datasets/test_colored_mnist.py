import colorsys

import numpy as np

from autoencoder.datasets.colored_mnist import tinted
from autoencoder.datasets.load import load_dataset
from tests.conftest import run_flags


def test_grey_becomes_a_hue_of_the_same_brightness():
    grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    grey = np.repeat(grey, 10, axis=0)
    labels = np.arange(10)
    for image, colour in zip(grey, tinted(grey, labels), strict=True):
        np.testing.assert_array_equal(colour.max(axis=-1), image[..., 0])
        hue, saturation, _ = colorsys.rgb_to_hsv(*(colour[15, 15] / 255))
        assert saturation == 1
        assert abs(hue * 10 - round(hue * 10)) < 0.02


def test_the_built_in_data_set():
    """Nine images in ten have their digit's hue: of those drawn, one in ten, too."""
    data = load_dataset(run_flags(dataset="colored-mnist"))
    mnist = load_dataset(run_flags(dataset="mnist"))
    assert data.x_train.shape == (60_000, 28, 28, 3)
    assert data.x_test.shape == (10_000, 28, 28, 3)
    np.testing.assert_array_equal(data.y_test, mnist.y_test)
    np.testing.assert_array_equal(data.x_test.max(axis=-1), mnist.x_test[..., 0])
    brightest = data.x_train.reshape(60_000, -1, 3).max(axis=1)
    hues = np.array([colorsys.rgb_to_hsv(*rgb)[0] * 10 for rgb in brightest / 255])
    agree = np.abs((hues - data.y_train + 5) % 10 - 5) < 0.5
    assert abs(agree.mean() - 0.91) < 0.005
    assert data.sha256 != mnist.sha256
    again = load_dataset(run_flags(dataset="colored-mnist"))
    assert again.sha256 == data.sha256
    assert again.x_train.tobytes() == data.x_train.tobytes()
