"""A run while it trains: the source of everything in its folder."""

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
        flags: the run's.
    """

    sess: Any
    model: Any
    dataset: Dataset
    folder: RunFolder
    flags: Any
