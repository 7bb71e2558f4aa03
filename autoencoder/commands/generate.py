"""`python main.py generate`: makes images from random codes, or of one class.

python main.py generate --count 400 --files
python main.py generate --label 3
"""

import numpy as np

from autoencoder.errors import UserError
from autoencoder.experiments import decoded_grid
from autoencoder.figures import png, post, style
from autoencoder.randomness import generator
from autoencoder.trained import prior
from autoencoder.trained.open_run import open_run

_MOST_SHOWN = 400  # on the sheet


def run(flags):
    """Writes a sheet of images, files with --files, and the grid if z is a plane."""
    is_fitted = flags.prior == "fitted" or flags.label is not None
    trained, label = _checked(flags) if is_fitted else (None, None)
    with open_run(flags, "generate", needs_images=False, trained=trained) as opened:
        latent_dim = opened.trained.flags.latent_dim
        noise = generator("generate", flags.seed, 0)
        codes = noise.standard_normal((flags.count, latent_dim), np.float32)
        source = "N(0, 1)"
        if is_fitted:
            gaussian = prior.gaussian(opened, label)
            codes, source = gaussian.draw(codes), _source(opened, gaussian, label)
        width = len(str(flags.count - 1))
        files = [f"{i:0{width}}.png" for i in range(flags.count)]
        folder = opened.picture_folder(files) if flags.files else None
        shown = []
        for file, image in zip(files, opened.decode_each(codes), strict=True):
            if len(shown) < _MOST_SHOWN:
                shown.append(image)
            if flags.files:
                png.write(folder / file, image)
        png.write_sheet(opened.output / "sheet.png", np.stack(shown))
        written = [f"sheet.png with {len(shown)} images from {source}"]
        if flags.files:
            older = png.older_files(folder, len(files))
            written.append(f"{len(files):,} files in images/{older}")
        if latent_dim == 2:
            grid = decoded_grid(opened.sess, opened.model)
            style.save(post.space(grid), opened.output / "grid.png")
            written.append("grid.png, 14x14 points of the plane")
        print(f"{opened.output}: {', '.join(written)}")


def _checked(flags):
    """Returns the TrainedRun for a fitted prior, and the label of --label or None."""
    if flags.label is None:
        return prior.load(flags), None
    if flags.prior == "normal":
        raise UserError(
            f"--label {flags.label} needs --prior fitted: leave --prior normal out"
        )
    trained = prior.load(flags)
    return trained, prior.label_of(trained, flags.label)


def _source(opened, gaussian, label):
    images = "image" if gaussian.images == 1 else "images"
    of_class = "" if label is None else f" of class {opened.class_name(label)}"
    return (
        f"a Gaussian fitted to the codes of {gaussian.images:,} training "
        f"{images}{of_class}"
    )
