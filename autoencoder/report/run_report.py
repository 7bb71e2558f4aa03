"""report.html in a run's folder: what was run, its results, and how to read them."""

from autoencoder.evaluation import active_units
from autoencoder.report import page, run_figures
from autoencoder.report.explorer import contents, packed
from autoencoder.report.post_catalogue import LATENT, LEARNING, SAMPLES
from autoencoder.run_folder.layout import FIGURES, REPORT
from autoencoder.trained.restore import newest_restored

_MOST_BYTES = 12_000_000  # of a page with a network
_MARKUP = 150_000  # text, styles and scripts


def write(run, threads=0):
    """Draws a run's figures, and writes its page.

    Args:
        run: TrainedRun.
        threads: int; 0 takes all cores.

    Returns:
        pathlib.Path, of report.html.
    """
    with newest_restored(run, threads) as (run, sess, model):
        drawn = run_figures.draw(run)
        pictures = {name: page.embedded(path) for name, path in drawn.items()}
        explorer, left_out = explorer_and_left_out(sess, model, run, pictures)
    for name in left_out:
        pictures[name] = None
    sections = [
        page.Section(heading, _page_figures(heading, pictures))
        for heading in (LEARNING, LATENT, SAMPLES)
    ]
    path = run.path / REPORT
    page.write(
        path,
        "run.html",
        title=f"{run.path.resolve().name}: a variational autoencoder",
        summary=_summary(run),
        epoch=run.checkpoint.epoch,
        numbers=_numbers(run),
        facts=_facts(run),
        explorer=explorer,
        sections=[part for part in sections if part.figures],
    )
    return path


def _page_figures(heading, pictures):
    return [
        page.PageFigure(
            figure.title, figure.caption, pictures[name], file=f"{FIGURES}/{name}"
        )
        for name, figure in run_figures.RUN_FIGURES.items()
        if figure.heading == heading and name in pictures
    ]


def explorer_and_left_out(sess, model, run, pictures):
    """Decides what a page holds of the network, and of its figures.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        run: TrainedRun with its data.
        pictures: dict from file name to data URI, of the figures.

    Returns:
        explorer: Explorer.
        left_out: list of str, names of the figures for which there is no room.
    """
    weights = packed.variables(sess, model)
    explorer = contents.with_images(sess, model, run)
    if explorer is None:
        return contents.DIVERGED, []
    sizes = {name: len(picture) for name, picture in pictures.items()}
    room = _MOST_BYTES - _MARKUP - explorer.size
    bits, left_out = _fitting(packed.sizes(weights), sizes, room)
    if bits is None:
        return contents.without_network(sess, model, explorer, weights), []
    return contents.with_network(sess, model, run, explorer, weights, bits), left_out


def _fitting(networks, figures, room):
    """Decides what of a run is on its page.

    A GIF is left out rather than the network, which shows itself what the GIFs end
    with, and rather than the weights' accuracy.

    Args:
        networks: list of (bits, bytes), the better first.
        figures: dict from file name to bytes.
        room: int, bytes for both.

    Returns:
        bits: int, or None if no network fits.
        left_out: list of str, names of GIFs, the largest first.
    """
    gifs = [name for name in figures if name.endswith(".gif")]
    gifs.sort(key=figures.get, reverse=True)
    for bits, size in networks:
        over = size + sum(figures.values()) - room
        for count in range(len(gifs) + 1):
            if over <= sum(figures[name] for name in gifs[:count]):
                return bits, gifs[:count]
    return None, []


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
    """Returns rows of name, value, meaning; none if no images were held out."""
    row = run.checkpoint.rows[-1]
    if "test_loss" not in row:
        return []
    floor, mean = run_figures.limits(run)
    image = row["test_image_loss"]
    kl, weight = row["test_latent_loss"], run.flags.kl_weight
    loss = f"image loss + {weight:g} x KL"
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
            "even a perfect reconstruction costs",
        ),
        ("KL", f"{kl:.2f}", "what the codes say about an image (the rate)"),
        (
            "loss",
            f"{row['test_loss']:.2f}",
            f"{loss}, minus the ELBO" if weight == 1 else loss,
        ),
    ]
    if arrays := run_figures.last_arrays(run, "mean_variance"):
        active = f"{active_units(arrays[0])} of {len(arrays[0])}"
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
