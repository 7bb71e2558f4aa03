"""The images that a command uses: a run's test images, or files that the user names.

No TensorFlow here. Each image is read when it is needed, so there can be any number of
files.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.datasets.binarized import binarized
from autoencoder.datasets.folder import picture_names
from autoencoder.datasets.npz import arrays_of, eight_bits, labels_of_images
from autoencoder.datasets.picture import FORMATS, fitted, read
from autoencoder.errors import UserError
from autoencoder.files import writable

_REMEDY = "is it what numpy.savez wrote?"


class ImageSource(NamedTuple):
    """An image that can be read.

    Attributes:
        name: str, a file's path or a number in a data set.
        label: int, or None.
        read: function that returns uint8 [height, width, channels], or raises a
            UserError that gives the reason in a few words.
    """

    name: str
    label: int | None
    read: Callable[[], np.ndarray]


class ImageBatch(NamedTuple):
    """Images that could be read.

    Attributes:
        places: list of int, the sources' places in the list that was read.
        sources: list of ImageSource.
        images: uint8 [n, height, width, channels].
    """

    places: list
    sources: list
    images: np.ndarray


def dataset_sources(dataset):
    """Returns the ImageSources of a Dataset's test images; a UserError if none."""
    if dataset.x_test is None:
        raise UserError(
            f"{dataset.name} has no test images: name pictures with --images"
        )
    return _array_sources(dataset.x_test, dataset.y_test, dataset.test_names)


def path_sources(paths, shape, resize, background="black"):
    """Returns the ImageSources of files and folders.

    Args:
        paths: list of str: picture files, folders of them, searched like a data set's,
            and .npz files with an array images or x_test, uint8 or floats in [0, 1],
            and optionally labels or y_test.
        shape: (height, width, channels) that the run takes.
        resize: bool, whether to convert images of another size or colour.
        background: str, the colour behind transparent pixels.

    Raises:
        UserError: a path does not exist, or holds no image.
    """
    sources = []
    for path in map(Path, paths):
        if path.is_dir():
            names = picture_names(path)
            if not names:
                raise UserError(f"{path} holds no {FORMATS} file")
            sources += [
                _file_source(path / name, shape, resize, background) for name in names
            ]
        elif not path.exists():
            raise UserError(f"--images {path} is not there: check the path")
        elif path.suffix.lower() == ".npz":
            sources += _npz_sources(path, shape, resize)
        else:
            sources.append(_file_source(path, shape, resize, background))
    return sources


def binarized_sources(sources, flags):
    """Returns ImageSources that give images as --binarize made those of the run.

    Args:
        sources: list of ImageSource.
        flags: the run's; reads binarize and seed.
    """
    if flags.binarize == "none":
        return sources

    def read(place, source):
        purpose = f"binarized image {place}"
        return binarized(source.read()[None], flags.binarize, flags.seed, purpose)[0]

    return [
        source._replace(read=partial(read, place, source))
        for place, source in enumerate(sources)
    ]


def read_batches(sources, size, left_out):
    """Reads images.

    Args:
        sources: list of ImageSource.
        size: int, images in a batch; there may be fewer.
        left_out: dict, to which each unreadable image is added: from its place in
            sources to its name and the reason.

    Yields:
        ImageBatch, of at least one image.

    Raises:
        UserError: none can be read.
    """
    for start in range(0, len(sources), size):
        places, images = [], []
        for place, source in enumerate(sources[start : start + size], start):
            try:
                images.append(source.read())
                places.append(place)
            except UserError as error:
                left_out[place] = f"{source.name} {error}"
        if places:
            readable = [sources[place] for place in places]
            yield ImageBatch(places, readable, np.stack(images))
    if len(left_out) == len(sources):
        others = f" (and {len(sources) - 1} more)" if len(sources) > 1 else ""
        raise UserError(
            f"no image can be used: {next(iter(left_out.values()))}{others}"
        )


def _file_source(path, shape, resize, background):
    pixels = partial(read, path, shape, background, resize)
    return ImageSource(writable(path), None, pixels)


def _array_sources(images, labels, names=None):
    labels = [None] * len(images) if labels is None else labels.tolist()
    names = names or map(str, range(len(images)))
    return [
        ImageSource(name, label, partial(images.__getitem__, i))
        for i, (name, label) in enumerate(zip(names, labels, strict=True))
    ]


def _npz_sources(path, shape, resize):
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
    return _array_sources(images, labels)
