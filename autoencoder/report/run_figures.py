"""The figures of one run, drawn from its arrays when training has ended.

RUN_FIGURES is their list. It says where each is on the page and what draws it. Their
file names are also in layout.py, by which a resumed run deletes them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autoencoder import evaluation
from autoencoder.evaluation import active_units
from autoencoder.experiments import GRID
from autoencoder.figures import curves, gif, png, post, side_by_side, style
from autoencoder.files import make_folder
from autoencoder.report.post_catalogue import LATENT, LEARNING, SAMPLES
from autoencoder.run_folder import snapshots
from autoencoder.run_folder.layout import LATENT_SPACE, SPACE
from autoencoder.run_folder.pictures import shown_images

_POSTS_COLUMNS = 4


class RunFigure(NamedTuple):
    """A figure of a run.

    Attributes:
        heading: str, under which it is on the page.
        title: str.
        caption: str, what to see in it.
        write: function of TrainedRun and path that writes the file, and returns whether
            the arrays for it were there.
        fits: function of TrainedRun that returns whether they should be.
    """

    heading: str
    title: str
    caption: str
    write: Callable
    fits: Callable


def draw(run):
    """Draws the figures of a run into its folder figures.

    Args:
        run: TrainedRun.

    Returns:
        dict from file name to path, of the figures drawn. Those without arrays are left
        out, such as in runs from before arrays were kept.
    """
    make_folder(run.figures, "--run_dir")
    drawn, missing = {}, []
    for name, figure in RUN_FIGURES.items():
        path = run.figures / name
        if figure.write(run, path):
            drawn[name] = path
        elif figure.fits(run):
            missing.append(name)
    if missing:
        print(f"no {', '.join(missing)}: arrays are missing in {run.snapshots}")
    return drawn


def limits(run):
    """Returns the entropy floor and the mean image's loss, in nats per image."""
    if run.dataset.x_test is None:
        return None, None
    return (
        evaluation.entropy_floor(run.dataset.x_test),
        evaluation.mean_image_loss(run.dataset.x_train, run.dataset.x_test),
    )


def last_arrays(run, *names):
    """Returns arrays of the run's last epoch, or None if they are missing."""
    states = snapshots.load(run.snapshots, [run.checkpoint.epoch], *names)
    return states[0] if states else None


def first_reconstructions(run, epochs):
    """Returns the post's reconstructions after the first step of each epoch.

    Args:
        run: TrainedRun.
        epochs: int, at most so many.

    Returns:
        originals: float [n, height, width, channels] in [0, 1].
        outputs: list of the same, of an epoch each; it ends where arrays are missing.
        titles: list of str, of the outputs.
    """
    numbers = range(1, min(epochs, run.checkpoint.epoch) + 1)
    states = snapshots.load(run.snapshots, numbers, "first_outputs")
    outputs = [first_outputs for (first_outputs,) in states]
    titles = [f"Epoch {number}" for number in numbers]
    originals = shown_images(run.dataset, run.flags) / 255
    return originals, outputs, titles[: len(outputs)]


def _write_losses(run, path):
    style.save(curves.losses(run.checkpoint.rows, *limits(run)), path)
    return True


def _write_reconstructions(run, path):
    originals, outputs, titles = first_reconstructions(run, _POSTS_COLUMNS)
    if not outputs:
        return False
    last = last_arrays(run, "outputs")
    if run.checkpoint.epoch > _POSTS_COLUMNS and last is not None:
        outputs.append(last[0])
        titles.append(f"after {run.checkpoint.epoch}")
    figure = side_by_side.reconstructions_over_epochs(originals, outputs, titles)
    style.save(figure, path)
    return True


def _write_kl(run, path):
    arrays = last_arrays(run, "latent_terms", "mean_variance")
    if arrays is None:
        return False
    terms, variance = arrays
    style.save(curves.kl_per_dimension(terms, variance, active_units(variance)), path)
    return True


def _write_latent(run, path):
    labels, names = run.dataset.y_test, run.dataset.class_names

    def frame(codes):
        return post.latent_space(codes, labels, names)

    return _write_gif(run, path, frame, "first_codes", picture=LATENT_SPACE)


def _write_space(run, path):
    return _write_gif(run, path, post.space, "grid", picture=SPACE)


def _write_latent_and_space(run, path):
    labels, names = run.dataset.y_test, run.dataset.class_names
    states = snapshots.load(run.snapshots, _shown_epochs(run), "codes")
    if not states:
        return False
    limit = 1.05 * max(np.abs(codes).max() for (codes,) in states)
    frame = side_by_side.LatentAndSpace(labels, GRID, limit, names)
    return _write_gif(run, path, frame, "codes", "grid")


def _write_gif(run, path, draw_frame, *names, picture=None):
    """Writes a GIF of Figures that draw_frame makes of the arrays of an epoch each.

    An epoch's arrays are read when its frame is drawn, because a grid of large images
    takes megabytes. A picture is the name of what training has drawn of them, which is
    read instead. Returns whether there is a frame.
    """

    def frame(epoch):
        if picture is not None:
            drawn = png.read(run.path / picture.format(epoch - 1), post.SIZE)
            if drawn is not None:
                return drawn
        (arrays,) = snapshots.load(run.snapshots, [epoch], *names)
        return draw_frame(*arrays)

    epochs = snapshots.readable(run.snapshots, _shown_epochs(run), *names)
    if epochs:
        gif.write(path, frame, epochs)
    return bool(epochs)


def _shown_epochs(run):
    return gif.evenly(range(1, run.checkpoint.epoch + 1), gif.MOST_FRAMES)


def _always(run):
    return True


def _has_test_images(run):
    return run.dataset.x_test is not None


def _is_plane(run):
    return run.flags.latent_dim == 2


def _has_scatter(run):
    return _is_plane(run) and _has_test_images(run) and run.flags.plot_latent


RUN_FIGURES = {
    "losses.png": RunFigure(
        LEARNING,
        "Losses over the epochs",
        "The held-out loss is the image loss plus KL times its weight. Once a network "
        "has learned something, its image loss is between two lines. The upper one is "
        "the loss of predicting the mean image for all images, which needs no codes. "
        "The lower one is the entropy of the grey pixels, which even a perfect "
        "reconstruction costs. KL rises as the codes come to say more.",
        _write_losses,
        _always,
    ),
    "reconstructions.png": RunFigure(
        LEARNING,
        "Image recovering over the epochs",
        "Training images on the left, their reconstructions on the right. As in the "
        "post, Epoch k is the state after k - 1 epochs and one step: Epoch 1 is noise.",
        _write_reconstructions,
        _always,
    ),
    "kl-per-dimension.png": RunFigure(
        LEARNING,
        "KL per latent dimension",
        "How many nats each dimension says about an image. A unit is active if the "
        "variance of its mean over the test images is above 0.01 (Burda et al. 2016). "
        "A grey one says nothing, and the decoder ignores it.",
        _write_kl,
        _has_test_images,
    ),
    "latent.gif": RunFigure(
        LATENT,
        "Latent space",
        "The codes of the test images after the first step of each epoch, in the "
        "colours of their classes. They begin as a round blob around 0; then the "
        "classes part. The places of the clusters differ from seed to seed.",
        _write_latent,
        _has_scatter,
    ),
    "space.gif": RunFigure(
        SAMPLES,
        "The plane, decoded",
        "14x14 points of the plane, from -3 to 3.5 in both directions, decoded at the "
        "end of each epoch. As in the post, y = -3 is the top row, so this is upside "
        "down against the latent space.",
        _write_space,
        _is_plane,
    ),
    "latent-and-space.gif": RunFigure(
        SAMPLES,
        "Latent space and what it decodes to",
        "Both from the same state, at the end of each epoch, and the same way up: the "
        "framed square on the left is decoded on the right.",
        _write_latent_and_space,
        _has_scatter,
    ),
}
