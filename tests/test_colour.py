"""A folder of colour images of 32x48, through a training and all that comes of it."""

import csv
import importlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.commands import decode, encode, train
from autoencoder.datasets import cache
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from flags import FLAGS
from tests.conftest import run_flags, train_only

SHAPE = (32, 48, 3)
CLASSES = ["red", "green", "blue"]


def disks(count, seed):
    """Disks in one of three colours on a dark ground, uint8, and their classes."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    middles = random.uniform([8, 8], [24, 40], (count, 2))
    inside = np.hypot(y - middles[:, :1, None], x - middles[:, 1:, None]) < 7
    images = np.full((count, *SHAPE), 30, np.uint8)
    images[inside] = np.repeat(np.eye(3)[labels] * 220, inside.sum((1, 2)), 0)
    return images, labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of one epoch and another, --decoder upsampling, --stages 3 and z = 2."""
    folder = tmp_path_factory.mktemp("colour")
    for split, count, seed in (("train", 300, 0), ("test", 40, 1)):
        for i, (pixels, label) in enumerate(zip(*disks(count, seed), strict=True)):
            path = folder / "disks" / split / CLASSES[label] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            iio.imwrite(path, pixels)
    flags = {"dataset": str(folder / "disks"), "results_dir": str(folder)}
    flags |= {"learning_rate": 2e-3, "decoder": "upsampling", "stages": 3}
    train_only(**flags, epochs=1)
    train.run(run_flags(**flags, epochs=2))
    return folder / "disks-z2-lr0.002-upsampling-stages3"


def is_in_colour(path):
    pixels = iio.imread(path)[..., :3].astype(int)
    return bool((pixels.max(axis=-1) - pixels.min(axis=-1) > 60).any())


def test_the_run(folder):
    found = json.loads((folder / "flags.json").read_text())
    assert found["dataset"]["image_shape"] == [*SHAPE]
    for name in ("Train/Epoch_0.png", "figures/reconstructions.png"):
        assert is_in_colour(folder / name), name
    assert iio.imread(folder / "Test" / "Space_1.png").shape[:2] == (480, 640)
    assert "explorer" in (folder / "report.html").read_text(encoding="utf-8")
    sprite = iio.imread(folder / "logs" / "projector-sprite.png")
    assert sprite.shape == (6 * 32, 7 * 48, 3)  # 40 images
    assert is_in_colour(folder / "logs" / "projector-sprite.png")


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("evaluate", {"importance_samples": 3}),
        ("encode", {"sample": True}),
        ("reconstruct", {}),
        ("interpolate", {"steps": 2}),
        ("class-means", {}),
        ("traverse", {}),
        ("generate", {"count": 5, "files": True}),
        ("generate", {"label": "blue"}),
        ("export", {}),
    ],
)
def test_commands(folder, tmp_path, command, changes):
    values = {flag: FLAGS[flag].default for flag in FLAGS}
    values |= {"run_dir": str(folder), "output": str(tmp_path / "out")} | changes
    module = importlib.import_module(
        f"autoencoder.commands.{command.replace('-', '_')}"
    )
    module.run(SimpleNamespace(**values))
    written = [path for path in Path(values["output"]).rglob("*") if path.is_file()]
    assert written
    for path in written:
        if path.suffix == ".png":
            assert iio.imread(path).shape[-1] >= 3, path


def test_decode(folder, tmp_path):
    values = {flag: FLAGS[flag].default for flag in FLAGS}
    values |= {"run_dir": str(folder), "output": str(tmp_path)}
    np.savez(tmp_path / "codes.npz", mean=np.zeros((3, 2), np.float32))
    decode.run(SimpleNamespace(**values | {"codes": str(tmp_path / "codes.npz")}))
    images = [iio.imread(path) for path in (tmp_path / "images").iterdir()]
    assert [image.shape for image in images] == [SHAPE] * 3


def test_resume(folder, tmp_path):
    """One epoch and then another end bit for bit where two in a row do."""
    flags = json.loads((folder / "flags.json").read_text())["flags"]
    train_only(**flags | {"results_dir": str(tmp_path)})
    own = tmp_path / folder.name
    files = sorted(path.name for path in folder.glob("checkpoints/epoch-2.*"))
    assert len(files) == 3
    for name in files:
        if not name.endswith(".json"):  # times stand in it
            first, second = (run / "checkpoints" / name for run in (folder, own))
            assert first.read_bytes() == second.read_bytes(), name


def test_names_of_files_and_classes_go_through(folder, tmp_path):
    values = {flag: FLAGS[flag].default for flag in FLAGS}
    values |= {"run_dir": str(folder), "output": str(tmp_path / "out")}
    encode.run(SimpleNamespace(**values))
    with (tmp_path / "out" / "codes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    images, labels = disks(40, 1)
    assert len(rows) == 40
    for row in rows:
        _, name, number = row["name"].split("/")
        assert name == CLASSES[labels[int(number.removesuffix(".png"))]]
        assert (sorted(CLASSES)[int(row["label"])], row["class"]) == (name, name)
    projected = (folder / "logs" / "projector-labels.tsv").read_text().splitlines()
    assert projected[1:] == [f"{row['class']}\t{row['name']}" for row in rows]


def test_a_run_s_pictures_are_converted_beside_it(folder, tmp_path, monkeypatch):
    """Wherever the command is given, unless --cache_dir names another place."""
    run, elsewhere = tmp_path / "Results" / "run", tmp_path / "elsewhere"
    shutil.copytree(folder, run)
    elsewhere.mkdir()
    description = json.loads((run / "flags.json").read_text())
    description["flags"] |= {"results_dir": "Results", "cache_dir": "not/here"}
    (run / "flags.json").write_text(json.dumps(description))
    monkeypatch.chdir(elsewhere)
    values = {flag: FLAGS[flag].default for flag in FLAGS} | {"run_dir": str(run)}
    encode.run(SimpleNamespace(**values))
    assert [path.name for path in elsewhere.iterdir()] == []
    assert len([*run.parent.glob("cache/disks-*/train")]) == 1
    shutil.rmtree(run.parent / "cache")
    encode.run(SimpleNamespace(**values | {"cache_dir": "mine"}))
    assert len([*elsewhere.glob("mine/disks-*/train")]) == 1
    assert not (run.parent / "cache").exists()


def test_images_that_do_not_fit_the_stages(folder, tmp_path):
    flags = run_flags(
        dataset=str(folder.parent / "disks"), results_dir=str(tmp_path), stages=5
    )
    with pytest.raises(UserError, match="48 wide and 32 high.*--stages 5.*of 32"):
        train.run(flags)


def test_an_image_size_that_does_not_fit_is_told_before_anything_is_made(
    folder, tmp_path
):
    flags = run_flags(
        dataset=str(folder.parent / "disks"),
        results_dir=str(tmp_path / "Results"),
        image_size="30x48",
    )
    with pytest.raises(UserError, match="--image_size 30x48 is 48 wide and 30 high"):
        train.run(flags)
    assert not (tmp_path / "Results").exists()


def test_inputs_decoder_is_for_the_dense_decoder(tmp_path):
    flags = run_flags(
        decoder="upsampling", inputs_decoder=49, results_dir=str(tmp_path)
    )
    with pytest.raises(UserError, match="--inputs_decoder 49 is for --decoder dense"):
        train.run(flags)


def test_a_dense_decoder_that_is_too_large_names_the_other(tmp_path):
    images = np.zeros((1, 128, 128, 3), np.uint8)
    np.savez(tmp_path / "large.npz", x_train=images)
    flags = {"dataset": str(tmp_path / "large.npz"), "results_dir": str(tmp_path)}
    with pytest.raises(UserError, match="more than 200,000,000.*--decoder upsampling"):
        train.run(run_flags(**flags))


def test_too_large_a_network_is_told_before_images_are_converted(
    folder, tmp_path, monkeypatch
):
    """Of an array and of a folder of pictures, and of one converted before, as well."""
    flags = {"results_dir": str(tmp_path / "Results"), "image_size": "128"}
    pictures = str(folder.parent / "disks")
    load_dataset(run_flags(**flags | {"dataset": str(pictures)}))
    monkeypatch.setattr("autoencoder.datasets.load.fitted", None)
    monkeypatch.setattr(cache, "_write", None)
    for changes in (
        {"dataset": "mnist"},
        {"dataset": pictures},
        {"dataset": pictures, "background": "white"},
    ):
        with pytest.raises(UserError, match="more than 200,000,000"):
            train.run(run_flags(**flags | changes))
    with pytest.raises(UserError, match="images of disks are.*--stages 5 needs"):
        train.run(run_flags(dataset=pictures, stages=5, **flags | {"image_size": None}))
