"""A folder of pictures as a data set: its files, their classes, splits and order.

Sub-folders are classes. Folders train and test, if there, are the splits and hold the
classes; otherwise a share of the files is held out. The files are put into a fixed
order that mixes the classes, so that training without shuffling never sees one class
at a time.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.datasets.picture import FORMATS
from autoencoder.errors import UserError
from autoencoder.run_folder import flags_json
from autoencoder.run_folder.layout import FLAGS_JSON

CACHE_TAG = "CACHEDIR.TAG"  # a file that marks its folder as a cache
_SPLITS = ("train", "test")
_SEED = 0  # of the order, and so of the held-out files


class File(NamedTuple):
    """A file that may be a picture.

    Attributes:
        name: str, its path below the folder, with / between the parts.
        label: str, its class, "" if it is in no sub-folder.
        split: str, "train" or "test".
        size: int, bytes.
        times: tuple of int, nanoseconds, of the last change of its content and of the
            last change of anything: tools can set the former back.
    """

    name: str
    label: str
    split: str
    size: int
    times: tuple[int, int]


def picture_files(folder, test_share, outside=()):
    """Finds the files of a folder, in the order in which they are trained on.

    Args:
        folder: pathlib.Path.
        test_share: float, the share of the files to hold out if the folder has no
            splits.
        outside: as in picture_names.

    Returns:
        list of File.

    Raises:
        UserError: there is none.
    """
    has_splits = _has_splits(folder)
    files = []
    for name in picture_names(folder, outside):
        *parts, _ = name.split("/")
        split = parts.pop(0) if has_splits and parts else ""
        if has_splits and split not in _SPLITS:
            continue
        files.append(File(name, "/".join(parts), split, *_state(folder / name)))
    if not files:
        raise UserError(f"{folder} holds no {FORMATS} file")
    order = np.random.default_rng(_SEED).permutation(len(files))
    files = [files[i] for i in order]
    if has_splits:
        return files
    held_out = round(test_share * len(files))
    return [
        file._replace(split="test" if i < held_out else "train")
        for i, file in enumerate(files)
    ]


def picture_names(folder, outside=()):
    """Finds the files below a folder that may be pictures, whatever their endings.

    Links to folders are followed, but each folder is visited once. Hidden files and
    folders, runs of this program, caches, and the folders outside are left out.

    Args:
        folder: pathlib.Path.
        outside: folders that do not belong to it, even if inside it.

    Returns:
        list of str, sorted: paths below the folder, with / between the parts. A folder
        that can't be read is among them: whoever reads it as a file is told why.
    """
    seen = {os.path.realpath(path) for path in outside} - {os.path.realpath(folder)}
    names = []

    def unreadable(error):
        names.append(Path(error.filename).relative_to(folder).as_posix())

    for top, folders, inside in os.walk(folder, onerror=unreadable, followlinks=True):
        below = Path(top).relative_to(folder)
        place = os.path.realpath(top)
        if place in seen or (below.parts and _is_the_programs(top, inside)):
            folders.clear()
            continue
        seen.add(place)
        # Sorted, so that of two links to a folder always the same one is followed.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names += [
            (below / name).as_posix() for name in inside if not name.startswith(".")
        ]
    return sorted(names)


def would_hold(folder, place):
    """Returns whether pictures written into a folder would be among the data.

    Args:
        folder: pathlib.Path, of the data set.
        place: pathlib.Path, of the folder to write into.
    """
    place, folder = place.resolve(), folder.resolve()
    if not place.is_relative_to(folder):
        return False
    parts = place.relative_to(folder).parts
    if any(part.startswith(".") for part in parts):
        return False
    return not _has_splits(folder) or (parts != () and parts[0] in _SPLITS)


def _has_splits(folder):
    return any((folder / split).is_dir() for split in _SPLITS)


def _is_the_programs(folder, inside):
    is_run = FLAGS_JSON in inside and flags_json.read(Path(folder)) is not None
    return is_run or CACHE_TAG in inside


def _state(path):
    """Returns a file's size and times."""
    try:
        status = os.stat(path)
    except OSError:  # a broken link: reading it gives the reason
        return 0, (0, 0)
    return status.st_size, (status.st_mtime_ns, status.st_ctime_ns)
