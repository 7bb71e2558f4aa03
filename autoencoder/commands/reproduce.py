"""`python main.py reproduce`: every figure of the post, and a page to compare them."""

import math
import statistics
import time
from pathlib import Path

import numpy as np

from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.files import make_folder
from autoencoder.report import post_trainings as reproduction
from autoencoder.trained import found as trained_run
from flags import training_flags

_DATASETS = ("mnist", "fashion-mnist")
# What the machine does besides: evaluation, pictures and checkpoints beside the steps;
# starting a run, and drawing its figures at the end.
_BESIDE_STEPS = 1.1
_SECONDS_A_RUN = 15
_WARM_UP, _TIMED = 3, 12  # steps


def run(flags):
    """Trains what is needed and not there yet, then draws the figures and the page."""
    folder = Path(flags.results_dir) / (
        "reproduce-quick" if flags.quick else "reproduce"
    )
    blog_figures = _blog_figures(flags)
    make_folder(folder)
    lengths = reproduction.QUICK if flags.quick else reproduction.POSTS
    paths = {name: name for name in _DATASETS}
    if flags.quick:
        paths = reproduction.quick_datasets(folder)
    planned = reproduction.trainings(lengths, paths)
    _say_what_comes(planned, folder, flags)
    reproduction.train(planned, folder, flags.threads)
    _draw(planned, folder, lengths, flags, blog_figures)


def _blog_figures(flags):
    if flags.blog_figures is None:
        return None
    folder = Path(flags.blog_figures)
    if not folder.is_dir():
        raise UserError(f"--blog_figures {folder} is no folder: check the path")
    return folder


def _draw(planned, folder, lengths, flags, blog_figures):
    runs = {
        training.name: trained_run.load(folder / training.name, training.dataset)
        for training in planned
    }
    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.report import post_figures, post_page

    print("drawing the figures", flush=True)
    make_folder(folder / "figures")
    found = post_figures.Runs(
        learning={name: runs[f"{name}-z5"] for name in _DATASETS},
        samples={name: runs[f"{name}-z2"] for name in _DATASETS},
        with_kl=trained_run.load(
            folder / "mnist-z2", planned[0].dataset, lengths.latent
        ),
        without_kl=runs["mnist-z2-kl0"],
    )
    post_figures.draw(found, lengths, folder / "figures", flags.threads)
    path = post_page.write(folder, planned, [*runs.values()], lengths, blog_figures)
    print(f"{path}: every figure of the post, beside the post's own")


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
    images = len(load_dataset(training_flags(dataset=planned[0].dataset)).x_train)
    step = seconds_per_step(flags)
    steps = sum(left.values()) * math.ceil(images / flags.batch_size)
    runs = sum(1 for epochs in left.values() if epochs)
    minutes = (steps * step * _BESIDE_STEPS + runs * _SECONDS_A_RUN) / 60
    print(
        f"to train: {sum(left.values())} epochs in {runs} runs, about "
        f"{math.ceil(minutes)} min on this machine ({1000 * step:.0f} ms a step)",
        flush=True,
    )


def seconds_per_step(flags):
    """Times training steps of the post's network on images of noise.

    Args:
        flags: reads a training's flags, and threads.

    Returns:
        float, the median.
    """
    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.model import build
    from autoencoder.session import open_session, use_threads

    use_threads(flags.threads)
    model = build((28, 28, 1), flags)
    noise = np.random.default_rng(0)
    images = noise.random((flags.batch_size, 28, 28, 1), np.float32)
    seconds = []
    with open_session(model.graph, flags.threads) as sess:
        sess.run(model.init_op)
        for _ in range(_WARM_UP + _TIMED):
            began = time.perf_counter()
            sess.run(model.train_op, {model.input_batch: images})
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[_WARM_UP:])
