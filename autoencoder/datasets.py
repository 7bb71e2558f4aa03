"""The arrays of a data set, read from an .npz file and checked. No TensorFlow here."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.errors import UserError
from autoencoder.files import sha256

_FOLDER = Path(__file__).parent.parent / "datasets"
_SHA256 = {
    "mnist": "81f4a7a568eca2eb48e4df52c1c2309dcc5da6114450d2fa0c5a6c89bf3364a9",
    "fashion-mnist": "f4869a7f13249ae98b84748b4dd3b90ee5f69083b54a860e555ddae794100aed",
}
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
_IMAGE_SHAPE = (28, 28)


class Dataset(NamedTuple):
    """A data set in memory.

    Attributes:
        name: str, a built-in name or the file's name without .npz.
        x_train: uint8 [n, height, width, 1].
        y_train: integers [n], or None.
        x_test: uint8 [m, height, width, 1], or None.
        y_test: integers [m], or None.
        class_names: list of str, of the labels 0, 1, ..., or None.
        sha256: str, of the file.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    class_names: list[str] | None
    sha256: str


def locate(dataset):
    """Finds the data set that the flag --dataset means, without reading it.

    Returns:
        name: str, of the data set.
        path: pathlib.Path, of its file, which is there.

    Raises:
        UserError: neither a built-in name nor the path of an .npz file, or no file.
    """
    if dataset in _SHA256:
        name, path = dataset, _FOLDER / f"{dataset}.npz"
    elif dataset.endswith(".npz"):
        name, path = Path(dataset).stem, Path(dataset)
    else:
        raise UserError(
            f"unknown data set '{dataset}': --dataset takes {', '.join(_SHA256)}, "
            "or the path of an .npz file"
        )
    if not path.is_file():
        remedy = _git_remedy(path) if dataset in _SHA256 else "check the path"
        raise UserError(f"data file {path} is missing: {remedy}")
    return name, path


def load(dataset):
    """Reads and checks a data set.

    Args:
        dataset: str; "mnist", "fashion-mnist", or the path of an .npz file with
            Keras's keys x_train and, if there, y_train, x_test, y_test; class_names,
            if there, are the names of the labels 0, 1, ...

    Returns:
        Dataset.

    Raises:
        UserError: an unknown name; a file that is missing, damaged, or other than
            described above.
    """
    name, path = locate(dataset)
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
    names = _CLASS_NAMES.get(dataset) or _class_names(path, arrays, y_train, y_test)
    return Dataset(name, x_train, y_train, x_test, y_test, names, checksum)


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
    """Returns images [n, h, w, 1] and labels of a split, None where there are none."""
    images, labels = arrays.get(f"x_{split}"), arrays.get(f"y_{split}")
    if images is None or (split == "test" and images.size == 0):
        return None, None
    wanted = f"uint8 [n, {_IMAGE_SHAPE[0]}, {_IMAGE_SHAPE[1]}]"
    grey = images[..., 0] if images.ndim == 4 and images.shape[3] == 1 else images
    if grey.ndim != 3 or grey.shape[1:] != _IMAGE_SHAPE or grey.dtype != np.uint8:
        found = f"{images.dtype} {list(images.shape)}"
        raise UserError(f"{path}: x_{split} is {found}, but {wanted} is needed")
    if len(grey) == 0:
        raise UserError(f"{path}: x_{split} holds no image")
    if labels is not None and (
        labels.shape != (len(grey),) or not np.issubdtype(labels.dtype, np.integer)
    ):
        found = f"{labels.dtype} {list(labels.shape)}"
        raise UserError(
            f"{path}: y_{split} is {found}, but integers [{len(grey)}] are needed, "
            "one for each image, or no such array"
        )
    return grey[..., np.newaxis], labels
