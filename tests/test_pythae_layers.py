"""PyTorch's layers on this program's, against NumPy."""

import numpy as np
import pytest

from autoencoder.compat import tf
from benchmarks.networks import pythae
from tests.test_compat import run

RANDOM = np.random.default_rng(0)
BATCH_NORM = "batch_norm/"


@pytest.mark.parametrize(("length", "outputs"), [(28, 14), (7, 3), (3, 1)])
def test_convolution_pads_each_side_by_one(length, outputs):
    x = RANDOM.standard_normal((2, length, length, 3))
    kernel, bias = RANDOM.standard_normal((4, 4, 3, 5)), RANDOM.standard_normal(5)
    result, _, _ = run(
        lambda x: pythae.convolution(x, 5),
        [x],
        {"conv2d/kernel": kernel, "conv2d/bias": bias},
    )
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    expected = np.zeros((2, outputs, outputs, 5))
    for i in range(outputs):
        for j in range(outputs):
            patch = padded[:, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
            expected[:, i, j] = np.tensordot(patch, kernel, 3) + bias
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("output_padding", [0, 1])
def test_transposed_convolution_cuts_as_pytorch_does(output_padding):
    """Input pixel i stamps the kernel's places 0 to 2 on outputs 2i - 1 to 2i + 1."""
    x = RANDOM.standard_normal((2, 4, 3, 5))
    kernel, bias = RANDOM.standard_normal((3, 3, 2, 5)), RANDOM.standard_normal(2)
    result, _, _ = run(
        lambda x: pythae.transposed_convolution(x, 2, output_padding),
        [x],
        {"conv2d_transpose/kernel": kernel, "conv2d_transpose/bias": bias},
    )
    height, width = 7 + output_padding, 5 + output_padding
    expected = np.tile(bias, (2, height, width, 1))
    for i, j, row, column in np.ndindex(4, 3, 3, 3):
        y, z = 2 * i + row - 1, 2 * j + column - 1
        if 0 <= y < height and 0 <= z < width:
            expected[:, y, z] += x[:, i, j] @ kernel[row, column].T
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_first_weights_are_pytorchs():
    def build_and_fetch(x):
        pythae.transposed_convolution(x, 32, output_padding=0)
        return tf.global_variables()

    (kernel, bias), _, _ = run(build_and_fetch, [np.zeros((1, 4, 4, 64))])
    limit = 1 / np.sqrt(9 * 32)
    assert 0.99 * limit < np.abs(kernel).max() < limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert 0 < np.abs(bias).max() < limit


@pytest.mark.parametrize(("batch", "size"), [(6, 1), (4, 5)])
def test_batch_norm_in_training(batch, size):
    """As in PyTorch: the biased variance divides, the unbiased one is remembered."""
    x = RANDOM.normal(3, 2, (batch, size, size, 4))
    gamma, beta = RANDOM.standard_normal((2, 4))

    def build_and_update(x):
        x = pythae.batch_norm(x, is_training=True)
        return [x, *tf.get_collection(tf.GraphKeys.UPDATE_OPS)]

    values = {f"{BATCH_NORM}gamma": gamma, f"{BATCH_NORM}beta": beta}
    (result, mean, variance), _, _ = run(build_and_update, [x], values)
    axes = (0, 1, 2)
    normal = (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-5)
    np.testing.assert_allclose(result, gamma * normal + beta, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(mean, 0.1 * x.mean(axes), rtol=1e-4)
    unbiased = x.var(axes, ddof=1)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * unbiased, rtol=1e-4)


def test_batch_norm_in_evaluation():
    x = RANDOM.standard_normal((2, 3, 3, 4))
    gamma, beta, mean, variance = np.abs(RANDOM.standard_normal((4, 4)))
    values = {"gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
    result, names, _ = run(
        lambda x: pythae.batch_norm(x, is_training=False),
        [x],
        {BATCH_NORM + name: value for name, value in values.items()},
    )
    expected = gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)
    assert names == sorted(BATCH_NORM + name for name in values)
