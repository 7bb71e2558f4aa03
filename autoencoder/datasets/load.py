"""Loads a data set: an .npz file, which is checked, or a folder of pictures.

No TensorFlow here.
"""

import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.datasets import npz
from autoencoder.datasets.binarized import binarized_dataset
from autoencoder.datasets.cache import cached
from autoencoder.datasets.colored_mnist import RULE, tinted
from autoencoder.datasets.folder import picture_files
from autoencoder.datasets.picture import FORMATS, fitted
from autoencoder.errors import UserError
from autoencoder.files import sha256, writable
from autoencoder.flag_types import image_size
from flags import default

_FOLDER = Path(__file__).parents[2] / "datasets"
_SHA256 = {
    "mnist": "81f4a7a568eca2eb48e4df52c1c2309dcc5da6114450d2fa0c5a6c89bf3364a9",
    "fashion-mnist": "f4869a7f13249ae98b84748b4dd3b90ee5f69083b54a860e555ddae794100aed",
}
_COLORED = "colored-mnist"
BUILT_IN = [*_SHA256, _COLORED]
_BUILT_IN_SIZE = (28, 28)  # height and width of all their images
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
        x_train_greys: with --binarize sampled, x_train before that; otherwise None.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    class_names: list[str] | None
    sha256: str
    test_names: list[str] | None = None
    x_train_greys: np.ndarray | None = None

    @property
    def image_shape(self):
        """(height, width, channels)."""
        return self.x_train.shape[1:]

    @property
    def trained_on(self):
        """What training.train takes: x_train, or the greys that it samples anew."""
        return self.x_train if self.x_train_greys is None else self.x_train_greys


def class_name(names, label):
    """Returns a label's class, or the label if it has no name.

    Args:
        names: list of str, of the labels 0, 1, ..., or None.
        label: int.
    """
    return names[label] if names and 0 <= label < len(names) else str(label)


def locate(dataset):
    """Finds the data set that the flag --dataset means, without reading it.

    It tries the built-in names, then the path, then an .npz file of that name in the
    folder of the built-in ones.

    Returns:
        name: str, of the data set.
        path: pathlib.Path, of its existing file or folder.

    Raises:
        UserError: none of these.
    """
    if dataset in BUILT_IN:
        file = "mnist" if dataset == _COLORED else dataset
        path = _FOLDER / f"{file}.npz"
        if not path.is_file():
            raise UserError(f"data file {path} is missing: {_git_remedy(path)}")
        return dataset, path
    path, stored = Path(dataset), _FOLDER / f"{dataset}.npz"
    if not path.exists() and path.name == dataset and stored.is_file():
        path = stored
    if path.is_dir():
        return writable(path.resolve().name), path
    is_npz = path.suffix.lower() == ".npz"
    if is_npz and path.is_file():
        return path.stem, path
    if is_npz:
        raise UserError(f"data file {path} is missing: check the path")
    raise UserError(
        f"unknown data set '{dataset}': --dataset takes {', '.join(BUILT_IN)}, "
        "the path of an .npz file or of a folder of pictures, or the name of an .npz "
        f"file in {_FOLDER}"
    )


def known_image_size(flags):
    """Returns (height, width) of the images if it is known without reading them.

    Args:
        flags: reads dataset and image_size.

    Returns:
        tuple of two int, or None.
    """
    size = image_size(flags.image_size)
    if size is None and flags.dataset in BUILT_IN:
        return _BUILT_IN_SIZE
    return size


def load_dataset(flags, check=None):
    """Reads and checks the data set that the flags name.

    An .npz file has Keras's keys x_train and, if there, y_train, x_test and y_test;
    class_names, if there, are the names of the labels 0, 1, ...

    Args:
        flags: reads dataset, image_size, channels, binarize and seed, and for a folder
            of pictures background, test_share, cache_dir, results_dir and logdir.
        check: function of the images' (height, width, channels), which is called
            before they are converted to it, and may raise a UserError; or None.

    Returns:
        Dataset.

    Raises:
        UserError: an unknown name; a file that is missing, damaged, too large, or other
            than described above; a flag that the data set has no use for.
    """
    name, path = locate(flags.dataset)
    if path.is_dir():
        return binarized_dataset(_read_folder(name, path, flags, check), flags)
    _refuse_flags_of_folders(name, flags)
    try:
        data = _read_file(name, path, flags.dataset in BUILT_IN)
        colored = _colored(data) if flags.dataset == _COLORED else data
        whole = _fitted(colored, flags, check)
    except MemoryError:
        smaller = "smaller images, with --image_size, or " if flags.image_size else ""
        raise UserError(
            f"{path} does not fit into memory: take {smaller}fewer images, or a folder "
            "of pictures, which is read from the disk"
        ) from None
    return binarized_dataset(whole, flags)


def _read_file(name, path, is_built_in):
    remedy = _git_remedy(path) if is_built_in else "was it written by numpy.savez?"
    checksum = sha256(path)
    if is_built_in and checksum != _SHA256[path.stem]:
        raise UserError(f"{path} is damaged (its SHA-256 is {checksum}): {remedy}")
    arrays = npz.read(path, remedy)
    if is_built_in:
        arrays["class_names"] = _CLASS_NAMES.get(path.stem)
    return Dataset(name=name, sha256=checksum, **arrays)


def _fitted(data, flags, check):
    size, channels = image_size(flags.image_size), flags.channels
    if check is not None:
        shape = data.image_shape
        check((*(size or shape[:2]), channels or shape[2]))
    return data._replace(
        x_train=fitted(data.x_train, size, channels),
        x_test=None if data.x_test is None else fitted(data.x_test, size, channels),
    )


def _refuse_flags_of_folders(name, flags):
    for flag in ("background", "test_share"):
        if getattr(flags, flag) != default(flag):
            raise UserError(
                f"--{flag} {getattr(flags, flag)} is for folders of pictures, and "
                f"{name} is none: leave the flag out"
            )


def _read_folder(name, path, flags, check):
    cache_dir = Path(flags.cache_dir or Path(flags.results_dir) / "cache")
    outside = filter(None, (flags.results_dir, cache_dir, flags.logdir))
    files = picture_files(path, flags.test_share, outside)
    pictures = cached(path, files, cache_dir, flags, check)
    for file, reason in sorted(pictures.left_out.items()):
        print(f"main.py: left out: {path / file} {reason}", file=sys.stderr)
    if "train" not in pictures.images:
        raise UserError(f"{path} holds no {FORMATS} file to train on")
    names = sorted({label for labels in pictures.labels.values() for label in labels})
    numbers = {label: number for number, label in enumerate(names)}
    labels = {
        split: np.array([numbers[label] for label in texts])
        for split, texts in pictures.labels.items()
        if len(names) > 1
    }
    return Dataset(
        name,
        pictures.images["train"],
        labels.get("train"),
        pictures.images.get("test"),
        labels.get("test"),
        [writable(label or name) for label in names] if labels else None,
        pictures.sha256,
        [writable(file) for file in pictures.names.get("test", ())] or None,
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
