"""Folders of pictures as data sets, and the cache that is made of them."""

import errno
import io
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autoencoder.datasets import cache, processes
from autoencoder.datasets.folder import would_hold
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from tests.conftest import run_flags

SIZE = (12, 8)  # Pillow's way: width first


def picture(folder, name, colour="red", size=SIZE, mode="RGB", **options):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)
    return path


@pytest.fixture
def pets(tmp_path):
    """30 pictures of two classes, each in a grey or colour of its own."""
    folder = tmp_path / "pets"
    for i in range(15):
        picture(folder, f"cats/{i}.png", (i, 100, 0))
        picture(folder, f"dogs/{i}.png", (i, 200, 0))
    return folder


@pytest.fixture
def load(tmp_path):
    def load(folder, **changes):
        flags = {"dataset": str(folder), "cache_dir": str(tmp_path / "cache")}
        flags |= {"results_dir": str(tmp_path / "Results")}
        return load_dataset(run_flags(**flags | changes))

    return load


def caches(tmp_path):
    return [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_classes_share_and_order(pets, load):
    data = load(pets)
    assert data.name == "pets"
    assert data.class_names == ["cats", "dogs"]
    assert data.x_train.shape == (27, 8, 12, 3)
    assert data.x_test.shape == (3, 8, 12, 3)
    # Every picture is there once, with the label of its folder.
    images = np.concatenate([data.x_train, data.x_test])[:, 0, 0]
    labels = np.concatenate([data.y_train, data.y_test])
    assert sorted(images[:, 0].tolist()) == sorted([*range(15)] * 2)
    np.testing.assert_array_equal(images[:, 1], 100 + 100 * labels)
    assert len(np.unique(np.diff(data.y_train))) == 3  # mixed: not one, then the other
    again = load(pets)
    assert again.x_train.tobytes() == data.x_train.tobytes()
    assert again.sha256 == data.sha256


def test_names_of_test_images(pets, load):
    data = load(pets)
    for name, label, image in zip(
        data.test_names, data.y_test, data.x_test, strict=True
    ):
        folder, number = name.removesuffix(".png").split("/")
        assert folder == data.class_names[label]
        assert image[0, 0, 0] == int(number)


def test_splits_of_its_own(tmp_path, load):
    for split, count in (("train", 3), ("test", 2)):
        for i in range(count):
            picture(tmp_path / "own", f"{split}/cats/{i}.png", (i, count, 0))
    picture(tmp_path / "own", "elsewhere/0.png")
    data = load(tmp_path / "own")
    assert (data.x_train[:, 0, 0, 1] == 3).all()
    assert (data.x_test[:, 0, 0, 1] == 2).all()
    assert (len(data.x_train), len(data.x_test)) == (3, 2)
    assert data.y_train is None  # a single class says nothing


def test_converted_once(pets, load, tmp_path, monkeypatch):
    first = load(pets)
    monkeypatch.setattr(cache, "_write", None)  # a second time would fail
    assert load(pets).sha256 == first.sha256
    assert len(caches(tmp_path)) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda pets: picture(pets, "cats/new.png"),
        lambda pets: (pets / "cats" / "3.png").unlink(),
        lambda pets: os.utime(pets / "cats" / "3.png", (1, 1)),
    ],
)
def test_a_cache_made_anew_where_the_files_changed(pets, load, tmp_path, change):
    load(pets)
    (before,) = caches(tmp_path)
    (before / "of the old one").touch()
    change(pets)
    load(pets)
    (now,) = caches(tmp_path)  # in the same place: none is left over
    assert (now, (now / "of the old one").exists()) == (before, False)


def test_other_settings_have_a_cache_of_their_own(pets, load, tmp_path):
    for changes in ({}, {"channels": 1}, {"image_size": "8"}, {"test_share": 0.5}):
        load(pets, **changes)
    assert len(caches(tmp_path)) == 4


def same_files(folder, colour):
    """A folder of pictures of equal names, sizes and times."""
    for i in range(3):
        path = picture(folder, f"{i}.bmp", colour)
        os.utime(path, (1, 1))
    return folder


def test_one_folder_is_not_taken_for_another(tmp_path, load):
    first = load(same_files(tmp_path / "a" / "pets", "red"))
    second = load(same_files(tmp_path / "b" / "pets", "blue"))
    assert first.x_train[0, 0, 0].tolist() == [255, 0, 0]
    assert second.x_train[0, 0, 0].tolist() == [0, 0, 255]
    assert first.sha256 != second.sha256


def test_files_that_were_replaced_by_some_of_equal_size_and_time(tmp_path, load):
    load(same_files(tmp_path / "pets", "red"))
    replaced = load(same_files(tmp_path / "pets", "green"))
    assert replaced.x_train[0, 0, 0].tolist() == [0, 128, 0]


@pytest.mark.parametrize("cut", ["train", "test", "index.json"])
def test_a_cache_cut_short_is_made_again(pets, load, tmp_path, cut):
    whole = load(pets).x_train.tobytes()
    (cache,) = caches(tmp_path)
    content = (cache / cut).read_bytes()
    (cache / cut).write_bytes(content[:-5])
    assert load(pets).x_train.tobytes() == whole
    assert (cache / cut).read_bytes() == content


def test_scaled_and_cropped(tmp_path, load):
    """The middle is kept: of a wide picture the sides go, and no shape is bent."""
    wide = np.zeros((40, 120, 3), np.uint8)
    wide[:, 40:80] = 255
    (tmp_path / "wide").mkdir()
    Image.fromarray(wide).save(tmp_path / "wide" / "a.png")
    data = load(tmp_path / "wide", image_size="16")
    assert data.x_train.shape == (1, 16, 16, 3)
    assert data.x_train[:, :, 1:-1].min() == 255  # the edges are smoothed
    assert load(tmp_path / "wide", image_size="8x24").x_train.shape == (1, 8, 24, 3)


def test_mixed_sizes_need_a_size(pets, load, tmp_path):
    picture(pets, "cats/large.png", size=(50, 60))
    with pytest.raises(UserError, match="2 sizes, from 12x8 to 50x60.*--image_size"):
        load(pets)
    assert caches(tmp_path) == []
    assert load(pets, image_size="8").x_train.shape[1:] == (8, 8, 3)


def test_grey_and_colour(tmp_path, load):
    picture(tmp_path / "grey", "a.png", 77, mode="L")
    assert load(tmp_path / "grey").x_train.shape == (1, 8, 12, 1)
    assert (load(tmp_path / "grey", channels=3).x_train == 77).all()
    picture(tmp_path / "grey", "b.png", (255, 0, 0))
    assert load(tmp_path / "grey").x_train.shape == (2, 8, 12, 3)
    assert load(tmp_path / "grey", channels=1).x_train.shape == (2, 8, 12, 1)


def test_a_damaged_picture_decides_nothing(tmp_path, load, capsys):
    for i in range(10):
        picture(tmp_path / "grey", f"{i}.jpg", i, mode="L")
    path = picture(tmp_path / "grey", "large.jpg", size=(120, 80))
    path.write_bytes(path.read_bytes()[:700])
    assert load(tmp_path / "grey").x_train.shape == (9, 8, 12, 1)
    assert "large.jpg is damaged" in capsys.readouterr().err


def test_kinds_of_files(tmp_path, load):
    folder = tmp_path / "kinds"
    red = (255, 0, 0)
    picture(folder, "a.bmp", red)
    picture(folder, "b.webp", red, lossless=True)
    picture(folder, "c.gif", red)
    picture(folder, "d.png", red).rename(folder / "no ending")
    picture(folder, "e.png", 0, mode="P").unlink()
    palette = Image.new("P", SIZE, 0)
    palette.putpalette([255, 0, 0])
    palette.save(folder / "e.png")
    picture(folder, "f.png", (255, 0, 0, 0), mode="RGBA")
    picture(folder, "日本 ñ.png", red)
    data = load(folder, background="red", test_share=0)
    assert len(data.x_train) == 7
    np.testing.assert_array_equal(data.x_train, np.full((7, 8, 12, 3), red))


def test_sixteen_bits_and_background(tmp_path, load):
    sixteen = Image.fromarray(np.full((8, 12), 257 * 99, np.uint16))
    (tmp_path / "one").mkdir()
    sixteen.save(tmp_path / "one" / "a.png")
    assert (load(tmp_path / "one").x_train == 99).all()
    picture(tmp_path / "two", "a.png", (9, 9, 9, 0), mode="RGBA")
    found = load(tmp_path / "two", background="#ff8800").x_train[0, 0, 0]
    assert found.tolist() == [255, 136, 0]


def test_a_background_that_is_no_colour(pets, load, tmp_path):
    picture(pets, "cats/glass.png", (0, 0, 0, 0), mode="RGBA")
    with pytest.raises(UserError, match="--background wite is not a colour.*#ff8800"):
        load(pets, background="wite")
    assert not (tmp_path / "cache").exists()


def test_exif_orientation_is_followed(tmp_path, load):
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    image = Image.new("RGB", SIZE, "red")
    image.paste("blue", (0, 0, 6, 8))
    (tmp_path / "photo").mkdir()
    image.save(tmp_path / "photo" / "a.png", exif=exif)
    (found,) = load(tmp_path / "photo").x_train
    assert found.shape == (12, 8, 3)
    assert found[0, 0].tolist() == [0, 0, 255]
    assert found[-1, 0].tolist() == [255, 0, 0]


def test_names_that_are_no_utf_8(tmp_path, load):
    folder = tmp_path / "old"
    picture(folder / "train", "a.png")
    picture(folder / "test", "b.png").rename(
        os.fsdecode(os.fsencode(folder) + b"/test/caf\xe9.png")
    )
    assert load(folder).test_names == ["test/caf\ufffd.png"]
    place = folder.rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    (tmp_path / "link").symlink_to(place)
    assert load(tmp_path / "link").name == "caf\ufffd"


def bomb():
    """A PNG file of 100 million pixels in 70 bytes."""

    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", checksum)
        )

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_what_is_no_picture_is_left_out_with_the_reason(pets, load, capsys):
    stream = io.BytesIO()
    Image.effect_noise((50, 50), 50).save(stream, "PNG")
    (pets / "cats" / "cut.png").write_bytes(stream.getvalue()[:700])
    (pets / "cats" / "bomb.png").write_bytes(bomb())
    (pets / "notes.txt").write_text("no picture")
    (pets / ".hidden").write_text("not even looked at")
    for _ in range(2):  # the second time from the cache
        data = load(pets, image_size="8x12")
        assert len(data.x_train) + len(data.x_test) == 30
        assert capsys.readouterr().err.splitlines() == [
            f"main.py: left out: {pets}/cats/bomb.png has too many pixels",
            f"main.py: left out: {pets}/cats/cut.png is damaged, or "
            "no PNG, JPEG, WebP, BMP or GIF file",
            f"main.py: left out: {pets}/notes.txt is damaged, or "
            "no PNG, JPEG, WebP, BMP or GIF file",
        ]


def test_many_files_in_several_processes(tmp_path, load, monkeypatch):
    monkeypatch.setattr(processes, "_CHUNK", 4)
    for i in range(40):
        picture(tmp_path / "many", f"{i}.png", (i, 0, 0))
    (tmp_path / "many" / "no.png").write_text("no picture")
    data = load(tmp_path / "many", test_share=0)
    assert sorted(data.x_train[:, 0, 0, 0].tolist()) == [*range(40)]


def test_links_and_what_is_no_file(pets, load, capsys):
    (pets / "cats" / "back").symlink_to(pets)
    (pets / "cats" / "nowhere.png").symlink_to(pets / "gone.png")
    os.mkfifo(pets / "dogs" / "pipe.png")
    data = load(pets)
    assert len(data.x_train) + len(data.x_test) == 30
    assert capsys.readouterr().err.splitlines() == [
        f"main.py: left out: {pets}/cats/nowhere.png is not there any more",
        f"main.py: left out: {pets}/dogs/pipe.png is not a file",
    ]


def test_a_folder_that_cannot_be_read_is_told(pets, load, monkeypatch, capsys):
    def refused(path):
        if Path(path).name == "dogs":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", refused)
    data = load(pets)
    assert len(data.x_train) + len(data.x_test) == 15
    assert capsys.readouterr().err == (
        f"main.py: left out: {pets}/dogs is a folder that can't be read\n"
    )


@pytest.mark.parametrize(
    ("splits", "place", "is_held"),
    [
        ((), "", True),
        ((), "samples", True),
        ((), "../samples", False),
        ((), "../pets-2", False),
        ((), ".samples", False),
        ((), "cats/.samples/images", False),
        (("train",), "samples", False),
        (("train",), "test", True),
        (("train", "test"), "train/cats", True),
        (("train", "test"), "", False),
    ],
)
def test_what_would_be_among_the_data(tmp_path, splits, place, is_held):
    for name in ("", *splits):
        (tmp_path / "pets" / name).mkdir()
    assert would_hold(tmp_path / "pets", tmp_path / "pets" / place) == is_held


def test_files_that_vanish_in_between(pets, load, monkeypatch, capsys):
    def vanish(*arguments):
        (pets / "cats" / "3.png").unlink()
        return shape(*arguments)

    shape = cache._shape
    monkeypatch.setattr(cache, "_shape", vanish)
    data = load(pets)
    assert len(data.x_train) + len(data.x_test) == 29
    assert "cats/3.png is not there any more" in capsys.readouterr().err


def test_one_picture(tmp_path, load):
    picture(tmp_path / "one", "a.png")
    data = load(tmp_path / "one")
    assert data.x_train.shape == (1, 8, 12, 3)
    assert data.x_test is data.y_train is data.class_names is None


def test_no_picture(tmp_path, load):
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="none holds no PNG"):
        load(tmp_path / "none")
    (tmp_path / "none" / "a.txt").write_text("no picture")
    for size in (None, "8"):
        with pytest.raises(UserError, match="none holds no PNG"):
            load(tmp_path / "none", image_size=size)


def test_a_built_in_name_wins_over_a_folder(tmp_path, load, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture(tmp_path / "mnist", "a.png")
    assert load("mnist").x_train.shape == (60_000, 28, 28, 1)
    assert load("./mnist").x_train.shape == (1, 8, 12, 3)


def test_of_two_links_to_a_class_always_the_same_counts(tmp_path, load):
    picture(tmp_path / "elsewhere", "0.png")
    picture(tmp_path / "pets", "other/1.png")
    for name in ("c", "a", "b"):
        (tmp_path / "pets" / name).symlink_to(tmp_path / "elsewhere")
    assert load(tmp_path / "pets").class_names == ["a", "other"]


def test_files_beside_the_classes_have_the_folder_s_name(pets, load, monkeypatch):
    picture(pets, "beside.png")
    monkeypatch.chdir(pets)
    assert load(".").class_names == ["pets", "cats", "dogs"]


def test_the_program_s_own_pictures_are_no_data(pets, load, monkeypatch):
    before = load(pets)
    monkeypatch.chdir(pets)
    flags = {"results_dir": "Results", "cache_dir": None, "logdir": "logs"}
    picture(pets, "logs/run/projector-sprite.png")
    picture(pets, "Results/preview-pets.png")
    picture(pets, "Results/run/Train/Epoch_0.png")
    assert load(".", **flags).sha256 == before.sha256
    assert (pets / "Results" / "cache").is_dir()
    # A run in another place, and a cache, are known by what is in them.
    run = pets / "dogs" / "run"
    picture(run, "Train/Epoch_0.png")
    others = {"flags": {}, "dataset": {}, "versions": {}, "program": "autoencoder"}
    (run / "flags.json").write_text(json.dumps(others))
    (pets / "Results" / "cache").rename(pets / "old")
    assert load(".", **flags).sha256 == before.sha256
    # Of another program's, of the same name, nothing is known.
    (run / "flags.json").write_text(json.dumps(others | {"program": "other"}))
    data = load(".", **flags)
    assert len(data.x_train) + len(data.x_test) == 31


def test_the_data_may_be_where_the_results_are(pets, load):
    data = load(pets, results_dir=str(pets), cache_dir=None)
    assert len(data.x_train) + len(data.x_test) == 30
