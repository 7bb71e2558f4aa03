"""Images to be used with a trained run: its own test images, or people's pictures.

No TensorFlow here. Nothing is read before it is needed, so that there can be any number
of files.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.datasets import folder as picture_folder
from autoencoder.datasets.npz import arrays_of, eight_bits, labels_of_images
from autoencoder.datasets.picture import FORMATS, fitted, read
from autoencoder.errors import UserError
from autoencoder.files import writable

_REMEDY = "is it what numpy.savez wrote?"


class Source(NamedTuple):
    """Where one image comes from.

    Attributes:
        name: str, a file's path or a number in a data set.
        label: int, or None.
        read: function that returns uint8 [height, width, channels], or raises a
            UserError that says in a few words why not.
    """

    name: str
    label: int | None
    read: Callable[[], np.ndarray]


class Batch(NamedTuple):
    """Images that could be read.

    Attributes:
        sources: list of Source.
        images: uint8 [n, height, width, channels].
    """

    sources: list
    images: np.ndarray


def of_dataset(dataset):
    """Returns the Sources of a Dataset's test images; a UserError if it has none."""
    if dataset.x_test is None:
        raise UserError(
            f"{dataset.name} has no test images: name pictures with --images"
        )
    return _of_arrays(dataset.x_test, dataset.y_test, dataset.test_names)


def of_paths(paths, shape, resize, background="black"):
    """Returns the Sources of files and folders.

    Args:
        paths: list of str: picture files, folders of them, which are searched as
            those of a data set are, and .npz files with the arrays images or x_test,
            uint8 or floats in [0, 1], and, if there, labels or y_test.
        shape: (height, width, channels) that the run takes.
        resize: bool, whether to convert what has another size or colour.
        background: str, the colour on which what is transparent is laid.

    Raises:
        UserError: a path that isn't there, or that holds no image.
    """
    sources = []
    for path in map(Path, paths):
        if path.is_dir():
            names = picture_folder.names(path)
            if not names:
                raise UserError(f"{path} holds no {FORMATS} file")
            sources += [
                _of_file(path / name, shape, resize, background) for name in names
            ]
        elif not path.exists():
            raise UserError(f"--images {path} is not there: check the path")
        elif path.suffix.lower() == ".npz":
            sources += _of_npz(path, shape, resize)
        else:
            sources.append(_of_file(path, shape, resize, background))
    return sources


def batches(sources, size, left_out):
    """Reads images.

    Args:
        sources: list of Source.
        size: int, images in a batch; there may be fewer.
        left_out: dict, to which is added each image that can't be read, from its
            place in sources to its name and the reason.

    Yields:
        Batch, of at least one image.

    Raises:
        UserError: none can be read.
    """
    for start in range(0, len(sources), size):
        kept, images = [], []
        for place, source in enumerate(sources[start : start + size], start):
            try:
                images.append(source.read())
                kept.append(source)
            except UserError as error:
                left_out[place] = f"{source.name} {error}"
        if kept:
            yield Batch(kept, np.stack(images))
    if len(left_out) == len(sources):
        others = f" (and {len(sources) - 1} more)" if len(sources) > 1 else ""
        raise UserError(
            f"no image can be used: {next(iter(left_out.values()))}{others}"
        )


def _of_file(path, shape, resize, background):
    pixels = partial(read, path, shape, background, resize)
    return Source(writable(path), None, pixels)


def _of_arrays(images, labels, names=None):
    given = [None] * len(images) if labels is None else labels.tolist()
    names = names or map(str, range(len(images)))
    return [
        Source(name, label, partial(images.__getitem__, i))
        for i, (name, label) in enumerate(zip(names, given, strict=True))
    ]


def _of_npz(path, shape, resize):
    try:
        arrays = arrays_of(path, ("images", "x_test", "labels", "y_test"), _REMEDY)
        keys = ("images", "labels") if "images" in arrays else ("x_test", "y_test")
        images, labels = map(arrays.get, keys)
        if images is None:
            raise UserError(f"{path} has neither an array images nor x_test")
        images = eight_bits(f"{path}: {keys[0]}", images)
        if resize:
            images = fitted(images, shape[:2], shape[2])
    except MemoryError:
        raise UserError(
            f"{path} does not fit into memory: take fewer images, or picture files"
        ) from None
    if images.shape[1:] != tuple(shape):
        raise UserError(
            f"{path} holds images {[*images.shape[1:]]}, and the run takes {[*shape]}: "
            "--resize converts"
        )
    if labels is not None:
        labels = labels_of_images(f"{path}: {keys[1]}", labels, len(images))
    return _of_arrays(images, labels)
