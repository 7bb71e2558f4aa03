"""What a run writes while it trains, at the training loop's moments."""

import contextlib
import math
import re
import time

from autoencoder import training
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.evaluation import evaluate
from autoencoder.feeds import cut
from autoencoder.run_folder import checkpoints as checkpoint
from autoencoder.run_folder import events as summaries
from autoencoder.run_folder import held_back, metrics, snapshots
from autoencoder.run_folder.pictures import Pictures
from autoencoder.run_folder.tensorboard import EpochSummaries

# What costs time beside the training steps.
_BESIDE = ("evaluation", "pictures", "summaries", "checkpoints")
# What it is where the variables lie with a task that was lost.
_UNREACHABLE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.InternalError,
)
_TRACED = 10  # the step whose compute times TensorBoard shows; a run may have fewer


class Recorder:
    """Runs the training loop, and writes what a run writes at its two moments."""

    def __init__(self, sess, saver, net, dataset, folder, writer, flags):
        self._sess = sess
        self._saver = saver
        self._net = net
        self._dataset = dataset
        self._folder = folder
        self._writer = writer
        self._flags = flags
        self._pictures = Pictures(sess, net, dataset, folder.path, flags)
        self._summaries = EpochSummaries(sess, net, dataset, folder, writer, flags)
        self._rows = []
        self._arrays = {}
        self._epoch_began = None
        self._seconds = dict.fromkeys(("steps", *_BESIDE), 0.0)

    def train(self, found, interrupted):
        """Runs the loop from the first epoch, or from the one after a checkpoint."""
        if found is not None:
            self._rows = found.rows
        self._epoch_began = time.perf_counter()
        batches = math.ceil(len(self._dataset.x_train) / self._flags.batch_size)

        def after_step(step):
            self._summaries.after_step(step)
            if interrupted():
                raise KeyboardInterrupt

        try:
            training.train(
                self._sess,
                self._net,
                self._dataset.x_train,
                epochs=self._flags.epochs,
                seed=self._flags.seed,
                shuffle=self._flags.shuffle,
                after_first_batch=self._after_first_batch,
                after_step=after_step,
                after_epoch=self._after_epoch,
                first_epoch=len(self._rows) + 1,
                traced_step=min(_TRACED, batches * self._flags.epochs),
            )
        except KeyboardInterrupt:
            done = len(self._rows)
            raise KeyboardInterrupt(
                f"interrupted in epoch {done + 1}; finished epochs ({done}) are kept "
                f"in {self._folder.path}, and the same command goes on after them"
            ) from None
        if interrupted():  # while the last epoch was written
            raise KeyboardInterrupt(f"interrupted; {self._folder.path} is finished")

    def _after_first_batch(self, step):
        self._summaries.after_first_batch(step)
        with self._timed("pictures"):
            self._arrays = self._pictures.after_first_batch(step.epoch)

    def _after_epoch(self, epoch):
        with self._timed("evaluation"):
            held_out = self._held_out(epoch.number)
        with self._timed("pictures"):
            arrays = self._arrays | self._pictures.after_epoch(epoch.number, held_out)
            snapshots.save(self._folder.snapshots, epoch.number, arrays)
        self._seconds["steps"] += epoch.seconds
        now = time.perf_counter()
        row = {
            "epoch": epoch.number,
            "step": epoch.step,
            "train_loss": epoch.train_loss,
            **_columns(held_out),
            "seconds": round(now - self._epoch_began, 3),
            "images_per_second": round(len(self._dataset.x_train) / epoch.seconds, 1),
        }
        self._epoch_began = now
        with self._timed("summaries"):
            self._summaries.after_epoch(epoch, held_out, arrays, row)
        rows = [*self._rows, row]
        metrics.write(self._folder.path, rows)
        summaries.flush(self._writer)
        line = _epoch_line(row, self._flags.epochs)
        if not math.isfinite(row.get("test_loss", 0)):
            print(line, flush=True)
            raise UserError(
                f"the held-out loss is {row['test_loss']} after epoch {epoch.number}, "
                f"step {epoch.step}: training stops, what was written is kept; "
                "a smaller --learning_rate may help"
            )
        self._save_checkpoint(rows)
        self._rows = rows  # with its checkpoint, an epoch is finished
        print(line, flush=True)  # last: where nobody reads on, it ends the run

    def _save_checkpoint(self, rows):
        folder, every = self._folder.checkpoints, self._flags.keep_every
        try:
            with self._timed("checkpoints"), held_back.stderr():
                checkpoint.save(self._saver, self._sess, folder, rows, every)
        # Of many types, where the disk is full.
        except (OSError, tf.errors.OpError) as error:
            if self._net.replicas and isinstance(error, _UNREACHABLE):
                raise
            again = "goes on after the epoch before" if self._rows else "begins anew"
            raise UserError(
                f"the checkpoint of epoch {len(rows)} can't be written to {folder} "
                f"({_reason(error)}); the same command {again}"
            ) from None

    def costs(self):
        """Returns a line: what the training steps took, and what was done beside."""
        steps = self._seconds["steps"]
        if not steps:
            return "done: no epoch was left to train"
        beside = (
            f"{what} {self._seconds[what]:.0f} s ({self._seconds[what] / steps:.1%})"
            for what in _BESIDE
        )
        return f"done: training steps {steps:.0f} s; beside them {', '.join(beside)}"

    @contextlib.contextmanager
    def _timed(self, what):
        began = time.perf_counter()
        yield
        self._seconds[what] += time.perf_counter() - began

    def _held_out(self, epoch):
        if self._dataset.x_test is None:
            return None
        return evaluate(
            self._sess,
            self._net,
            cut(self._dataset.x_test, self._flags.batch_size),
            kl_weight=self._flags.kl_weight,
            seed=self._flags.seed,
            epoch=epoch,
        )


def _reason(error):
    if isinstance(error, OSError):
        return error.strerror or error
    found = re.search(r"tempstate\d+; (.+)", error.message)
    return found[1] if found else "TensorFlow gives no reason"


def _columns(held_out):
    if held_out is None:
        return {}
    return {
        "test_image_loss": held_out.image_loss,
        "test_latent_loss": held_out.latent_loss,
        "test_loss": held_out.loss,
    }


def _epoch_line(row, epochs):
    line = f"epoch {row['epoch']}/{epochs}: train loss {row['train_loss']:.2f}"
    if "test_loss" in row:
        line += (
            f", held-out image loss {row['test_image_loss']:.2f}, "
            f"KL {row['test_latent_loss']:.2f}, loss {row['test_loss']:.2f}"
        )
    return f"{line}, {row['seconds']:.1f} s"
