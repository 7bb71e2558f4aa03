import numpy as np
import pytest

from autoencoder.randomness import generator, image_order


def draw(*key):
    return generator(*key).standard_normal(4).tolist()


def test_generator_is_a_function_of_its_key():
    assert draw("held-out", 3, 7) == draw("held-out", 3, 7)
    keys = [("held-out", 3, 7), ("order", 3, 7), ("held-out", 4, 7), ("held-out", 3, 8)]
    assert len({tuple(draw(*key)) for key in keys}) == 4


def test_order_of_the_post_is_that_of_the_file():
    for epoch in (1, 2):
        assert image_order(5, seed=1, epoch=epoch, shuffle=False).tolist() == [
            *range(5)
        ]


@pytest.mark.parametrize("count", [1, 300])
def test_shuffled_order_is_a_permutation(count):
    order = image_order(count, seed=1, epoch=2, shuffle=True)
    assert sorted(order.tolist()) == [*range(count)]
    np.testing.assert_array_equal(order, image_order(count, 1, 2, True))


def test_shuffled_order_changes_with_epoch_and_seed():
    orders = [
        image_order(300, seed, epoch, True) for seed in (0, 1) for epoch in (1, 2)
    ]
    assert len({order.tobytes() for order in orders}) == 4
