"""`python main.py encode`: images to codes, as .npz and .csv."""

import numpy as np

from autoencoder.trained import codes_file
from autoencoder.trained import open_run as use


def run(flags):
    """Writes the codes of images, mean and std_dev of each; with --sample z, too."""
    with use.opened(flags, "encode") as found:
        sources, parts = [], []
        for batch, *codes in found.applied("mean_", "std_dev", "z"):
            sources += batch.sources
            parts.append(codes)
        mean, std_dev, z = (np.concatenate(part) for part in zip(*parts, strict=True))
        codes_file.write(
            found.output,
            codes_file.Codes(
                [source.name for source in sources],
                [source.label for source in sources],
                [found.class_name(source.label) for source in sources],
                mean,
                std_dev,
                z if flags.sample else None,
            ),
        )
        print(f"{found.output}: {len(mean):,} codes in codes.npz and codes.csv")
