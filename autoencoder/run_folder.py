"""A run is a folder: its name, its flags.json and metrics.csv, and what it may delete.

No TensorFlow here: a run that can't begin is told so before four seconds have passed.
"""

import csv
import importlib.metadata
import json
import platform
import re
from pathlib import Path
from typing import NamedTuple

from autoencoder.errors import UserError
from autoencoder.files import make_folder, replacing
from flags import FLAGS, GROUPS

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

# Flags other than data set and latent_dim that change the weights, as they stand in
# the name of a run's folder.
_SUFFIXES = {
    "learning_rate": "lr",
    "batch_size": "batch",
    "inputs_decoder": "inputs",
    "kl_weight": "kl",
    "seed": "seed",
    "shuffle": "shuffle",
}
_PROGRAM = "autoencoder"
_EVENTS = "events.out.tfevents.*.autoencoder"  # the ending is that of summaries.py
_PICTURES = {"Train": r"Epoch_\d+\.png", "Test": r"(Latent_|Space_)?\d+\.png"}
_PACKAGES = ("tensorflow", "numpy", "matplotlib", "imageio")


class RunFolder(NamedTuple):
    """Where a run writes: its folder, and its TensorBoard events."""

    path: Path
    events: Path


def run_name(flags, dataset_name):
    """Returns --run_name, or a name made of the data set and the flags.

    As "mnist-z5" or "mnist-z2-kl0-seed1": a suffix for each flag that changes the
    weights and isn't at its default; none for epochs, threads, or what is drawn.
    """
    if flags.run_name is not None:
        return flags.run_name
    name = f"{dataset_name}-z{flags.latent_dim}"
    for flag, suffix in _SUFFIXES.items():
        value = getattr(flags, flag)
        if value != FLAGS[flag].default:
            shown = "" if value is True else str(value).removesuffix(".0")
            name += f"-{suffix}{shown}"
    return name


def claim(flags, dataset_name):
    """Checks that a run may begin in its folder, and makes the folder.

    Nothing is deleted yet, also with --overwrite: see begin.

    Returns:
        RunFolder.

    Raises:
        UserError: the folder can't be made, holds a run and there is no --overwrite,
            or holds anything else; or another run's events stand where these would.
    """
    name = run_name(flags, dataset_name)
    path = Path(flags.results_dir) / name
    events = path / "logs" if flags.logdir is None else Path(flags.logdir) / name
    earlier = _flags_json(path)
    if earlier is not None and not flags.overwrite:
        raise UserError(
            f"{path} already holds a run: choose another name with --run_name, or let "
            "--overwrite delete what that run wrote"
        )
    if earlier is None and path.exists() and not (path.is_dir() and _is_empty(path)):
        raise UserError(
            f"{path} is no run's folder (it has no flags.json), so nothing is written "
            "or deleted there: choose another name with --run_name"
        )
    if _own_events(path, earlier) != events.resolve() and any(events.glob(_EVENTS)):
        raise UserError(f"{events} holds another run's events: choose another --logdir")
    make_folder(path)
    make_folder(events)
    return RunFolder(path, events)


def begin(folder, flags, dataset):
    """Deletes what an earlier run in the folder wrote, and writes flags.json.

    Args:
        folder: RunFolder, from claim.
        flags: the flags of this run.
        dataset: Dataset.
    """
    description = {
        "program": _PROGRAM,
        "flags": {name: getattr(flags, name) for name in sum(GROUPS.values(), [])},
        "dataset": {"name": dataset.name, "sha256": dataset.sha256},
        "folder": str(folder.path.resolve()),
        "events": "logs" if flags.logdir is None else str(folder.events.resolve()),
        "versions": {"python": platform.python_version()}
        | {package: _version(package) for package in _PACKAGES},
    }
    earlier = _flags_json(folder.path)
    if earlier is not None:
        _delete_run(folder.path, _own_events(folder.path, earlier))
    for made in (folder.events, *(folder.path / name for name in _PICTURES)):
        make_folder(made)
    with replacing(folder.path / "flags.json") as part:
        part.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    write_metrics(folder, [])


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


def _flags_json(path):
    """Returns what a run wrote into flags.json, or None where no run did."""
    try:
        found = json.loads((path / "flags.json").read_text(encoding="utf-8"))
        return found if found["program"] == _PROGRAM else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _own_events(path, description):
    """Returns where the run's events are, resolved; None where that isn't known.

    Events outside the run's folder belong to the run at the place where it ran: a copy
    of its folder, or one that was moved, has no say over them.
    """
    if description is None:
        return None
    events = description.get("events")
    if events == "logs" or description.get("folder") == str(path.resolve()):
        return (path / str(events)).resolve()
    return None


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # as beside tensorflow-cpu
        return None


def _is_empty(path):
    return all(inside.is_dir() for inside in path.rglob("*"))


def _delete_run(path, events):
    """Deletes what a run wrote, and of its folders those that are empty then.

    flags.json stays until the new one replaces it: without it, an --overwrite that was
    interrupted could not be repeated.
    """
    written = [path / "metrics.csv"]
    for folder, pattern in _PICTURES.items():
        for file in (path / folder).glob("*.png"):
            if re.fullmatch(pattern, file.name):
                written.append(file)
    folders = [path / name for name in _PICTURES]
    if events is not None:
        written += events.glob(_EVENTS)
        folders.append(events)
    for file in written:
        file.unlink(missing_ok=True)
    for folder in folders:
        if folder.is_dir() and _is_empty(folder):
            folder.rmdir()
