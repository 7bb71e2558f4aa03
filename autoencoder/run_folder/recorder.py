"""Writes a run's files as it trains, at the training loop's moments."""

import contextlib
import math
import re
import time

from autoencoder import interrupts, training
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.evaluation import evaluate
from autoencoder.experiments import in_batches
from autoencoder.run_folder import (
    checkpoints,
    events,
    fitted_prior,
    held_back,
    metrics,
    snapshots,
)
from autoencoder.run_folder.pictures import Pictures
from autoencoder.run_folder.tensorboard import TensorBoard

# Timed besides the training steps.
_OVERHEADS = ("evaluation", "pictures", "summaries", "checkpoints", "fitted prior")
_TRACED = 10  # the step whose compute times TensorBoard shows; a run may have fewer


class Recorder(training.Moments):
    """Writes a run's folder as training goes.

    Args:
        running: Running.
        saver: tf.train.Saver.
        writer: tf.summary.FileWriter.
        checkpoint: the Checkpoint to go on from, or None.
    """

    def __init__(self, running, saver, writer, checkpoint=None):
        self._running = running
        self._saver = saver
        self._writer = writer
        self._pictures = Pictures(running)
        self._tensorboard = TensorBoard(running, writer)
        self._checkpoint = checkpoint  # that of the last finished epoch
        self._arrays = {}
        self._interrupted = None
        self._epoch_began = time.perf_counter()
        self._seconds = dict.fromkeys(("steps", *_OVERHEADS), 0.0)
        flags, images = running.flags, running.dataset.x_train
        steps = math.ceil(len(images) / flags.batch_size) * flags.epochs
        self.traced_step = min(_TRACED, steps)

    @contextlib.contextmanager
    def interruptible(self):
        """For a with block around the loop, Ctrl-C ends it between two steps.

        Raises:
            KeyboardInterrupt: with a line that says what is kept.
        """
        path = self._running.folder.path
        with interrupts.noted() as self._interrupted:
            try:
                yield
            except KeyboardInterrupt:
                done = len(self._rows)
                raise KeyboardInterrupt(
                    f"interrupted in epoch {done + 1}; finished epochs ({done}) are "
                    f"kept in {path}, and the same command goes on after them"
                ) from None
            if self._interrupted():  # while the last epoch was written
                raise KeyboardInterrupt(f"interrupted; {path} is finished")

    def after_first_batch(self, step):
        """Draws the pictures that the post draws after an epoch's first step."""
        self._tensorboard.after_first_batch(step)
        with self._timed("pictures"):
            self._arrays = self._pictures.after_first_batch(step.epoch)

    def after_step(self, step):
        """Writes the step's losses; ends training if Ctrl-C was pressed."""
        self._tensorboard.after_step(step)
        if self._interrupted():
            raise KeyboardInterrupt

    @property
    def _rows(self):
        return self._checkpoint.rows if self._checkpoint else []

    def after_epoch(self, epoch):
        """Evaluates, draws, writes row and events, and last the checkpoint."""
        _, _, dataset, folder, flags = self._running
        with self._timed("evaluation"):
            held_out = self._held_out(epoch.number)
        with self._timed("pictures"):
            arrays = self._arrays | self._pictures.after_epoch(epoch.number, held_out)
            snapshots.save(folder.snapshots, epoch.number, arrays)
        self._seconds["steps"] += epoch.seconds
        now = time.perf_counter()
        row = {
            "epoch": epoch.number,
            "step": epoch.step,
            "train_loss": epoch.train_loss,
            **_columns(held_out),
            "seconds": round(now - self._epoch_began, 3),
            "images_per_second": round(len(dataset.x_train) / epoch.seconds, 1),
        }
        self._epoch_began = now
        with self._timed("summaries"):
            self._tensorboard.after_epoch(epoch, held_out, arrays, row)
        rows = [*self._rows, row]
        metrics.write(folder.path, rows)
        events.flush(self._writer)
        line = _epoch_line(row, flags.epochs)
        if not math.isfinite(row.get("test_loss", 0)):
            print(line, flush=True)
            raise UserError(
                f"the held-out loss is {row['test_loss']} after epoch {epoch.number}, "
                f"step {epoch.step}: training stops, what was written is kept; "
                "a smaller --learning_rate may help"
            )
        self._save_checkpoint(rows)
        print(line, flush=True)  # last: if stdout is closed, it ends the run

    def _save_checkpoint(self, rows):
        sess, _, _, folder, flags = self._running
        target, is_last = folder.checkpoints, rows[-1]["epoch"] == flags.epochs
        every = flags.keep_every
        try:
            with self._timed("checkpoints"), held_back.stderr():
                self._checkpoint = checkpoints.save(
                    self._saver, sess, target, rows, every, is_last
                )
        # A full disk raises many types.
        except (OSError, tf.errors.OpError) as error:
            again = "goes on after the epoch before" if self._rows else "begins anew"
            raise UserError(
                f"the checkpoint of epoch {len(rows)} can't be written to {target} "
                f"({_reason(error)}); the same command {again}"
            ) from None

    def after_training(self):
        """Fits the prior to the codes of the training images."""
        sess, model, dataset, folder, flags = self._running
        with self._timed("fitted prior"):
            prior = fitted_prior.fit(sess, model, dataset, flags.batch_size)
            fitted_prior.write(folder.path, self._checkpoint, prior)

    def costs(self):
        """Returns a line with the seconds of training steps and other work."""
        steps = self._seconds["steps"]
        if not steps:
            return "done: no epoch was left to train"
        others = (
            f"{name} {self._seconds[name]:.0f} s ({self._seconds[name] / steps:.1%})"
            for name in _OVERHEADS
        )
        return f"done: training steps {steps:.0f} s; beside them {', '.join(others)}"

    @contextlib.contextmanager
    def _timed(self, name):
        began = time.perf_counter()
        yield
        self._seconds[name] += time.perf_counter() - began

    def _held_out(self, epoch):
        sess, model, dataset, _, flags = self._running
        if dataset.x_test is None:
            return None
        batches = in_batches(dataset.x_test, flags.batch_size)
        return evaluate(sess, model, batches, flags, epoch)


def _reason(error):
    if isinstance(error, OSError):
        return error.strerror or error
    match = re.search(r"tempstate\d+; (.+)", error.message)
    return match[1] if match else "TensorFlow gives no reason"


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
