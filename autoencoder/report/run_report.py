"""report.html in a run's folder: what was run, its results, and how to read them."""

from autoencoder.evaluation import active_units
from autoencoder.report import page, run_figures
from autoencoder.report.explorer import explorer
from autoencoder.report.post import LATENT, LEARNING, SAMPLES
from autoencoder.run_folder.layout import REPORT
from autoencoder.trained.restore import newest_restored


def write(run, threads=0):
    """Draws a run's figures, and writes its page.

    Args:
        run: TrainedRun.
        threads: int; 0 takes all cores.

    Returns:
        pathlib.Path, of report.html.
    """
    run, explored = _explorer(run, threads)
    drawn = run_figures.draw(run)
    sections = [
        page.Section(LEARNING, _page_figures(LEARNING, drawn)),
        page.Section(LATENT, _page_figures(LATENT, drawn), explored),
        page.Section(SAMPLES, _page_figures(SAMPLES, drawn)),
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
        sections=[part for part in sections if part.figures or part.explorer],
    )
    return path


def _page_figures(heading, drawn):
    return [
        page.PageFigure(figure.title, figure.caption, page.embedded(drawn[name]))
        for name, figure in run_figures.RUN_FIGURES.items()
        if figure.heading == heading and name in drawn
    ]


def _explorer(run, threads):
    """Returns the run, with the checkpoint that was used, and its explorer or None."""
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
