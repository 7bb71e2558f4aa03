"""A run is a folder: its name, who may write to it, and what may be deleted there.

No TensorFlow here: a run that can't begin is told so before four seconds have passed.
"""

import contextlib
import fnmatch
import re
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from autoencoder.errors import UserError
from autoencoder.files import delete_parts, is_part, make_folder
from autoencoder.run_folder import checkpoints as checkpoint
from autoencoder.run_folder import flags_json, metrics, outputs, snapshots
from autoencoder.run_folder.layout import run_name

_EVENTS = "events.out.tfevents.*.autoencoder"  # the ending is that of summaries.py
_PROJECTOR = (  # the names are those of projector.py
    "projector_config.pbtxt",
    "projector-codes.tsv",
    "projector-labels.tsv",
    "projector-sprite.png",
)
_PICTURES = {"Train": r"Epoch_(\d+)\.png", "Test": r"(?:Latent_|Space_)?(\d+)\.png"}
_FIGURES = (
    "reconstructions.png",
    "losses.png",
    "kl-per-dimension.png",
    "latent.gif",
    "space.gif",
    "latent-and-space.gif",
)
_MADE_AT_THE_END = ("report.html", *(f"figures/{name}" for name in _FIGURES))
_LOCK = ".lock"
_BEFORE_THE_FIRST_CHECKPOINT = (
    *(_LOCK, "flags.json", "metrics.csv", "Train/Epoch_0.png"),
    *("Test/0.png", "Test/Latent_0.png", "Test/Space_0.png"),
    *(f"logs/{name}" for name in (_EVENTS, *_PROJECTOR)),
    *("snapshots/epoch-1.npz", "checkpoints/epoch-1.data-*", "checkpoints/*-1.index*"),
)


class RunFolder(NamedTuple):
    """A run's folder, while this process has it for itself.

    Attributes:
        path: pathlib.Path, of the folder.
        events: pathlib.Path, of TensorBoard's events.
        earlier: dict, flags.json of the run that is in it, or None.
    """

    path: Path
    events: Path
    earlier: dict | None

    @property
    def checkpoints(self):
        """The folder of the run's checkpoints."""
        return self.path / "checkpoints"

    @property
    def snapshots(self):
        """The folder of the arrays that the figures are drawn from."""
        return self.path / "snapshots"


@contextlib.contextmanager
def claim(flags, dataset_name):
    """Makes a run's folder and has it for this process alone, for a with block.

    Nothing is deleted yet, also with --overwrite: see begin. What was made here for a
    run that did not begin is deleted at the end.

    Yields:
        RunFolder.

    Raises:
        UserError: the folder can't be made, is in use by another process, or holds
            anything else than a run; or another run's events stand where these would.
    """
    name = run_name(flags, dataset_name)
    path = Path(flags.results_dir) / name
    events = path / "logs" if flags.logdir is None else Path(flags.logdir) / name
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is no folder: choose another name with --run_name")
    _refuse_others_folder(path)  # before a lock is put there
    made = make_folder(path)
    try:
        with FileLock(path / _LOCK, timeout=0), _undone_if_not_begun(path, made):
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
        if not (path / "flags.json").exists():
            with contextlib.suppress(OSError):  # Windows deletes no open file
                (path / _LOCK).unlink()
        for folder in made:
            with contextlib.suppress(OSError):  # something is in it
                folder.rmdir()


def _refuse_others_folder(path):
    if flags_json.read(path) is None and not _is_unbegun(path):
        raise UserError(
            f"{path} is no run's folder (its flags.json is missing or damaged), so "
            "nothing is written or deleted there: choose another name with --run_name"
        )


def _refuse_others_events(path, events, earlier):
    if own_events(path, earlier) != events.resolve() and any(events.glob(_EVENTS)):
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


def go_on(folder, flags, dataset, found):
    """Cuts everything in the folder back to a checkpoint, and writes flags.json anew.

    Args:
        folder: RunFolder.
        flags: the flags of this run, of which epochs and the like may be others.
        dataset: Dataset.
        found: Checkpoint.
    """
    _cut_back(folder, found.epoch)
    metrics.write(folder.path, found.rows)
    _write_flags(folder, flags, dataset)


def _make_subfolders(folder):
    subfolders = [folder.path / name for name in _PICTURES]
    for made in (folder.events, folder.checkpoints, folder.snapshots, *subfolders):
        make_folder(made)


def _write_flags(folder, flags, dataset):
    _make_subfolders(folder)
    flags_json.write(folder.path, flags_json.describe(folder, flags, dataset))


def _cut_back(folder, epoch):
    """Deletes what came after an epoch, and what is made at the end; 0 deletes all."""
    for made in (folder.path, folder.events, folder.path / "figures"):
        delete_parts(made)
    checkpoint.cut_back(folder.checkpoints, epoch)
    snapshots.cut_back(folder.snapshots, epoch)
    for name in _MADE_AT_THE_END:
        (folder.path / name).unlink(missing_ok=True)
    for subfolder, pattern in _PICTURES.items():
        delete_parts(folder.path / subfolder)
        for file in (folder.path / subfolder).glob("*.png"):
            match = re.fullmatch(pattern, file.name)
            if match and int(match[1]) >= epoch:  # their numbers count from 0
                file.unlink()


def own_events(path, description):
    """Returns where a run's events are, resolved; None where that isn't known.

    Events outside the run's folder belong to the run at the place where it ran: a copy
    of its folder, or one that was moved, has no say over them.

    Args:
        path: pathlib.Path, of the run's folder.
        description: dict, its flags.json, or None: it would have them in its folder.
    """
    if description is None:
        description = {"events": "logs"}
    events = description.get("events")
    if events == "logs" or description.get("folder") == str(path.resolve()):
        return (path / str(events)).resolve()
    return None


def _is_empty(path):
    """Returns whether a folder holds no file, or what a run killed at once leaves."""
    return all(file.name == _LOCK or is_part(file) for file in _files(path))


def _is_unbegun(path):
    """Returns whether a folder is empty, or a power cut ended its first epoch."""
    if not flags_json.is_torn(path):
        return _is_empty(path)
    names = (f.relative_to(path).as_posix() for f in _files(path) if not is_part(f))
    return all(
        any(fnmatch.fnmatchcase(name, own) for own in _BEFORE_THE_FIRST_CHECKPOINT)
        for name in names
    )


def _files(path):
    return (found for found in path.rglob("*") if not found.is_dir())


def _delete_events(events):
    if events is not None and events.is_dir():
        for file in [*events.glob(_EVENTS), *(events / name for name in _PROJECTOR)]:
            file.unlink(missing_ok=True)
        if _is_empty(events):
            events.rmdir()
