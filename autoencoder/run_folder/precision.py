"""--precision auto: this processor's, or the one in which the run was begun."""

from pathlib import Path
from types import SimpleNamespace

from autoencoder.errors import UserError
from autoencoder.machine import fastest_precision, machine
from autoencoder.run_folder import flags_json
from autoencoder.run_folder.name import run_name


def settled(flags, dataset_name):
    """Returns a training's flags with float32 or bfloat16 in the place of auto.

    A run that was begun in one of them keeps it, on every machine. A new run gets
    bfloat16 where the processor has it. The run's name and flags.json come after this,
    and never see auto.

    Args:
        flags: those of the command.
        dataset_name: str, what locate returns.

    Raises:
        UserError: the run was begun in bfloat16, which this processor lacks.
    """
    if flags.precision != "auto":
        return flags
    fastest = fastest_precision()
    ways = {name: _with(flags, name) for name in ("float32", "bfloat16")}
    paths = {
        n: Path(w.results_dir) / run_name(w, dataset_name) for n, w in ways.items()
    }
    begun = [name for name in ways if stored(paths[name]) == name]
    if len(begun) != 1 or flags.overwrite:
        return ways[fastest]
    (name,) = begun
    if name == "bfloat16" and name != fastest:
        raise UserError(
            f"{paths[name]} was begun in bfloat16, which this processor lacks "
            f"({machine()}): go on where it was begun, or begin another run with "
            "--precision float32 --run_name NAME"
        )
    return ways[name]


def stored(path):
    """Returns the precision of the run in a folder, or None if there is no run."""
    description = flags_json.read(path)
    return description and flags_json.saved_flags(description).precision


def _with(flags, precision):
    return SimpleNamespace(**flags_json.flags_of(flags) | {"precision": precision})
