"""Runs the commands on a trained run, as main.py does, in this process."""

import importlib
from pathlib import Path
from types import SimpleNamespace

from flags import FLAGS


def runner(results, tmp_path):
    """Returns a function that runs a command on small-z2 or another run of results.

    It returns the output folder. What is given besides are flags.
    """

    def run(name, run="small-z2", **changes):
        values = {flag: FLAGS[flag].default for flag in FLAGS}
        values |= {"run_dir": str(results / run), "output": str(tmp_path / "out")}
        module = importlib.import_module(
            f"autoencoder.commands.{name.replace('-', '_')}"
        )
        values |= changes
        module.run(SimpleNamespace(**values))
        return Path(values["output"] or results / run / name)

    run.folder = results
    return run
