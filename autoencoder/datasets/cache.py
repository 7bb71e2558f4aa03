"""Pictures converted once, as raw bytes on disk that training reads by index.

Each folder and choice of settings has its own cache folder, which is named after both.
Its index records the files: if these change, the cache is made anew in the same place.
The pictures are never in memory all at once.
"""

import contextlib
import hashlib
import json
import shutil
import sys
from functools import partial
from typing import NamedTuple

import numpy as np
from filelock import FileLock, Timeout

from autoencoder.datasets import processes
from autoencoder.datasets.folder import CACHE_TAG
from autoencoder.datasets.picture import FORMATS, Kind, read, require_colour
from autoencoder.errors import UserError
from autoencoder.files import make_folder
from autoencoder.flag_types import image_size

_VERSION = 2  # of the cache's format
_INDEX = "index.json"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"  # bford.info/cachedir


class Cache(NamedTuple):
    """Converted pictures.

    Attributes:
        images: dict from "train" and "test" to uint8 [n, height, width, channels], on
            disk; a split without a picture is missing.
        names: dict from the same to the list of the files' names.
        labels: dict from the same to the list of their classes' names.
        left_out: dict from the name of each file that is no picture to the reason.
        sha256: str, of all pixels, names and labels.
    """

    images: dict
    names: dict
    labels: dict
    left_out: dict
    sha256: str


def cached(folder, files, cache_dir, flags, check=None):
    """Returns a folder's pictures, converted now or earlier.

    Args:
        folder: pathlib.Path.
        files: list of folder.File.
        cache_dir: pathlib.Path, of all folders' caches. If the pictures are converted
            already, nothing is written in it.
        flags: reads image_size, without which all pictures must have one size;
            channels, 0 for 3 if any picture is in colour; background; and test_share,
            by which the files were split.
        check: function of (height, width, channels) that is called before anything is
            converted, or None.

    Returns:
        Cache, without images if no file is a picture.

    Raises:
        UserError: no picture, pictures of several sizes without a size to scale to, a
            background that is not a colour, or a cache that can't be written.
    """
    require_colour(flags.background)
    settings = [flags.image_size, flags.channels, flags.background, flags.test_share]
    key = _sha256([str(folder.resolve()), *settings])
    path = cache_dir / f"{folder.resolve().name[:40]}-{key[:16]}"
    made_of = _sha256([_VERSION, files])
    if cache := _load(path, made_of):
        return cache
    make_folder(cache_dir, "--cache_dir")
    shape = _shape(folder, [folder / file.name for file in files], flags)
    if check is not None:  # before there is a lock, which stays
        check(shape)
    with _alone(cache_dir / f".{path.name}.lock", folder):
        cache = _load(path, made_of)  # another process may have just made it
        if cache is None:
            _make(path, folder, files, made_of, flags.background, shape)
            cache = _load(path, made_of)
    return cache


def _sha256(value):
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


@contextlib.contextmanager
def _alone(path, folder):
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(
            f"main.py: another process converts the pictures of {folder}: this one "
            "waits for it",
            file=sys.stderr,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _load(path, made_of):
    """Returns the Cache, or None if it is incomplete or of other files."""
    try:
        index = json.loads((path / _INDEX).read_text(encoding="utf-8"))
        if index["made_of"] != made_of:
            return None
        images = {
            split: np.memmap(
                path / split, np.uint8, "r", shape=(len(names), *index["shape"])
            )
            for split, names in index["names"].items()
        }
        parts = (index[key] for key in ("names", "labels", "left_out", "sha256"))
        return Cache(images, *parts)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(path, folder, files, made_of, background, shape):
    paths = [folder / file.name for file in files]
    convert = partial(read, shape=shape, background=background)
    try:
        with (
            processes.sigterm_raises(),
            contextlib.closing(
                processes.results(convert, paths, "converting")
            ) as results,
        ):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
            (path / CACHE_TAG).write_text(_TAG)
            index = {"made_of": made_of, "shape": shape}
            index |= _write(path, files, results)
            (path / _INDEX).write_text(json.dumps(index), encoding="utf-8")
    except BaseException as error:
        shutil.rmtree(path, ignore_errors=True)  # a full disk needs the room
        if isinstance(error, OSError):
            raise UserError(
                f"the converted pictures of {folder} can't be written to {path} "
                f"({error.strerror or error}): choose another place with --cache_dir"
            ) from None
        raise


def _shape(folder, paths, flags):
    """Returns (height, width, channels), read from the pictures if not given."""
    size, channels = image_size(flags.image_size), flags.channels
    if size is not None and channels:
        return *size, channels
    with (
        processes.sigterm_raises(),
        contextlib.closing(processes.results(read, paths, "looking")) as results,
    ):
        kinds = {kind for kind in results if isinstance(kind, Kind)}
    if not kinds:
        raise UserError(f"{folder} holds no {FORMATS} file")
    sizes = sorted({(kind.height, kind.width) for kind in kinds})
    if size is None and len(sizes) > 1:
        (height, width), (other_height, other_width) = sizes[0], sizes[-1]
        raise UserError(
            f"{folder} holds pictures of {len(sizes)} sizes, from {width}x{height} to "
            f"{other_width}x{other_height}: choose one with --image_size, such as "
            "64 or 64x96, height first"
        )
    is_grey = all(kind.is_grey for kind in kinds)
    return *(size or sizes[0]), channels or (1 if is_grey else 3)


def _write(path, files, results):
    """Writes the pixels; returns the rest of the index."""
    digest = hashlib.sha256()
    names, labels, left_out = {}, {}, {}
    with (
        open(path / "train", "wb") as train,
        open(path / "test", "wb") as test,
    ):
        outputs = {"train": train, "test": test}
        for file, pixels in zip(files, results, strict=True):
            if isinstance(pixels, UserError):
                left_out[file.name] = str(pixels)
                continue
            outputs[file.split].write(pixels.tobytes())
            digest.update(pixels.tobytes())
            names.setdefault(file.split, []).append(file.name)
            labels.setdefault(file.split, []).append(file.label)
    digest.update(json.dumps([names, labels]).encode())
    index = {"names": names, "labels": labels, "left_out": left_out}
    return index | {"sha256": digest.hexdigest()}
