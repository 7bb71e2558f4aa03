"""Chance in tests: another seed each time, and printed, to repeat a failure."""

import os
import secrets

import numpy as np


def generator():
    """Returns a NumPy generator; the environment's TEST_SEED, if set, is its seed."""
    seed = int(os.environ.get("TEST_SEED") or secrets.randbits(32))
    print(f"\nchance: TEST_SEED={seed} repeats it")
    return np.random.default_rng(seed)
