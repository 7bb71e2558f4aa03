import pytest

from autoencoder import model, weights
from autoencoder.errors import UserError
from tests.conftest import run_flags


@pytest.mark.parametrize(
    ("shape", "changes"),
    [
        ((28, 28, 1), {"latent_dim": 5}),
        ((28, 28, 1), {"inputs_decoder": 16}),
        ((8, 12, 3), {"stages": 1}),
        ((16, 24, 3), {"stages": 3, "latent_dim": 7}),
        ((16, 24, 3), {"stages": 3, "decoder": "upsampling"}),
        ((8, 4, 1), {"stages": 1, "decoder": "upsampling"}),
        ((8, 8, 3), {"stages": 2, "decoder": "upsampling", "precision": "bfloat16"}),
    ],
)
def test_as_many_as_the_graph_has(shape, changes):
    flags = run_flags(**changes)
    net = model.build(shape, flags=flags)
    assert weights.count(shape, flags) == model.parameter_count(net)


def test_the_posts_number():
    assert weights.count((28, 28, 1), run_flags(latent_dim=5)) == 3_373_538


def test_upsampling_has_less_than_a_seventh_of_them():
    flags = run_flags(latent_dim=5, decoder="upsampling")
    assert weights.count((28, 28, 1), flags) == 452_977 < 3_373_538 / 7


def test_too_many():
    shape = (128, 128, 3)
    with pytest.raises(UserError, match="5,638,824,324 weights.*--decoder upsampling"):
        weights.require_not_too_many(shape, run_flags())
    weights.require_not_too_many(shape, run_flags(decoder="upsampling"))
    flags = run_flags(decoder="upsampling", latent_dim=10**6)
    with pytest.raises(UserError, match="choose a smaller --latent_dim$"):
        weights.require_not_too_many(shape, flags)
