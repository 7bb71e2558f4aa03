"""The ways that need no other packages, and arithmetic. No test looks at a time."""

import numpy as np
import pytest

from benchmarks.arithmetic import flop_per_step, taps
from benchmarks.bench import BATCH_SIZE, LATENT_DIM, WAYS, Way, paired_ratio
from benchmarks.inputs import arrays as inputs
from tests.test_compat import conv2d_oracle


@pytest.mark.parametrize(("length", "stride"), [(28, 2), (14, 2), (7, 1), (8, 4)])
def test_taps_against_a_convolution_of_ones(length, stride):
    ones = conv2d_oracle(np.ones((1, length, length, 1)), np.ones((4, 4, 1, 1)), stride)
    assert taps(length, stride) ** 2 == ones.sum()


def test_useful_arithmetic_of_a_step():
    assert flop_per_step(5, 128) == 10_072_588_800
    assert flop_per_step(5, 64) * 2 == flop_per_step(5, 128)
    more = flop_per_step(6, 1) - flop_per_step(5, 1)
    assert more == 2 * 3 * (2 * 3136 + 49)


def test_what_slows_one_round_does_not_change_a_ratio():
    assert paired_ratio([2, 6, 20], [1, 4, 10]) == 2  # of the medians it would be 1.5


def test_what_a_worker_prints_is_shown_if_it_fails(tmp_path, capfd):
    arrays = tmp_path / "arrays.npz"
    np.savez(arrays, **inputs(BATCH_SIZE, LATENT_DIM))
    way = Way("ours", WAYS["this program, float32"], arrays, 1)
    way.ask("loss")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(SystemExit, match="bench: ours ended at .*: see above"):
        way.ask("nothing")
    way.end()
    assert "'Worker' object has no attribute '_nothing'" in capfd.readouterr().err


def test_all_ways_are_the_same_network_and_train(tmp_path):
    arrays = tmp_path / "arrays.npz"
    content = inputs(BATCH_SIZE, LATENT_DIM)
    np.savez(arrays, **content | {"held_out": content["held_out"][:600]})
    other = "pytorch", "jax_jit"  # their packages are not among the tests'
    setups = {k: v for k, v in WAYS.items() if v["module"] not in other}
    ways = [Way(name, setup, arrays, 1) for name, setup in setups.items()]
    losses = [way.ask("loss") for way in ways]
    held_out = []
    for way, loss in zip(ways, losses, strict=True):
        tolerance = {"float32": 1e-3, "bfloat16": 1e-2}[way.precision]
        assert loss == pytest.approx(losses[0], rel=tolerance), way.name
        held_out.append(way.ask("held_out"))
        assert [len(way.ask("steps", 2)) for _ in range(2)] == [2, 2]
        assert way.ask("memory") > 1e8
        assert way.ask("start_up") > 0
        assert way.ask("loss") < loss - 1
        assert way.ask("held_out") < held_out[-1] - 1
        way.end()
    assert [way.precision for way in ways].count("bfloat16") == 1
    assert losses[0] != losses[1]
    # 600 images are a batch of 500 and a short one; all in float32.
    assert held_out == pytest.approx([held_out[0]] * len(held_out), rel=1e-5)
    assert held_out[0] == pytest.approx(losses[0], rel=0.02)
