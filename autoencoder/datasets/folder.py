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

from autoencoder.datasets.picture import FORMATS
from autoencoder.errors import UserError
from autoencoder.run_folder import flags_json
from autoencoder.run_folder.layout import FLAGS_JSON

CACHE_TAG = "CACHEDIR.TAG"  # a file of that name in a folder: it is some cache
_SPLITS = ("train", "test")
_SEED = 0  # of the order, and so of what is held out


class File(NamedTuple):
    """A file that may be a picture.

    Attributes:
        name: str, its path below the folder, with / between the parts.
        label: str, its class, "" where it lies in no sub-folder.
        split: str, "train" or "test".
        size: int, bytes.
        times: tuple of int, nanoseconds, when its content was changed last, and when
            anything of it: tools can set the first one back.
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
        test_share: float, the share of the files that is held out, where the folder
            has no splits of its own.
        outside: as in names.

    Returns:
        list of File.

    Raises:
        UserError: there is none.
    """
    has_splits = any((folder / split).is_dir() for split in _SPLITS)
    found = []
    for name in picture_names(folder, outside):
        *parts, _ = name.split("/")
        split = parts.pop(0) if has_splits and parts else ""
        if has_splits and split not in _SPLITS:
            continue
        found.append(File(name, "/".join(parts), split, *_state(folder / name)))
    if not found:
        raise UserError(f"{folder} holds no {FORMATS} file")
    order = np.random.default_rng(_SEED).permutation(len(found))
    found = [found[i] for i in order]
    if has_splits:
        return found
    held_out = round(test_share * len(found))
    return [
        file._replace(split="test" if i < held_out else "train")
        for i, file in enumerate(found)
    ]


def picture_names(folder, outside=()):
    """Finds the files below a folder that may be pictures, whatever their names end in.

    Links to folders are followed, each folder being visited once. Left out are hidden
    files and folders, runs of this program, caches, and the folders outside.

    Args:
        folder: pathlib.Path.
        outside: folders that do not belong to it, where they lie in it.

    Returns:
        list of str, sorted: paths below the folder, with / between the parts.
    """
    been = {os.path.realpath(path) for path in outside} - {os.path.realpath(folder)}
    found = []
    for top, folders, inside in os.walk(folder, followlinks=True):
        below = Path(top).relative_to(folder)
        place = os.path.realpath(top)
        if place in been or (below.parts and _is_the_programs(top, inside)):
            folders.clear()
            continue
        been.add(place)
        # In this order, so that of two links to a folder it is always the same one
        # that counts.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            (below / name).as_posix() for name in inside if not name.startswith(".")
        ]
    return sorted(found)


def _is_the_programs(folder, inside):
    is_run = FLAGS_JSON in inside and flags_json.read(Path(folder)) is not None
    return is_run or CACHE_TAG in inside


def _state(path):
    """Returns a file's size and times."""
    try:
        status = os.stat(path)
    except OSError:  # a link that leads nowhere: reading it gives the reason
        return 0, (0, 0)
    return status.st_size, (status.st_mtime_ns, status.st_ctime_ns)
