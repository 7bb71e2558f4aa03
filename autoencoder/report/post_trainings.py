"""The trainings behind the post's figures: lists them, and runs those not finished.

Each is a normal run in its own process, so that it can be inspected, stopped and
resumed alone. No TensorFlow here.
"""

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from autoencoder import interrupts
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.files import replacing
from autoencoder.run_folder import checkpoints
from autoencoder.run_folder.layout import CHECKPOINTS, REPORT
from flags import training_flags

_MAIN = Path(__file__).parents[2] / "main.py"
# Images of each data set with --quick.
_QUICK_TRAIN, _QUICK_TEST = 2000, 1000


class Lengths(NamedTuple):
    """Epochs of the post's experiments.

    Attributes:
        learning: "Are our networks learning?", reconstructions with z = 5.
        latent: "How does our latent space look?", scatter plots with z = 2.
        samples: "Generating samples", the grid with z = 2.
    """

    learning: int
    latent: int
    samples: int


class Training(NamedTuple):
    """One of the runs.

    Attributes:
        name: str, of the run's folder.
        dataset: str, for --dataset.
        latent_dim, epochs: int.
        kl_weight: float.
        keep_every: int.
    """

    name: str
    dataset: str
    latent_dim: int
    epochs: int
    kl_weight: float = 1.0
    keep_every: int = 0


POSTS = Lengths(learning=4, latent=20, samples=50)
QUICK = Lengths(learning=4, latent=3, samples=4)


def trainings(lengths, paths):
    """Lists the runs that the post's figures need.

    Args:
        lengths: Lengths.
        paths: dict from "mnist" and "fashion-mnist" to values of --dataset.

    Returns:
        list of Training.
    """
    planned = []
    for dataset, path in paths.items():
        name, epochs = f"{dataset}-z5", lengths.learning
        planned.append(Training(name, path, 5, epochs))
    for dataset, path in paths.items():
        # Keeps the shorter experiment's state, to compare with and without KL.
        name, kept = f"{dataset}-z2", lengths.latent
        planned.append(Training(name, path, 2, lengths.samples, keep_every=kept))
    name, path = "mnist-z2-kl0", paths["mnist"]
    planned.append(Training(name, path, 2, lengths.latent, kl_weight=0.0))
    return planned


def quick_datasets(folder):
    """Writes the first images of both data sets to .npz files, once.

    Args:
        folder: pathlib.Path, which exists.

    Returns:
        dict from the data sets' names to the files' paths, str.
    """
    paths = {}
    for name in ("mnist", "fashion-mnist"):
        whole = load_dataset(training_flags(dataset=name))
        arrays = {
            "x_train": whole.x_train[:_QUICK_TRAIN],
            "y_train": whole.y_train[:_QUICK_TRAIN],
            "x_test": whole.x_test[:_QUICK_TEST],
            "y_test": whole.y_test[:_QUICK_TEST],
        }
        if whole.class_names:
            arrays["class_names"] = np.array(whole.class_names)
        with replacing(folder / f"{name}.npz") as part:
            np.savez(part, **arrays)
        paths[name] = str(folder / f"{name}.npz")
    return paths


def epochs_done(folder, training):
    """Returns how many of a training's epochs are finished, at most all of them."""
    newest, _ = checkpoints.newest(folder / training.name / CHECKPOINTS)
    return 0 if newest is None else min(newest.epoch, training.epochs)


def train(planned, folder, flags):
    """Runs the unfinished trainings, under one progress bar over all epochs.

    One that was stopped while its report was drawn is run, too, and draws it.

    Args:
        planned: list of Training.
        folder: pathlib.Path, where the runs' folders are.
        flags: reads precision and threads.

    Raises:
        UserError: a training failed; finished epochs are kept.
        KeyboardInterrupt: with a line that says how to go on.
    """
    done = {training: epochs_done(folder, training) for training in planned}
    with tqdm(
        total=sum(training.epochs for training in planned),
        initial=sum(done.values()),
        unit=" epochs",
        desc="all trainings",
        disable=None,
    ) as bar:
        for training in planned:
            has_report = (folder / training.name / REPORT).is_file()
            if done[training] < training.epochs or not has_report:
                bar.set_postfix_str(training.name)
                _run(training, folder, flags, bar)


def _run(training, folder, flags, bar):
    command = [
        sys.executable,
        str(_MAIN),
        "train",
        f"--dataset={training.dataset}",
        f"--latent_dim={training.latent_dim}",
        f"--epochs={training.epochs}",
        f"--kl_weight={training.kl_weight}",
        f"--run_name={training.name}",
        f"--keep_every={training.keep_every}",
        f"--results_dir={folder}",
        f"--precision={flags.precision}",
        f"--threads={flags.threads}",
    ]
    with interrupts.noted(interrupts.ENDING) as came:
        status, lines = _followed(command, training, bar, came)
        if came():
            raise KeyboardInterrupt(
                f"interrupted in {training.name}; finished epochs are kept in {folder},"
                " and the same command goes on after them"
            )
    if status != 0:
        reason = lines[-1].removeprefix("main.py: ") if lines else "no output"
        raise UserError(
            f"the training of {training.name} ended with {status}: {reason}"
        )


def _followed(command, training, bar, came):
    """Runs a command and forwards a signal to it; returns its status and lines."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        # A terminal's signals then come to this process only, which forwards them once.
        start_new_session=True,
        env={name: os.environ[name] for name in os.environ if name != "TF_CONFIG"},
    )
    queued, lines = queue.SimpleQueue(), []
    threading.Thread(target=_read, args=(process.stdout, queued), daemon=True).start()
    forwarded = None
    try:
        while (line := _next(queued)) is not None:
            if came() and not forwarded:
                forwarded = came()
                process.send_signal(forwarded)
            if line:
                lines.append(line.rstrip())
                bar.write(f"{training.name}: {lines[-1]}")
                sys.stdout.flush()  # else files and pipes get it much later
            if line.startswith("epoch "):
                bar.update()
            bar.refresh()  # its clock, between epochs, too
    except BaseException:  # a second Ctrl-C, or a closed pipe on stdout
        process.kill()
        raise
    finally:
        status = process.wait()
    return status, lines


def _read(stream, queued):
    for line in stream:
        queued.put(line)
    queued.put(None)


def _next(queued):
    """Returns the next line, None after the last one, or "" if none has come yet."""
    try:
        return queued.get(timeout=0.5)
    except queue.Empty:
        return ""
