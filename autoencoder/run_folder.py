"""A run is a folder: its name, its flags.json and metrics.csv, and what it may delete.

No TensorFlow here: a run that can't begin is told so before four seconds have passed.
"""

import contextlib
import csv
import re
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from autoencoder import checkpoint, flags_json, outputs, snapshots
from autoencoder.errors import UserError
from autoencoder.files import make_folder, replacing
from autoencoder.run_name import run_name

METRICS = [
    "epoch",
    "step",
    "train_loss",
    "test_image_loss",
    "test_latent_loss",
    "test_loss",
    "seconds",
    "images_per_second",
]

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

    Nothing is deleted yet, also with --overwrite: see begin.

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
    make_folder(path)
    try:
        with FileLock(path / _LOCK, timeout=0):
            earlier = flags_json.read(path)
            _refuse_others_files(path, events, earlier)
            make_folder(events)
            yield RunFolder(path, events, earlier)
    except Timeout:
        raise UserError(
            f"{path} is in use by another process: wait for its end, or choose another "
            "name with --run_name"
        ) from None


def _refuse_others_files(path, events, earlier):
    if earlier is None and not _is_empty(path):
        raise UserError(
            f"{path} is no run's folder (its flags.json is missing or damaged), so "
            "nothing is written or deleted there: choose another name with --run_name"
        )
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
    if folder.earlier is not None:
        _cut_back(folder, 0)
        outputs.delete(folder.path)
        _delete_events(own_events(folder.path, folder.earlier))
    _write_flags(folder, flags, dataset)
    write_metrics(folder, [])


def go_on(folder, flags, dataset, found):
    """Cuts everything in the folder back to a checkpoint, and writes flags.json anew.

    Args:
        folder: RunFolder.
        flags: the flags of this run, of which epochs and the like may be others.
        dataset: Dataset.
        found: Checkpoint.
    """
    _cut_back(folder, found.epoch)
    write_metrics(folder, found.rows)
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
    checkpoint.cut_back(folder.checkpoints, epoch)
    snapshots.cut_back(folder.snapshots, epoch)
    for name in _MADE_AT_THE_END:
        (folder.path / name).unlink(missing_ok=True)
    for subfolder, pattern in _PICTURES.items():
        for file in (folder.path / subfolder).glob("*.png"):
            match = re.fullmatch(pattern, file.name)
            if match and int(match[1]) >= epoch:  # their numbers count from 0
                file.unlink()


def write_metrics(folder, rows):
    """Writes metrics.csv: a row per epoch, columns METRICS, losses in nats per image.

    seconds are an epoch's, from its first step to the writing of its row;
    images_per_second are those of its training steps alone.

    Args:
        folder: RunFolder.
        rows: list of dicts with the keys METRICS; None is an empty field.
    """
    with (
        replacing(folder.path / "metrics.csv") as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, METRICS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def own_events(path, description):
    """Returns where a run's events are, resolved; None where that isn't known.

    Events outside the run's folder belong to the run at the place where it ran: a copy
    of its folder, or one that was moved, has no say over them.

    Args:
        path: pathlib.Path, of the run's folder.
        description: dict, its flags.json, or None.
    """
    if description is None:
        return None
    events = description.get("events")
    if events == "logs" or description.get("folder") == str(path.resolve()):
        return (path / str(events)).resolve()
    return None


def _is_empty(path):
    files = (found for found in path.rglob("*") if not found.is_dir())
    # A kill in the first moment of a run leaves these.
    return all(file.name in (_LOCK, ".part-flags.json") for file in files)


def _delete_events(events):
    if events is not None and events.is_dir():
        for file in [*events.glob(_EVENTS), *(events / name for name in _PROJECTOR)]:
            file.unlink(missing_ok=True)
        if _is_empty(events):
            events.rmdir()
