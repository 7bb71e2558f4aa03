"""The command reproduce, on a few hundred images."""

import json
import os
import pickle
import re
import signal
import time
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from autoencoder import machine
from autoencoder.claims.claim import SETTINGS
from autoencoder.commands import reproduce
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.report import post_catalogue, post_figures, post_trainings
from autoencoder.report.post_trainings import Lengths, Training, trainings
from autoencoder.run_folder import snapshots
from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
from tests.conftest import run_flags
from tests.report.test_report import Reader

# Command and trainings on 300 images of 8x8 pixels, for few epochs.
SMALL = """
import pathlib, sys, main
from autoencoder.report import post_trainings
whole = post_trainings.load_dataset
def small(flags):
    found = whole(flags)
    names = "x_train", "x_test"
    shrunk = {name: getattr(found, name)[:, 2:26:3, 2:26:3] for name in names}
    return found._replace(**shrunk)
post_trainings.load_dataset = small
post_trainings._QUICK_TRAIN, post_trainings._QUICK_TEST = 300, 50
post_trainings.QUICK = post_trainings.Lengths(learning=4, latent=2, samples=3)
post_trainings._MAIN = pathlib.Path(main.__file__).with_name("tests") / "forked.py"
sys.exit(main.main(["main.py", "reproduce", "--quick", *sys.argv[1:]]))
"""
# The same, which begins at once and has much to do.
LONG = f"""
from autoencoder.commands import reproduce
reproduce.seconds_per_step = lambda flags: 0.1
{SMALL.replace("learning=4", "learning=400")}"""


@pytest.fixture(scope="module")
def start(programs):
    """Starts that command."""

    def start(cwd, *arguments, **options):
        options = {"script": SMALL} | options
        environment = {"FORKS": programs.address}
        return programs.start(*arguments, cwd=cwd, environment=environment, **options)

    return start


@pytest.fixture(scope="module")
def run(start):
    """Runs it, and returns what came of it."""

    def run(*arguments):
        program = start(*arguments)
        program.wait(900)
        return program

    return run


@pytest.fixture(scope="module")
def reproduced(run, tmp_path_factory):
    """A small reproduction, and what it printed."""
    cwd = tmp_path_factory.mktemp("reproduced")
    done = run(cwd)
    return done, cwd / "Results" / "reproduce-quick"


def test_the_posts_trainings_and_no_more():
    planned = trainings(post_trainings.POSTS, {"mnist": "mnist", "fashion-mnist": "f"})
    assert planned == [
        Training("mnist-z5", "mnist", 5, 4),
        Training("fashion-mnist-z5", "f", 5, 4),
        Training("mnist-z2", "mnist", 2, 50, 1.0, keep_every=20),
        Training("fashion-mnist-z2", "f", 2, 50, 1.0, keep_every=20),
        Training("mnist-z2-kl0", "mnist", 2, 20, 0.0),
    ]


def test_it_says_what_it_will_do_and_does_it(reproduced):
    done, folder = reproduced
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"{folder.relative_to(folder.parents[1])}/mnist-z5: " + (
        "4 epochs, 4 to train"
    )
    assert lines[5].startswith("to train: 16 epochs in 5 runs, about ")
    assert "on this machine" in lines[5]
    assert sum("held-out image loss" in line for line in lines) == 16
    assert lines[-1].startswith("Results/reproduce-quick/report.html: ")
    for name, epochs in (("mnist-z5", 4), ("fashion-mnist-z2", 3), ("mnist-z2-kl0", 2)):
        assert post_trainings.epochs_done(
            folder, Training(name, "", 2, epochs)
        ) == epochs  # fmt: skip
        assert (folder / name / "report.html").is_file()
    flags = json.loads((folder / "mnist-z2-kl0" / "flags.json").read_text())["flags"]
    assert (flags["kl_weight"], flags["latent_dim"]) == (0, 2)


def test_every_figure_of_the_post(reproduced):
    _, folder = reproduced
    frames = {}
    for path in (folder / "figures").iterdir():
        with Image.open(path) as image:
            frames[path.name] = (*image.size, getattr(image, "n_frames", 1))
            if path.suffix == ".gif":
                assert (image.info["duration"], image.info["loop"]) == (500, 0)
                assert path.stat().st_size < 6_000_000
    # 9.2 inches, whose pixels the matplotlib of Python 3.10 rounds down.
    assert frames.pop("without-and-with-kl.png") in ((960, 919, 1), (960, 920, 1))
    assert frames == {
        "mnist-reconstructions.png": (540, 480, 1),
        "fashion-mnist-reconstructions.png": (540, 480, 1),
        "mnist-latent-2.gif": (640, 480, 2),
        "fashion-mnist-latent-2.gif": (640, 480, 2),
        "latent-without-kl.png": (640, 480, 1),
        "latent-with-kl.png": (640, 480, 1),
        "grid.png": (1861, 959, 1),
        "mnist-space-3.gif": (640, 480, 3),
        "mnist-latent-3.gif": (640, 480, 3),
        "mnist-latent-and-space-3.gif": (880, 400, 3),
        "fashion-mnist-space-3.gif": (640, 480, 3),
        "fashion-mnist-latent-3.gif": (640, 480, 3),
        "fashion-mnist-latent-and-space-3.gif": (880, 400, 3),
        "fake-images.png": (640, 480, 1),
        "interpolation.png": (975, 210, 1),
    }


def test_the_posts_gifs_over_few_epochs_have_no_axes(reproduced):
    _, folder = reproduced
    bare, full = (
        iio.imread(folder / "figures" / f"mnist-latent-{n}.gif", index=0, mode="RGB")
        for n in (2, 3)
    )
    box = np.s_[50:430, 80]  # the left edge of the axes
    assert (bare[box] == 255).all()
    assert (full[box] < 100).all(axis=-1).sum() > 300


def test_the_page_sets_each_figure_beside_the_posts(reproduced):
    _, folder = reproduced
    reader = Reader(folder / "report.html")
    assert reader.headings[1:2] == ["1. Are our networks learning?"]
    titles = [shown.title for part in post_catalogue.FIGURES.values() for shown in part]
    words = {"latent": 2, "samples": 3}
    shown = [text for text in reader.headings if not text[0].isdigit()][1:]
    assert shown == [title.format(**words) for title in titles]
    online = [link for link in reader.fetched if link.startswith("https:")]
    assert len(online) == 12
    assert all(
        link.startswith("https://cdn-images-1.medium.com/max/") for link in online
    )
    assert reader.text.count("Not shown without the internet.") == 12


def test_claims_are_under_the_figures_that_they_are_about(reproduced):
    done, folder = reproduced
    assert done.stdout.count(": measuring, after epoch ") == 4
    reader = Reader(folder / "report.html")
    text = (folder / "report.html").read_text("utf-8")
    figures = re.findall(r"<h3>(.*?)</h3>(.*?)</figure>", text, re.DOTALL)
    found = {
        title: re.findall(r"Claim (\d+), ", part)
        for title, part in figures
        if "Claim " in part
    }
    assert found == {
        "Image recovering vs epoch number, MNIST": ["1", "2", "3"],
        "MNIST latent space evolution during 2 epochs": ["4", "5", "6", "7"],
        "Fashion-MNIST latent space evolution during 2 epochs": ["5", "8"],
        "Without and with KL, on equal axes": ["9", "10", "11"],
        "Grid of generated images, MNIST": ["12", "13", "14"],
        "Grid of generated images, Fashion-MNIST": ["13", "14"],
        "From a sandal to a sneaker to a boot": ["15"],
    }
    assert "one seed, after 4 epochs with z = 5 and 2 with z = 2" in " ".join(
        reader.text.split()
    )
    content = json.loads((folder / "claims.json").read_text("utf-8"))
    assert {run["setting"] for run in content["runs"]} == set(SETTINGS)
    values = content["claims"][8]["parts"][0]["values"]
    area = values["times as large without KL"]["mean"]
    assert f"times as large without KL: {area:.2f}." in reader.text


def test_again_it_trains_nothing_and_takes_the_posts_figures(run, reproduced, tmp_path):
    _, folder = reproduced
    pictures = [path.read_bytes() for path in sorted(folder.glob("figures/*"))]
    marks = {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.csv")}
    iio.imwrite(tmp_path / "mnist.png", np.zeros((9, 9), np.uint8))
    # As if it had been stopped after the last epoch, while this was drawn.
    (folder / "mnist-z5" / "report.html").unlink()
    done = run(folder.parents[1], "--blog_figures", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(" epochs, finished") == 5
    assert "measuring" not in done.stdout
    assert "to train" not in done.stdout
    assert pictures == [path.read_bytes() for path in sorted(folder.glob("figures/*"))]
    assert marks == {path: path.stat().st_mtime_ns for path in marks}
    assert (folder / "mnist-z5" / "report.html").is_file()
    reader = Reader(folder / "report.html")
    assert all(address.startswith("data:") for address in reader.fetched)
    assert reader.text.count(f"in {tmp_path}. It is in the post") == 11
    assert "No fashion_mnist.png in" in reader.text


def test_damaged_arrays_are_told_with_the_way_out(run, reproduced):
    _, folder = reproduced
    path = folder / "fashion-mnist-z2" / "snapshots" / "epoch-2.npz"
    content = path.read_bytes()
    path.write_bytes(content[:500])
    done = run(folder.parents[1])
    path.write_bytes(content)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "epoch-2.npz is missing or damaged: delete " in done.stderr


def assert_nothing_runs(folder):
    """One epoch is kept, and soon nobody has the run's folder any more.

    A fork for which tests/forked.py stands ends a moment after it.
    """
    assert post_trainings.epochs_done(folder, Training("mnist-z5", "", 5, 4)) >= 1
    with FileLock(folder / "mnist-z5" / ".lock", timeout=10):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one process")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_interrupted_it_says_how_to_go_on_and_leaves_no_process(start, tmp_path, name):
    program = start(tmp_path, script=LONG)
    program.wait_until_said("mnist-z5: epoch 1/")
    program.send_signal(getattr(signal, name))
    try:
        assert program.wait(60) == 130
    finally:
        program.kill()
    assert program.stderr.count("\n") == 1
    assert program.stderr.startswith(
        "main.py: interrupted in mnist-z5; finished epochs are "
    )
    assert_nothing_runs(tmp_path / "Results" / "reproduce-quick")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other pipes")
def test_a_reader_that_goes_away_leaves_no_process(start, tmp_path):
    reader, writer = os.pipe()
    with open(reader) as lines, open(writer, "w") as stdout:
        program = start(tmp_path, script=LONG, stdout=stdout)
        stdout.close()
        assert any("mnist-z5: epoch 1/" in line for line in lines)
    assert program.wait(60) == 1
    assert program.stderr == ""
    assert_nothing_runs(tmp_path / "Results" / "reproduce-quick")


def test_a_failed_training_is_told_in_one_line(tmp_path):
    planned = [Training("run", str(tmp_path / "gone.npz"), 2, 1)]
    with pytest.raises(UserError) as raised:
        post_trainings.train(planned, tmp_path, run_flags())
    assert "the training of run ended with 1: " in str(raised.value)
    assert "gone.npz is missing" in str(raised.value)


def load(dataset):
    return load_dataset(run_flags(dataset=dataset))


def test_quick_data_is_the_beginning_of_the_whole(tmp_path, mnist):
    paths = post_trainings.quick_datasets(tmp_path)
    first = {path: load(path).sha256 for path in paths.values()}
    time.sleep(2.1)  # the zip format's clock ticks every two seconds
    post_trainings.quick_datasets(tmp_path)
    assert first == {path: load(path).sha256 for path in paths.values()}
    found = load(paths["mnist"])
    np.testing.assert_array_equal(found.x_train[..., 0], mnist["x_train"][:2000])
    np.testing.assert_array_equal(found.y_test, mnist["y_test"][:1000])
    assert found.class_names is None
    names = load(paths["fashion-mnist"]).class_names
    assert names == load("fashion-mnist").class_names


def test_a_wrong_folder_of_the_posts_figures_is_told_before_training(tmp_path):
    flags = {"quick": False, "blog_figures": str(tmp_path / "gone"), "threads": 0}
    with pytest.raises(UserError, match="gone is not a folder"):
        reproduce.run(SimpleNamespace(**flags, results_dir=str(tmp_path)))
    assert Lengths._fields == ("learning", "latent", "samples")


@pytest.mark.parametrize("is_able", [True, False])
def test_all_runs_are_in_one_precision(reproduced, tmp_path, monkeypatch, is_able):
    _, folder = reproduced
    assert "Trained in float32 on: " in (folder / "report.html").read_text("utf-8")
    monkeypatch.setattr(machine, "has_bfloat16", lambda: is_able)
    planned = trainings(Lengths(4, 2, 3), {"mnist": "", "fashion-mnist": ""})
    assert reproduce._precision(planned, folder, "auto") == "float32"
    with pytest.raises(UserError, match="z5 was begun in float32: go on with --prec"):
        reproduce._precision(planned, folder, "bfloat16")
    new = "bfloat16" if is_able else "float32"
    monkeypatch.setattr(reproduce, "require_bfloat16", lambda: None)
    assert reproduce._precision(planned, tmp_path, "auto") == new


def test_runs_in_bfloat16_are_drawn_everywhere_and_trained_where_it_is(
    reproduced, monkeypatch
):
    _, folder = reproduced
    planned = trainings(Lengths(4, 2, 3), {"mnist": "", "fashion-mnist": ""})
    monkeypatch.setattr(reproduce, "stored", lambda path: "bfloat16")
    monkeypatch.setattr(machine, "_CPUINFO", folder / "none")
    assert reproduce._precision(planned, folder, "auto") == "bfloat16"
    longer = trainings(Lengths(4, 2, 9), {"mnist": "", "fashion-mnist": ""})
    with pytest.raises(UserError, match="bfloat16 needs a processor"):
        reproduce._precision(longer, folder, "auto")


@pytest.fixture(scope="module")
def drawn(reproduced, tmp_path_factory):
    """The runs, and what post_figures draws of them: Figures, and lists of a GIF's."""
    _, folder = reproduced
    lengths = Lengths(learning=4, latent=2, samples=3)
    names = ("mnist", "fashion-mnist")

    def load(run, epoch=None):
        data = "fashion-mnist" if run.startswith("fashion") else "mnist"
        return load_run(folder / run, str(folder / f"{data}.npz"), epoch)

    runs = post_figures.Runs(
        learning={name: load(f"{name}-z5") for name in names},
        samples={name: load(f"{name}-z2") for name in names},
        with_kl=load("mnist-z2", lengths.latent),
        without_kl=load("mnist-z2-kl0"),
    )
    found = {}

    def save(figure, path):
        found[path.name] = figure

    def write_gif(path, draw, states):
        # Copies: the next frame may change the Figure.
        found[path.name] = [pickle.loads(pickle.dumps(draw(one))) for one in states]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post_figures.style, "save", save)
        patch.setattr(post_figures.gif, "write", write_gif)
        post_figures.draw(runs, lengths, tmp_path_factory.mktemp("drawn"), 0)
    return runs, found


def snapshot(run, epoch, name):
    ((array,),) = snapshots.load(run.snapshots, [epoch], name)
    return array


def shown(ax):
    """The image in axes, where there is one."""
    return np.asarray(ax.images[0].get_array(), np.float32) if ax.images else None


def points(ax):
    return np.asarray(ax.collections[0].get_offsets())


def joined(grid):
    """A grid's images side by side: [rows, columns, 8, 8, 1] as [rows * 8, ...]."""
    rows = [np.concatenate(list(row[..., 0]), axis=1) for row in grid]
    return np.concatenate(rows).astype(np.float32)


def test_reconstructions_are_each_epochs(drawn):
    runs, found = drawn
    for name, run in runs.learning.items():
        figure = found[f"{name}-reconstructions.png"]
        images = [image.get_array() for image in figure.axes[0].images]
        columns = np.reshape(images, (5, 5, 8, 8))
        originals = run.dataset.x_train[128:133] / 255
        np.testing.assert_allclose(columns[0], originals[..., 0], atol=1e-6)
        for epoch in (1, 2, 3, 4):
            outputs = snapshot(run, epoch, "first_outputs")[..., 0]
            np.testing.assert_array_equal(columns[epoch], outputs)
        titles = [text.get_text() for text in figure.texts]
        assert titles[1:] == [f"Epoch {epoch}" for epoch in (1, 2, 3, 4)]


def test_frames_are_the_epochs_in_their_order(drawn):
    runs, found = drawn
    for name, run in runs.samples.items():
        for kind, count, has_axes in (("latent-2", 2, False), ("latent-3", 3, True)):
            frames = found[f"{name}-{kind}.gif"]
            assert len(frames) == count
            for epoch, figure in enumerate(frames, 1):
                codes = snapshot(run, epoch, "first_codes")
                np.testing.assert_allclose(points(figure.axes[0]), codes)
                assert figure.axes[0].axison == has_axes
        both = found[f"{name}-latent-and-space-3.gif"]
        furthest = max(np.abs(snapshot(run, k, "codes")).max() for k in (1, 2, 3))
        for epoch, figure in enumerate(found[f"{name}-space-3.gif"], 1):
            grid = snapshot(run, epoch, "grid")
            np.testing.assert_array_equal(shown(figure.axes[0]), joined(grid))
            left, right = both[epoch - 1].axes[0], both[epoch - 1].axes[1]
            codes = snapshot(run, epoch, "codes")
            np.testing.assert_allclose(points(left), codes)
            assert left.get_xlim() == pytest.approx((-1.05 * furthest, 1.05 * furthest))
            np.testing.assert_array_equal(shown(right), joined(grid[::-1]))
    last = snapshot(runs.samples["fashion-mnist"], 3, "grid")
    fake = shown(found["fake-images.png"].axes[0])
    np.testing.assert_array_equal(fake, joined(last))


def test_without_and_with_kl_are_the_right_runs_of_the_same_epoch(drawn):
    runs, found = drawn
    figure = found["without-and-with-kl.png"]
    middles = (np.arange(14) + 0.5) / 14
    for column, (run, name) in enumerate(
        ((runs.without_kl, "without"), (runs.with_kl, "with"))
    ):
        assert (run.checkpoint.epoch, run.flags.kl_weight) == (2, column)
        codes = snapshot(run, 2, "codes")
        np.testing.assert_allclose(
            points(found[f"latent-{name}-kl.png"].axes[0]), codes
        )
        np.testing.assert_allclose(points(figure.axes[column]), codes)
        assert figure.axes[column].get_title().startswith(f"{name} KL: ")
        low, high = np.percentile(codes, [0.5, 99.5], axis=0)
        x, y = (low + middles[:, None] * (high - low)).T
        z = [(across, up) for up in y[::-1] for across in x]  # the first row at the top
        with restored(run) as (sess, net):
            grid = sess.run(net.output, {net.z: z}).reshape(14, 14, 8, 8, 1)
        below = figure.axes[2 + column]
        np.testing.assert_allclose(shown(below), joined(grid), atol=1e-5)
        extent = low[0], high[0], low[1], high[1]
        assert below.images[0].get_extent() == pytest.approx(extent)


def test_the_interpolation_is_from_sandal_to_sneaker_to_boot(drawn):
    runs, found = drawn
    run = runs.samples["fashion-mnist"]
    images, labels = run.dataset.x_test, run.dataset.y_test
    axes = np.reshape(found["interpolation.png"].axes, (2, 13))
    assert [axes[0, i].get_title() for i in (0, 6, 12)] == [
        "Sandal", "Sneaker", "Ankle boot"
    ]  # fmt: skip
    with restored(run) as (sess, net):
        means = sess.run(net.mean_, {net.input_batch: images / np.float32(255)})
        stops = []
        for place, label in ((0, 5), (6, 7), (12, 9)):
            own = means[labels == label]
            nearest = np.linalg.norm(own - np.median(own, axis=0), axis=1).argmin()
            above = images[labels == label][nearest, ..., 0] / 255
            np.testing.assert_allclose(shown(axes[0, place]), above, atol=1e-6)
            stops.append(own[nearest])
        first, second, third = stops
        path = [first + k / 6 * (second - first) for k in range(6)]
        path += [second + k / 6 * (third - second) for k in range(7)]
        expected = sess.run(net.output, {net.z: path})[..., 0]
    strip = [shown(ax) for ax in axes[1]]
    np.testing.assert_allclose(strip, expected, atol=1e-5)
