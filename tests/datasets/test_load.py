import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autoencoder.datasets import npz
from autoencoder.datasets.load import load_dataset, locate
from autoencoder.errors import UserError
from tests.conftest import run_flags

# MD5 sums of the published, uncompressed IDX files.
IDX = {
    "mnist": (
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    "fashion-mnist": (
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
}


def load(dataset, check=None, **changes):
    return load_dataset(run_flags(dataset=str(dataset), **changes), check)


def idx_bytes(array):
    """The IDX file of a uint8 array: magic number, big-endian lengths, the bytes."""
    header = [0x0800 + array.ndim, *array.shape]
    return np.array(header, ">u4").tobytes() + array.tobytes()


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_built_in_arrays_are_the_published_ones(name):
    dataset = load(name)
    assert dataset.name == name
    assert dataset.x_train.shape == (60000, 28, 28, 1)
    assert dataset.x_test.shape == (10000, 28, 28, 1)
    arrays = (
        dataset.x_train[..., 0],
        dataset.y_train,
        dataset.x_test[..., 0],
        dataset.y_test,
    )
    sums = [hashlib.md5(idx_bytes(array)).hexdigest() for array in arrays]
    assert tuple(sums) == IDX[name]


def test_training_images_of_the_post():
    mnist, fashion = load("mnist"), load("fashion-mnist")
    assert mnist.y_train[128:133].tolist() == [1, 6, 3, 4, 5]
    coat, trouser, bag, sneaker = 4, 1, 8, 7
    assert fashion.y_train[128:133].tolist() == [coat, trouser, bag, sneaker, sneaker]


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 28, 28, 1), (3, 32, 48, 3)])
def test_own_file_with_images_alone(tmp_path, shape):
    path = tmp_path / "my pictures.npz"
    images = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    np.savez(path, x_train=images, something_else=[1])
    dataset = load(path)
    assert dataset.name == "my pictures"
    assert dataset.x_train.shape == (*shape, 1)[:4]
    assert dataset.x_train.tobytes() == images.tobytes()
    assert dataset.y_train is dataset.x_test is dataset.y_test is None
    assert dataset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_floats_are_rounded_to_eight_bits(tmp_path):
    images = np.arange(16, dtype=np.float32).reshape(1, 4, 4) / 15
    np.savez(tmp_path / "a.npz", x_train=images)
    found = load(tmp_path / "a.npz").x_train
    assert found.dtype == np.uint8
    assert found.ravel().tolist() == list(range(0, 256, 17))


def test_labels_in_a_column_as_keras_has_those_of_cifar(tmp_path):
    labels = np.array([[3], [1], [2], [0]])
    np.savez(tmp_path / "a.npz", x_train=GOOD, y_train=labels)
    assert load(tmp_path / "a.npz").y_train.tolist() == [3, 1, 2, 0]


def test_arrays_are_scaled_and_coloured(tmp_path):
    images = np.zeros((2, 30, 60), np.uint8)
    images[1, :, 15:45] = 99
    np.savez(tmp_path / "a.npz", x_train=images, x_test=images[1:])
    changes = {"image_size": "16", "channels": 3}
    data = load(tmp_path / "a.npz", **changes)
    assert data.x_train.shape == (2, 16, 16, 3)
    assert (data.x_train[0] == 0).all()
    assert (data.x_test[0, :, 2:-2] == 99).all()  # the edges are smoothed
    assert load("mnist", **changes).x_test.shape == (10000, 16, 16, 3)


@pytest.mark.parametrize(
    ("flag", "value"), [("background", "red"), ("test_share", 0.5)]
)
def test_flags_of_folders_are_refused(flag, value):
    with pytest.raises(UserError, match=f"--{flag} {value} is for folders.*mnist is n"):
        load("mnist", **{flag: value})


def test_empty_test_split_is_none(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        x_train=np.zeros((1, 28, 28), np.uint8),
        x_test=np.zeros((0, 28, 28), np.uint8),
        y_test=np.zeros(0, np.uint8),
    )
    assert load(tmp_path / "a.npz").x_test is None


def test_class_names_of_an_own_file(tmp_path):
    arrays = {"x_train": GOOD, "y_train": np.array([0, 1, 1, 0])}
    np.savez(tmp_path / "a.npz", **arrays, class_names=["cat", "dog"])
    assert load(tmp_path / "a.npz").class_names == ["cat", "dog"]


GOOD = np.zeros((4, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, ["x_train", "none"]),
        ({"images": GOOD, "labels": GOOD}, ["x_train", "images, labels"]),
        ({"x_train": GOOD.astype(np.int16)}, ["int16 [4, 28, 28]", "uint8, or floats"]),
        ({"x_train": GOOD + 1.5}, ["floats from 1.5 to 1.5", "in [0, 1]"]),
        ({"x_train": GOOD * np.nan}, ["floats from nan"]),
        ({"x_train": np.zeros((4, 28, 28, 2), np.uint8)}, ["[4, 28, 28, 2]"]),
        ({"x_train": GOOD, "x_test": GOOD[:, :24]}, ["[28, 28, 1]", "[24, 28, 1]"]),
        ({"x_train": np.uint8(3)}, ["uint8 []"]),
        ({"x_train": GOOD[:0]}, ["holds no image"]),
        ({"x_train": GOOD, "x_test": GOOD[0]}, ["x_test is uint8 [28, 28]"]),
        ({"x_train": GOOD, "x_test": np.uint8(3)}, ["x_test is uint8 []"]),
        ({"x_train": GOOD, "y_train": np.zeros(3, int)}, ["y_train", "[3]", "[4]"]),
        ({"x_train": GOOD, "y_train": np.zeros(4)}, ["y_train is float64 [4]"]),
        ({"x_train": np.array([None])}, ["x_train is an array of Python objects"]),
        (
            {"x_train": GOOD, "y_train": np.array(["a", None])},
            ["y_train is an array of Python objects"],
        ),
        ({"x_train": GOOD, "class_names": np.arange(3)}, ["class_names is int64 [3]"]),
        (
            {"x_train": GOOD, "y_train": np.arange(4), "class_names": list("abc")},
            ["3 names", "from 0 to 3", "not from 0 to 2"],
        ),
    ],
)
def test_own_file_with_wrong_arrays(tmp_path, arrays, words):
    path = tmp_path / "wrong.npz"
    np.savez(path, **arrays)
    with pytest.raises(UserError) as raised:
        load(path)
    for word in ["wrong.npz", *words]:
        assert word in str(raised.value)
    assert "\n" not in str(raised.value)


def test_file_cut_short_at_any_length(tmp_path):
    path = tmp_path / "cut.npz"
    np.savez_compressed(
        path, x_train=np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    )
    whole = path.read_bytes()
    for length in np.linspace(0, len(whole) - 1, 60, dtype=int):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match="cut.npz is damaged"):
            load(path)


def test_file_with_a_changed_byte_in_the_images(tmp_path):
    path = tmp_path / "changed.npz"
    np.savez(path, x_train=GOOD)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(UserError, match="changed.npz is damaged"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"some text", b"PK\x03\x04", b"\x80\x04."])
def test_file_that_is_no_npz(tmp_path, content):
    (tmp_path / "no.npz").write_bytes(content)
    with pytest.raises(UserError, match="no.npz is damaged or no .npz file"):
        load(tmp_path / "no.npz")


def test_other_things_in_the_place_of_a_file(tmp_path):
    with open(tmp_path / "bare.npz", "wb") as file:
        np.save(file, GOOD)
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as file:
        file.writestr("x_train", "text")
    (tmp_path / "folder.npz").mkdir()
    for name, word in [
        ("bare.npz", "no .npz"),
        ("zip.npz", "x_train"),
        ("folder.npz", "holds no PNG"),
    ]:
        with pytest.raises(UserError, match=word):
            load(tmp_path / name)


def test_damaged_built_in_file_is_named_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("autoencoder.datasets.load._FOLDER", tmp_path)
    np.savez(tmp_path / "mnist.npz", x_train=GOOD)
    with pytest.raises(UserError, match="mnist.npz is damaged .*git checkout"):
        load("mnist")
    with pytest.raises(UserError, match="fashion-mnist.npz is missing.*git checkout"):
        load("fashion-mnist")


def test_unknown_name():
    with pytest.raises(UserError, match="'MNIST'.*mnist, fashion-mnist"):
        locate("MNIST")


def test_an_own_file_beside_the_built_in_ones(tmp_path, monkeypatch):
    beside, here = tmp_path / "datasets", tmp_path / "here"
    beside.mkdir()
    here.mkdir()
    monkeypatch.setattr("autoencoder.datasets.load._FOLDER", beside)
    monkeypatch.chdir(here)
    np.savez(beside / "mine.npz", x_train=GOOD)
    np.savez(beside / "fashion-mnist.npz", x_train=GOOD, class_names=["a"])
    for dataset in ("mine", "../datasets/mine.npz", str(beside / "mine.npz")):
        name, path = locate(dataset)
        assert (name, path.resolve()) == ("mine", beside / "mine.npz")
        assert load(dataset).x_train.shape == (4, 28, 28, 1)
    # A path is one's own file, whatever its name.
    path = str(beside / "fashion-mnist.npz")
    assert load(path).class_names == ["a"]
    for dataset in ("../datasets/mine", str(beside / "mine")):
        with pytest.raises(UserError, match="unknown data set"):
            locate(dataset)
    (here / "mine").mkdir()  # a path that is there goes before
    assert locate("mine") == ("mine", Path("mine"))


def test_the_ending_in_capitals(tmp_path):
    with open(tmp_path / "UPPER.NPZ", "wb") as file:
        np.savez(file, x_train=GOOD)
    data = load(tmp_path / "UPPER.NPZ")
    assert (data.name, data.x_train.shape) == ("UPPER", (4, 28, 28, 1))


def test_an_array_larger_than_memory(tmp_path):
    path = tmp_path / "vast.npz"
    with zipfile.ZipFile(path, "w") as file, file.open("x_train.npy", "w") as array:
        header = {"descr": "|u1", "fortran_order": False, "shape": (2**46, 2, 2)}
        np.lib.format.write_array_header_1_0(array, header)
    with pytest.raises(UserError, match="vast.npz does not fit into memory.*fewer"):
        load(path)


def test_images_that_are_larger_than_memory_when_converted(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", x_train=GOOD)
    many = np.broadcast_to(GOOD[:1, ..., None], (2**30, 28, 28, 1))
    read = {"x_train": many, "y_train": None, "x_test": None, "y_test": None}
    read["class_names"] = None
    monkeypatch.setattr(npz, "read", lambda *arguments: read)
    with pytest.raises(UserError, match="a.npz does not fit.*with --image_size"):
        load(tmp_path / "a.npz", image_size="4096", channels=3)


def test_the_check_comes_before_the_conversion(tmp_path, monkeypatch):
    def refuse(shape):
        raise UserError(f"no {shape}")

    np.savez(tmp_path / "a.npz", x_train=GOOD)
    monkeypatch.setattr("autoencoder.datasets.load.fitted", None)
    for changes, shape in [
        ({}, "28, 28, 1"),
        ({"channels": 3}, "28, 28, 3"),
        ({"image_size": "8x16"}, "8, 16, 1"),
    ]:
        with pytest.raises(UserError, match=f"no .{shape}"):
            load(tmp_path / "a.npz", refuse, **changes)
