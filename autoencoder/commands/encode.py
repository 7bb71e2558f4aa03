"""`python main.py encode`: writes the codes of images, as .npz and .csv."""

import numpy as np

from autoencoder.trained import codes_file
from autoencoder.trained.open_run import open_run


def run(flags):
    """Writes the codes of images, mean and std_dev of each; with --sample z, too."""
    with open_run(flags, "encode") as run:
        tensors = [run.model.mean_, run.model.std_dev, run.model.z]
        sources, codes = [], []
        for batch in run.batches():
            sources += batch.sources
            codes.append(run.fetch(tensors, batch.images))
        mean, std_dev, z = (np.concatenate(part) for part in zip(*codes, strict=True))
        codes_file.write(
            run.output,
            codes_file.Codes(
                [source.name for source in sources],
                [source.label for source in sources],
                [run.class_name(source.label) for source in sources],
                mean,
                std_dev,
                z if flags.sample else None,
            ),
        )
        print(f"{run.output}: {len(mean):,} codes in codes.npz and codes.csv")
