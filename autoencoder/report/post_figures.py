"""Every figure of the post, drawn from the arrays and weights of the trained runs."""

from typing import NamedTuple

import numpy as np

from autoencoder import experiments
from autoencoder.errors import UserError
from autoencoder.experiments import GRID
from autoencoder.figures import gif as animation
from autoencoder.figures import post as figures
from autoencoder.figures import side_by_side as comparisons
from autoencoder.report.post_trainings import Lengths
from autoencoder.report.run_figures import reconstructions
from autoencoder.run_folder import snapshots
from autoencoder.trained.found import TrainedRun
from autoencoder.trained.restore import restored

_ROWS = 14  # of the plane that is decoded without and with KL, and its columns
_STEPS = 5  # images between two of the interpolation's stops
_STOPS = (5, 7, 9)  # sandal, sneaker, ankle boot


class Runs(NamedTuple):
    """The trained runs.

    Attributes:
        learning: dict from data set to TrainedRun with z = 5.
        samples: dict from data set to TrainedRun with z = 2, at its end.
        with_kl: TrainedRun, MNIST with z = 2, in the epoch of without_kl.
        without_kl: TrainedRun.
    """

    learning: dict[str, TrainedRun]
    samples: dict[str, TrainedRun]
    with_kl: TrainedRun
    without_kl: TrainedRun


def draw(runs, lengths: Lengths, folder, threads):
    """Draws all figures into a folder.

    Args:
        runs: Runs.
        lengths: Lengths.
        folder: pathlib.Path, made already.
        threads: int; 0 takes all cores.
    """
    for dataset, run in runs.learning.items():
        _arrays(run, range(1, lengths.learning + 1), "first_outputs")
        figure = comparisons.reconstructions_over_epochs(
            *reconstructions(run, lengths.learning)
        )
        figures.save(figure, folder / f"{dataset}-reconstructions.png")
    for dataset, run in runs.samples.items():
        _draw_plane(dataset, run, lengths, folder)
    _draw_kl(runs, folder, threads)
    figures.save(comparisons.grid_points(GRID), folder / "grid.png")
    fashion = runs.samples["fashion-mnist"]
    ((grid,),) = _arrays(fashion, [lengths.samples], "grid")
    figures.save(figures.space(grid), folder / "fake-images.png")
    _draw_interpolation(fashion, folder / "interpolation.png", threads)


def _arrays(run, epochs, *names):
    """Returns arrays of all the epochs, or raises a UserError."""
    found = snapshots.load(run.snapshots, epochs, *names)
    if len(found) < len(epochs):
        path = run.snapshots / f"epoch-{epochs[len(found)]}.npz"
        raise UserError(
            f"{path} is missing or damaged: delete {run.path}, and the same command "
            "trains it again"
        )
    return found


def _draw_plane(dataset, run, lengths, folder):
    """Draws the GIFs of a run with two latent dimensions."""
    labels, names = run.dataset.y_test, run.dataset.class_names
    epochs = range(1, lengths.samples + 1)
    states = _arrays(run, epochs, "first_codes", "codes", "grid")
    limit = 1.05 * max(np.abs(codes).max() for _, codes, _ in states)

    def bare(state):
        return figures.latent_space(state[0], labels, names, axes=False)

    def latent(state):
        return figures.latent_space(state[0], labels, names)

    def space(state):
        return figures.space(state[2])

    def both(state):
        _, codes, grid = state
        return comparisons.latent_and_space(codes, labels, grid, GRID, limit, names)

    few, many = lengths.latent, lengths.samples
    animation.gif(folder / f"{dataset}-latent-{few}.gif", bare, states[:few])
    animation.gif(folder / f"{dataset}-latent-{many}.gif", latent, states)
    animation.gif(folder / f"{dataset}-space-{many}.gif", space, states)
    animation.gif(folder / f"{dataset}-latent-and-space-{many}.gif", both, states)


def _draw_kl(runs, folder, threads):
    plains = []
    for run, name in ((runs.without_kl, "without"), (runs.with_kl, "with")):
        ((codes,),) = _arrays(run, [run.checkpoint.epoch], "codes")
        labels = run.dataset.y_test
        figure = figures.latent_space(codes, labels, run.dataset.class_names)
        figures.save(figure, folder / f"latent-{name}-kl.png")
        low, high = np.percentile(codes, [0.5, 99.5], axis=0)
        middles = (np.arange(_ROWS) + 0.5) / _ROWS
        x, y = (low[axis] + middles * (high - low)[axis] for axis in (0, 1))
        with restored(run, threads) as (sess, model):
            grid = experiments.decoded_plane(sess, model, x, y[::-1])
        plains.append((codes, labels, low, high, grid))
    figure = comparisons.without_and_with_kl(plains, ["without KL", "with KL"])
    figures.save(figure, folder / "without-and-with-kl.png")


def _draw_interpolation(run, path, threads):
    images, labels = run.dataset.x_test, run.dataset.y_test
    with restored(run, threads) as (sess, model):
        codes = experiments.mean_codes(sess, model, images, run.flags.batch_size)
        stops = [_most_typical(codes, labels == label) for label in _STOPS]
        path_codes = experiments.between(codes[stops], _STEPS)
        decoded = sess.run(model.output, {model.z: path_codes})
    titles = [run.dataset.class_names[label] for label in _STOPS]
    shown = {
        i * (_STEPS + 1): (title, images[stop] / 255)
        for i, (title, stop) in enumerate(zip(titles, stops, strict=True))
    }
    figures.save(comparisons.interpolation(decoded, shown), path)


def _most_typical(codes, is_member):
    """Returns the index of the member whose code is nearest to the members' median."""
    members = np.flatnonzero(is_member)
    distances = codes[members] - np.median(codes[members], axis=0)
    return members[np.square(distances).sum(axis=1).argmin()]
