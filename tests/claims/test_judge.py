from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.claims.judge import Judge


def shades(*levels):
    """Images of 2x2 in these shades of grey."""
    return np.array(levels, np.uint8)[:, None, None, None] * np.ones(
        (1, 2, 2, 1), np.uint8
    )


@pytest.fixture
def dataset():
    """Class 3 is dark, from 0 to 19, and class 7 bright, from 200 to 219."""
    return SimpleNamespace(
        x_train=shades(*range(20), *range(200, 220)),
        y_train=np.repeat([3, 7], 20),
        # The last is twice as far, at 2 * 6, as the one before.
        x_test=shades(*[5] * 90, *[205] * 8, 222, 225),
        y_test=np.array([3] * 90 + [7] * 9 + [3]),
    )


def test_the_limits_are_those_of_the_test_images(dataset):
    limits = Judge(dataset).limits
    assert limits["accuracy"] == 0.99
    assert limits["distance"] == 0  # 98 of 100 are training images
    assert limits["valid"]["test images"] == 0.98
    assert limits["valid"]["noise"] < 0.1
    assert limits["valid"]["mean image"] == 0  # 109, far from both


def test_valid_is_near_and_of_one_class(dataset):
    dataset.x_test = shades(*[25] * 100)  # 2 * (25 - 19) from the nearest
    judge = Judge(dataset)
    assert judge.limits["distance"] == 12
    found = judge.judge(shades(25, 26, 10, 194, 193, 110))
    assert found.classes.tolist() == [3, 3, 3, 7, 7, 7]
    assert found.valid.tolist() == [True, False, True, True, False, False]


def test_the_ten_nearest_have_to_agree(dataset):
    dataset.y_train[12] = 4
    judge = Judge(dataset)
    judge.limits["distance"] = 100
    assert judge.judge(shades(1, 4, 8, 12, 19)).valid.tolist() == [
        *(True, True, False, False, False)
    ]
    assert judge.judge(shades(12)).classes.tolist() == [4]


def test_earlier_limits_are_taken(dataset):
    limits = {"distance": 3.0}
    judge = Judge(dataset, limits)
    assert judge.limits is limits
    assert judge.judge(shades(21, 20)).valid.tolist() == [False, True]


def test_real_digits(mnist):
    dataset = SimpleNamespace(
        x_train=mnist["x_train"][:6000, ..., None],
        y_train=mnist["y_train"][:6000],
        x_test=mnist["x_test"][:400, ..., None],
        y_test=mnist["y_test"][:400],
    )
    limits = Judge(dataset).limits
    assert 0.9 < limits["accuracy"] < 0.97
    assert 0.5 < limits["valid"]["test images"] < 0.7
    assert limits["valid"]["noise"] == 0
    assert limits["valid"]["mean image"] == 0
