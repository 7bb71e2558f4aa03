"""`python main.py class-means`: what the mean code of each class decodes to."""

import numpy as np

from autoencoder.errors import UserError
from autoencoder.figures import post as figures
from autoencoder.figures import side_by_side as comparisons
from autoencoder.files import replacing
from autoencoder.trained import open_run as use


def run(flags):
    """Writes a strip of the decoded mean codes, and the codes."""
    with use.opened(flags, "class-means") as found:
        if any(source.label is None for source in found.sources):
            raise UserError("class-means needs labels, and these images have none")
        labels, codes = [], []
        for batch, z in found.applied("z"):
            labels += [source.label for source in batch.sources]
            codes.append(z)
        labels, codes = np.array(labels), np.concatenate(codes)
        classes = np.unique(labels)
        means = np.stack([codes[labels == label].mean(axis=0) for label in classes])
        names = [found.class_name(label) for label in classes]
        figure = comparisons.titled(found.decode(means), names)
        figures.save(figure, found.output / "class-means.png")
        with replacing(found.output / "class-means.npz") as part:
            np.savez(part, labels=classes, mean=means)
        print(
            f"{found.output}: the mean codes of {len(classes)} classes, decoded in "
            "class-means.png, and in class-means.npz"
        )
