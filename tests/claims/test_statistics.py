import numpy as np
import pytest

from autoencoder.claims.statistics import equivalence, interval, student_t


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [  # from printed tables; the last is the normal distribution's
        (0.975, 1, 12.70620),
        (0.975, 4, 2.776445),
        (0.95, 8, 1.859548),
        (0.95, 2, 2.919986),
        (0.995, 9, 3.249836),
        (0.975, 1e5, 1.959988),
    ],
)
def test_quantiles_of_students_t(probability, freedom, expected):
    assert student_t(probability, freedom) == pytest.approx(expected, rel=1e-5)


def test_between_whole_degrees_of_freedom_the_quantile_falls():
    quantiles = [student_t(0.95, freedom) for freedom in (4, 4.5, 5)]
    assert quantiles[0] > quantiles[1] > quantiles[2]
    assert quantiles[1] == pytest.approx(2.0680, abs=0.003)


def test_the_interval_of_a_mean():
    values = [116.5, 117.8, 117.1, 116.9, 116.8]
    error = np.sqrt(sum((v - np.mean(values)) ** 2 for v in values) / 4 / 5)
    assert interval(values) == pytest.approx(2.776445 * error, rel=1e-6)
    assert interval(values, 0.9) == pytest.approx(2.131847 * error, rel=1e-6)
    assert interval([3.0]) is None


def test_equivalence_against_welchs_formulas():
    first, second = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 2.5, 3.0, 3.5, 4.5]
    found = equivalence(first, second, margin=1.5)
    assert found.difference == pytest.approx(-0.1)
    shares = 2.5 / 5, 0.925 / 5
    freedom = sum(shares) ** 2 / (shares[0] ** 2 / 4 + shares[1] ** 2 / 4)
    assert found.freedom == pytest.approx(freedom)
    half = student_t(0.95, freedom) * np.sqrt(sum(shares))
    assert (found.low, found.high) == pytest.approx((-0.1 - half, -0.1 + half))
    widest = max(-found.low, found.high)
    assert equivalence(first, second, widest + 1e-6).is_shown
    assert not equivalence(first, second, widest - 1e-6).is_shown
    assert found.is_shown == (widest < 1.5)


def test_equivalence_looks_at_both_ends():
    near, far = [0.0, 0.1, -0.1], [5.0, 5.1, 4.9]
    assert not equivalence(near, far, 1.5).is_shown
    assert not equivalence(far, near, 1.5).is_shown
    assert equivalence(near, near, 1.5).is_shown


def test_equivalence_comes_at_its_rate():
    """At the margin itself, the tests say so wrongly in 5 of 100 cases."""
    random = np.random.default_rng(0)
    draws = random.normal(size=(600, 2, 5)) * [[[0.5], [0.9]]]
    wrong = [equivalence(a, b + 1.5, 1.5).is_shown for a, b in draws]
    assert 0.02 < np.mean(wrong) < 0.08
