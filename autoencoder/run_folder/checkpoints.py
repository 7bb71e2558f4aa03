"""Checkpoints: one after each epoch. A kill or a power cut leaves a whole one.

A checkpoint is the files of tf.train.Saver and a note, epoch-N.json, with their SHA-256
and the metrics so far. The note is written last, when the files are on the disk and not
only in the system's memory: a checkpoint without a note doesn't count, and a checkpoint
whose files don't match its note is damaged. No TensorFlow here: a run's progress can be
read without it.
"""

import contextlib
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

from autoencoder.errors import UserError
from autoencoder.files import delete_parts, replacing, sha256, sync

_NEWEST = "checkpoint"  # TensorFlow's name
_KEPT = 2  # while a run trains: if the newest is damaged, it loses one epoch


class Checkpoint(NamedTuple):
    """A checkpoint that is whole.

    Attributes:
        prefix: pathlib.Path, tf.train.Saver's save path.
        epoch: int, the last finished one.
        step: int, Adam steps taken.
        rows: list of dicts, metrics.csv up to that epoch.
        sha256: str, of its note, which holds those of its files.
    """

    prefix: Path
    epoch: int
    step: int
    rows: list
    sha256: str


def save(saver, sess, folder, rows, keep_every=0, is_last=False):
    """Writes the checkpoint of an epoch, then deletes those that are not kept.

    The one before is kept, too, while the run trains. If this one can't be written, its
    files are deleted.

    Args:
        saver: tf.train.Saver.
        sess: tf.Session.
        folder: pathlib.Path, the run's folder of checkpoints.
        rows: list of dicts, metrics.csv; the last one is the epoch's.
        keep_every: int; every Nth is kept for good, besides the newest.
        is_last: bool, whether the run ends here. Then the one before goes as soon as
            this one has been read back whole.

    Returns:
        Checkpoint.
    """
    epoch = rows[-1]["epoch"]
    prefix = folder / f"epoch-{epoch}"
    try:
        saver.save(sess, str(prefix), write_meta_graph=False, write_state=False)
        _write_note(folder, rows, bool(keep_every) and epoch % keep_every == 0)
    except BaseException:  # such as a full disk: free its space
        _delete(folder, epoch)
        raise
    # The last one is read, which raises if it is not whole: the one before stays.
    checkpoint = read(folder, epoch) if is_last else _noted(folder, epoch)[0]
    _name_newest(folder, epoch)
    for older in noted_epochs(folder)[: -1 if is_last else -_KEPT]:
        with contextlib.suppress(
            ValueError, LookupError, TypeError
        ):  # damaged: it stays
            if not _read_note(folder, older)["kept"]:
                _delete(folder, older)
    return checkpoint


def _name_newest(folder, epoch):
    """Writes the file in which tf.train.latest_checkpoint looks.

    It is for TensorFlow's users. This program goes by its notes, so that the file costs
    no sync, and a full disk none of what is whole.
    """
    names = ("model_checkpoint_path", "all_model_checkpoint_paths")
    with contextlib.suppress(OSError), replacing(folder / _NEWEST) as part:
        part.write_text("".join(f'{name}: "epoch-{epoch}"\n' for name in names))


def _write_note(folder, rows, kept):
    epoch = rows[-1]["epoch"]
    files = _files(folder, epoch)
    for path in (*files, folder):  # each file, then its entry in the folder
        sync(path)
    sums = {file.name: sha256(file) for file in files}
    note = {"rows": rows, "files": sums, "kept": kept}
    with replacing(folder / f"epoch-{epoch}.json", synced=True) as part:
        sealed = {"sha256": _seal(note), "note": note}
        part.write_text(json.dumps(sealed), encoding="utf-8")


def newest(folder, known=None):
    """Finds the newest checkpoint that is whole.

    Args:
        folder: pathlib.Path, the run's folder of checkpoints.
        known: as in read.

    Returns:
        checkpoint: Checkpoint, or None if none is whole.
        damage: list of str, what is wrong with each newer one.
    """
    damage = []
    for epoch in reversed(noted_epochs(folder)):
        try:
            return read(folder, epoch, known), damage
        except UserError as error:
            damage.append(str(error))
    return None, damage


def require_whole(checkpoint, damage, remedy=""):
    """Warns of damaged checkpoints that are newer than the newest whole one.

    Args:
        checkpoint: Checkpoint, or None.
        damage: list of str, what is wrong with each newer one.
        remedy: str, added to the error.

    Raises:
        UserError: there is damage, and no checkpoint is whole.
    """
    if damage and checkpoint is None:
        raise UserError(f"{damage[0]}, and none that is older is whole{remedy}")
    if damage:
        print(
            f"main.py: warning: {damage[0]}; the newest that is whole is that of "
            f"epoch {checkpoint.epoch}",
            file=sys.stderr,
        )


def read(folder, epoch, known=None):
    """Reads and checks the checkpoint of an epoch.

    Args:
        folder: pathlib.Path, the run's folder of checkpoints.
        epoch: int.
        known: Checkpoint that was whole a moment ago, or None. If it is this one, its
            files, which may be large, are not read once more.

    Returns:
        Checkpoint.

    Raises:
        UserError: it is missing or damaged.
    """
    prefix = folder / f"epoch-{epoch}"
    try:
        checkpoint, sums = _noted(folder, epoch)
        if checkpoint == known:
            return known
        for name, expected in sums.items():
            if sha256(folder / name) != expected:
                raise ValueError(f"{name} was changed")
        return checkpoint
    except FileNotFoundError as error:
        raise UserError(f"{error.filename} is missing") from None
    except (ValueError, LookupError, TypeError):
        raise UserError(f"checkpoint {prefix} is damaged") from None


def noted_epochs(folder):
    """Returns the epochs that have a checkpoint with a note, in order."""
    notes = (re.fullmatch(r"epoch-(\d+)\.json", path.name) for path in _inside(folder))
    return sorted(int(note[1]) for note in notes if note)


def cut_back(folder, epoch):
    """Deletes files newer than an epoch, and unfinished files that a kill left."""
    noted = noted_epochs(folder)
    delete_parts(folder)
    for path in _inside(folder):
        match = re.match(r"epoch-(\d+)\.", path.name)
        if match and (int(match[1]) > epoch or int(match[1]) not in noted):
            path.unlink()
    if noted and epoch:
        _name_newest(folder, epoch)
    else:
        (folder / _NEWEST).unlink(missing_ok=True)


def _noted(folder, epoch):
    """Returns a Checkpoint by its note, and its files' SHA-256 by their names."""
    note = _read_note(folder, epoch)
    rows, prefix = note["rows"], folder / f"epoch-{epoch}"
    return Checkpoint(prefix, epoch, rows[-1]["step"], rows, _seal(note)), note["files"]


def _read_note(folder, epoch):
    sealed = json.loads((folder / f"epoch-{epoch}.json").read_text(encoding="utf-8"))
    note = sealed["note"]
    if sealed["sha256"] != _seal(note) or note["rows"][-1]["epoch"] != epoch:
        raise ValueError("the note was changed, or is another epoch's")
    return note


def _seal(note):
    """Returns the SHA-256 of a note, whose numbers JSON keeps exactly."""
    return hashlib.sha256(json.dumps(note).encode()).hexdigest()


def _inside(folder):
    return list(folder.iterdir()) if folder.is_dir() else []


def _files(folder, epoch):
    """Returns the paths of a checkpoint's files, unfinished ones too, but no note."""
    start = f"epoch-{epoch}."
    files = (path for path in _inside(folder) if path.name.startswith(start))
    return sorted(path for path in files if path.suffix != ".json")


def _delete(folder, epoch):
    """Deletes a checkpoint, its note first: without it, the rest no longer counts."""
    (folder / f"epoch-{epoch}.json").unlink(missing_ok=True)
    for path in _files(folder, epoch):
        path.unlink()
