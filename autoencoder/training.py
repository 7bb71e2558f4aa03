"""The post's training loop: epochs of steps, each epoch until OutOfRangeError."""

import math
import time
from typing import NamedTuple

from tqdm import tqdm

from autoencoder.compat import tf, without_chatter
from autoencoder.datasets.binarized import images_of_epoch
from autoencoder.errors import UserError
from autoencoder.randomness import image_order


class Step(NamedTuple):
    """What is known after a step; losses are the batch's, from before the step.

    Attributes:
        epoch: int, counted from 1.
        number: int, counted from 1 at the beginning of the run.
        images: int, in the batch.
        loss, image_loss, latent_loss: float, nats per image.
        seconds: float, of the step alone.
        trace: tf.RunMetadata of the step that is traced, otherwise None.
    """

    epoch: int
    number: int
    images: int
    loss: float
    image_loss: float
    latent_loss: float
    seconds: float
    trace: tf.RunMetadata | None


class Epoch(NamedTuple):
    """What is known at the end of an epoch.

    Attributes:
        number: int, counted from 1.
        step: int, number of its last step.
        train_loss: float, mean over its images, each as its step found it.
        seconds: float, of its steps alone.
    """

    number: int
    step: int
    train_loss: float
    seconds: float


class Moments:
    """The loop's moments, at which nothing happens here; a run's Recorder writes.

    Attributes:
        traced_step: int, number of the step whose ops are timed; None: no step's.
    """

    traced_step = None

    def after_first_batch(self, step):
        """After an epoch's first Step, when the post draws its pictures."""

    def after_step(self, step):
        """After every Step."""

    def after_epoch(self, epoch):
        """After an Epoch's last step."""


def train(sess, model, images, flags, moments):
    """Trains up to the last epoch, from the step at which the model stands.

    Args:
        sess: session in which the model's variables have values.
        model: Model.
        images: uint8 [n, height, width, channels]; with --binarize sampled, greys.
        flags: reads epochs, batch_size, seed, shuffle and binarize.
        moments: Moments.

    Raises:
        UserError: a loss was not finite; names epoch and step.
    """
    batches = math.ceil(len(images) / flags.batch_size)
    number = int(sess.run(model.global_step))
    for epoch in range(number // batches + 1, flags.epochs + 1):
        order = image_order(len(images), flags.seed, epoch, flags.shuffle)
        model.pipe.start(sess, images_of_epoch(images, flags, epoch), order)
        losses, seconds = [], 0.0
        with _bar(epoch, flags.epochs, len(images)) as bar:
            for _ in model.steps(batches):
                try:
                    step = _step(sess, model, epoch, number + 1, moments.traced_step)
                except tf.errors.OutOfRangeError:  # no batch is left
                    break
                number = step.number
                if not losses:
                    moments.after_first_batch(step)
                moments.after_step(step)
                losses.append(step.loss * step.images)
                seconds += step.seconds
                bar.set_postfix(loss=f"{step.loss:.1f}", refresh=False)
                bar.update(step.images)
        mean = sum(losses) / len(images)
        moments.after_epoch(Epoch(epoch, number, mean, seconds))


def _bar(epoch, epochs, images):
    """Returns a progress bar; without a terminal it shows nothing (disable=None)."""
    return tqdm(
        desc=f"epoch {epoch}/{epochs}",
        total=images,
        unit=" images",
        leave=False,
        disable=None,
    )


def _step(sess, model, epoch, number, traced_step):
    """Takes a step. One run for all of it: another would draw another batch."""
    trained = model.trained
    fetches = [trained.img_loss, trained.latent_loss, trained.loss, model.train_op]
    began = time.perf_counter()
    if number == traced_step:
        (img_loss, latent_loss, loss, _), trace = _traced(sess, fetches)
    else:
        (img_loss, latent_loss, loss, _), trace = sess.run(fetches), None
    if not math.isfinite(loss):
        raise UserError(
            f"the loss is {loss} in epoch {epoch}, step {number}: training stops, "
            "what was written is kept; a smaller --learning_rate may help"
        )
    means = float(img_loss.mean()), float(latent_loss.mean())
    seconds = time.perf_counter() - began
    return Step(epoch, number, len(img_loss), float(loss), *means, seconds, trace)


def _traced(sess, fetches):
    """Runs fetches; returns them, and the time and memory that each op took."""
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    trace = tf.RunMetadata()
    with without_chatter():
        return sess.run(fetches, options=options, run_metadata=trace), trace
