"""Each rule on measures that just fulfil it, and on such that just do not."""

import numpy as np
import pytest

from autoencoder.claims import measures
from autoencoder.claims.claim import SETTINGS
from autoencoder.claims.rules import CLAIMS
from autoencoder.claims.verdicts import needed
from autoencoder.report import post_catalogue
from tests.conftest import ROOT

FALLING = [200.0 - epoch for epoch in range(20)]


def kept(first, last):
    return {"kept": [first, *np.linspace(first, last, 19)]}


def confused(early, late=0):
    """That many digits are mostly taken for a 9, early and late."""
    tables = {}
    for at, count in (("early", early), ("late", late)):
        table = 10 * np.eye(10)
        table[:count, 9] = 11
        tables[at] = table.tolist()
    return tables


def named(nines, fives):
    table = np.diag(np.arange(1, 11))
    table[2, 9], table[3, 5] = nines, fives
    return {"early": table.tolist()}


def start(kl=0.49, means=(0.1, 0.19), std_dev=0.7):
    return {"kl": kl, "means": list(means), "std_dev": std_dev}


def equal(early, late):
    return {"early": early, "equal": [0.1, late], "chance": 0.1}


def shares(**own):
    """Shares of classes: 0.5 of each one's neighbours are its own, others as given."""
    table = np.full((10, 10), 0.05)
    np.fill_diagonal(table, 0.5)
    for name, value in own.items():
        i, j = int(name[1]), int(name[2])
        table[i, j] = table[j, i] = value
    return {"shares": table.tolist()}


def garments(tops, shoes):
    pairs = {f"p{i}{j}": tops for i in (0, 2, 4) for j in (2, 4, 6) if i < j}
    pairs |= {"p06": tops, "p57": shoes, "p59": shoes, "p79": shoes}
    return shares(**pairs)


def plane(std_devs=(1, 1), empty=0.1, valid=0.5):
    return {"std_devs": list(std_devs), "empty": empty, "valid": valid}


def grid(classes=10, valid=0.3, first_classes=5, first_valid=0.1):
    def counts(number):
        return [1] * number + [0] * (10 - number)

    return {
        "first": {"classes": counts(first_classes), "valid": first_valid},
        "late": {"classes": counts(classes), "valid": valid},
    }


def lines(over, others):
    """100 lines of 21 points, so many over a sneaker; so many points are bags."""
    table = np.full((100, 21), 5)
    table[:, -1] = 9
    table[:over, 10] = 7
    table.ravel()[np.flatnonzero(table.ravel() == 5)[:others]] = 8
    return table.tolist()


VALID = {"valid": 0.6}
CASES = {  # of each claim: measures that fulfil it, and that do not
    1: (
        [(FALLING, kept(0.3, 0.41))],
        [
            (FALLING, kept(0.3, 0.39)),
            ([*FALLING[:9], 250, *FALLING[10:]], kept(0.3, 0.9)),
            ([*FALLING[:19], 250], kept(0.3, 0.9)),
            ([180, 180, *FALLING[2:]], kept(0.3, 0.9)),
        ],
    ),
    2: ([(confused(3),)], [(confused(2),), (confused(5, 1),)]),
    3: ([(named(3, 2),)], [(named(2, 3),), (named(2, 2),), (named(0, 0),)]),
    4: (
        [(start(),)],
        [
            (start(kl=0.5),),
            (start(means=(0.2, 0)),),
            (start(std_dev=0.49),),
            (start(std_dev=1.6),),
        ],
    ),
    5: ([(equal(0.4, 0.51),)], [(equal(0.4, 0.49),), (equal(0.6, 0.59),)]),
    6: (
        [(shares(p00=0.6, p11=0.7),)],
        [(shares(p00=0.6, p22=0.7),), (shares(p11=0.6, p22=0.7),)],
    ),
    7: (
        [(shares(p38=0.1, p49=0.2, p79=0.3),)],
        [(shares(p38=0.1, p49=0.2, p79=0.3, p35=0.2),)],
    ),
    8: ([(garments(0.26, 0.26),)], [(garments(0.24, 0.3),), (garments(0.3, 0.24),)]),
    9: ([(plane(), plane((2, 2)))], [(plane(), plane((2, 1.9)))]),
    10: (
        [(plane(empty=0.25), plane(empty=0.375))],
        [(plane(empty=0.25), plane(empty=0.34)), (plane(empty=0.3), plane(empty=0.1))],
    ),
    11: (
        [(plane(valid=0.4), plane(valid=0.29), VALID)],
        [
            (plane(valid=0.4), plane(valid=0.31), VALID),
            (plane(valid=0.2), plane(valid=0.29), VALID),
            (plane(valid=None), plane(valid=0.1), VALID),
            (plane(), plane(valid=None), VALID),
        ],
    ),
    12: (
        [(grid(valid=0.31), VALID)],
        [(grid(valid=0.29), VALID), (grid(valid=0), {"valid": 0})],
    ),
    13: ([(grid(10),)], [(grid(9),)]),
    14: (
        [(grid(5, 0.2),)],
        [(grid(4, 0.2),), (grid(5, 0.1),)],
    ),
    15: ([(lines(50, 420),)], [(lines(49, 0),), (lines(100, 421),)]),
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.number))
def test_the_rule_draws_its_line(claim):
    fulfilling, failing = CASES[claim.number]
    for part in claim.parts:
        for given in fulfilling:
            assert part.rule(*given).is_fulfilled, given
        for given in failing:
            assert not part.rule(*given).is_fulfilled, given


def test_what_a_rule_shows():
    rules = {claim.number: claim.parts[0].rule for claim in CLAIMS}
    assert rules[7](shares(p38=0.2, p49=0.3)).values == {
        "rank among 45 pairs": 2, "overlap, %": pytest.approx(20)
    }  # fmt: skip
    assert rules[9](plane(), plane((2, 3))).values == {"times as large without KL": 6}
    shown = rules[8](garments(0.3, 0.2)).values
    assert shown == {
        "overlap of tops, %": pytest.approx(30),
        "overlap of shoes, %": pytest.approx(20),
        "overlap of other pairs, %": pytest.approx(5),
    }
    known = rules[11](plane(valid=None), plane(valid=0.1), VALID).values
    assert "valid in the holes with KL, %" not in known


def test_claims_are_those_of_the_page_in_its_order():
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    texts = [row[2] for row in rows if row[0][2:].isdigit() and len(row) == 5]
    assert texts == [claim.text for claim in CLAIMS]
    assert [claim.number for claim in CLAIMS] == [*range(1, 16)]


def test_every_need_is_a_measure_of_a_setting():
    for claim in CLAIMS:
        for part in claim.parts:
            for setting, measure in part.needs:
                assert setting in SETTINGS
                assert callable(getattr(measures, measure))
    assert needed("mnist-z2-kl0") == ["plane", "reconstructions"]
    assert all(needed(setting) for setting in SETTINGS)


def test_every_claim_belongs_to_a_figure_of_the_post():
    figures = {shown.name for part in post_catalogue.FIGURES.values() for shown in part}
    assert {part.figure for claim in CLAIMS for part in claim.parts} <= figures
