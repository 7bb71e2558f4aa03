"""A run while it trains: what everything in its folder is made from."""

from typing import Any, NamedTuple

from autoencoder.datasets.load import Dataset
from autoencoder.run_folder.folder import RunFolder


class Running(NamedTuple):
    """A run while it trains.

    Attributes:
        sess: tf.Session in which the model's variables have values.
        model: Model.
        dataset: Dataset.
        folder: RunFolder.
        flags: those of the run.
    """

    sess: Any
    model: Any
    dataset: Dataset
    folder: RunFolder
    flags: Any
