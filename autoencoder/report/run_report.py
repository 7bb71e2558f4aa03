"""report.html in a run's folder: what was run, what came out, and how to read it."""

from autoencoder.evaluation import active_units
from autoencoder.report import page, post, run_figures
from autoencoder.report.explorer import explorer
from autoencoder.trained.restore import newest_restored

_HEADINGS = {
    post.LEARNING: (
        "losses.png",
        "reconstructions.png",
        "kl-per-dimension.png",
    ),
    post.LATENT: ("latent.gif",),
    post.SAMPLES: ("space.gif", "latent-and-space.gif"),
}

_FIGURES = {
    "losses.png": (
        "Losses over the epochs",
        "The held-out loss is the image loss plus KL times its weight. The image loss "
        "of a network that has learned something lies between two lines: above, that "
        "of one whose codes say nothing and which predicts the mean image for all; "
        "below, the entropy of the grey pixels, which even a perfect reconstruction "
        "costs. KL rises as the codes come to say more.",
    ),
    "reconstructions.png": (
        "Image recovering over the epochs",
        "Training images on the left, what the network makes of them beside. As in the "
        "post, Epoch k is the state after k - 1 epochs and one step: Epoch 1 is noise.",
    ),
    "kl-per-dimension.png": (
        "KL per latent dimension",
        "How many nats each dimension says about an image. A unit is active where the "
        "variance of its mean over the test images is above 0.01 (Burda et al. 2016); "
        "a grey one says nothing, and the decoder ignores it.",
    ),
    "latent.gif": (
        "Latent space",
        "Where the test images lie after the first step of each epoch, in the colours "
        "of their classes. It begins as a round blob around 0; then the classes part. "
        "Which cluster lies where differs from seed to seed.",
    ),
    "space.gif": (
        "The plane, decoded",
        "14x14 points of the plane, from -3 to 3.5 in both directions, decoded at the "
        "end of each epoch. As in the post, y = -3 is the top row, so that this is "
        "upside down against the latent space.",
    ),
    "latent-and-space.gif": (
        "Latent space and what is decoded there",
        "Both from the same state, at the end of each epoch, and the same way up: the "
        "framed square on the left is what is decoded on the right.",
    ),
}


def write(run, threads=0):
    """Draws a run's figures, and writes its page.

    Args:
        run: TrainedRun.
        threads: int; 0 takes all cores.

    Returns:
        pathlib.Path, of report.html.
    """
    run, found = _explorer(run, threads)
    drawn = run_figures.draw(run)
    sections = [
        page.Section(
            heading,
            "",
            [
                page.PageFigure(*_FIGURES[name], page.embedded(drawn[name]))
                for name in names
                if name in drawn
            ],
            found if heading == post.LATENT else None,
        )
        for heading, names in _HEADINGS.items()
    ]
    path = run.path / "report.html"
    page.write(
        path,
        "run.html",
        title=f"{run.path.resolve().name}: a variational autoencoder",
        summary=_summary(run),
        epoch=run.checkpoint.epoch,
        numbers=_numbers(run),
        facts=_facts(run),
        sections=[part for part in sections if part.figures or part.explorer],
    )
    return path


def _explorer(run, threads):
    """Returns the run, with the checkpoint that was taken, and its explorer or None."""
    if run.flags.latent_dim != 2 or run.dataset.x_test is None:
        return run, None
    with newest_restored(run, threads) as (run, sess, model):
        return run, explorer(sess, model, run)


def _summary(run):
    flags, dataset = run.flags, run.dataset
    return (
        f"{run.checkpoint.epoch} epochs on the {len(dataset.x_train):,} images of "
        f"{dataset.name}, with {flags.latent_dim} latent dimensions and KL weighted "
        f"{flags.kl_weight:g}; {_time(run)} in all."
    )


def _time(run):
    seconds = round(sum(row["seconds"] for row in run.checkpoint.rows))
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def _numbers(run):
    """Returns rows of name, value, meaning; none where nothing was held out."""
    row = run.checkpoint.rows[-1]
    if "test_loss" not in row:
        return []
    floor, mean = run_figures.limits(run)
    image = row["test_image_loss"]
    kl, weight = row["test_latent_loss"], run.flags.kl_weight
    numbers = [
        (
            "image loss",
            f"{image:.2f}",
            "binary cross entropy between image and reconstruction, summed over the "
            f"pixels (the distortion); predicting the mean image costs {mean:.1f}",
        ),
        (
            "above the entropy floor",
            f"{image - floor:.2f}",
            f"of the image loss; {floor:.1f} is the entropy of the grey pixels, which "
            "a perfect reconstruction costs, too",
        ),
        ("KL", f"{kl:.2f}", "what the codes say about an image (the rate)"),
        (
            "loss",
            f"{row['test_loss']:.2f}",
            f"image loss + {weight:g} x KL" + (", minus the ELBO" * (weight == 1)),
        ),
    ]
    if found := run_figures.last(run, "mean_variance"):
        active = f"{active_units(found[0])} of {len(found[0])}"
        numbers.append(("active units", active, "latent dimensions that say something"))
    return numbers


def _facts(run):
    description, rows = run.description, run.checkpoint.rows
    machine, threads = description.get("machine"), description.get("threads")
    facts = {
        "flags": " ".join(
            f"--{name}={value}" for name, value in description["flags"].items()
        ),
        "data": f"{run.dataset.name}, SHA-256 {run.dataset.sha256}",
        "versions": ", ".join(
            f"{name} {version}" for name, version in description["versions"].items()
        ),
        "machine": f"{machine}; threads: {threads}",
        "time": f"{_time(run)} for {len(rows)} epochs, "
        f"{rows[-1]['images_per_second']:,.0f} images per second in the last",
        "folder": str(run.path),
    }
    return list(facts.items())
