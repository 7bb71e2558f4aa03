"""`python main.py reproduce`: makes every figure of the post, and a page of them.

python main.py reproduce --quick
"""

import math
import statistics
import time
from pathlib import Path

import numpy as np

from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.files import make_folder
from autoencoder.machine import fastest_precision, require_bfloat16
from autoencoder.report import post_trainings
from autoencoder.run_folder.layout import FIGURES
from autoencoder.run_folder.precision import stored
from autoencoder.trained.found import load_run
from flags import training_flags

_DATASETS = ("mnist", "fashion-mnist")
_OVERHEAD = 1.1  # time of an epoch with evaluation, pictures and checkpoint / of steps
_SECONDS_A_RUN = 15  # to start one, and to draw its figures at the end
_WARM_UP, _TIMED = 3, 12  # steps


def run(flags):
    """Runs the missing trainings, then draws the figures and the page."""
    folder = Path(flags.results_dir) / (
        "reproduce-quick" if flags.quick else "reproduce"
    )
    blog_figures = _blog_figures(flags)
    make_folder(folder, "--results_dir")
    lengths = post_trainings.QUICK if flags.quick else post_trainings.POSTS
    paths = {name: name for name in _DATASETS}
    if flags.quick:
        paths = post_trainings.quick_datasets(folder)
    planned = post_trainings.trainings(lengths, paths)
    settings = training_flags(
        threads=flags.threads, precision=_precision(planned, folder, flags.precision)
    )
    _print_plan(planned, folder, settings)
    post_trainings.train(planned, folder, settings)
    _draw(planned, folder, lengths, flags, blog_figures)


def _blog_figures(flags):
    if flags.blog_figures is None:
        return None
    folder = Path(flags.blog_figures)
    if not folder.is_dir():
        raise UserError(f"--blog_figures {folder} is not a folder: check the path")
    return folder


def _precision(planned, folder, asked):
    """Returns float32 or bfloat16, the same for all runs."""
    begun = {one.name: stored(folder / one.name) for one in planned}
    begun = {name: precision for name, precision in begun.items() if precision}
    precision = asked
    if asked == "auto":
        precision = next(iter(begun.values()), fastest_precision())
    for name, other in begun.items():
        if other != precision:
            raise UserError(
                f"{folder / name} was begun in {other}: go on with --precision "
                f"{other}, or choose another --results_dir"
            )
    is_done = all(post_trainings.epochs_done(folder, o) == o.epochs for o in planned)
    if precision == "bfloat16" and not is_done:
        require_bfloat16()
    return precision


def _draw(planned, folder, lengths, flags, blog_figures):
    def run_at(training, epoch=None):
        return load_run(folder / training.name, training.dataset, epoch)

    runs = {training.name: run_at(training) for training in planned}
    planes = {  # as they were before the longer experiment went on
        training.name: run_at(training, lengths.latent)
        for training in planned
        if training.latent_dim == 2
    }
    from autoencoder.report import post_claims, post_figures, post_page

    print("drawing the figures", flush=True)
    make_folder(folder / FIGURES, "--results_dir")
    figure_runs = post_figures.Runs(
        learning={name: runs[f"{name}-z5"] for name in _DATASETS},
        samples={name: runs[f"{name}-z2"] for name in _DATASETS},
        with_kl=planes["mnist-z2"],
        without_kl=planes["mnist-z2-kl0"],
    )
    post_figures.draw(figure_runs, lengths, folder / FIGURES, flags.threads)
    measured_runs = {"mnist-z5": runs["mnist-z5"], **planes}
    claims = post_claims.measured(folder, measured_runs, flags.threads)
    path = post_page.write(
        folder, planned, [*runs.values()], lengths, blog_figures, claims
    )
    print(f"{path}: every figure of the post, beside the post's own")


def _print_plan(planned, folder, flags):
    left = {
        training: training.epochs - post_trainings.epochs_done(folder, training)
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
    minutes = (steps * step * _OVERHEAD + runs * _SECONDS_A_RUN) / 60
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
