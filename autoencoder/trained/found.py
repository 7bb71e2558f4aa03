"""A run that can be used: found, checked and read. No TensorFlow here."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from autoencoder.datasets.load import Dataset, load_dataset
from autoencoder.errors import UserError
from autoencoder.run_folder import checkpoints as checkpoint
from autoencoder.run_folder import flags_json
from autoencoder.run_folder.checkpoints import Checkpoint


class TrainedRun(NamedTuple):
    """A run with at least one finished epoch.

    Attributes:
        path: pathlib.Path, of its folder.
        description: dict, its flags.json.
        flags: namespace, of its flags.
        checkpoint: Checkpoint, its newest whole one; or an earlier one, if asked for.
        dataset: Dataset that it was trained on, or None where it isn't asked for.
    """

    path: Path
    description: dict
    flags: SimpleNamespace
    checkpoint: Checkpoint
    dataset: Dataset | None

    @property
    def image_shape(self):
        """(height, width, channels) of its images."""
        return tuple(self.description["dataset"].get("image_shape", (28, 28, 1)))

    @property
    def class_names(self):
        """List of str, of the labels 0, 1, ..., or None."""
        known = self.description["dataset"].get("class_names")
        return known or (self.dataset and self.dataset.class_names)

    @property
    def figures(self):
        """The folder of the figures that are made when training has ended."""
        return self.path / "figures"

    @property
    def snapshots(self):
        """The folder of the arrays that the figures are drawn from."""
        return self.path / "snapshots"


def newest(results_dir):
    """Returns the path of the run in results_dir whose metrics are the newest.

    Raises:
        UserError: there is none.
    """
    found = [
        path.parent
        for path in Path(results_dir).glob("*/metrics.csv")
        if flags_json.read(path.parent) is not None
    ]
    if not found:
        raise UserError(f"no run in {results_dir}: name its folder with --run_dir")
    return max(found, key=lambda path: (path / "metrics.csv").stat().st_mtime)


def load(path, dataset=None, epoch=None, with_data=True, cache_dir=None):
    """Reads a run.

    Args:
        path: str or pathlib.Path, of its folder.
        dataset: str, what --dataset takes, or None: the data that the run names.
        epoch: int, of the checkpoint, or None: the newest.
        with_data: bool, whether the data is needed.
        cache_dir: str, where converted pictures are kept, or None: where the run's
            training kept them, or beside the run.

    Returns:
        TrainedRun.

    Raises:
        UserError: no run's folder, no finished epoch, or the data is missing or other.
    """
    path = Path(path)
    description = flags_json.read(path)
    if description is None:
        raise UserError(
            f"{path} is no run's folder: its flags.json is missing or damaged; name "
            "another with --run_dir"
        )
    flags = flags_json.saved_flags(description)
    found = _checkpoint(path, epoch)
    data = None
    if with_data:
        here = _beside(path, flags, dataset, cache_dir)
        data = _data(path, description, here, is_named=dataset is not None)
    return TrainedRun(path, description, flags, found, data)


def refreshed(run):
    """Returns a TrainedRun with the newest checkpoint that its folder has by now."""
    return run._replace(checkpoint=_checkpoint(run.path, None))


def _beside(path, flags, dataset, cache_dir):
    """Returns a run's flags with its data and results as seen from here."""
    if cache_dir is None and flags.cache_dir and Path(flags.cache_dir).is_dir():
        cache_dir = flags.cache_dir
    places = {
        "dataset": dataset or flags.dataset,
        "results_dir": str(path.resolve().parent),
        "cache_dir": cache_dir,
    }
    return SimpleNamespace(**vars(flags) | places)


def _data(path, description, flags, is_named):
    try:
        loaded = load_dataset(flags)
    except UserError as error:
        if is_named:
            raise
        raise UserError(
            f"the data that {path} was trained on can't be read ({error}); if it was "
            "moved, name it with --dataset"
        ) from None
    recorded = description["dataset"].get("sha256")
    if loaded.sha256 != recorded:
        raise UserError(
            f"{path} was trained on other data: the SHA-256 of {loaded.name} was "
            f"{recorded} and is {loaded.sha256}; it was changed since, or --dataset "
            "has to name another"
        )
    return loaded


def _checkpoint(path, epoch):
    folder = path / "checkpoints"
    if epoch is not None:
        return checkpoint.read(folder, epoch)
    found, damage = _newest(folder)
    if found is None and damage:
        raise UserError(f"{damage[0]}, and none that is older is whole")
    if found is None:
        raise UserError(
            f"{path} has not finished an epoch yet: python main.py with the run's "
            "flags goes on with it"
        )
    if damage:
        print(
            f"main.py: warning: {damage[0]}; the newest that is whole is that of "
            f"epoch {found.epoch}",
            file=sys.stderr,
        )
    return found


def _newest(folder):
    """As checkpoint.newest, in a folder in which checkpoints may come and go."""
    while True:
        epochs = checkpoint.noted_epochs(folder)
        found, damage = checkpoint.newest(folder)
        if not damage or checkpoint.noted_epochs(folder) == epochs:
            return found, damage
