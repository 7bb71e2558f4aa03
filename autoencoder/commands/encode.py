"""`python main.py encode`: writes the codes of images, as .npz and .csv.

python main.py encode                      # the run's test images
python main.py encode --images photos --resize
"""

import numpy as np

from autoencoder.trained import codes_file
from autoencoder.trained.open_run import open_run


def run(flags):
    """Writes the codes of images, mean and std_dev of each; with --sample z, too."""
    with open_run(flags, "encode") as opened:
        tensors = [opened.model.mean_, opened.model.std_dev, opened.model.z]
        sources, codes = [], []
        for batch in opened.batches():
            sources += batch.sources
            codes.append(opened.fetch(tensors, batch.images))
        mean, std_dev, z = (np.concatenate(part) for part in zip(*codes, strict=True))
        codes_file.write(
            opened.output,
            codes_file.Codes(
                [source.name for source in sources],
                [source.label for source in sources],
                [opened.class_name(source.label) for source in sources],
                mean,
                std_dev,
                z if flags.sample else None,
            ),
        )
        print(
            f"{opened.output}: codes.npz and codes.csv, images encoded: {len(mean):,}"
        )
