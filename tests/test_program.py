"""The program itself, run in an empty folder on a few hundred images."""

import csv
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys

import imageio.v3 as iio
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autoencoder.run_folder import checkpoints
from tests.conftest import ROOT


def metrics(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def trained(small_npz, tmp_path_factory):
    """A run of two epochs with two latent dimensions, and what it printed."""
    cwd = tmp_path_factory.mktemp("trained")
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "--dataset", small_npz, "--epochs", "2"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done, cwd / "Results" / "small-z2"


def test_a_run_says_what_it_does_and_nothing_else(trained, small_npz):
    done, _ = trained
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        f"small ({small_npz}): 300 images to train on, 50 held out; run folder"
    )
    assert lines[1] == "network: 3,354,569 weights"
    for number, line in enumerate(lines[2:4], start=1):
        assert line.startswith(f"epoch {number}/2: train loss ")
        for word in ("held-out image loss ", "KL ", " loss ", " s"):
            assert word in line
    assert re.fullmatch(
        r"done: training steps \d+ s; beside them evaluation \d+ s \(\d+\.\d%\), "
        r"pictures \d+ s \(\d+\.\d%\), summaries \d+ s \(\d+\.\d%\), "
        r"checkpoints \d+ s \(\d+\.\d%\), fitted prior \d+ s \(\d+\.\d%\)",
        lines[4],
    )
    assert lines[5].endswith(
        "tensorboard --host localhost --logdir Results/small-z2/logs"
    )
    assert lines[6].endswith("on one page: Results/small-z2/report.html")
    assert len(lines) == 7


def test_a_run_writes_its_folder(trained):
    _, folder = trained
    rows = metrics(folder)
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "3"), ("2", "6")]
    for row in rows:
        image, latent = float(row["test_image_loss"]), float(row["test_latent_loss"])
        assert float(row["test_loss"]) == pytest.approx(image + latent)
        assert float(row["images_per_second"]) > 0
        assert float(row["seconds"]) > 0
    assert float(rows[1]["test_loss"]) < float(rows[0]["test_loss"]) < 600
    flags = json.loads((folder / "flags.json").read_text())["flags"]
    assert (flags["epochs"], flags["latent_dim"], flags["seed"]) == (2, 2, 0)


def test_a_run_draws_the_originals_pictures(trained):
    _, folder = trained
    drawn = sorted(
        path.relative_to(folder).as_posix() for path in folder.glob("T*/*.png")
    )
    assert drawn == [
        "Test/0.png", "Test/1.png", "Test/Latent_0.png", "Test/Latent_1.png",
        "Test/Space_0.png", "Test/Space_1.png",
        "Train/Epoch_0.png", "Train/Epoch_1.png",
    ]  # fmt: skip
    for name in drawn:
        assert iio.imread(folder / name).shape[:2] == (480, 640)
    assert (folder / "Test/Space_0.png").read_bytes() != (
        folder / "Test/Space_1.png"
    ).read_bytes()


def test_a_run_writes_the_posts_graph_and_batch_loss(trained):
    _, folder = trained
    events = EventAccumulator(str(folder / "logs"))
    events.Reload()
    top = {node.name.split("/")[0] for node in events.Graph().node}
    assert {"DataPipe", "Encoder", "Decoder", "loss", "Noise"} <= top
    assert top - {"DataPipe", "Encoder", "Decoder", "loss", "Noise"} == {
        "gradients", "Adam", "beta1_power", "beta2_power", "global_step", "init"
    }  # fmt: skip
    assert [event.step for event in events.Scalars("batch_loss")] == [1, 4]
    assert events.Graph().ByteSize() < 1_000_000


def test_the_same_seed_gives_the_same_numbers(
    trained, small_npz, run_program, tmp_path
):
    _, folder = trained
    done = run_program("--dataset", small_npz, "--epochs", 1, "--run_name", "again")
    assert done.returncode == 0
    (again,) = metrics(tmp_path / "Results" / "again")
    first = metrics(folder)[0]
    for column in ("step", "train_loss", "test_image_loss", "test_latent_loss"):
        assert again[column] == first[column]


def test_a_finished_run_says_so(trained, small_npz, run_program):
    _, folder = trained
    before = (folder / "metrics.csv").read_bytes()
    arguments = ("--dataset", small_npz, "--results_dir", folder.parent, "--epochs", 2)
    done = run_program(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is finished, after epoch 2: nothing to do" in done.stdout
    done = run_program(*arguments, "--run_name", folder.name, "--kl_weight", 0)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--kl_weight was 1.0 and is 0.0" in done.stderr
    assert (folder / "metrics.csv").read_bytes() == before


def test_images_alone_without_labels_and_test_split(mnist, run_program, tmp_path):
    np.savez(tmp_path / "one.npz", x_train=mnist["x_train"][:1])
    done = run_program("--dataset", "one.npz", "--epochs", 1, "--logdir", "events")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no held out" in done.stdout
    assert done.stdout.splitlines()[2] == (
        "pictures: Train/Epoch_N.png shows 1, there are no more images; "
        "no Test/Latent_N.png, there are no test images"
    )
    drawn = {path.name for path in (tmp_path / "Results" / "one-z2").glob("T*/*")}
    assert drawn == {"Epoch_0.png", "0.png", "Space_0.png"}
    (row,) = metrics(tmp_path / "Results" / "one-z2")
    assert row["step"] == "1"
    assert row["test_loss"] == row["test_image_loss"] == ""
    assert len(list((tmp_path / "events" / "one-z2").iterdir())) == 1


def test_a_loss_that_is_not_finite_stops_the_run(tiny_npz, run_program, tmp_path):
    done = run_program("--dataset", tiny_npz, "--learning_rate", "1e30")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "in epoch 1, step" in done.stderr
    (folder,) = (tmp_path / "Results").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        ".lock", "flags.json", "metrics.csv", "logs", "Train", "Test", "checkpoints",
        "snapshots",
    }  # fmt: skip
    assert metrics(folder) == []


def test_a_held_out_loss_that_is_not_finite_keeps_its_row(mnist, run_program, tmp_path):
    images = mnist["x_train"][:100]
    np.savez(tmp_path / "one-batch.npz", x_train=images, x_test=images)
    done = run_program("--dataset", "one-batch.npz", "--learning_rate", "1e30")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "held-out loss is nan after epoch 1, step 1: " in done.stderr
    (folder,) = (tmp_path / "Results").iterdir()
    (row,) = metrics(folder)
    assert float(row["train_loss"]) < 600
    assert row["test_loss"] == "nan"


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
def test_closed_streams(tiny_npz, tmp_path):
    command = f"{sys.executable} {ROOT / 'main.py'} --dataset {tiny_npz}"
    command += " --epochs 1 --latent_dim 5"  # without GIFs it is over sooner
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        name = f"run{len(closed)}"
        done = subprocess.run(
            f"{command} --run_name {name} {closed}",
            shell=True,
            cwd=tmp_path,
            timeout=60,
        )
        assert done.returncode == 0
        assert len(metrics(tmp_path / "Results" / name)) == 1


def test_names_that_the_terminal_cannot_show(tiny_npz, tmp_path):
    shutil.copy(tiny_npz, tmp_path / "zahlen-äöü-数字.npz")
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "main.py",
            "preview",
            "--dataset",
            "zahlen-äöü-数字.npz",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"preview-zahlen-\\xe4" in done.stdout
    assert (tmp_path / "Results" / "preview-zahlen-äöü-数字.png").is_file()


def test_a_network_that_is_too_large_is_refused(small_npz, run_program):
    done = run_program("--dataset", small_npz, "--inputs_decoder", 122 * 122)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "weights, more than 200,000,000" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_with_one_line_and_keeps_what_was_finished(
    programs, tiny_npz, tmp_path
):
    program = programs.start("--dataset", tiny_npz, "--epochs", 5000, cwd=tmp_path)
    program.wait_until_said("epoch 2/")
    program.send_signal(signal.SIGINT)
    try:
        program.wait(60)
    finally:
        program.kill()
    stderr = program.stderr
    assert program.returncode == 130, stderr
    finished, _ = checkpoints.newest(tmp_path / "Results" / "tiny-z2" / "checkpoints")
    assert stderr == (
        f"main.py: interrupted in epoch {finished.epoch + 1}; finished epochs "
        f"({finished.epoch}) are kept in Results/tiny-z2, and the same command goes "
        "on after them\n"
    )
    rows = metrics(tmp_path / "Results" / "tiny-z2")
    assert [int(row["epoch"]) for row in rows] == [*range(1, finished.epoch + 1)]
    assert len(rows) >= 2
    assert not (tmp_path / "Results" / "tiny-z2" / "fitted-prior.npz").exists()


def test_progress_bar_on_a_terminal(tiny_npz, tmp_path):
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    program = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "--dataset", tiny_npz, "--epochs", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # the program has closed its end
            break
        if not block:
            break
        shown += block
    program.communicate(timeout=60)
    assert program.returncode == 0
    assert b"epoch 1/1: " in shown
    assert b"300 [" in shown
    assert b"loss=" in shown
    assert b" images/s" in shown


def test_preview_draws_the_first_image_of_each_batch(small_npz, run_program, tmp_path):
    done = run_program("preview", "--dataset", small_npz)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the first image of each of 3 batches" in done.stdout
    pixels = iio.imread(tmp_path / "Results" / "preview-small.png")
    assert pixels.shape == (2 * 28 + 2, 2 * 28 + 2)
    with np.load(small_npz) as file:
        np.testing.assert_array_equal(pixels[:28, :28], file["x_train"][0])
        np.testing.assert_array_equal(pixels[:28, 30:], file["x_train"][128])
        np.testing.assert_array_equal(pixels[30:, :28], file["x_train"][256])


def test_a_damaged_file_is_named(run_program, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 damaged")
    for command in ("train", "preview"):
        done = run_program(command, "--dataset", "bad.npz")
        assert done.returncode == 1
        assert done.stderr.startswith("main.py: bad.npz is damaged")
        assert done.stderr.count("\n") == 1
