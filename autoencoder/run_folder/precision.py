"""--precision auto: this processor's, or the one in which the run was begun."""

from pathlib import Path
from types import SimpleNamespace

from autoencoder.errors import UserError
from autoencoder.machine import has_bfloat16, machine
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
    preferred = "bfloat16" if has_bfloat16() else "float32"
    ways = {name: _with(flags, name) for name in ("float32", "bfloat16")}
    paths = {
        n: Path(w.results_dir) / run_name(w, dataset_name) for n, w in ways.items()
    }
    begun = [name for name in ways if stored(paths[name]) == name]
    if len(begun) == 1 and not flags.overwrite:
        (preferred,) = begun
        if preferred == "bfloat16" and not has_bfloat16():
            raise UserError(
                f"{paths[preferred]} was begun in bfloat16, which this processor lacks "
                f"({machine()}): go on where it was begun, or begin another run with "
                "--precision float32 --run_name NAME"
            )
    return ways[preferred]


def stored(path):
    """Returns the precision of the run in a folder, or None if there is no run."""
    description = flags_json.read(path)
    return description and flags_json.saved_flags(description).precision


def _with(flags, precision):
    return SimpleNamespace(**flags_json.flags_of(flags) | {"precision": precision})
