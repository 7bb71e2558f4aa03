import csv
import json
import os
import platform
import shutil
from pathlib import Path

import numpy as np
import pytest

from autoencoder.datasets.load import Dataset
from autoencoder.errors import UserError
from autoencoder.run_folder import flags_json, metrics
from autoencoder.run_folder.checkpoints import Checkpoint
from autoencoder.run_folder.folder import begin, claim, go_on
from autoencoder.run_folder.name import run_name
from flags import training_flags

IMAGES = np.zeros((1, 28, 28, 1), np.uint8)
DATASET = Dataset("mnist", IMAGES, None, None, None, None, sha256="abc")
EVENT_FILE = "events.out.tfevents.1.host.autoencoder"


@pytest.fixture
def make_flags(tmp_path):
    """Flags at their defaults, but for results_dir and what is given."""

    def make(**changes):
        values = {"results_dir": str(tmp_path / "Results")}
        return training_flags(**values | changes)

    return make


def claimed(flags):
    """Claims a folder for a moment, which is enough for most tests."""
    with claim(flags, "mnist") as folder:
        return folder


def start(flags):
    with claim(flags, "mnist") as folder:
        begin(folder, flags, DATASET)
        (folder.events / EVENT_FILE).write_text("events")
    return folder


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "mnist-z2"),
        ({"latent_dim": 5, "epochs": 50, "threads": 1}, "mnist-z5"),
        ({"plot_latent": False, "test_image_number": 9}, "mnist-z2"),
        ({"kl_weight": 0.0}, "mnist-z2-kl0"),
        ({"kl_weight": 0.5, "seed": 1}, "mnist-z2-kl0.5-seed1"),
        ({"shuffle": True, "batch_size": 64}, "mnist-z2-batch64-shuffle"),
        ({"learning_rate": 0.001, "inputs_decoder": 64}, "mnist-z2-lr0.001-inputs64"),
        ({"inputs_decoder": 49}, "mnist-z2"),  # what 28x28 images have anyway
        ({"inputs_decoder": 49, "stages": 1}, "mnist-z2-inputs49-stages1"),
        ({"inputs_decoder": 64, "image_size": "32"}, "mnist-z2-32"),
        ({"inputs_decoder": 64, "image_size": "16x64"}, "mnist-z2-inputs64-16x64"),
        ({"precision": "bfloat16", "seed": 2}, "mnist-z2-seed2-bfloat16"),
        ({"run_name": "mine", "seed": 1}, "mine"),
    ],
)
def test_run_name(make_flags, changes, name):
    assert run_name(make_flags(**changes), "mnist") == name


def test_a_new_run(make_flags, tmp_path):
    folder = start(make_flags(seed=3))
    assert folder.path == tmp_path / "Results" / "mnist-z2-seed3"
    assert folder.events == folder.path / "logs"
    found = json.loads((folder.path / "flags.json").read_text())
    assert set(found["flags"]) == set(vars(training_flags()))
    assert found["flags"]["seed"] == 3
    assert found["dataset"] == {
        "name": "mnist",
        "sha256": "abc",
        "image_shape": [28, 28, 1],
        "class_names": None,
    }
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["tensorflow"].startswith("2.")


def test_logdir_is_honoured(make_flags, tmp_path):
    folder = start(make_flags(logdir=str(tmp_path / "events")))
    assert folder.events == tmp_path / "events" / "mnist-z2"
    assert not (folder.path / "logs").exists()


def test_overwrite_deletes_only_what_a_run_wrote(make_flags, tmp_path):
    flags = make_flags(logdir=str(tmp_path / "events"))
    folder = start(flags)
    own = [folder.path / "notes.txt", folder.events / "notes.txt"]
    own += [folder.events / "events.out.tfevents.1.host", tmp_path / "events" / "other"]
    own += [folder.path / "Train" / "Epoch_1 copy.png", folder.path / "Test" / "x.png"]
    for path in own:
        path.write_text("the user's own")
    pictures = ["Train/Epoch_0.png", "Test/0.png", "Test/Latent_12.png"]
    pictures = [folder.path / name for name in [*pictures, "Test/Space_3.png"]]
    for path in pictures:
        path.write_text("a picture")
    metrics.write(folder.path, [{"epoch": 1}])

    flags = make_flags(logdir=str(tmp_path / "events"), overwrite=True, epochs=3)
    folder = claimed(flags)
    assert (folder.events / EVENT_FILE).exists()  # nothing is deleted before begin
    begin(folder, flags, DATASET)
    assert not (folder.events / EVENT_FILE).exists()
    assert not any(path.exists() for path in pictures)
    assert (folder.path / "metrics.csv").read_text().count("\n") == 1
    assert json.loads((folder.path / "flags.json").read_text())["flags"]["epochs"] == 3
    assert all(path.read_text() == "the user's own" for path in own)


def test_what_the_end_of_training_makes_goes_with_a_new_start_or_a_resume(make_flags):
    flags = make_flags()
    checkpoint = Checkpoint(Path("epoch-1"), 1, 1, [], "abc")
    for goes_on in (False, True):
        path = start(flags).path
        (path / "figures").mkdir(exist_ok=True)
        files = ("fitted-prior.npz", "report.html", "figures/losses.png")
        for name in files:
            (path / name).write_text("made at the end")
        with claim(flags, "mnist") as folder:
            if goes_on:
                go_on(folder, flags, DATASET, checkpoint)
            else:
                begin(folder, flags, DATASET)
        assert not any((path / name).exists() for name in files)


def test_overwrite_deletes_the_events_where_the_earlier_run_put_them(
    make_flags, tmp_path
):
    earlier = start(make_flags(logdir=str(tmp_path / "events")))
    flags = make_flags(overwrite=True)
    folder = claimed(flags)
    begin(folder, flags, DATASET)
    assert not earlier.events.exists()
    assert (tmp_path / "events").is_dir()
    assert folder.events.is_dir()


def test_overwrite_in_a_copied_or_moved_folder_spares_the_first_runs_events(
    make_flags, tmp_path
):
    for logdir in (None, str(tmp_path / "events")):
        first = start(make_flags(run_name="a", logdir=logdir, overwrite=True))
        copy = first.path.with_name("b")
        shutil.copytree(first.path, copy, dirs_exist_ok=True)
        flags = make_flags(run_name="b", logdir=str(tmp_path / "x"), overwrite=True)
        begin(claimed(flags), flags, DATASET)
        assert (first.events / EVENT_FILE).exists()
        assert not (copy / "logs" / EVENT_FILE).exists()


def test_overwrite_in_a_moved_folder(make_flags, tmp_path):
    start(make_flags())
    (tmp_path / "Results").rename(tmp_path / "Moved")
    flags = make_flags(results_dir=str(tmp_path / "Moved"), overwrite=True)
    folder = claimed(flags)
    begin(folder, flags, DATASET)
    assert list(folder.events.iterdir()) == []


def test_a_package_that_is_not_there_has_no_version(make_flags, monkeypatch):
    monkeypatch.setattr(flags_json, "_PACKAGES", ["tensorflow", "no-such-package"])
    versions = json.loads((start(make_flags()).path / "flags.json").read_text())[
        "versions"
    ]
    assert versions["no-such-package"] is None
    assert versions["tensorflow"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_no_runs_is_left_alone(make_flags, tmp_path, overwrite):
    folder = tmp_path / "Results" / "mnist-z2"
    for content in (None, "{}", "no json", '["program"]'):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "holiday.txt").write_text("the user's own")
        if content is not None:
            (folder / "flags.json").write_text(content)
        with pytest.raises(UserError, match="not a run's folder.*--run_name"):
            claimed(make_flags(overwrite=overwrite))
    assert (folder / "holiday.txt").read_text() == "the user's own"


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("logdir", [None, "events/deep"])
def test_what_was_made_for_a_run_that_is_refused_is_deleted(
    make_flags, tmp_path, logdir
):
    flags = make_flags(logdir=logdir and str(tmp_path / logdir))
    with pytest.raises(UserError, match="too large"):  # noqa: SIM117
        with claim(flags, "mnist") as folder:
            assert folder.events.is_dir()
            raise UserError("the network is too large")
    assert [*tmp_path.iterdir()] == []


def test_what_was_there_before_a_run_that_is_refused_stays(make_flags, tmp_path):
    (tmp_path / "Results" / "mnist-z2" / "logs").mkdir(parents=True)
    (tmp_path / "events").mkdir()
    claimed(make_flags())
    claimed(make_flags(logdir=str(tmp_path / "events")))
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == [
        Path("Results"), Path("Results/mnist-z2"), Path("Results/mnist-z2/logs"),
        Path("events"),
    ]  # fmt: skip


def test_others_files_are_neither_locked_nor_touched(make_flags, tmp_path):
    folder = tmp_path / "Results" / "mnist-z2"
    folder.mkdir(parents=True)
    (folder / ".lock").write_text("another program's")
    (folder / "holiday.txt").write_text("the user's own")
    before = contents(folder)
    with pytest.raises(UserError, match="not a run's folder"):
        claimed(make_flags())
    assert contents(folder) == before


# Of one that a disk had not written yet: nothing, zeros, or its beginning.
TORN = [b"", bytes(900), b'{\n  "prog', b'{\n  "program": "autoencoder",\n  "flags": {']
EARLY = [
    "metrics.csv",
    ".lock",
    f"logs/{EVENT_FILE}",
    "logs/projector-codes.tsv",
    "Train/Epoch_0.png",
    "Test/0.png",
    "Test/Space_0.png",
    "snapshots/epoch-1.npz",
    "checkpoints/epoch-1.index",
    f".part-{os.getpid()}-0123abcd.json",
    "checkpoints/epoch-1.data-00000-of-00001.tempstate77",
]


@pytest.mark.parametrize("torn", TORN)
def test_a_run_begins_anew_where_a_power_cut_ended_its_first_epoch(make_flags, torn):
    path = start(make_flags()).path
    (path / "flags.json").write_bytes(torn)
    for name in EARLY:
        (path / name).write_bytes(b"half")
    start(make_flags())
    left = contents(path)
    assert set(left) == {"flags.json", "metrics.csv", ".lock", f"logs/{EVENT_FILE}"}
    assert json.loads(left["flags.json"])["program"] == "autoencoder"


@pytest.mark.parametrize(
    "other",
    ["holiday.txt", "checkpoints/epoch-1.json", "Train/Epoch_1.png", "logs/x", "flags"],
)
def test_a_torn_flags_json_beside_other_files_is_left_alone(make_flags, other):
    path = start(make_flags()).path
    (path / "flags.json").write_bytes(
        b'{"learning_rate": 1' if other == "flags" else b""
    )
    if other != "flags":
        (path / other).write_text("not of a first epoch")
    before = contents(path)
    for overwrite in (False, True):
        with pytest.raises(UserError, match="not a run's folder"):
            claimed(make_flags(overwrite=overwrite))
    assert contents(path) == before


def test_a_file_in_the_folders_place(make_flags, tmp_path):
    (tmp_path / "Results").mkdir()
    (tmp_path / "Results" / "mnist-z2").write_text("a file")
    with pytest.raises(UserError, match="is not a folder"):
        claimed(make_flags())


def test_an_empty_folder_will_do(make_flags, tmp_path):
    (tmp_path / "Results" / "mnist-z2" / "logs").mkdir(parents=True)
    assert start(make_flags()).path == tmp_path / "Results" / "mnist-z2"


def test_events_of_another_run_are_not_mixed_with(make_flags, tmp_path):
    logdir = str(tmp_path / "events")
    start(make_flags(logdir=logdir))
    flags = make_flags(logdir=logdir, results_dir=str(tmp_path / "Elsewhere"))
    with pytest.raises(UserError, match="holds another run's events"):
        claimed(flags)


def test_metrics(make_flags):
    folder = start(make_flags())
    row = dict.fromkeys(metrics.COLUMNS, 0.1) | {"epoch": 1, "step": 469}
    short = {"epoch": 2, "step": 938, "train_loss": 1 / 3, "seconds": 2.5}
    metrics.write(folder.path, [row, short])
    with (folder.path / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = "epoch,step,train_loss,test_image_loss,test_latent_loss,test_loss"
    assert ",".join(rows[0]) == f"{columns},seconds,images_per_second"
    assert rows[0]["step"] == "469"
    assert float(rows[1]["train_loss"]) == 1 / 3
    assert rows[1]["test_loss"] == ""
