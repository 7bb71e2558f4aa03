"""Student's t: intervals of means, and Welch's two one-sided tests."""

from typing import NamedTuple

import numpy as np

_ANGLES = 200_001


def student_t(probability, freedom):
    """Returns the quantile of Student's t distribution.

    Its density falls as cos(a)**(freedom - 1) over the angle a, where the quantile is
    sqrt(freedom) * tan(a).

    Args:
        probability: float, from 0.5 to 1, exclusive.
        freedom: float, degrees of freedom, at least 1.
    """
    angles = np.linspace(0, np.pi / 2, _ANGLES)
    density = np.cos(angles) ** (freedom - 1)
    area = np.concatenate([[0], np.cumsum(density[1:] + density[:-1])])
    angle = np.interp(2 * probability - 1, area / area[-1], angles)
    return float(np.sqrt(freedom) * np.tan(angle))


def interval(values, level=0.95):
    """Returns half the width of the interval of a mean, or None for fewer than two.

    Args:
        values: list of float, a sample.
        level: float, the interval's confidence.
    """
    if len(values) < 2:
        return None
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return float(student_t((1 + level) / 2, len(values) - 1) * error)


class Equivalence(NamedTuple):
    """Result of two one-sided tests (Schuirmann 1987).

    Attributes:
        difference: float, mean of the first sample minus that of the second.
        low, high: float, the interval that has to lie within the margin.
        freedom: float, Welch's degrees of freedom.
        is_shown: bool, whether it does.
    """

    difference: float
    low: float
    high: float
    freedom: float
    is_shown: bool


def equivalence(first, second, margin, level=0.05):
    """Tests whether two samples have means closer than a margin, by Welch's t.

    Both one-sided tests at a level reject exactly if the interval with confidence
    1 - 2 * level lies within the margin.

    Args:
        first: list of at least two float.
        second: the same.
        margin: float.
        level: float, of each test.

    Returns:
        Equivalence.
    """
    shares = [np.var(part, ddof=1) / len(part) for part in (first, second)]
    weights = [
        share**2 / (len(part) - 1)
        for share, part in zip(shares, (first, second), strict=True)
    ]
    freedom = float(sum(shares) ** 2 / sum(weights))
    half = student_t(1 - level, freedom) * np.sqrt(sum(shares))
    difference = float(np.mean(first) - np.mean(second))
    low, high = float(difference - half), float(difference + half)
    return Equivalence(difference, low, high, freedom, -margin < low and high < margin)
