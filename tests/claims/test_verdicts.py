import pytest

from autoencoder.claims import tables, verdicts
from autoencoder.claims.records import Record


def grid(classes, valid):
    late = {"classes": [1] * classes + [0] * (10 - classes), "valid": valid}
    return {"first": {"classes": [1] * 10, "valid": 0.5}, "late": late}


def record(seed, setting="mnist-z2", **measures):
    return Record(f"{setting}-seed{seed}", setting, seed, "", measures)


def claim(number, records):
    return verdicts.results(records)[number - 1]


@pytest.mark.parametrize(
    ("fulfilled", "verdict"),
    [
        (5, "holds"),
        (4, "holds"),
        (3, "holds in part"),
        (2, "holds in part"),
        (1, "does not hold"),
        (0, "does not hold"),
    ],
)
def test_the_verdict_over_five_seeds(fulfilled, verdict):
    plane = {"std_devs": [1, 1], "empty": 0.2, "valid": 0.5}
    records = [record(seed, plane=plane) for seed in range(5)]
    records += [
        record(
            *(seed, "mnist-z2-kl0"),
            plane=plane | {"std_devs": [2, 3 if seed < fulfilled else 1]},
        )
        for seed in range(5)
    ]
    found = claim(9, records)
    assert found["verdict"] == verdict
    (part,) = found["parts"]
    assert sum(one["is_fulfilled"] for one in part["seeds"].values()) == fulfilled
    areas = part["values"]["times as large without KL"]
    assert areas["mean"] == pytest.approx((6 * fulfilled + 2 * (5 - fulfilled)) / 5)
    assert tables.seeds(part) == f"{fulfilled} of 5 seeds fulfil it"


def test_a_seed_needs_both_of_a_pair():
    plane = {"std_devs": [1, 1], "empty": 0.2, "valid": 0.5}
    records = [record(1, plane=plane), record(2, "mnist-z2-kl0", plane=plane)]
    assert claim(9, records)["parts"][0]["seeds"] == {}
    records.append(record(2, plane=plane))
    found = claim(9, records)
    assert [*found["parts"][0]["seeds"]] == ["2"]
    assert found["verdict"] is None
    assert found["parts"][0]["values"]["times as large without KL"] == {
        "mean": 1, "low": None, "high": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mnist", "fashion", "verdict"),
    [
        (10, 10, "holds"),
        (10, 9, "holds in part"),
        (9, 10, "holds in part"),
        (9, 9, "does not hold"),
        # For two of five seeds a part holds in part: that is not holding.
        (10, None, "holds in part"),
        (9, None, "does not hold"),
        (None, None, "does not hold"),
    ],
)
def test_a_claim_of_two_parts(mnist, fashion, verdict):
    records = [
        record(seed, setting, grid=grid(classes or (10 if seed < 2 else 9), 0.6))
        for seed in range(5)
        for setting, classes in (("mnist-z2", mnist), ("fashion-mnist-z2", fashion))
    ]
    found = claim(13, records)
    assert [part["about"] for part in found["parts"]] == ["MNIST", "Fashion-MNIST"]
    assert found["verdict"] == verdict
    assert claim(13, records[:-1])["verdict"] is None


def test_the_interval_is_students(capsys):
    values = [0.50, 0.55, 0.61, 0.52, 0.60]
    records = [record(i, grid=grid(10, v)) for i, v in enumerate(values)]
    found = claim(14, records)["parts"][0]["values"]["valid at the end, %"]
    assert found["mean"] == pytest.approx(55.6)
    # 2.776 * 4.827 / sqrt(5)
    assert found["high"] - found["mean"] == pytest.approx(5.994, abs=0.01)
    text = tables.text(verdicts.results(records))
    assert "valid at the end: 55.6% (49.6 to 61.6%)" in text
    assert "1. reconstructions and loss get better as epochs pass: nothing was" in text


def test_the_tables_of_the_page():
    records = [
        record(i, s, grid=grid(10, 0.6 + i / 100))
        for i in range(5)
        for s in ("mnist-z2", "fashion-mnist-z2")
    ]
    valid = {"test images": 0.5, "noise": 0.0}
    limits = {"distance": 1.0, "accuracy": 0.96875, "valid": valid}
    text = tables.markdown(
        verdicts.results(records), {"mnist": limits, "fashion-mnist": limits}
    )
    lines = text.splitlines()
    assert (
        "| 13 | all labels are on the grid | MNIST: 5 of 5; Fashion-MNIST: 5 of 5 "
        "| holds |"
    ) in lines
    assert "| 14 | MNIST: valid at the end | 62% | 60.0 to 64.0% |" in lines
    assert "| 9 | without KL the codes take a much larger region | 0 of 0 |  |" in lines
    assert "| test images that get their own class | 96.9% | 96.9% |" in lines
    assert "| valid: noise | 0.0% | 0.0% |" in lines
