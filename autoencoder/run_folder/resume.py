"""Decides how to continue a run that is already in its folder."""

import sys

from autoencoder.errors import UserError
from autoencoder.run_folder import checkpoints, flags_json, metrics
from autoencoder.run_folder.folder import own_events
from autoencoder.run_folder.layout import RECONSTRUCTIONS, numbered
from autoencoder.run_folder.name import weight_flags

# Besides versions, the last bits of results may depend on these.
_MACHINE = {
    "threads": "the number of threads",
    "processor": "the processor",
    "onednn": "oneDNN (TF_ENABLE_ONEDNN_OPTS)",
}
_WAYS_OUT = "choose another name with --run_name, or begin anew with --overwrite"


def find(folder, flags):
    """Finds the checkpoint from which the run in a folder goes on.

    Args:
        folder: RunFolder, with an earlier run.
        flags: the flags of this command.

    Returns:
        Checkpoint, or None if no epoch was finished.

    Raises:
        UserError: flags that change the weights differ from the run's, or no checkpoint
            is whole.
    """
    _require_same_flags(folder, flags)
    flags_json.require_same_network(folder.path, folder.earlier, _WAYS_OUT)
    checkpoint, damage = checkpoints.newest(folder.checkpoints)
    last = 0 if checkpoint is None else checkpoint.epoch
    seen = _epochs_seen(folder.path)
    # One more epoch than checkpoints is no damage: its row is written first.
    if not damage and seen > last + 1:
        damage.append(
            f"{folder.path} shows {seen} epochs, but has no checkpoint of them"
        )
    checkpoints.require_whole(checkpoint, damage, f"; {_WAYS_OUT}")
    return checkpoint


def require_same_data(folder, dataset):
    """Raises a UserError if the run was trained on other data."""
    recorded = folder.earlier.get("dataset", {}).get("sha256")
    if recorded != dataset.sha256:
        raise UserError(
            f"{folder.path} was trained on other data: the run's data has the SHA-256 "
            f"{recorded}, {dataset.name} has {dataset.sha256}; {_WAYS_OUT}"
        )


def warn_of_other_machine(folder, description):
    """Prints a warning if the run may not repeat exactly on this machine.

    Args:
        folder: RunFolder, with an earlier run.
        description: dict, the flags.json that this command would write.
    """
    changes = []
    before, now = folder.earlier.get("versions", {}), description["versions"]
    for name in now:
        if before.get(name) != now[name]:
            changes.append(f"{name} {before.get(name)} is now {now[name]}")
    for name, text in _MACHINE.items():
        was = folder.earlier.get(name)
        if was != description[name]:
            changes.append(f"{text} was {was} and is {description[name]}")
    if changes:
        _warn(f"{', '.join(changes)}: the run goes on, but not bit for bit the same")


def _epochs_seen(path):
    """Returns how many epochs left a row of metrics or a picture of the next one."""
    pictures = [number for number, _ in numbered(path, RECONSTRUCTIONS)]
    return max([metrics.count_epochs(path), *pictures])


def _require_same_flags(folder, flags):
    shape = folder.earlier["dataset"].get("image_shape")
    size = shape and shape[:2]
    before = weight_flags(flags_json.saved_flags(folder.earlier), size)
    differences = [
        f"--{name} was {before[name]} and is {value}"
        for name, value in weight_flags(flags, size).items()
        if before[name] != value
    ]
    events = own_events(folder.path, folder.earlier)
    if events is None:  # moved or copied, away from events outside its folder
        _warn(f"events before now are not in {folder.events}, but where the run began")
    elif events != folder.events.resolve():
        differences.append(f"events were in {events} and would be in {folder.events}")
    if differences:
        raise UserError(
            f"{folder.path} holds a run with other flags: {'; '.join(differences)}; "
            f"{_WAYS_OUT}"
        )


def _warn(text):
    print(f"main.py: warning: {text}", file=sys.stderr)
