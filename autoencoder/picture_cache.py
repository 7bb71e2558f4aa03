"""Pictures converted once, as raw bytes on disk that a training reads by index.

The cache of a folder lies in a folder of its own, whose name says what it was made of:
the files' names, sizes and times, and the settings. The pictures are never in memory
all at once.
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
from functools import partial
from typing import NamedTuple

import numpy as np
from filelock import FileLock
from tqdm import tqdm

from autoencoder.errors import UserError
from autoencoder.files import make_folder, replacing
from autoencoder.reading import Kind, read, require_colour

_VERSION = 1  # of what stands in the cache
_INDEX = "index.json"
_CHUNK = 32  # files that a process takes at a time


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


def of(folder, files, cache_dir, *, size, channels, background):
    """Converts a folder's pictures, or finds them converted.

    Args:
        folder: pathlib.Path.
        files: list of picture_folder.File.
        cache_dir: pathlib.Path, in which the caches of all folders lie.
        size: (height, width), or None: that of the pictures, which have to be alike.
        channels: 1, 3, or 0: 3 where at least one picture is in colour.
        background: str, the colour on which what is transparent is laid.

    Returns:
        Cache.

    Raises:
        UserError: no picture, pictures of several sizes without a size to scale to, or
            a background that is no colour.
    """
    require_colour(background)
    settings = [_VERSION, size, channels, background]
    key = hashlib.sha256(json.dumps([settings, files]).encode()).hexdigest()
    path = cache_dir / f"{folder.resolve().name}-{key[:16]}"
    make_folder(cache_dir, "--cache_dir")
    with FileLock(cache_dir / f".{path.name}.lock"):
        if not _is_whole(path):
            paths = [folder / file.name for file in files]
            shape = _shape(folder, paths, size, channels)
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
            _write(path, files, _converted(paths, shape, background), shape)
    return _open(folder, path)


def _is_whole(path):
    """Says whether the index is there, which is written last, and all pixels."""
    try:
        index = json.loads((path / _INDEX).read_text(encoding="utf-8"))
        pixels = np.prod(index["shape"])
        return all(
            (path / split).stat().st_size == len(names) * pixels
            for split, names in index["names"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _shape(folder, paths, size, channels):
    """Returns (height, width, channels), asking the pictures for what isn't given."""
    if size is not None and channels:
        return *size, channels
    kinds = [
        kind for kind in _in_processes(read, paths, "looking") if isinstance(kind, Kind)
    ]
    if not kinds:
        raise UserError(f"{folder} holds no picture")
    sizes = sorted({(kind.height, kind.width) for kind in kinds})
    if size is None and len(sizes) > 1:
        (height, width), (other_height, other_width) = sizes[0], sizes[-1]
        raise UserError(
            f"{folder} holds pictures of {len(sizes)} sizes, from {width}x{height} to "
            f"{other_width}x{other_height}: choose one with --image_size, as 64, or "
            "64x96, height first"
        )
    is_grey = all(kind.is_grey for kind in kinds)
    return *(size or sizes[0]), channels or (1 if is_grey else 3)


def _converted(paths, shape, background):
    convert = partial(read, shape=shape, background=background)
    return _in_processes(convert, paths, "converting")


def _in_processes(function, paths, verb):
    """Yields what a function makes of each path, or the UserError that it raises."""
    if len(paths) < 4 * _CHUNK:  # to start processes would take longer
        yield from map(partial(_tried, function), paths)
        return
    with (
        multiprocessing.get_context("spawn").Pool(os.cpu_count(), _ignore) as pool,
        tqdm(
            total=len(paths), desc=verb, unit=" files", leave=False, disable=None
        ) as bar,
    ):
        for result in pool.imap(partial(_tried, function), paths, _CHUNK):
            bar.update()
            yield result


def _ignore():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent


def _tried(function, path):
    try:
        return function(path)
    except UserError as error:
        return error


def _write(path, files, results, shape):
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
    index = {"shape": shape, "names": names, "labels": labels, "left_out": left_out}
    index["sha256"] = digest.hexdigest()
    with replacing(path / _INDEX) as part:
        part.write_text(json.dumps(index), encoding="utf-8")


def _open(folder, path):
    index = json.loads((path / _INDEX).read_text(encoding="utf-8"))
    if not index["names"]:
        raise UserError(f"{folder} holds no picture")
    images = {
        split: np.memmap(
            path / split, np.uint8, "r", shape=(len(names), *index["shape"])
        )
        for split, names in index["names"].items()
    }
    parts = (index[key] for key in ("names", "labels", "left_out", "sha256"))
    return Cache(images, *parts)
