"""The command claims, on runs of few images and epochs."""

import json
import shutil

import numpy as np
import pytest

from autoencoder.claims import measuring, records
from autoencoder.commands import claims
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from tests.commands import runner
from tests.conftest import SMALL, run_flags, train_only


@pytest.fixture(scope="module")
def folder(mnist, tmp_path_factory):
    """Runs with z = 2 of two seeds, one of them also without KL, and others.

    Their data has images of 8x8 pixels, of all ten digits.
    """
    folder = tmp_path_factory.mktemp("Results")
    (folder / "data").mkdir()
    data = folder / "data" / "mnist.npz"
    parts = {"train": slice(300), "test": slice(12, 62)}
    arrays = {f"x_{n}": mnist[f"x_{n}"][part][SMALL] for n, part in parts.items()}
    arrays |= {f"y_{n}": mnist[f"y_{n}"][part] for n, part in parts.items()}
    np.savez(data, **arrays)
    every = (
        {"seed": 1},
        {"seed": 2},
        {"seed": 1, "kl_weight": 0.0},
        {"seed": 3, "batch_size": 64, "epochs": 1},
        {"seed": 4, "epochs": 1},
    )
    values = {"dataset": str(data), "results_dir": str(folder), "epochs": 2}
    for changes in every:
        train_only(**values | changes)
    return folder


@pytest.fixture
def measure(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "_EPOCH", 2)
    command = runner(folder, tmp_path)
    return lambda **flags: command("claims", results_dir=str(folder), **flags)


def test_only_plain_runs_of_the_posts_settings_count(folder):
    found = {(one.path.name, one.setting, one.seed) for one in records.find(folder)}
    assert found == {
        ("mnist-z2-seed1", "mnist-z2", 1),
        ("mnist-z2-seed2", "mnist-z2", 2),
        ("mnist-z2-seed4", "mnist-z2", 4),
        ("mnist-z2-kl0-seed1", "mnist-z2-kl0", 1),
    }


def test_measures_are_written_and_kept(measure, capsys, monkeypatch):
    output = measure()
    printed = capsys.readouterr().out
    assert printed.count(": measuring, after epoch 2\n") == 3
    assert "mnist-z2-seed4: left out, it needs a checkpoint of epoch 2" in printed
    assert f"the same as JSON: {output / 'claims.json'}" in printed
    content = json.loads((output / "claims.json").read_text())
    assert [run["run"] for run in content["runs"]] == [
        *("mnist-z2-kl0-seed1", "mnist-z2-seed1", "mnist-z2-seed2")
    ]
    assert set(content["runs"][1]["measures"]) == {
        *("grid", "neighbours", "plane", "reconstructions", "start")
    }
    assert set(content["data"]) == {"mnist"}
    seeds = {
        one["number"]: [sorted(part["seeds"]) for part in one["parts"]]
        for one in content["claims"]
    }
    assert seeds[1] == [[]]  # there is no run with z = 5
    assert seeds[4] == [["1", "2"]]
    assert seeds[5] == [["1", "2"], []]
    assert seeds[9] == [["1"]]

    monkeypatch.setattr(measuring, "Judge", None)  # nothing is measured again
    before = (output / "claims.json").read_bytes()
    measure()
    assert "measuring" not in capsys.readouterr().out
    assert (output / "claims.json").read_bytes() == before


def test_a_stop_costs_the_run_that_was_being_measured(measure, tmp_path, monkeypatch):
    whole, names = measuring._measure, []

    def stopped(setting, run, *rest):
        names.append(run.path.name)
        if len(names) == 2:
            raise KeyboardInterrupt
        return whole(setting, run, *rest)

    monkeypatch.setattr(measuring, "_measure", stopped)
    with pytest.raises(KeyboardInterrupt):
        measure()
    content = json.loads((tmp_path / "out" / "claims.json").read_text())
    assert [run["run"] for run in content["runs"]] == names[:1]


def test_measures_of_runs_that_are_gone_stay(measure, folder, tmp_path, capsys):
    output = measure()
    gone, away = folder / "mnist-z2-seed2", tmp_path / "away"
    gone.rename(away)
    measure()
    away.rename(gone)
    content = json.loads((output / "claims.json").read_text())
    assert len(content["runs"]) == 3


def test_a_run_like_another_is_left_out(measure, folder, tmp_path, capsys):
    first = (folder / "mnist-z2-seed1" / "flags.json").read_text()
    (folder / "twin").mkdir()
    for name in ("metrics.csv", "flags.json"):
        (folder / "twin" / name).write_text(first)
    measure()
    assert "twin: left out, mnist-z2-seed1 is like it" in capsys.readouterr().out
    for path in (folder / "twin").iterdir():
        path.unlink()
    (folder / "twin").rmdir()


def test_a_seed_trained_again_replaces_what_was_measured(measure, folder, tmp_path):
    measure()
    again, away = folder / "again", tmp_path / "away"
    (folder / "mnist-z2-seed2").rename(away)
    shutil.copytree(away, again)
    content = json.loads((measure() / "claims.json").read_text())
    shutil.rmtree(again)
    away.rename(folder / "mnist-z2-seed2")
    runs = [run["run"] for run in content["runs"]]
    assert runs == ["again", "mnist-z2-kl0-seed1", "mnist-z2-seed1"]


def test_other_data_called_mnist_is_left_out(measure, folder, capsys):
    """Without labels, or with some of the classes, there is nothing to measure."""
    with np.load(folder / "data" / "mnist.npz") as file:
        arrays = dict(file)
    few = arrays["y_train"] < 9
    others = {
        "bare": {"x_train": arrays["x_train"], "x_test": arrays["x_test"]},
        "nine": arrays | {n: arrays[n][few] for n in ("x_train", "y_train")},
        "more": arrays | {"x_test": arrays["x_test"][::-1]},
    }
    for seed, (name, content) in enumerate(others.items(), 10):
        data = folder / "data" / name / "mnist.npz"
        data.parent.mkdir()
        np.savez(data, **content)
        shutil.copytree(folder / "mnist-z2-seed1", folder / name)
        path = folder / name / "flags.json"
        description = json.loads(path.read_text())
        description["flags"] |= {"dataset": str(data), "seed": seed}
        sha256 = load_dataset(run_flags(dataset=str(data))).sha256
        description["dataset"]["sha256"] = sha256
        path.write_text(json.dumps(description))
    measure()
    printed = capsys.readouterr().out
    for name in others:
        shutil.rmtree(folder / name)
    for name in ("bare", "nine"):
        assert f"{name}: left out, its mnist has not test images of lab" in printed
    assert "more: left out, its mnist is other data than the first run's" in printed
    assert printed.count(": measuring") == 3


def test_an_older_run_lacks_arrays(measure, folder, capsys):
    path = folder / "mnist-z2-seed2" / "snapshots" / "epoch-1.npz"
    whole = path.read_bytes()
    with np.load(path) as file:
        arrays = {name: file[name] for name in file if not name.startswith("first_me")}
    np.savez_compressed(path, **arrays)
    output = measure()
    path.write_bytes(whole)
    assert "epoch-1.npz has no first_means: claims that need it are left out" in (
        capsys.readouterr().out
    )
    content = json.loads((output / "claims.json").read_text())
    found = {one["number"]: one["parts"][0]["seeds"] for one in content["claims"]}
    assert [*found[4]] == ["1"]
    assert [*found[14]] == ["1", "2"]


def test_a_damaged_file_is_made_anew(measure, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "claims.json").write_text('{"data": {}, "runs": [{"run"')
    content = json.loads((measure() / "claims.json").read_text())
    assert len(content["runs"]) == 3


def test_without_runs_there_is_one_line(tmp_path, run_program):
    done = run_program("claims")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("main.py: no run in Results that the claims are ")
    assert done.stderr.count("\n") == 1
    with pytest.raises(UserError, match="no run in .*nowhere"):
        runner(tmp_path, tmp_path)("claims", results_dir=str(tmp_path / "nowhere"))
