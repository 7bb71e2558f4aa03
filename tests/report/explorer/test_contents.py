"""What a page holds: weights as text, images, and what to do where there is no room."""

import base64
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.datasets.load import Dataset
from autoencoder.report import run_report
from autoencoder.report.explorer import contents, packed
from autoencoder.report.explorer.classes import evenly, names_and_labels
from autoencoder.weights import count
from tests.conftest import ROOT, run_flags
from tests.report.explorer.conftest import write_page


def weights_of(shapes):
    """Returns random weights of variables."""
    random = np.random.default_rng(0)
    return {
        Variable(name): random.standard_normal(shape).astype(np.float32)
        for name, shape in shapes.items()
    }


class Variable:
    """A variable of which only the name is asked."""

    def __init__(self, name):
        self.op = SimpleNamespace(name=name)


SHAPES = {
    "Encoder/conv2d/kernel": (4, 4, 3, 8),
    "Encoder/conv2d/bias": (8,),
    "Decoder/conv2d_transpose/kernel": (4, 4, 5, 7),
    "Decoder/dense/kernel": (6, 9),
}


@pytest.mark.parametrize("bits", [16, 8])
def test_weights_as_text(bits):
    weights = weights_of(SHAPES)
    network = packed.pack(weights, bits)
    assert [name for name, _, _ in network.layout] == list(SHAPES)
    shapes = [shape for _, shape, _ in network.layout]
    assert shapes == [[4, 4, 3, 8], [8], [4, 4, 7, 5], [6, 9]]  # outputs last
    assert [kept for _, _, kept in network.layout] == [bits, 16, bits, bits]
    sizes = dict(packed.sizes(weights))
    assert len(network.text) == sizes[bits]
    if bits == 16:
        half = np.frombuffer(base64.b64decode(network.text), "<f2")
        np.testing.assert_array_equal(half[:384], network.feed[first(weights)].ravel())
    for variable, weight in weights.items():
        step = np.abs(weight) / 2**11
        if bits == 8 and weight.ndim > 1:
            axis = 2 if "transpose" in variable.op.name else weight.ndim - 1
            others = tuple({*range(weight.ndim)} - {axis})
            step = np.abs(weight).max(axis=others, keepdims=True) / 127 / 2
        assert (np.abs(network.feed[variable] - weight) <= 1.001 * step + 1e-7).all()


def first(weights):
    return next(iter(weights))


def test_an_output_without_weights_stays_zero():
    weights = {Variable("Decoder/dense/kernel"): np.zeros((3, 2), np.float32)}
    network = packed.pack(weights, 8)
    assert not network.feed[first(weights)].any()


def test_the_posts_network_takes_nine_megabytes():
    flags = run_flags(latent_dim=5)
    weights = {Variable("all"): np.zeros(count((28, 28, 1), flags), np.float32)}
    (bits, size), _ = packed.sizes(weights)
    assert (bits, size) == (16, 8_996_104)
    more = {Variable("all"): np.zeros(3_375_001, np.float32)}
    assert [bits for bits, _ in packed.sizes(more)] == [8]


def test_a_weight_past_float16_takes_eight_bits():
    weights = {Variable("a/kernel"): np.array([[1.0, 70_000]], np.float32)}
    assert [bits for bits, _ in packed.sizes(weights)] == [8]
    np.testing.assert_allclose(
        packed.pack(weights, 8).feed[first(weights)], [[1, 70_000]], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("networks", "room", "expected"),
    [
        ([(16, 90), (8, 45)], 160, (16, [])),
        ([(16, 90), (8, 45)], 159, (16, ["b.gif"])),
        ([(16, 90), (8, 45)], 110, (16, ["b.gif", "a.gif"])),
        ([(16, 90), (8, 45)], 99, (8, ["b.gif"])),
        ([(8, 45)], 54, (None, [])),
    ],
)
def test_what_fits_on_a_page(networks, room, expected):
    figures = {"a.gif": 20, "b.gif": 40, "c.png": 10}
    assert run_report._fitting(networks, figures, room) == expected


def test_evenly():
    assert evenly(None, 3).tolist() == [0, 1, 2]
    labels = np.array([4, 4, 4, 1, 4, 0, 1])
    assert evenly(labels, 7).tolist() == [5, 3, 0, 6, 1, 2, 4]


def test_names_and_labels():
    dataset = SimpleNamespace(class_names=["a", "b", "c"])
    labels = np.array([2, 0])
    assert names_and_labels(dataset, labels) == (["a", "b", "c"], labels)
    assert names_and_labels(dataset, None) == ([], None)
    dataset = SimpleNamespace(class_names=None)
    names, indices = names_and_labels(dataset, np.array([7, -1, 7]))
    assert (names, indices.tolist()) == (["-1", "7"], [1, 0, 1])
    assert names_and_labels(dataset, np.arange(101)) == ([], None)


def large_run(shape, name="mine"):
    """Returns a run of 3,000 black images, and a session and a model that see none."""
    images = np.broadcast_to(np.zeros((), np.uint8), (3000, *shape))
    dataset = Dataset(name, images, None, images, None, None, "")
    flags = run_flags(dataset=name)
    where = {"path": Path("nowhere"), "checkpoint": None}
    run = SimpleNamespace(dataset=dataset, flags=flags, image_shape=shape, **where)
    model = SimpleNamespace(latent_dim=2, mean_=0, std_dev=1, latent_terms=2)
    model.feed = lambda images: len(images)
    sess = SimpleNamespace(run=lambda fetches, n: [np.ones((n, 2)) for _ in fetches])
    return sess, model, run


@pytest.mark.parametrize(
    ("shape", "images", "choices"),
    [((28, 28, 1), 2000, 100), ((64, 64, 3), 162, 100), ((512, 512, 3), 2, 2)],
)
def test_large_images_are_fewer(shape, images, choices):
    values = contents.with_images(*large_run(shape)).values
    assert (values["images"], len(values["choices"])) == (images, choices)
    assert len(values["points"]) == len(values["numbers"]) == 2000
    assert values["columns"] == np.ceil(np.sqrt(images))


@pytest.mark.parametrize(("name", "are_own"), [("mnist", False), ("mine", True)])
def test_own_images_are_mentioned(name, are_own):
    notes = contents.with_images(*large_run((8, 8, 1), name)).notes
    assert any(f"from {name}: anyone" in note for note in notes) == are_own


def test_a_run_that_diverged(pages):
    page = pages("upsampling-z2-light")
    codes = {page.model.mean_: np.full((24, 2), np.nan)}
    sess = SimpleNamespace(
        run=lambda fetches, feed=None: page.sess.run(fetches, feed and feed | codes)
    )
    write_page(page.run, sess, page.model, "diverged.html")
    text = (page.run.path / "diverged.html").read_text("utf-8")
    assert "training has diverged" in text
    assert "<script" not in text


def test_eight_bits_in_the_browser(pages, monkeypatch):
    page = pages("mnist-z5")
    monkeypatch.setattr(packed, "_MOST_HALF", 0)
    explorer = write_page(page.run, page.sess, page.model, "eight.html")
    assert "8 bits each and a scale per output" in explorer.notes[0]
    page.open("eight.html").click(".prior").settle()
    z = page.z
    weights = packed.variables(page.sess, page.model)
    rounded = packed.pack(weights, 8).feed
    image = 255 * page.sess.run(page.model.output, {page.model.z: [z]} | rounded)[0]
    difference = np.abs(page.pixels(".decoded canvas") - image)
    assert difference.max() <= 1
    images = page.run.dataset.x_test[:100]
    exact, changed = (
        255 * page.sess.run(page.model.output, page.model.feed(images) | feed)
        for feed in ({}, rounded)
    )
    levels = np.abs(exact - changed)
    said = re.findall(r"([\d.]+)/255", explorer.notes[0])
    expected = [levels.mean(), levels.max()]
    assert [*map(float, said)] == pytest.approx(expected, rel=0.06)


def test_a_plane_decoded_beforehand(pages, monkeypatch):
    page = pages("mnist-z2")
    monkeypatch.setattr(run_report, "_MOST_BYTES", 1_000_000)
    explorer = write_page(page.run, page.sess, page.model, "still.html")
    assert explorer.weights == ""
    assert "its weights would take 4.5 MB with 8 bits each" in explorer.notes[0]
    page.driver.get((page.run.path / "still.html").as_uri())
    page.wait("document.querySelector('.decoded p').textContent")
    assert not page.find_all("[role=tab], .sliders, .panel")
    headings = page.driver.find_elements("tag name", "h2")
    assert [heading.text for heading in headings] == [
        "The latent space",
        "What was run",
    ]
    images = []
    for place in ([0.2, 0.3], [0.8, 0.6]):
        page.point(".plane", *place)
        page.wait("explorer.state.z[0] !== 0")
        values = explorer.values
        low, high = np.array(values["low"]), np.array(values["high"])
        cell = np.rint((page.z - low) / (high - low) * 47) / 47
        shown = page.pixels(".decoded canvas")
        expected = page.decoded(low + cell * (high - low))
        assert np.abs(shown - expected).max() <= 1
        images.append(shown.tobytes())
    assert images[0] != images[1]


def test_without_room_and_plane_there_is_a_line(pages, monkeypatch):
    page = pages("upsampling-z5-colour")
    monkeypatch.setattr(run_report, "_MOST_BYTES", 200_000)
    write_page(page.run, page.sess, page.model, "line.html")
    text = (page.run.path / "line.html").read_text("utf-8")
    assert "The network is too large for this page" in text
    assert "<script" not in text


def test_scripts_stay_short():
    files = [*(ROOT / "autoencoder/report/explorer").glob("*.js")]
    assert len(files) >= 10
    for path in files:
        assert len(path.read_text("utf-8").splitlines()) <= 250, path
