"""Runs the commands on a trained run, as main.py does, and the session beside them."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
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


def session_numbers(folder, *names):
    """What the session itself gives for the run's test images, codes at the mean."""
    run = load_run(folder)
    with restored(run) as (sess, net):
        images = run.dataset.x_test / np.float32(255)
        epsilon = np.zeros((len(images), run.flags.latent_dim))
        return images, sess.run(
            [getattr(net, name) for name in names],
            {net.input_batch: images, net.epsilon: epsilon},
        )


def session_decodes(folder, codes):
    with restored(load_run(folder)) as (sess, net):
        return sess.run(net.output, {net.z: codes})
