"""Claims a run's folder for this process, and deletes what a new start replaces.

No TensorFlow here, so that mistakes are reported before its slow import.
"""

import contextlib
import fnmatch
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from autoencoder.errors import UserError
from autoencoder.files import delete_parts, is_part, make_folder
from autoencoder.run_folder import (
    checkpoints,
    flags_json,
    layout,
    metrics,
    outputs,
    snapshots,
)
from autoencoder.run_folder.name import run_name


class RunFolder(NamedTuple):
    """A run's folder, which no other process may write to.

    Attributes:
        path: pathlib.Path, of the folder.
        events: pathlib.Path, of TensorBoard's events.
        earlier: dict, flags.json of the run that is already in it, or None.
    """

    path: Path
    events: Path
    earlier: dict | None

    @property
    def checkpoints(self):
        """The folder of the run's checkpoints."""
        return self.path / layout.CHECKPOINTS

    @property
    def snapshots(self):
        """The folder of the arrays that the figures are drawn from."""
        return self.path / layout.SNAPSHOTS


@contextlib.contextmanager
def claim(flags, dataset_name):
    """Makes a run's folder and locks it for this process, for a with block.

    Nothing is deleted yet, not even with --overwrite: see begin. If the run does not
    begin, the folders made here are deleted at the end.

    Yields:
        RunFolder.

    Raises:
        UserError: the folder can't be made, is in use by another process, or holds
            something other than a run; or the folder of events holds another run's.
    """
    name = run_name(flags, dataset_name)
    path = Path(flags.results_dir) / name
    events = path / layout.LOGS if flags.logdir is None else Path(flags.logdir) / name
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is not a folder: choose another name with --run_name")
    _refuse_others_folder(path)  # before a lock is put there
    made = make_folder(path)
    try:
        with FileLock(path / layout.LOCK, timeout=0), _undone_if_not_begun(path, made):
            _refuse_others_folder(path)
            earlier = flags_json.read(path)
            _refuse_others_events(path, events, earlier)
            made[:0] = make_folder(events)
            yield RunFolder(path, events, earlier)
    except Timeout:
        raise UserError(
            f"{path} is in use by another process: wait for its end, or choose another "
            "name with --run_name"
        ) from None


@contextlib.contextmanager
def _undone_if_not_begun(path, made):
    try:
        yield
    finally:
        if not (path / layout.FLAGS_JSON).exists():
            with contextlib.suppress(OSError):  # Windows deletes no open file
                (path / layout.LOCK).unlink()
        for folder in made:
            with contextlib.suppress(OSError):  # not empty
                folder.rmdir()


def _refuse_others_folder(path):
    if flags_json.read(path) is None and not _is_unbegun(path):
        raise UserError(
            f"{path} is not a run's folder (its flags.json is missing or damaged), so "
            "nothing is written or deleted there: choose another name with --run_name"
        )


def _refuse_others_events(path, events, earlier):
    is_own = own_events(path, earlier) == events.resolve()
    if not is_own and any(events.glob(layout.EVENT_FILES)):
        raise UserError(
            f"{events} holds another run's events, or this one's from before it was "
            "moved: choose another --logdir"
        )


def begin(folder, flags, dataset):
    """Deletes what an earlier run in the folder wrote, and writes flags.json.

    Args:
        folder: RunFolder.
        flags: the flags of this run.
        dataset: Dataset.
    """
    _make_subfolders(folder)
    _cut_back(folder, 0)
    outputs.delete(folder.path)
    _delete_events(own_events(folder.path, folder.earlier))
    _write_flags(folder, flags, dataset)
    metrics.write(folder.path, [])


def go_on(folder, flags, dataset, checkpoint):
    """Cuts the folder back to a checkpoint, and writes flags.json again.

    Args:
        folder: RunFolder.
        flags: the flags of this run; those that do not change weights may differ.
        dataset: Dataset.
        checkpoint: Checkpoint.
    """
    _cut_back(folder, checkpoint.epoch)
    metrics.write(folder.path, checkpoint.rows)
    _write_flags(folder, flags, dataset)


def _make_subfolders(folder):
    made = [folder.events, folder.checkpoints, folder.snapshots]
    for subfolder in made + _picture_folders(folder.path):
        make_folder(subfolder)


def _picture_folders(path):
    """Returns the folders Train and Test of a run's folder."""
    return sorted({(path / picture).parent for picture in layout.EPOCH_PICTURES})


def _write_flags(folder, flags, dataset):
    _make_subfolders(folder)
    flags_json.write(folder.path, flags_json.describe(folder, flags, dataset))


def _cut_back(folder, epoch):
    """Deletes what is newer than an epoch or made at the end; 0 deletes all."""
    for made in (folder.path, folder.events, folder.path / layout.FIGURES):
        delete_parts(made)
    checkpoints.cut_back(folder.checkpoints, epoch)
    snapshots.cut_back(folder.snapshots, epoch)
    for name in (layout.FITTED_PRIOR, layout.REPORT):
        (folder.path / name).unlink(missing_ok=True)
    for name in layout.FIGURE_FILES:
        (folder.path / layout.FIGURES / name).unlink(missing_ok=True)
    for subfolder in _picture_folders(folder.path):
        delete_parts(subfolder)
    for picture in layout.EPOCH_PICTURES:
        for number, file in layout.numbered(folder.path, picture):
            if number >= epoch:  # their numbers count from 0
                file.unlink()


def own_events(path, description):
    """Returns the folder of a run's events, resolved, or None if unknown.

    Events outside the run's folder belong to the run at its first place. A copied or
    moved folder must not delete them.

    Args:
        path: pathlib.Path, of the run's folder.
        description: dict, its flags.json, or None, which means events in its folder.
    """
    if description is None:
        description = {"events": layout.LOGS}
    events = description.get("events")
    if events == layout.LOGS or description.get("folder") == str(path.resolve()):
        return (path / str(events)).resolve()
    return None


def _is_empty(path):
    """Returns whether a folder holds no file except what a run killed early leaves."""
    return all(file.name == layout.LOCK or is_part(file) for file in _files(path))


def _is_unbegun(path):
    """Returns whether a folder is empty, or a power cut ended its first epoch."""
    if not flags_json.is_torn(path):
        return _is_empty(path)
    names = (f.relative_to(path).as_posix() for f in _files(path) if not is_part(f))
    patterns = layout.BEFORE_FIRST_CHECKPOINT
    return all(
        any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        for name in names
    )


def _files(path):
    return (file for file in path.rglob("*") if not file.is_dir())


def _delete_events(events):
    if events is not None and events.is_dir():
        for file in events.glob(layout.EVENT_FILES):
            file.unlink(missing_ok=True)
        for name in layout.PROJECTOR_FILES:
            (events / name).unlink(missing_ok=True)
        if _is_empty(events):
            events.rmdir()
