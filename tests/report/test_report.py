"""A run's figures and report.html, of short runs made by the program."""

import json
import re
import shutil
from html.parser import HTMLParser
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from autoencoder.commands import report, train
from autoencoder.errors import UserError
from autoencoder.report import page, run_report
from autoencoder.report.explorer import packed
from autoencoder.report.explorer.contents import Explorer
from autoencoder.run_folder import flags_json, snapshots
from autoencoder.trained.found import load_run, newest_run
from autoencoder.trained.restore import restored
from tests.conftest import run_flags


class Reader(HTMLParser):
    """Collects headings, text, and the addresses that a page would fetch."""

    def __init__(self, path):
        super().__init__()
        self.headings, self.fetched, self.texts, self._inside = [], [], [], None
        self.tags, self.alts = [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.tags.append(tag)
        self.alts += [value for name, value in attrs if name == "alt" and value]
        names = ("src", "href") if tag != "a" else ()
        self.fetched += [value for name, value in attrs if name in names]

    def handle_data(self, data):
        if self._inside in ("h1", "h2", "h3"):
            self.headings.append(data.strip())
            self._inside = None
        if self._inside not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def test_a_run_of_a_plane_has_all_figures(results):
    folder = results / "small-z2"
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "reconstructions.png", "losses.png", "kl-per-dimension.png",
        "latent.gif", "space.gif", "latent-and-space.gif",
    }  # fmt: skip
    for name, size in {
        "latent.gif": (640, 480),
        "space.gif": (640, 480),
        "latent-and-space.gif": (880, 400),
    }.items():
        with Image.open(folder / "figures" / name) as image:
            assert (image.n_frames, image.size) == (2, size)
            assert (image.info["duration"], image.info["loop"]) == (500, 0)


def test_the_first_latent_frame_is_round(results):
    """softplus(0) is 0.69, and the first step moves little."""
    ((codes,),) = snapshots.load(results / "small-z2/snapshots", [1], "first_codes")
    np.testing.assert_allclose(codes.std(axis=0), np.log(2), atol=0.15)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=0.3)


def test_other_runs_have_the_figures_that_fit(results):
    drawn = {path.name for path in (results / "small-z5" / "figures").iterdir()}
    assert drawn == {"reconstructions.png", "losses.png", "kl-per-dimension.png"}
    drawn = {path.name for path in (results / "bare-z2" / "figures").iterdir()}
    assert drawn == {"reconstructions.png", "losses.png", "space.gif"}


def test_reconstructions_are_those_of_the_first_epochs(results):
    # Original Input, Epoch 1 and Epoch 2: three columns of the post's four and one.
    pixels = iio.imread(results / "small-z5" / "figures" / "reconstructions.png")
    assert pixels.shape[:2] == (480, 340)


def test_the_page_tells_the_numbers_under_the_posts_headings(results):
    folder = results / "small-z2"
    reader = Reader(folder / "report.html")
    assert reader.headings[0] == "small-z2: a variational autoencoder"
    assert [text for text in reader.headings if text[0].isdigit()] == [
        "1. Are our networks learning?",
        "2. How does our latent space look?",
        "3. Generating samples",
    ]
    assert "The network, live" in reader.headings
    last = (folder / "metrics.csv").read_text().splitlines()[-1].split(",")
    for value in last[3:6]:
        assert f"{float(value):.2f}" in reader.text
    for words in ("--latent_dim=2", "tensorflow 2.", "nats per image", "entropy"):
        assert words in reader.text
    machine = json.loads((folder / "flags.json").read_text())["machine"]
    assert machine in reader.text


@pytest.mark.parametrize("name", ["small-z2", "small-z5", "bare-z2"])
def test_the_page_needs_nothing_else(results, name):
    path = results / name / "report.html"
    fetched = Reader(path).fetched
    assert all(address.startswith("data:") for address in fetched)
    assert len(fetched) > len([*(results / name / "figures").iterdir()])
    assert path.stat().st_size <= 12_000_000
    content = path.read_text(encoding="utf-8")
    assert '<meta name="viewport"' in content
    assert "prefers-color-scheme: dark" in content


def test_the_page_holds_the_trained_weights(results):
    run = load_run(results / "small-z5")
    with restored(run) as (sess, model):
        text = packed.pack(packed.variables(sess, model), 16).text
    content = (run.path / "report.html").read_text(encoding="utf-8")
    assert f">{text}</script>" in content


def test_gifs_are_linked_where_the_network_takes_their_room(results, monkeypatch):
    run = load_run(results / "small-z2")
    path = run.path / "report.html"
    before = path.read_bytes()
    monkeypatch.setattr(run_report, "_MOST_BYTES", len(before))
    run_report.write(run)
    content = path.read_text(encoding="utf-8")
    assert "Left out, so that the network fits into this page" in content
    gifs = run.figures.glob("*.gif")
    largest = max(gifs, key=lambda path: path.stat().st_size)
    assert f'<a href="figures/{largest.name}">' in content
    assert '<script class="weights"' in content
    path.write_bytes(before)


def test_without_a_test_split_there_are_no_held_out_numbers(results):
    reader = Reader(results / "bare-z2" / "report.html")
    assert "held out, after" not in reader.text
    assert "No images were held out, so the images are training images" in reader.text


def test_report_draws_again_what_was_deleted(results, capsys):
    folder = results / "small-z5"
    before = {path: path.read_bytes() for path in folder.glob("figures/*")}
    page = folder / "report.html"
    before[page] = page.read_bytes()
    for path in before:
        path.unlink()
    flags = {"run_dir": str(folder), "dataset": "mnist", "threads": 0}
    flags["cache_dir"] = None
    report.run(SimpleNamespace(**flags, results_dir="nowhere"))
    written = {path: path.read_bytes() for path in before}
    for found in (before, written):  # the page names the folder, which was copied
        found[page] = re.sub(rb"<td>[^<]*/small-z5</td>", b"", found[page])
    assert written == before
    assert str(page) in capsys.readouterr().out


def test_what_comes_from_a_user_is_escaped(results, tmp_path):
    name = "<script>alert(1)</script>&\"'"
    figure = page.PageFigure(name, name, "data:,", "data:,", name, name)
    group = {"name": name, "colour": "#fff", "mean": [0.0]}
    values = {"classes": [group], "source": name, "has_prior": True, "drawing": None}
    page.write(
        tmp_path / "a.html",
        "run.html",
        title=name,
        summary=name,
        epoch=name,
        numbers=[(name, name, name)],
        facts=[(name, name)],
        explorer=Explorer(values, "data:,", weights="AAAA", notes=[name]),
        sections=[page.Section(name, [figure])],
    )
    content = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "alert(1)" in content
    assert "<script>alert" not in content
    reader = Reader(tmp_path / "a.html")
    assert reader.tags.count("script") == 4  # values, weights, the worker's, the page's
    assert reader.alts == [name, name]
    data = re.search(r'type="application/json">(.*?)</script>', content)[1]
    assert json.loads(data)["classes"] == [group]


def test_a_run_that_goes_on_has_no_stale_report(results, small_npz, tmp_path):
    folder = shutil.copytree(results / "small-z5", tmp_path / "goes-on")
    assert "2 epochs" in (folder / "report.html").read_text(encoding="utf-8")
    flags = {"dataset": str(small_npz), "latent_dim": 5, "epochs": 3}
    train.run(run_flags(**flags, results_dir=str(tmp_path), run_name="goes-on"))
    assert "3 epochs" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "flags.json").unlink(), "is not a run's folder"),
        (
            lambda folder: [path.unlink() for path in folder.glob("checkpoints/*")],
            "has not finished an epoch yet",
        ),
        (
            lambda folder: [
                path.write_bytes(b"") for path in folder.glob("checkpoints/*.index")
            ],
            "is damaged, and none that is older is whole",
        ),
    ],
)
def test_folders_that_cannot_be_used(results, tmp_path, damage, words):
    folder = shutil.copytree(results / "small-z2", tmp_path / "damaged")
    damage(folder)
    with pytest.raises(UserError, match=words):
        load_run(folder)


def test_data_that_is_gone_can_be_named(results, small_npz, tmp_path):
    description = flags_json.read(results / "small-z5")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    description["flags"]["dataset"] = str(tmp_path / "gone.npz")
    flags_json.write(tmp_path / "run", description)
    for path in (results / "small-z5" / "checkpoints").iterdir():
        (tmp_path / "run" / "checkpoints" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(UserError, match="gone.npz is missing"):
        load_run(tmp_path / "run")
    assert load_run(tmp_path / "run", str(small_npz)).dataset.name == "small"
    with pytest.raises(UserError, match="on other data: .*--dataset") as raised:
        load_run(tmp_path / "run", "mnist")
    recorded = description["dataset"]["sha256"]
    words = f"run's data has the SHA-256 {recorded}, mnist has 81f4a7a5"
    assert words in str(raised.value)


def test_the_newest_run(results, tmp_path):
    newest = max(
        results.glob("*/metrics.csv"), key=lambda path: path.stat().st_mtime
    ).parent
    assert newest_run(results) == newest
    (tmp_path / "no run").mkdir()
    (tmp_path / "no run" / "metrics.csv").write_text("")
    with pytest.raises(UserError, match="no run in .*--run_dir"):
        newest_run(tmp_path)


def test_a_run_without_arrays_has_what_can_be_drawn(results, capsys):
    """As one that an earlier version of the program has trained."""
    folder = results / "small-z5"
    (folder / "snapshots").rename(folder / "away")
    try:
        flags = {"run_dir": str(folder), "dataset": "mnist", "threads": 0}
        flags["cache_dir"] = None
        report.run(SimpleNamespace(**flags, results_dir=""))
        reader = Reader(folder / "report.html")
        assert "Losses over the epochs" in reader.headings
        assert "Image recovering over the epochs" not in reader.headings
        assert "no reconstructions.png, kl-per-dimension.png: arrays are missing" in (
            capsys.readouterr().out
        )
    finally:
        (folder / "away").rename(folder / "snapshots")
