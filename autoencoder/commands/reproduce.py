"""`python main.py reproduce`: every figure of the post, and a page to compare them."""

import math
from pathlib import Path

from autoencoder import datasets, reproduction
from autoencoder.files import make_folder

# What the machine does besides: evaluation, pictures and checkpoints beside the steps;
# starting a run, and drawing its figures at the end.
_BESIDE_STEPS = 1.1
_SECONDS_A_RUN = 10


def run(flags):
    """Trains what is needed and not there yet, then draws the figures and the page."""
    folder = Path(flags.results_dir) / (
        "reproduce-quick" if flags.quick else "reproduce"
    )
    make_folder(folder)
    lengths = reproduction.QUICK if flags.quick else reproduction.POSTS
    paths = {"mnist": "mnist", "fashion-mnist": "fashion-mnist"}
    if flags.quick:
        paths = reproduction.quick_datasets(folder)
    planned = reproduction.trainings(lengths, paths)
    _say_what_comes(planned, folder, flags)
    reproduction.train(planned, folder, flags.threads)


def _say_what_comes(planned, folder, flags):
    left = {
        training: training.epochs - reproduction.epochs_done(folder, training)
        for training in planned
    }
    for training in planned:
        state = f"{left[training]} to train" if left[training] else "finished"
        print(f"{folder / training.name}: {training.epochs} epochs, {state}")
    if not any(left.values()):
        return
    images = len(datasets.load(planned[0].dataset).x_train)
    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.speed import seconds_per_step

    step = seconds_per_step(flags)
    steps = sum(left.values()) * math.ceil(images / flags.batch_size)
    runs = sum(1 for epochs in left.values() if epochs)
    minutes = (steps * step * _BESIDE_STEPS + runs * _SECONDS_A_RUN) / 60
    print(
        f"to train: {sum(left.values())} epochs in {runs} runs, about {minutes:.0f} "
        f"minutes on this machine ({1000 * step:.0f} ms a step)",
        flush=True,
    )
