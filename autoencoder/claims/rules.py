"""The rules of the claims, in the order of the post.

docs/claims.md has them in words, with their place in the post. Each rule is a function
from measures, see measures.py, to a Finding.
"""

from itertools import combinations

import numpy as np

from autoencoder.claims.claim import Claims, Finding

CLAIMS = Claims()
_EPOCHS = (1, 2, 5, 10)  # and the last
_TOPS, _SHOES = {0, 2, 4, 6}, {5, 7, 9}  # of Fashion-MNIST
_SNEAKER = 7
_LEARNING = "mnist-reconstructions.png"
_LATENT, _SPACE = "latent-{latent}.gif", "space-{samples}.gif"
_DIGITS = f"mnist-{_LATENT}"
_KL = "without-and-with-kl.png"
_WITH, _WITHOUT = "mnist-z2 plane", "mnist-z2-kl0 plane"


@CLAIMS.of(
    "reconstructions and loss get better as epochs pass",
    _LEARNING,
    "mnist-z5 losses",
    "mnist-z5 reconstructions",
)
def _better(losses, reconstructions):
    kept = reconstructions["kept"]
    epochs = [*(epoch for epoch in _EPOCHS if epoch < len(losses)), len(losses)]
    at = [losses[epoch - 1] for epoch in epochs]
    values = {f"loss after epoch {e}": v for e, v in zip(epochs, at, strict=True)}
    for epoch in epochs:
        values[f"of their image's class after epoch {epoch}, %"] = 100 * kept[epoch - 1]
    falls = all(later < earlier for earlier, later in zip(at, at[1:], strict=False))
    return Finding(values, falls and kept[-1] - kept[0] >= 0.1)


@CLAIMS.of(
    "at first several digits come back as one shape, later their class is kept",
    _LEARNING,
    "mnist-z5 reconstructions",
)
def _one_shape(reconstructions):
    early, late = (
        sum(np.argmax(row) != i for i, row in enumerate(reconstructions[at]))
        for at in ("early", "late")
    )
    values = {"digits mostly taken for another, early": early, "the same, late": late}
    return Finding(values, early >= 3 and late == 0)


@CLAIMS.of("that shape is a 9", _LEARNING, "mnist-z5 reconstructions")
def _nine(reconstructions):
    table = np.array(reconstructions["early"])
    np.fill_diagonal(table, 0)
    named = table.sum(axis=0) / max(1, table.sum())
    values = {
        "9 among those taken for another digit, %": 100 * named[9],
        "the most frequent of the others, %": 100 * named[:9].max(),
    }
    return Finding(values, named[9] > named[:9].max())


@CLAIMS.of("at first all codes are at the prior", _DIGITS, "mnist-z2 start")
def _at_the_prior(start):
    kl, std_dev, largest = start["kl"], start["std_dev"], max(start["means"])
    values = {
        "KL, nats": kl,
        "means' larger standard deviation": largest,
        "mean std_dev": std_dev,
    }
    return Finding(values, kl < 0.5 and largest < 0.2 and 0.5 <= std_dev <= 1.5)


@CLAIMS.of_both("equal labels come to lie close together", _LATENT, "neighbours")
def _equal_labels(neighbours):
    early, late = neighbours["early"], neighbours["equal"][-1]
    chance = neighbours["chance"]
    values = {
        "nearest codes of the same label, early, %": 100 * early,
        "the same, late, %": 100 * late,
        "the same, by chance, %": 100 * chance,
    }
    return Finding(values, late >= 5 * chance and late > early)


@CLAIMS.of("zeros and ones are set apart", _DIGITS, "mnist-z2 neighbours")
def _zeros_and_ones(neighbours):
    own = np.diagonal(neighbours["shares"])
    order = np.argsort(-own, kind="stable").tolist()
    values = {
        "rank of 0": order.index(0) + 1,
        "rank of 1": order.index(1) + 1,
        "own neighbours of 0, %": 100 * own[0],
        "own neighbours of 1, %": 100 * own[1],
        "own neighbours of all digits, %": 100 * own.mean(),
    }
    return Finding(values, set(order[:2]) == {0, 1})


@CLAIMS.of("threes and eights share a region", _DIGITS, "mnist-z2 neighbours")
def _threes_and_eights(neighbours):
    pairs = _overlaps(neighbours)
    rank = sorted(pairs, key=pairs.get, reverse=True).index((3, 8)) + 1
    values = {"rank among 45 pairs": rank, "overlap, %": 100 * pairs[3, 8]}
    return Finding(values, rank <= 3)


@CLAIMS.of(
    "garments that look alike lie together: tops, shoes",
    f"fashion-mnist-{_LATENT}",
    "fashion-mnist-z2 neighbours",
)
def _similar_garments(neighbours):
    kinds = {"tops": [], "shoes": [], "others": []}
    for pair, overlap in _overlaps(neighbours).items():
        is_tops, is_shoes = (set(pair) <= kind for kind in (_TOPS, _SHOES))
        kinds["tops" if is_tops else "shoes" if is_shoes else "others"].append(overlap)
    tops, shoes, others = map(np.mean, kinds.values())
    values = {
        "overlap of tops, %": 100 * tops,
        "overlap of shoes, %": 100 * shoes,
        "overlap of other pairs, %": 100 * others,
    }
    return Finding(values, min(tops, shoes) >= 5 * others)


@CLAIMS.of(
    "without KL the codes take a much larger region",
    _KL,
    _WITH,
    _WITHOUT,
)
def _larger_region(with_kl, without_kl):
    area = np.prod(without_kl["std_devs"]) / np.prod(with_kl["std_devs"])
    return Finding({"times as large without KL": area}, area >= 4)


@CLAIMS.of("without KL the region has holes", _KL, _WITH, _WITHOUT)
def _holes(with_kl, without_kl):
    values = {
        "cells without an image, without KL, %": 100 * without_kl["empty"],
        "the same with KL, %": 100 * with_kl["empty"],
    }
    return Finding(values, without_kl["empty"] - with_kl["empty"] >= 0.1)


@CLAIMS.of(
    "points in the holes do not decode to valid images",
    _KL,
    _WITH,
    _WITHOUT,
    "mnist-z2-kl0 reconstructions",
)
def _holes_are_invalid(with_kl, without_kl, reconstructions):
    valid = {
        "valid in the holes without KL, %": without_kl["valid"],
        "valid reconstructions without KL, %": reconstructions["valid"],
        "valid in the holes with KL, %": with_kl["valid"],
    }
    values = {name: 100 * v for name, v in valid.items() if v is not None}
    if len(values) < len(valid):  # a plane without holes
        return Finding(values, False)
    outside, known, inside = valid.values()
    return Finding(values, outside < known / 2 and outside < inside)


@CLAIMS.of(
    "points never trained on decode to valid images",
    f"mnist-{_SPACE}",
    "mnist-z2 grid",
    "mnist-z2 reconstructions",
)
def _valid_grid(grid, reconstructions):
    ours, theirs = grid["late"]["valid"], reconstructions["valid"]
    values = {
        "valid on the grid, %": 100 * ours,
        "valid reconstructions, %": 100 * theirs,
    }
    return Finding(values, 0 < ours >= theirs / 2)


@CLAIMS.of_both("all labels are on the grid", _SPACE, "grid")
def _all_labels(grid):
    classes = np.count_nonzero(grid["late"]["classes"])
    return Finding({"classes": classes}, classes == 10)


@CLAIMS.of_both("more so with epochs", _SPACE, "grid")
def _more_with_epochs(grid):
    first, late = (np.count_nonzero(grid[at]["classes"]) for at in ("first", "late"))
    values = {
        "classes after epoch 1": first,
        "classes at the end": late,
        "valid after epoch 1, %": 100 * grid["first"]["valid"],
        "valid at the end, %": 100 * grid["late"]["valid"],
    }
    is_more_valid = grid["late"]["valid"] > grid["first"]["valid"]
    return Finding(values, late >= first and is_more_valid)


@CLAIMS.of(
    "from a sandal over a sneaker to a boot",
    "interpolation.png",
    "fashion-mnist-z2 lines",
)
def _sandal_to_boot(lines):
    lines = np.array(lines)
    over_sneaker = (lines[:, 1:-1] == _SNEAKER).any(axis=1).mean()
    shoes = np.isin(lines, [*_SHOES]).mean()
    values = {
        "lines over a sneaker, %": 100 * over_sneaker,
        "points that are shoes, %": 100 * shoes,
    }
    return Finding(values, over_sneaker >= 0.5 and shoes >= 0.8)


def _overlaps(neighbours):
    """Returns a dict from each pair of classes to its overlap."""
    shares = np.array(neighbours["shares"])
    return {
        (i, j): (shares[i, j] + shares[j, i]) / 2
        for i, j in combinations(range(len(shares)), 2)
    }
