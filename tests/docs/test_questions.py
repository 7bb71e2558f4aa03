"""What `make questions` does, with few images and trainings."""

import importlib
import json
import re
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.commands import train
from autoencoder.evaluation import entropy_floor
from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
from benchmarks import pages, questions, uses_of_codes
from benchmarks.questions_figure import rate_and_distortion
from flags import FLAGS
from tests.conftest import run_flags

NAMES = ("kl1", "kl10", "z10", "sampled", "threshold", "warmup", "fashion")


def main_py(command, **flags):
    """Runs a command in this process, without a start of some seconds."""
    values = {flag: FLAGS[flag].default for flag in FLAGS} | flags
    values["images"] = [str(flags["images"])] if "images" in flags else []
    module = importlib.import_module(f"autoencoder.commands.{command}")
    module.run(SimpleNamespace(**values))


@pytest.fixture(scope="module")
def folder(small_npz, tmp_path_factory):
    """The runs of the page, after one epoch of few images."""
    folder = tmp_path_factory.mktemp("questions")
    with np.load(small_npz) as file:
        arrays = dict(file)
    arrays["x_test"] = 255 - arrays["x_test"]
    np.savez(folder / "other.npz", **arrays)
    files = {"mnist": str(small_npz), "fashion-mnist": str(folder / "other.npz")}
    for name in NAMES:
        flags = questions.trainings()[name]
        flags["dataset"] = files[flags["dataset"]]
        flags |= {"epochs": 1, "results_dir": str(folder), "run_name": name}
        train.run(run_flags(**flags))
    return folder


@pytest.fixture
def tables(folder, monkeypatch):
    monkeypatch.setattr(questions, "main_py", main_py)
    monkeypatch.setattr(questions, "WEIGHTS", (1, 10))
    monkeypatch.setattr(questions, "DIMENSIONS", (5, 10))
    return questions.tables(folder)


def cells(table):
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def test_the_page_has_a_place_for_each_table(tables):
    for name, table in tables.items():
        shown = pages.read(questions.PAGE, name)
        assert shown.splitlines()[0] == table.splitlines()[0]


def test_the_loss_by_hand_becomes_nan(capsys):
    page = questions.PAGE.read_text("utf-8")
    block = page[page.index("    import numpy") :].partition("\n\n")[0]
    with np.errstate(all="ignore"):
        exec(textwrap.dedent(block), {})
    by_hand, from_logits = capsys.readouterr().out.split()
    assert by_hand == "nan"
    assert float(from_logits) == pytest.approx(4.14e-8, rel=1e-2)
    promised = re.findall(r"# ([\w.-]+)$", block, flags=re.M)
    assert promised == ["nan", "4.1e-08"]


def test_the_rows_are_what_evaluate_finds(tables, folder, small_npz):
    rows = {row[0]: row[1:] for row in cells(tables["binarize"])}
    found = json.loads((folder / "sampled" / "evaluate" / "evaluate.json").read_text())
    image_loss, kl = found["image_loss"], found["kl"]
    assert rows["`--binarize sampled`"][:5] == [
        *(f"{image_loss:.1f}", f"{image_loss:.1f}", f"{kl:.2f}"),
        *(f"{image_loss + kl:.1f}", str(found["active_units"])),
    ]
    with np.load(small_npz) as file:
        floor = entropy_floor(file["x_test"][..., np.newaxis])
    plain = rows["`--binarize none`"]
    assert float(plain[0]) - float(plain[1]) == pytest.approx(floor, abs=0.11)
    assert [row[0] for row in cells(tables["dimensions"])] == ["z = 5", "z = 10"]
    assert [row[0] for row in cells(tables["warmup"])] == ["at once", "`--kl_warmup 3`"]


def test_originals_lie_beside_their_reconstructions(folder, small_npz):
    decoded, originals = questions.decoded_and_originals(folder / "kl1")
    with np.load(small_npz) as file:
        np.testing.assert_array_equal(originals, file["x_test"][..., np.newaxis])
    assert decoded.shape == originals.shape


def test_grey_is_neither_nearly_black_nor_nearly_white():
    assert questions.grey(np.array([0, 26, 27, 228, 229, 255])) == pytest.approx(1 / 3)


def test_the_area_is_how_often_an_anomaly_has_the_larger_loss():
    known, odd = np.arange(100.0), np.array([40.0, 99.0])
    # 40 > 1, 99 > 1 and 99 > 50; the threshold, 95% of 0 to 99, is 94.05.
    assert uses_of_codes._detected(known, np.array([1.0, 50.0]), odd) == [
        *("25.5", "69.5", "0.750", "50.0%", "0.0%")
    ]


def test_anomalies_are_judged_by_loss_and_above_the_floor(tables, small_npz):
    rows = cells(tables["anomalies"])
    kinds = ["loss", "loss above the floor"]
    assert [row[:3] for row in rows] == [
        *(["MNIST", "Fashion-MNIST", kind] for kind in kinds),
        *(["Fashion-MNIST", "MNIST", kind] for kind in kinds),
    ]
    # Inverted images, which the run of plain ones cannot decode.
    assert float(rows[0][5]) > 0.9
    with np.load(small_npz) as file:
        floor = entropy_floor(file["x_test"][..., np.newaxis])
    # An image and its inverse have the same floor.
    for place in (3, 4):
        difference = float(rows[0][place]) - float(rows[1][place])
        assert difference == pytest.approx(floor, abs=0.11)


def test_classifiers_on_pixels_are_scikit_learns(tables, small_npz):
    with np.load(small_npz) as file:
        train_pixels = file["x_train"].reshape(300, -1).astype(float)
        test_pixels = file["x_test"].reshape(50, -1).astype(float)
        distances = ((test_pixels[:, np.newaxis] - train_pixels) ** 2).sum(-1)
        nearest = file["y_train"][np.argsort(distances, axis=1)[:, :5]]
        votes = [np.bincount(row, minlength=10).argmax() for row in nearest]
        share = np.mean(votes == file["y_test"])
    logistic, neighbours = cells(tables["classifiers"])
    assert neighbours[::2] == ["5 nearest neighbours", f"{share:.1%}"]
    assert float(logistic[2].rstrip("%")) > 50


def test_classifiers_on_codes_get_the_runs_means(folder, small_npz):
    path = folder / "z10"
    for name in ("x_train", "x_test"):
        with np.load(small_npz) as file:
            images = file[name][..., np.newaxis]
        with restored(load_run(path)) as (sess, net):
            means = sess.run(net.mean_, {net.input_batch: images / np.float32(255)})
        found = uses_of_codes._codes(path, images, main_py)
        np.testing.assert_allclose(found, means, atol=1e-5)


def test_the_figure_names_each_weight_at_its_point():
    originals = np.zeros((3, 28, 28, 1), np.uint8)
    points = [(0, 200.0, 90.0), (0.3, 20.0, 100.0), (784, 0.01, 205.0)]
    figure = rate_and_distortion(points, originals, [originals] * 3)
    curve, images = figure.axes
    assert {text.get_text(): text.xy for text in curve.texts} == {
        f"{weight:g}": (kl, loss) for weight, kl, loss in points
    }
    assert [label.get_text() for label in images.get_yticklabels()] == [
        *("original", "0", "0.3", "784")
    ]
    (image,) = images.get_images()
    assert image.get_array().shape == (4 * 28, 3 * 28)
