"""Finds, checks and reads a run that can be used. No TensorFlow here."""

from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from autoencoder.datasets.load import Dataset, load_dataset
from autoencoder.errors import UserError
from autoencoder.run_folder import checkpoints, flags_json, layout
from autoencoder.run_folder.checkpoints import Checkpoint


class TrainedRun(NamedTuple):
    """A run with at least one finished epoch.

    Attributes:
        path: pathlib.Path, of its folder.
        description: dict, its flags.json.
        flags: namespace, of its flags.
        checkpoint: Checkpoint, its newest whole one, or that of the epoch asked for.
        dataset: Dataset that it was trained on, or None if not asked for.
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
        return self.path / layout.FIGURES

    @property
    def snapshots(self):
        """The folder of the arrays that the figures are drawn from."""
        return self.path / layout.SNAPSHOTS


def newest_run(results_dir):
    """Returns the path of the run in results_dir whose metrics are the newest.

    Raises:
        UserError: there is none.
    """
    runs = [
        path.parent
        for path in Path(results_dir).glob(f"*/{layout.METRICS}")
        if flags_json.read(path.parent) is not None
    ]
    if not runs:
        raise UserError(f"no run in {results_dir}: name its folder with --run_dir")
    return max(runs, key=lambda path: (path / layout.METRICS).stat().st_mtime)


def load_run(path, dataset=None, epoch=None, with_data=True, cache_dir=None):
    """Reads a run.

    Args:
        path: str or pathlib.Path, of its folder.
        dataset: str, what --dataset takes, or None: the data that the run names.
        epoch: int, of the checkpoint, or None: the newest.
        with_data: bool, whether the data is needed.
        cache_dir: str, of converted pictures, or None: where the run's training kept
            them, or beside the run.

    Returns:
        TrainedRun.

    Raises:
        UserError: not a run's folder, no finished epoch, or the data is missing or
            different.
    """
    path = Path(path)
    description = flags_json.read(path)
    if description is None:
        raise UserError(
            f"{path} is not a run's folder: its flags.json is missing or damaged; name "
            "another with --run_dir"
        )
    flags_json.require_same_network(
        path, description, "train it again, with --overwrite, or use version 1.0"
    )
    flags = flags_json.saved_flags(description)
    checkpoint = _checkpoint(path, epoch)
    data = None
    if with_data:
        here = _flags_here(path, flags, dataset, cache_dir)
        data = _data(path, description, here, is_named=dataset is not None)
    return TrainedRun(path, description, flags, checkpoint, data)


def refreshed(run):
    """Returns a TrainedRun with the checkpoint that is now its newest."""
    return run._replace(checkpoint=_checkpoint(run.path, None, run.checkpoint))


def _flags_here(path, flags, dataset, cache_dir):
    """Returns a run's flags, with the present places of data, results and cache."""
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
            f"{path} was trained on other data: the run's data has the SHA-256 "
            f"{recorded}, {loaded.name} has {loaded.sha256}; name the run's own with "
            "--dataset"
        )
    return loaded


def _checkpoint(path, epoch, known=None):
    folder = path / layout.CHECKPOINTS
    if epoch is not None:
        return checkpoints.read(folder, epoch)
    checkpoint, damage = _newest(folder, known)
    checkpoints.require_whole(checkpoint, damage)
    if checkpoint is None:
        raise UserError(
            f"{path} has not finished an epoch yet: python main.py with the run's "
            "flags goes on with it"
        )
    return checkpoint


def _newest(folder, known):
    """Like checkpoints.newest, while training may add and delete checkpoints."""
    while True:
        epochs = checkpoints.noted_epochs(folder)
        checkpoint, damage = checkpoints.newest(folder, known)
        if not damage or checkpoints.noted_epochs(folder) == epochs:
            return checkpoint, damage
