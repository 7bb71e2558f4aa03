"""`python main.py generate`: makes images from the prior, z ~ N(0, 1)."""

import numpy as np

from autoencoder.experiments import decoded_grid
from autoencoder.figures import png, post, style
from autoencoder.randomness import generator
from autoencoder.trained.open_run import open_run

_MOST_SHOWN = 400  # on the sheet


def run(flags):
    """Writes a sheet of images, files with --files, and the grid if z is a plane."""
    with open_run(flags, "generate", needs_images=False) as run:
        latent_dim = run.trained.flags.latent_dim
        noise = generator("generate", flags.seed, 0)
        codes = noise.standard_normal((flags.count, latent_dim), np.float32)
        width = len(str(flags.count - 1))
        files = [f"{i:0{width}}.png" for i in range(flags.count)]
        folder = run.picture_folder(files) if flags.files else None
        shown = []
        for file, image in zip(files, run.decode_each(codes), strict=True):
            if len(shown) < _MOST_SHOWN:
                shown.append(image)
            if flags.files:
                png.write(folder / file, image)
        png.write_sheet(run.output / "sheet.png", np.stack(shown))
        written = [f"sheet.png with {len(shown)} images"]
        if flags.files:
            older = png.older_files(folder, len(files))
            written.append(f"{len(files):,} files in images/{older}")
        if latent_dim == 2:
            grid = decoded_grid(run.sess, run.model)
            style.save(post.space(grid), run.output / "grid.png")
            written.append("grid.png, 14x14 points of the plane")
        print(f"{run.output}: {', '.join(written)}")
