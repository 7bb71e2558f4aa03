"""A folder of pictures as a data set: its files, their classes, splits and order.

Sub-folders are classes. Where there is a folder train or test, these are the splits,
and the classes lie in them; otherwise a share of the files is held out. The files are
put into one order, always the same, in which the classes are mixed: a training that
doesn't shuffle never sees one class at a time.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.errors import UserError

_SPLITS = ("train", "test")
_SEED = 0  # of the order, and so of what is held out


class File(NamedTuple):
    """A file that may be a picture.

    Attributes:
        name: str, its path below the folder, with / between the parts.
        label: str, its class, "" where it lies in no sub-folder.
        split: str, "train" or "test".
        size: int, bytes.
        changed: int, nanoseconds, when it was changed last.
    """

    name: str
    label: str
    split: str
    size: int
    changed: int


def files(folder, test_share):
    """Finds the files of a folder, in the order in which they are trained on.

    Args:
        folder: pathlib.Path.
        test_share: float, the share of the files that is held out, where the folder
            has no splits of its own.

    Returns:
        list of File. Hidden files and folders are left out.

    Raises:
        UserError: there is none.
    """
    has_splits = any((folder / split).is_dir() for split in _SPLITS)
    found = []
    for name in _names(folder):
        *parts, _ = name.split("/")
        split = parts.pop(0) if has_splits and parts else ""
        if has_splits and split not in _SPLITS:
            continue
        size, changed = _size_and_time(folder / name)
        found.append(File(name, "/".join(parts), split, size, changed))
    if not found:
        raise UserError(f"{folder} holds no file that could be a picture")
    order = np.random.default_rng(_SEED).permutation(len(found))
    found = [found[i] for i in order]
    if has_splits:
        return found
    held_out = round(test_share * len(found))
    return [
        file._replace(split="test" if i < held_out else "train")
        for i, file in enumerate(found)
    ]


def _names(folder):
    """Returns the names of all files below a folder that are not hidden, sorted."""
    found, been = [], set()
    for top, folders, names in os.walk(folder, followlinks=True):
        if os.path.realpath(top) in been:  # a link that leads back
            folders.clear()
            continue
        been.add(os.path.realpath(top))
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(top).relative_to(folder)
        found += [
            (below / name).as_posix() for name in names if not name.startswith(".")
        ]
    return sorted(found)


def _size_and_time(path):
    try:
        status = os.stat(path)
    except OSError:  # a link that leads nowhere: reading it gives the reason
        return 0, 0
    return status.st_size, status.st_mtime_ns
