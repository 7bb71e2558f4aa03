"""The figures of one run, drawn from its arrays when training has ended."""

import numpy as np

from autoencoder import evaluation
from autoencoder.evaluation import active_units
from autoencoder.experiments import GRID
from autoencoder.figures import curves
from autoencoder.figures import gif as animation
from autoencoder.figures import post as figures
from autoencoder.figures import side_by_side as comparisons
from autoencoder.files import make_folder
from autoencoder.run_folder import snapshots
from autoencoder.run_folder.pictures import shown_images

_POSTS_COLUMNS = 4


def draw(run):
    """Draws the figures that fit a run into its folder figures.

    Args:
        run: TrainedRun.

    Returns:
        dict from file name to path, of what was drawn. Figures whose arrays are not
        there are left out: those of runs from before arrays were kept, for example.
    """
    make_folder(run.figures)
    drawn = {
        "reconstructions.png": _reconstructions(run),
        "losses.png": _losses(run),
        "kl-per-dimension.png": _kl_per_dimension(run),
    }
    for name, figure in drawn.items():
        if figure is not None:
            figures.save(figure, run.figures / name)
    names = [name for name, figure in drawn.items() if figure is not None]
    names += _animations(run)
    if missing := [name for name in _fitting(run) if name not in names]:
        print(f"no {', '.join(missing)}: arrays are missing in {run.snapshots}")
    return {name: run.figures / name for name in names}


def _fitting(run):
    """Returns the names of the figures that fit a run."""
    names = ["reconstructions.png", "losses.png"]
    scatter = run.dataset.x_test is not None
    names += ["kl-per-dimension.png"] * scatter
    scatter = scatter and run.flags.plot_latent
    if run.flags.latent_dim == 2:
        names += ["space.gif"]
        names += ["latent.gif", "latent-and-space.gif"] * scatter
    return names


def limits(run):
    """Returns the entropy floor and the mean image's loss, in nats per image."""
    if run.dataset.x_test is None:
        return None, None
    return (
        evaluation.entropy_floor(run.dataset.x_test),
        evaluation.mean_image_loss(run.dataset.x_train, run.dataset.x_test),
    )


def last(run, *names):
    """Returns arrays of the run's last epoch, or None where they aren't there."""
    found = snapshots.load(run.snapshots, [run.checkpoint.epoch], *names)
    return found[0] if found else None


def reconstructions(run, columns):
    """Draws the post's reconstructions over the first epochs; None without arrays."""
    epochs = range(1, min(columns, run.checkpoint.epoch) + 1)
    outputs = [
        array for (array,) in snapshots.load(run.snapshots, epochs, "first_outputs")
    ]
    if not outputs:
        return None
    originals = shown_images(run.dataset, run.flags) / 255
    titles = [f"Epoch {epoch}" for epoch in epochs]
    return originals, outputs, titles[: len(outputs)]


def _reconstructions(run):
    found = reconstructions(run, _POSTS_COLUMNS)
    if found is None:
        return None
    originals, outputs, titles = found
    end = last(run, "outputs")
    if run.checkpoint.epoch > _POSTS_COLUMNS and end is not None:
        outputs.append(end[0])
        titles.append(f"after {run.checkpoint.epoch}")
    return comparisons.reconstructions_over_epochs(originals, outputs, titles)


def _losses(run):
    return curves.losses(run.checkpoint.rows, *limits(run))


def _kl_per_dimension(run):
    found = last(run, "latent_terms", "mean_variance")
    return found and curves.kl_per_dimension(*found, active_units(found[1]))


def _animations(run):
    """Draws the GIFs of a run with two latent dimensions; returns their names.

    An epoch's arrays are read when its frame is drawn: a grid of large images takes
    megabytes.
    """
    labels, names = run.dataset.y_test, run.dataset.class_names

    def latent(codes):
        return figures.latent_space(codes, labels, names)

    def both(codes, grid):
        limit = 1.05 * furthest
        return comparisons.latent_and_space(codes, labels, grid, GRID, limit, names)

    every = animation.evenly(range(1, run.checkpoint.epoch + 1), animation.MOST_FRAMES)
    furthest = max(
        (
            np.abs(codes).max()
            for (codes,) in snapshots.load(run.snapshots, every, "codes")
        ),
        default=None,
    )
    drawn = []
    for name, draw_frame, arrays in (
        ("latent.gif", latent, ("first_codes",)),
        ("space.gif", figures.space, ("grid",)),
        ("latent-and-space.gif", both, ("codes", "grid")),
    ):
        epochs = snapshots.readable(run.snapshots, every, *arrays)
        if epochs:
            animation.gif(run.figures / name, _frame(run, draw_frame, arrays), epochs)
            drawn.append(name)
    return drawn


def _frame(run, draw_frame, arrays):
    """Returns a function from an epoch to draw_frame of the epoch's arrays."""

    def frame(epoch):
        (found,) = snapshots.load(run.snapshots, [epoch], *arrays)
        return draw_frame(*found)

    return frame
