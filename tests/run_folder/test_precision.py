"""--precision auto, on processors with and without bfloat16."""

import json

import pytest

from autoencoder import machine
from autoencoder.commands import train
from autoencoder.errors import UserError
from autoencoder.files import PROGRAM
from autoencoder.run_folder import precision
from tests.conftest import run_flags, train_only

FLOAT32, BFLOAT16 = "mnist-z2", "mnist-z2-bfloat16"


@pytest.fixture
def processor(monkeypatch):
    """Sets whether the processor multiplies in bfloat16."""

    def has(is_able):
        monkeypatch.setattr(machine, "has_bfloat16", lambda: is_able)

    return has


@pytest.fixture
def settle(tmp_path):
    def settle(**changes):
        flags = {"precision": "auto", "results_dir": str(tmp_path)} | changes
        return precision.settled(run_flags(**flags), "mnist").precision

    return settle


def begin(folder, name):
    """Leaves of a run what tells its precision."""
    folder.mkdir()
    description = {"program": PROGRAM, "dataset": {}, "versions": {}}
    description["flags"] = {"precision": name}
    (folder / "flags.json").write_text(json.dumps(description))


@pytest.mark.parametrize(("is_able", "name"), [(True, "bfloat16"), (False, "float32")])
def test_a_new_run_gets_the_processors(processor, settle, is_able, name):
    processor(is_able)
    assert settle() == name


def test_what_is_named_stays(processor, settle):
    processor(True)
    assert settle(precision="float32") == "float32"


@pytest.mark.parametrize("flags", [{}, {"run_name": FLOAT32}])
def test_a_run_in_float32_goes_on_in_it(processor, settle, tmp_path, flags):
    begin(tmp_path / FLOAT32, "float32")
    processor(True)
    assert settle(**flags) == "float32"
    assert settle(**flags, overwrite=True) == "bfloat16"
    assert settle(latent_dim=5) == "bfloat16"  # another run


@pytest.mark.parametrize("flags", [{}, {"run_name": BFLOAT16}])
def test_a_run_in_bfloat16_needs_a_processor_with_it(
    processor, settle, tmp_path, flags
):
    begin(tmp_path / BFLOAT16, "bfloat16")
    processor(True)
    assert settle(**flags) == "bfloat16"
    processor(False)
    with pytest.raises(UserError, match=f"{BFLOAT16} was begun in bfloat16, .*: go on"):
        settle(**flags)
    assert settle(**flags, overwrite=True) == "float32"


@pytest.mark.parametrize(("is_able", "name"), [(True, "bfloat16"), (False, "float32")])
def test_of_two_runs_the_processors_goes_on(processor, settle, tmp_path, is_able, name):
    begin(tmp_path / FLOAT32, "float32")
    begin(tmp_path / BFLOAT16, "bfloat16")
    processor(is_able)
    assert settle() == name


def test_name_and_flags_of_a_trained_run(processor, small_npz, tmp_path, capsys):
    processor(False)
    flags = {"precision": "auto", "epochs": 1, "results_dir": str(tmp_path)}
    train_only(dataset=str(small_npz), **flags)
    assert capsys.readouterr().out.startswith("--precision auto: float32\nsmall ")
    content = json.loads((tmp_path / "small-z2" / "flags.json").read_text())
    assert content["flags"]["precision"] == "float32"
    processor(True)
    train_only(dataset=str(small_npz), **flags)
    assert "small-z2 is finished" in capsys.readouterr().out


def test_tasks_of_a_cluster_have_to_agree(monkeypatch, tmp_path):
    tasks = {"cluster": {"worker": ["localhost:1", "localhost:2"]}}
    tasks["task"] = {"type": "worker", "index": 0}
    monkeypatch.setenv("TF_CONFIG", json.dumps(tasks))
    with pytest.raises(UserError, match="--precision auto .*float32 .* cluster"):
        train.run(run_flags(precision="auto", results_dir=str(tmp_path / "Results")))
    assert list(tmp_path.iterdir()) == []
