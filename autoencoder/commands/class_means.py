"""`python main.py class-means`: decodes the mean code of each class.

python main.py class-means
"""

import numpy as np

from autoencoder.errors import UserError
from autoencoder.figures import side_by_side, style
from autoencoder.files import replacing
from autoencoder.trained.open_run import open_run


def run(flags):
    """Writes a strip of the decoded mean codes, and the codes."""
    with open_run(flags, "class-means") as opened:
        if any(source.label is None for source in opened.sources):
            raise UserError(
                "class-means needs labels, which only .npz files and the run's own "
                "images have"
            )
        labels, codes = [], []
        for batch in opened.batches():
            labels += [source.label for source in batch.sources]
            codes.append(opened.fetch(opened.model.z, batch.images))
        labels, codes = np.array(labels), np.concatenate(codes)
        classes = np.unique(labels)
        means = np.stack([codes[labels == label].mean(axis=0) for label in classes])
        names = [opened.class_name(label) for label in classes]
        figure = side_by_side.titled(opened.decode(means), names)
        style.save(figure, opened.output / "class-means.png")
        with replacing(opened.output / "class-means.npz") as part:
            np.savez(part, labels=classes, mean=means)
        print(
            f"{opened.output}: the mean codes of {len(classes)} classes, decoded in "
            "class-means.png, and in class-means.npz"
        )
