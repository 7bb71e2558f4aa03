"""The trainings for the test of equivalence, on little data."""

import csv

import numpy as np
import pytest

from benchmarks import equivalence
from benchmarks.equivalence import Training, run, trainings
from benchmarks.original import Peer


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_five_seeds_of_each_setting_side_by_side():
    planned = trainings()
    assert len(planned) == len({training.name for training in planned}) == 30
    assert [training.name for training in planned[:6]] == [
        "original-mnist-z5-seed1",
        "here-mnist-z5-seed1",
        "original-fashion-mnist-z2-seed1",
        "here-fashion-mnist-z2-seed1",
        "here-mnist-z2-seed1",
        "here-mnist-z2-kl0-seed1",
    ]
    assert {training.seed for training in planned} == {1, 2, 3, 4, 5}


def test_rows_are_appended_once(small_npz, tmp_path, capsys):
    path, runs = tmp_path / "rows.csv", str(tmp_path / "runs")
    planned = [
        Training(program, str(small_npz), 2, 1, 3) for program in ("original", "here")
    ]
    run(planned[:1], path, epochs=2, runs=runs)
    run(planned, path, epochs=2, runs=runs)
    rows = rows_of(path)
    assert [(row["program"], row["epoch"]) for row in rows] == [
        ("original", "1"), ("original", "2"), ("here", "1"), ("here", "2")
    ]  # fmt: skip
    for row in rows:
        losses = [float(row[name]) for name in equivalence._LOSSES]
        assert losses[0] + losses[1] == pytest.approx(losses[2], abs=2e-3)
        assert 190 < losses[2] < 560
    assert float(rows[0]["test_loss"]) != float(rows[2]["test_loss"])
    run(planned, path, epochs=2, runs=runs)
    assert rows_of(path) == rows
    assert "0 of 2 trainings to do" in capsys.readouterr().out
    assert (tmp_path / "runs" / planned[1].name / "snapshots" / "epoch-2.npz").exists()


def test_a_training_that_fails_names_its_log(tmp_path):
    path = tmp_path / "rows.csv"
    gone = Training("here", str(tmp_path / "gone.npz"), 2, 1, 1)
    with pytest.raises(SystemExit, match="here-gone-z2-seed1 ended with 1: see .*log"):
        run([gone], path, epochs=1, runs=str(tmp_path / "runs"))
    assert "gone.npz" in (tmp_path / "runs" / "here-gone-z2-seed1.log").read_text()
    assert not path.exists()


def test_the_finite_loss_is_the_originals(images):
    settings = {"latent_dim": 5, "batch_size": 100, "threads": 1, "seed": 7}
    epsilon = np.random.default_rng(0).standard_normal((20, 5))
    batch = images[:20] / 255
    literal, finite = (
        Peer(images, {}, is_finite=is_finite, **settings).loss(batch, epsilon)
        for is_finite in (False, True)
    )
    assert finite == pytest.approx(literal, rel=1e-5)
    assert finite > 300
