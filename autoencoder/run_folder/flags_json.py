"""flags.json in a run's folder: its flags, data, versions and machine."""

import importlib.metadata
import json
import platform

from autoencoder.errors import UserError
from autoencoder.files import PROGRAM, replacing
from autoencoder.machine import cores, machine, processor_name, uses_onednn
from autoencoder.run_folder.layout import FLAGS_JSON, LOGS
from flags import training_flags

_PACKAGES = ("tensorflow", "numpy", "matplotlib", "imageio")
_NETWORK = (
    2  # 1, which older runs don't note: the upsampling decoder began with one map
)


def describe(folder, flags, dataset):
    """Returns the content of flags.json.

    Args:
        folder: RunFolder.
        flags: the flags of the run.
        dataset: Dataset.

    Returns:
        dict, which JSON can hold.
    """
    return {
        "program": PROGRAM,
        "network": _NETWORK,
        "flags": flags_of(flags),
        "dataset": {
            "name": dataset.name,
            "sha256": dataset.sha256,
            "image_shape": list(dataset.x_train.shape[1:]),
            "class_names": dataset.class_names,
        },
        "folder": str(folder.path.resolve()),
        "events": LOGS if flags.logdir is None else str(folder.events.resolve()),
        "threads": flags.threads or cores(),
        "versions": versions(),
        "machine": machine(),
        "processor": processor_name(),
        "onednn": uses_onednn(),
    }


def flags_of(flags):
    """Returns a training's flags as a dict."""
    return {name: getattr(flags, name) for name in vars(training_flags())}


def write(folder, description):
    """Writes flags.json into a run's folder."""
    with replacing(folder / FLAGS_JSON, synced=True) as part:
        part.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


def read(folder):
    """Returns the flags.json that a run wrote, or None if no run did."""
    try:
        content = json.loads((folder / FLAGS_JSON).read_text(encoding="utf-8"))
        parts = [content[part] for part in ("flags", "dataset", "versions")]
        is_ours = content["program"] == PROGRAM
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (
        content if is_ours and all(isinstance(part, dict) for part in parts) else None
    )


def is_torn(folder):
    """Returns whether flags.json is cut off, as a power cut can leave it.

    Empty files and zeros count as well.
    """
    try:
        content = (folder / FLAGS_JSON).read_bytes().rstrip(b"\0")
    except OSError:
        return False
    start = f'{{\n  "program": "{PROGRAM}",'.encode()
    return content.startswith(start) or start.startswith(content)


def saved_flags(description):
    """Returns a run's flags as a namespace, with defaults for flags newer than the run.

    Args:
        description: dict, what read returned.
    """
    return training_flags(**description["flags"])


def require_same_network(folder, description, way_out):
    """Raises a UserError if the weights of a run are those of an earlier network.

    Args:
        folder: pathlib.Path, the run's.
        description: dict, what read returned.
        way_out: str, with which the error ends.
    """
    has_changed = saved_flags(description).decoder == "upsampling"
    if has_changed and description.get("network", 1) != _NETWORK:
        raise UserError(
            f"{folder} has the upsampling decoder of version 1.0, which began with one "
            f"map of numbers instead of 64: {way_out}"
        )


def versions():
    """Returns the versions that a run's numbers may depend on, None if unknown."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # tensorflow-cpu, for example
            versions[package] = None
    return versions
