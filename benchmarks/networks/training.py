"""Trains a network; prints and writes the losses of each epoch."""

import csv
import time

from autoencoder import training
from autoencoder.evaluation import evaluate
from autoencoder.experiments import in_batches
from autoencoder.model import parameter_count
from autoencoder.session import open_session, use_threads
from benchmarks.networks.model import build

# As in metrics.csv of a run.
_COLUMNS = [
    "epoch",
    "train_loss",
    "test_image_loss",
    "test_latent_loss",
    "test_loss",
    "seconds",
]


def train(network, dataset, flags, output=None):
    """Trains from the first epoch to the last.

    Args:
        network: module with encoder and decoder, see the package's docstring.
        dataset: Dataset, with x_test.
        flags: those of the command train.
        output: pathlib.Path of a CSV file, to which rows are appended, or None.

    Raises:
        UserError: a loss was not finite, or there is too little memory.
    """
    use_threads(flags.threads)
    model = build(network, dataset.image_shape, flags)
    print(f"network: {parameter_count(model):,} weights", flush=True)
    with open_session(model.graph, flags.threads) as sess:
        sess.run(model.init_op)
        losses = _Losses(sess, model, dataset.x_test, flags, output)
        training.train(sess, model, dataset.x_train, flags, losses)


class _Losses(training.Moments):
    """Evaluates after each epoch; prints this program's line, and appends a row."""

    def __init__(self, sess, model, x_test, flags, output):
        self._sess, self._model = sess, model
        self._x_test, self._flags = x_test, flags
        self._output = output
        self._epoch_began = time.perf_counter()

    def after_epoch(self, epoch):
        flags = self._flags
        batches = in_batches(self._x_test, flags.batch_size)
        held_out = evaluate(self._sess, self._model, batches, flags, epoch.number)
        now = time.perf_counter()
        seconds, self._epoch_began = now - self._epoch_began, now
        if self._output is not None:
            losses = held_out.image_loss, held_out.latent_loss, held_out.loss
            row = epoch.number, epoch.train_loss, *losses, round(seconds, 3)
            _append(self._output, row)
        print(
            f"epoch {epoch.number}/{flags.epochs}: train loss {epoch.train_loss:.2f}, "
            f"held-out image loss {held_out.image_loss:.2f}, "
            f"KL {held_out.latent_loss:.2f}, loss {held_out.loss:.2f}, {seconds:.1f} s",
            flush=True,
        )


def _append(path, row):
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(_COLUMNS)
        writer.writerow(row)
