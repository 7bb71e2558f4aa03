"""`python main.py generate`: images from the prior, z ~ N(0, 1)."""

import numpy as np
from tqdm import tqdm

from autoencoder.figures import png as picture_files
from autoencoder.figures import post as figures
from autoencoder.randomness import generator
from autoencoder.trained import open_run as use

_ON_THE_SHEET = 400


def run(flags):
    """Writes a sheet of images, single files with --files, and of a plane the grid."""
    with use.opened(flags, "generate", needs_images=False) as found:
        from autoencoder import experiments

        noise = generator("generate", flags.seed, 0)
        shown, width = [], len(str(flags.count - 1))
        files = (f"{i:0{width}}.png" for i in range(flags.count))
        folder = found.picture_folder(files) if flags.files else None
        with tqdm(total=flags.count, unit=" images", leave=False, disable=None) as bar:
            for first in range(0, flags.count, flags.batch_size):
                count = min(flags.batch_size, flags.count - first)
                shape = (count, found.run.flags.latent_dim)
                images = found.decode(noise.standard_normal(shape, np.float32))
                if first < _ON_THE_SHEET:  # a copy: a view keeps all of its base
                    shown.append(images[: _ON_THE_SHEET - first].copy())
                for i, image in enumerate(images if flags.files else (), first):
                    picture_files.write(folder / f"{i:0{width}}.png", image)
                bar.update(count)
        sheet = np.concatenate(shown)
        figures.sheet(sheet, found.output / "sheet.png")
        written = [f"sheet.png with {len(sheet)} images"]
        if flags.files:
            older = picture_files.besides(folder, range(flags.count))
            written.append(f"{flags.count:,} files in images/{older}")
        if found.run.flags.latent_dim == 2:
            grid = experiments.decoded_grid(found.sess, found.model)
            figures.save(figures.space(grid), found.output / "grid.png")
            written.append("grid.png, 14x14 points of the plane")
        print(f"{found.output}: {', '.join(written)}")
