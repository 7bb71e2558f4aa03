"""The arrays of a data set: of an .npz file, checked, or of a folder of pictures.

No TensorFlow here.
"""

import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder import picture_cache, picture_folder
from autoencoder.colored_mnist import RULE, tinted
from autoencoder.errors import UserError
from autoencoder.files import sha256
from flags import FLAGS, image_size

_FOLDER = Path(__file__).parent.parent / "datasets"
_SHA256 = {
    "mnist": "81f4a7a568eca2eb48e4df52c1c2309dcc5da6114450d2fa0c5a6c89bf3364a9",
    "fashion-mnist": "f4869a7f13249ae98b84748b4dd3b90ee5f69083b54a860e555ddae794100aed",
}
_COLORED = "colored-mnist"
BUILT_IN = [*_SHA256, _COLORED]
_CLASS_NAMES = {
    # fmt: off
    "fashion-mnist": [
        "T-shirt",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]
    # fmt: on
}


class Dataset(NamedTuple):
    """A data set in memory.

    Attributes:
        name: str, a built-in name or the file's name without .npz.
        x_train: uint8 [n, height, width, channels], 1 or 3.
        y_train: integers [n], or None.
        x_test: uint8 [m, height, width, channels], or None.
        y_test: integers [m], or None.
        class_names: list of str, of the labels 0, 1, ..., or None.
        sha256: str, of the file, or of a folder's pixels, names and classes.
        test_names: list of str, of the files of x_test, or None.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    class_names: list[str] | None
    sha256: str
    test_names: list[str] | None = None


def locate(dataset):
    """Finds the data set that the flag --dataset means, without reading it.

    Returns:
        name: str, of the data set.
        path: pathlib.Path, of its file, which is there.

    Raises:
        UserError: neither a built-in name nor the path of an .npz file or a folder.
    """
    if dataset in BUILT_IN:
        file = "mnist" if dataset == _COLORED else dataset
        name, path = dataset, _FOLDER / f"{file}.npz"
    elif Path(dataset).is_dir():
        return Path(dataset).resolve().name, Path(dataset)
    elif dataset.endswith(".npz"):
        name, path = Path(dataset).stem, Path(dataset)
    else:
        raise UserError(
            f"unknown data set '{dataset}': --dataset takes {', '.join(BUILT_IN)}, "
            "or the path of an .npz file or of a folder of pictures, and there is no "
            "folder of that name"
        )
    if not path.is_file():
        remedy = _git_remedy(path) if dataset in BUILT_IN else "check the path"
        raise UserError(f"data file {path} is missing: {remedy}")
    return name, path


def load(dataset, flags=None):
    """Reads and checks a data set.

    Args:
        dataset: str; a built-in name, or the path of an .npz file with Keras's keys
            x_train and, if there, y_train, x_test, y_test; class_names, if there, are
            the names of the labels 0, 1, ...; or the path of a folder of pictures.
        flags: reads, for a folder, image_size, channels, background, test_share,
            cache_dir and results_dir; None takes their defaults.

    Returns:
        Dataset.

    Raises:
        UserError: an unknown name; a file that is missing, damaged, or other than
            described above.
    """
    if dataset == _COLORED:
        return _colored(load("mnist"))
    name, path = locate(dataset)
    if path.is_dir():
        return _of_folder(name, path, flags or FLAGS)
    is_built_in = dataset in _SHA256
    remedy = _git_remedy(path) if is_built_in else "is it what numpy.savez wrote?"
    checksum = sha256(path)
    if checksum != _SHA256.get(dataset, checksum):
        raise UserError(f"{path} is damaged (its SHA-256 is {checksum}): {remedy}")
    arrays = _read(path, remedy)
    x_train, y_train = _split(path, arrays, "train")
    x_test, y_test = _split(path, arrays, "test")
    if x_train is None:
        found = ", ".join(arrays) or "none"
        raise UserError(f"{path} has no array x_train; the arrays in it: {found}")
    if x_test is not None and x_test.shape[1:] != x_train.shape[1:]:
        raise UserError(
            f"{path}: images to train on are {[*x_train.shape[1:]]}, those to test on "
            f"{[*x_test.shape[1:]]}, and all have to be of one size and colour"
        )
    names = _CLASS_NAMES.get(dataset) or _class_names(path, arrays, y_train, y_test)
    return Dataset(name, x_train, y_train, x_test, y_test, names, checksum)


def _of_folder(name, path, flags):
    cache = picture_cache.of(
        path,
        picture_folder.files(path, flags.test_share),
        Path(flags.cache_dir or Path(flags.results_dir) / "cache"),
        size=image_size(flags.image_size),
        channels=flags.channels,
        background=flags.background,
    )
    for file, reason in sorted(cache.left_out.items()):
        print(f"main.py: left out: {path / file} {reason}", file=sys.stderr)
    if "train" not in cache.images:
        raise UserError(f"{path} has no picture to train on")
    every = sorted({label for labels in cache.labels.values() for label in labels})
    numbers = {label: number for number, label in enumerate(every)}
    labels = {
        split: np.array([numbers[label] for label in found])
        for split, found in cache.labels.items()
        if len(every) > 1
    }
    return Dataset(
        name,
        cache.images["train"],
        labels.get("train"),
        cache.images.get("test"),
        labels.get("test"),
        [label or path.name for label in every] if labels else None,
        cache.sha256,
        cache.names.get("test"),
    )


def _colored(mnist):
    return mnist._replace(
        name=_COLORED,
        x_train=tinted(mnist.x_train, mnist.y_train),
        x_test=tinted(mnist.x_test, mnist.y_test),
        sha256=hashlib.sha256(f"{mnist.sha256} {RULE}".encode()).hexdigest(),
    )


def _git_remedy(path):
    return f"get it again with git checkout -- datasets/{path.name}"


def _read(path, remedy):
    keys = ("x_train", "y_train", "x_test", "y_test", "class_names")
    try:
        with np.load(path) as file:
            arrays = {k: np.asarray(file[k]) for k in file.files if k in keys}
            return arrays or dict.fromkeys(file.files)
    # A damaged file makes zipfile, zlib and NumPy raise a dozen types between them.
    except Exception:
        raise UserError(f"{path} is damaged or no .npz file: {remedy}") from None


def _class_names(path, arrays, *labels):
    names = arrays.get("class_names")
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind != "U":
        found = f"{names.dtype} {list(names.shape)}"
        raise UserError(f"{path}: class_names is {found}, but strings [n] are needed")
    for given in labels:
        if given is not None and not ((given >= 0) & (given < len(names))).all():
            raise UserError(
                f"{path}: class_names has {len(names)} names, but labels go from "
                f"{given.min()} to {given.max()}, not from 0 to {len(names) - 1}"
            )
    return names.tolist()


def _split(path, arrays, split):
    """Returns images [n, h, w, c] and labels of a split, None where there are none."""
    images, labels = arrays.get(f"x_{split}"), arrays.get(f"y_{split}")
    if images is None or (split == "test" and images.size == 0):
        return None, None
    images = _eight_bits(f"{path}: x_{split}", images)
    if labels is not None and (
        labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer)
    ):
        found = f"{labels.dtype} {list(labels.shape)}"
        raise UserError(
            f"{path}: y_{split} is {found}, but integers [{len(images)}] are needed, "
            "one for each image, or no such array"
        )
    return images, labels


def _eight_bits(name, images):
    """Returns images, in any form that is taken, as uint8 [n, h, w, channels]."""
    found = f"{images.dtype} {list(images.shape)}"
    images = images[..., np.newaxis] if images.ndim == 3 else images
    is_float = np.issubdtype(images.dtype, np.floating)
    if (
        not (is_float or images.dtype == np.uint8)
        or images.ndim != 4
        or images.shape[3] not in (1, 3)
    ):
        raise UserError(
            f"{name} is {found}, but uint8, or floats in [0, 1], are needed, "
            "[n, height, width], or with 1 or 3 channels [n, height, width, channels]"
        )
    if images.size == 0:
        raise UserError(f"{name} holds no image")
    if not is_float:
        return images
    if not (images.min() >= 0 and images.max() <= 1):  # false for NaN, too
        raise UserError(
            f"{name} has floats from {images.min()} to {images.max()}, but they have "
            "to lie in [0, 1]"
        )
    return np.rint(images * 255).astype(np.uint8)
