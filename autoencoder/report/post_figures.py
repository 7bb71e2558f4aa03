"""Every figure of the post, drawn from the arrays and weights of the trained runs."""

from typing import NamedTuple

import numpy as np

from autoencoder import experiments
from autoencoder.errors import UserError
from autoencoder.experiments import GRID
from autoencoder.figures import gif, post, side_by_side, style
from autoencoder.report.post_trainings import Lengths
from autoencoder.report.run_figures import first_reconstructions
from autoencoder.run_folder import snapshots
from autoencoder.run_folder.layout import SNAPSHOT
from autoencoder.trained.found import TrainedRun
from autoencoder.trained.restore import restored

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
        figure = side_by_side.reconstructions_over_epochs(
            *first_reconstructions(run, lengths.learning)
        )
        style.save(figure, folder / f"{dataset}-reconstructions.png")
    for dataset, run in runs.samples.items():
        _draw_plane(dataset, run, lengths, folder)
    _draw_kl(runs, folder, threads)
    style.save(side_by_side.grid_points(GRID), folder / "grid.png")
    fashion = runs.samples["fashion-mnist"]
    ((grid,),) = _arrays(fashion, [lengths.samples], "grid")
    style.save(post.space(grid), folder / "fake-images.png")
    _draw_interpolation(fashion, folder / "interpolation.png", threads)


def _arrays(run, epochs, *names):
    """Returns arrays of all the epochs, or raises a UserError."""
    states = snapshots.load(run.snapshots, epochs, *names)
    if len(states) < len(epochs):
        path = run.snapshots / SNAPSHOT.format(epochs[len(states)])
        raise UserError(
            f"{path} is missing or damaged: delete {run.path}, and the same command "
            "trains it again"
        )
    return states


def _draw_plane(dataset, run, lengths, folder):
    """Draws the GIFs of a run with two latent dimensions."""
    labels, names = run.dataset.y_test, run.dataset.class_names
    epochs = range(1, lengths.samples + 1)
    states = _arrays(run, epochs, "first_codes", "codes", "grid")
    limit = 1.05 * max(np.abs(codes).max() for _, codes, _ in states)
    plane = side_by_side.LatentAndSpace(labels, GRID, limit, names)

    def bare(state):
        return post.latent_space(state[0], labels, names, axes=False)

    def latent(state):
        return post.latent_space(state[0], labels, names)

    def space(state):
        return post.space(state[2])

    def both(state):
        return plane(*state[1:])

    few, many = lengths.latent, lengths.samples
    gif.write(folder / f"{dataset}-latent-{few}.gif", bare, states[:few])
    gif.write(folder / f"{dataset}-latent-{many}.gif", latent, states)
    gif.write(folder / f"{dataset}-space-{many}.gif", space, states)
    gif.write(folder / f"{dataset}-latent-and-space-{many}.gif", both, states)


def _draw_kl(runs, folder, threads):
    planes = []
    for run, name in ((runs.without_kl, "without"), (runs.with_kl, "with")):
        ((codes,),) = _arrays(run, [run.checkpoint.epoch], "codes")
        labels = run.dataset.y_test
        figure = post.latent_space(codes, labels, run.dataset.class_names)
        style.save(figure, folder / f"latent-{name}-kl.png")
        cells = experiments.frame(codes)
        with restored(run, threads) as (sess, model):
            grid = experiments.decoded_plane(sess, model, cells.x, cells.y[::-1])
        planes.append((codes, labels, cells, grid))
    figure = side_by_side.without_and_with_kl(planes, ["without KL", "with KL"])
    style.save(figure, folder / "without-and-with-kl.png")


def _draw_interpolation(run, path, threads):
    images, labels = run.dataset.x_test, run.dataset.y_test
    with restored(run, threads) as (sess, model):
        codes = experiments.mean_codes(sess, model, images, run.flags.batch_size)
        stops = [_most_typical(codes, labels == label) for label in _STOPS]
        path_codes = experiments.between(codes[stops], _STEPS)
        decoded = experiments.decoded(sess, model, path_codes)
    titles = [run.dataset.class_names[label] for label in _STOPS]
    shown = {
        i * (_STEPS + 1): (title, images[stop] / 255)
        for i, (title, stop) in enumerate(zip(titles, stops, strict=True))
    }
    style.save(side_by_side.interpolation(decoded, shown), path)


def _most_typical(codes, is_member):
    """Returns the index of the member whose code is nearest to the members' median."""
    members = np.flatnonzero(is_member)
    distances = codes[members] - np.median(codes[members], axis=0)
    return members[np.square(distances).sum(axis=1).argmin()]
