"""The page of `reproduce`: each of our figures beside the post's own."""

from autoencoder.report import page, post_catalogue
from autoencoder.report.post_catalogue import POST
from autoencoder.run_folder.layout import FIGURES, REPORT


def write(folder, planned, runs, lengths, blog_figures, claims):
    """Writes report.html over all runs.

    Args:
        folder: pathlib.Path, with the figures in its folder figures.
        planned: list of Training.
        runs: list of TrainedRun, in the same order.
        lengths: Lengths.
        blog_figures: pathlib.Path of a folder with the post's figures, or None: the
            page then links to the post's.
        claims: dict from figures' names to lists of str, see post_claims.py.

    Returns:
        pathlib.Path, of report.html.
    """
    sections = [
        page.Section(
            heading,
            [
                _figure(shown, folder, lengths, blog_figures, claims)
                for shown in figures
            ],
        )
        for heading, figures in post_catalogue.FIGURES.items()
    ]
    path = folder / REPORT
    page.write(
        path,
        "reproduce.html",
        title="The post's figures, made again",
        post=POST,
        runs=[_row(*pair) for pair in zip(planned, runs, strict=True)],
        machine=runs[0].description.get("machine"),
        precision=runs[0].flags.precision,
        sections=sections,
        lengths=lengths,
    )
    return path


def _figure(shown, folder, lengths, blog_figures, claims):
    words = lengths._asdict()
    ours = page.embedded(folder / FIGURES / shown.name.format(**words))
    title, caption = shown.title.format(**words), shown.caption.format(**words)
    figure = page.PageFigure(title, caption, ours, claims=claims.get(shown.name, ()))
    if shown.post_file is None:
        return figure
    image, note = _posts(shown, blog_figures)
    return figure._replace(
        post_image=image, post_note=note, post_alt=f"the post's: {title}"
    )


def _posts(shown, blog_figures):
    """Returns the post's own figure, and a note for where it can't be shown."""
    if blog_figures is None:
        return shown.post_address, (
            f"Not shown without the internet. It is in the post, {POST}, and "
            f"there at {shown.post_address}"
        )
    file = blog_figures / shown.post_file
    if file.is_file():
        return page.embedded(file), None
    return (
        None,
        f"No {shown.post_file} in {blog_figures}. It is in the post, {POST}",
    )


def _row(training, run):
    row = run.checkpoint.rows[-1]
    return {
        "link": f"{training.name}/{REPORT}",
        "name": training.name,
        "epochs": training.epochs,
        "image_loss": f"{row['test_image_loss']:.1f}",
        "kl": f"{row['test_latent_loss']:.1f}",
        "loss": f"{row['test_loss']:.1f}",
        "minutes": f"{sum(row['seconds'] for row in run.checkpoint.rows) / 60:.1f}",
    }
