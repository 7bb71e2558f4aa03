"""A run goes on exactly where it was, and every fault gets one line."""

import csv
import functools
import json
import os
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from filelock import FileLock
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autoencoder import machine
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.report import run_figures
from autoencoder.run_folder import checkpoints
from autoencoder.trained.found import load_run
from tests.conftest import ROOT, train_only
from tests.seeded import generator

TIMES = ("seconds", "images_per_second")


@pytest.fixture(scope="module")
def run_in(tiny_npz):
    """Runs the command train in this process; returns the run's folder."""

    def run_in(results, name="run", **changes):
        values = {"dataset": str(tiny_npz), "results_dir": str(results), "epochs": 1}
        train_only(**values | {"run_name": name} | changes)
        return results / name

    return run_in


@pytest.fixture
def run(run_in, tmp_path):
    """The same, in the test's folder."""
    return functools.partial(run_in, tmp_path)


@pytest.fixture(scope="module")
def whole(run_in, tmp_path_factory):
    """Trains without interruption, once for each number of epochs."""
    results = tmp_path_factory.mktemp("whole")

    @functools.cache
    def whole(epochs):
        return run_in(results, f"{epochs}", epochs=epochs, keep_every=1)

    return whole


@pytest.fixture
def begun(whole, tmp_path):
    """Copies such a training into the test's folder, as if it had run there."""

    def begun(epochs=1):
        return shutil.copytree(whole(epochs), tmp_path / "run")

    return begun


def metrics(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k not in TIMES} for row in rows]


def weights(folder, epoch):
    reader = tf.train.load_checkpoint(str(folder / "checkpoints" / f"epoch-{epoch}"))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name).tobytes() for name in names}


def pictures(folder):
    paths = folder.glob("T*/*.png")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def snapshots(folder):
    paths = (folder / "snapshots").iterdir()
    return {path.name: path.read_bytes() for path in paths}


def batch_losses(folder):
    return curves(folder)["batch_loss"]


def curves(folder):
    """All that TensorBoard shows over the steps, times left out."""
    events = EventAccumulator(str(folder / "logs"), {"histograms": 0, "images": 0})
    events.Reload()
    tags = events.Tags()
    found = {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in tags["scalars"]
        if tag != "images_per_second"
    }
    for tag in tags["histograms"]:
        found[tag] = [
            (event.step, event.histogram_value) for event in events.Histograms(tag)
        ]
    for tag in tags["images"]:
        found[tag] = [
            (event.step, event.encoded_image_string) for event in events.Images(tag)
        ]
    return found


def assert_same_run(one, other, epoch):
    assert metrics(one) == metrics(other)
    assert weights(one, epoch) == weights(other, epoch)
    assert pictures(one) == pictures(other)
    assert snapshots(one) == snapshots(other)
    assert curves(one) == curves(other)


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        ({}, (1, 2)),
        ({"precision": "bfloat16"}, (1,)),
        ({"shuffle": True, "binarize": "sampled", "kl_warmup": 2}, (2,)),
    ],
)
def test_resumed_is_bit_for_bit_the_same(
    run, small_npz, monkeypatch, capsys, changes, stops
):
    monkeypatch.setattr(machine, "has_bfloat16", lambda: True)  # slow, if not
    changes = changes or {"dataset": str(small_npz)}  # the network in its full size
    whole = run("whole", epochs=3, **changes)
    for epochs in (*stops, 3):
        parts = run("parts", epochs=epochs, **changes)
    assert_same_run(whole, parts, 3)
    assert len(weights(whole, 3)) == 24 * 3 + 3
    assert [row["epoch"] for row in metrics(parts)] == ["1", "2", "3"]
    assert json.loads((parts / "flags.json").read_text())["flags"]["epochs"] == 3
    printed = capsys.readouterr()
    assert all(f"goes on after epoch {epoch}\n" in printed.out for epoch in stops)
    assert printed.err == ""


def test_another_number_of_images_that_are_drawn(run, images, tmp_path):
    """Of images that are few, too, the same ones stand beside their reconstructions."""
    np.savez(tmp_path / "few.npz", x_train=images[:130])
    data = {"dataset": str(tmp_path / "few.npz")}
    run(epochs=1, test_image_number=2, **data)
    trained = load_run(run(epochs=2, test_image_number=4, **data))
    originals, outputs, _ = run_figures.first_reconstructions(trained, 4)
    assert [len(shown) for shown in outputs] == [2, 4]
    np.testing.assert_array_equal(originals[:2], images[128:130] / 255)
    assert "reconstructions.png" in run_figures.draw(trained)


def test_a_finished_run_says_so_and_does_nothing(run, begun, capsys):
    folder = begun(2)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    capsys.readouterr()
    run(epochs=1)
    run(epochs=2)
    assert capsys.readouterr().out == 2 * (
        f"{folder} is finished, after epoch 2: nothing to do; --epochs 12 goes on\n"
    )
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    before.pop(folder / ".lock", None)
    after.pop(folder / ".lock", None)
    assert after == before


def test_overwrite_begins_anew(run, begun):
    begun(2)
    folder = run(epochs=1, overwrite=True, seed=1)
    assert [row["epoch"] for row in metrics(folder)] == ["1"]
    assert {path.name for path in (folder / "checkpoints").iterdir()} == {
        "checkpoint",
        "epoch-1.data-00000-of-00001",
        "epoch-1.index",
        "epoch-1.json",
    }
    assert len(pictures(folder)) == 4
    assert len(batch_losses(folder)) == 1


def test_other_flags_are_listed_with_the_ways_out(run, begun):
    folder = begun()
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(UserError) as raised:
        run(epochs=2, learning_rate=0.1, latent_dim=5, test_image_number=9, threads=1)
    message = str(raised.value)
    for word in (
        "--learning_rate was 0.0005 and is 0.1",
        "--latent_dim was 2 and is 5",
        "--run_name",
        "--overwrite",
    ):
        assert word in message
    assert "test_image_number" not in message
    assert "threads" not in message
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_the_command_for_tensorboard_can_be_pasted(run, capsys):
    folder = run("a run")
    words = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert words[-2:] == ["--logdir", str(folder / "logs")]


def test_other_data_is_refused(run, mnist, tmp_path):
    path = tmp_path / "own.npz"
    np.savez(path, x_train=mnist["x_train"][:50])
    run(dataset=str(path))
    np.savez(path, x_train=mnist["x_train"][:60])
    with pytest.raises(
        UserError, match="run's data has the SHA-256 .*, own has .*--overwrite"
    ):
        run(dataset=str(path), epochs=2)
    path.write_bytes(path.read_bytes()[:999])
    with pytest.raises(UserError, match="own.npz is damaged"):
        run(dataset=str(path), epochs=2)


def test_an_explicit_default_of_inputs_decoder_goes_on(run, begun, capsys):
    folder = begun()
    run(epochs=2, inputs_decoder=4)
    assert "epoch 2/2" in capsys.readouterr().out
    assert len((folder / "metrics.csv").read_text().splitlines()) == 3


def test_another_processor_or_onednn_gets_one_warning(run, begun, capsys, monkeypatch):
    folder = begun()
    description = json.loads((folder / "flags.json").read_text())
    was = description["onednn"]
    assert description["processor"] in description["machine"]
    description["processor"] = "Old One"
    (folder / "flags.json").write_text(json.dumps(description))
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0" if was else "1")
    run(epochs=2)
    stderr = capsys.readouterr().err
    assert stderr.count("\n") == 1
    assert "the processor was Old One and is " in stderr
    assert "oneDNN (TF_ENABLE_ONEDNN_OPTS) was " in stderr
    assert f"was {was} and is {not was}" in stderr


def test_other_versions_or_threads_get_one_warning(run, capsys):
    folder = run(threads=1)
    description = json.loads((folder / "flags.json").read_text())
    description["versions"]["numpy"] = "1.0"
    (folder / "flags.json").write_text(json.dumps(description))
    run(epochs=2, threads=2)
    stderr = capsys.readouterr().err
    assert stderr.count("\n") == 1
    assert stderr.startswith("main.py: warning: numpy 1.0 is now ")
    assert "the number of threads was 1 and is 2" in stderr


@pytest.mark.parametrize("logdir", [None, "events"])
def test_a_training_that_is_refused_leaves_nothing(run, tmp_path, logdir):
    results, logdir = tmp_path / "R", logdir and str(tmp_path / logdir)
    for changes in ({"inputs_decoder": 122**2}, {"stages": 4}, {"dataset": "gone.npz"}):
        changes |= {"results_dir": str(results), "logdir": logdir}
        with pytest.raises(UserError, match="weights, more than|--stages 4|missing"):
            run(**changes)
    assert [*tmp_path.iterdir()] == []


def test_a_resume_that_is_refused_leaves_nothing(run, begun, tmp_path):
    begun()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="events were in"):
        run(epochs=2, logdir=str(tmp_path / "events"))
    assert sorted(tmp_path.rglob("*")) == before


def test_lines_of_notes_in_the_metrics_are_no_epochs(run, whole, begun, capsys):
    folder = begun()
    with (folder / "metrics.csv").open("a") as file:
        file.write("looks good\n\n# go on tomorrow, 3 epochs\n")
    run(epochs=2)
    assert capsys.readouterr().err == ""
    assert_same_run(whole(2), folder, 2)


def damage(folder, epoch):
    path = folder / "checkpoints" / f"epoch-{epoch}.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_checkpoint_costs_an_epoch(run, whole, begun, capsys):
    folder = begun(2)
    damage(folder, 2)
    run(epochs=3)
    stderr = capsys.readouterr().err
    assert stderr.count("\n") == 1
    assert "epoch-2 is damaged; the newest that is whole is that of epoch 1" in stderr
    assert_same_run(whole(3), folder, 3)


def test_no_whole_checkpoint_is_an_error_that_deletes_nothing(run, begun):
    folder = begun(2)
    damage(folder, 1)
    damage(folder, 2)
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(UserError, match="epoch-2 is damaged, and none.*--overwrite"):
        run(epochs=3)
    for path in (folder / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="shows 2 epochs, but has no checkpoint"):
        run(epochs=3)
    assert all(p.read_bytes() == old for p, old in before.items() if p.exists())


def test_missing_checkpoints_are_told_or_an_error(run, whole, begun, capsys):
    folder = begun(3)
    for path in (folder / "checkpoints").glob("epoch-[23].*"):
        path.unlink()
    run(epochs=4)
    stderr = capsys.readouterr().err
    assert stderr.count("\n") == 1
    assert "shows 3 epochs, but has no checkpoint of them" in stderr
    assert "that of epoch 1" in stderr
    assert_same_run(whole(4), folder, 4)
    for path in [*(folder / "checkpoints").iterdir(), folder / "metrics.csv"]:
        path.unlink()
    with pytest.raises(UserError, match="shows 3 epochs, but has no checkpoint"):
        run(epochs=5)
    assert (folder / "Train" / "Epoch_3.png").exists()


def test_what_is_kept_stays_without_the_flag(run):
    folder = run(epochs=4, keep_every=2)
    run(epochs=6)
    epochs = {path.stem for path in (folder / "checkpoints").glob("*.json")}
    assert epochs == {"epoch-2", "epoch-4", "epoch-6"}


def test_a_kill_while_the_first_file_is_written(run, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / f".part-{os.getpid()}-0123abcd.json").write_text("{")
    (tmp_path / "run" / ".lock").touch()
    assert len(metrics(run())) == 1


def test_metrics_and_notes_that_make_no_sense(run, whole, begun, capsys):
    folder = begun(2)
    (folder / "metrics.csv").write_bytes(b"\xff\xfe")
    note = folder / "checkpoints" / "epoch-2.json"
    (note.with_name("epoch-7.json")).write_bytes(note.read_bytes())
    run(epochs=3)
    assert "epoch-7 is damaged" in capsys.readouterr().err
    assert_same_run(whole(3), folder, 3)


def test_a_moved_run_goes_on(run, whole, tmp_path, capsys):
    inside, outside = run("a"), run("b", logdir=str(tmp_path / "events"))
    for folder, logdir in ((inside, None), (outside, str(tmp_path / "new"))):
        moved = folder.rename(tmp_path / f"moved-{folder.name}")
        run(moved.name, epochs=2, logdir=logdir)
        assert weights(moved, 2) == weights(whole(2), 2)
    assert "events before now are not in" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["versions", "flags", "dataset"])
def test_flags_json_of_the_wrong_shape(run, begun, broken):
    folder = begun()
    description = json.loads((folder / "flags.json").read_text())
    (folder / "flags.json").write_text(json.dumps(description | {broken: 1}))
    with pytest.raises(UserError, match="flags.json is missing or damaged"):
        run(epochs=2)


def test_a_run_that_finished_no_epoch_begins_anew(run, whole, begun):
    folder = begun()
    for path in (folder / "checkpoints").iterdir():
        path.unlink()  # killed before the first checkpoint, after the first row
    run()
    assert_same_run(whole(1), folder, 1)


def test_lost_metrics_and_pictures_that_are_too_new(run, whole, begun):
    folder = begun()
    (folder / "metrics.csv").unlink()
    (folder / "Train" / "Epoch_1.png").write_bytes(b"half")
    (folder / "Test" / "Latent_7.png").write_bytes(b"of a later epoch")
    run(epochs=2)
    assert_same_run(whole(2), folder, 2)


def test_two_processes_cannot_share_a_folder(run, begun):
    folder = begun()
    with (
        FileLock(folder / ".lock"),
        pytest.raises(UserError, match="in use by another process"),
    ):
        run(epochs=2)
    run(epochs=2)


@pytest.fixture
def start(programs, tiny_npz, tmp_path):
    """Starts main.py, whose run is in the folder killed."""

    def start(*flags, **options):
        flags = ("--results_dir", tmp_path, "--run_name", "killed", *flags)
        return programs.start("--dataset", tiny_npz, *flags, cwd=tmp_path, **options)

    return start


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_killed_runs_go_on_where_they_were(whole, start, tmp_path):
    random = generator()
    for _ in range(3):
        program = start("--epochs", 6)
        program.wait_until_said("train loss")  # an epoch's line
        try:
            program.wait(random.uniform(0, 0.4))
        except subprocess.TimeoutExpired:
            program.kill()
    program = start("--epochs", 6)
    assert (program.wait(), program.stderr) == (0, "")
    assert_same_run(whole(6), tmp_path / "killed", 6)


@pytest.mark.skipif(os.name == "nt", reason="limits files as POSIX does")
def test_a_full_disk(whole, start, tmp_path):
    for limit, what in (  # of a file's size, in bytes
        (3_000, "killed/Train/Epoch_0.png"),
        (100_000, "TensorBoard's events can't be written"),
        (2_000_000, "the checkpoint of epoch 1 can't be written"),
    ):
        program = start("--epochs", 2, longest_file=limit)
        assert program.wait() == 1
        (line,) = program.stderr.splitlines()
        assert line.startswith("main.py: ")
        assert "File too large" in line
        assert what in line
    assert line.endswith("; the same command begins anew")
    assert [*(tmp_path / "killed" / "checkpoints").iterdir()] == []
    program = start("--epochs", 2)
    assert (program.wait(), program.stderr) == (0, "")
    assert_same_run(whole(2), tmp_path / "killed", 2)


def test_a_reader_that_goes_away_costs_no_epoch(tiny_npz, tmp_path):
    program = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "--dataset", tiny_npz, "--epochs", "3"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "run folder" in program.stdout.readline()
    assert "network: " in program.stdout.readline()
    program.stdout.close()
    assert program.wait(timeout=60) == 1
    assert program.stderr.read() == ""
    folder = tmp_path / "Results" / "tiny-z2"
    assert len(metrics(folder)) == len(
        checkpoints.newest(folder / "checkpoints")[0].rows
    )
