"""The post's training loop: epochs of steps, each epoch until OutOfRangeError."""

import contextlib
import math
import time
from typing import NamedTuple

from tqdm import tqdm

from autoencoder.compat import tf, without_chatter
from autoencoder.errors import UserError
from autoencoder.randomness import image_order


class Step(NamedTuple):
    """What is known after a step.

    Attributes:
        epoch: int, counted from 1.
        number: int, Adam steps taken since the beginning of the run, this one included.
        images: int, in the batch.
        loss: float, the batch's, from before the step.
        image_loss: float, the same.
        latent_loss: float, the same.
        seconds: float, of the step alone.
        trace: tf.RunMetadata of the step that was traced, None of all others.
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
    """What is known at the end of an epoch, before anything is evaluated.

    Attributes:
        number: int, counted from 1.
        step: int, Adam steps taken since the beginning of the run.
        train_loss: float, mean over the epoch's images, each as its step found it.
        seconds: float, of the training steps alone.
    """

    number: int
    step: int
    train_loss: float
    seconds: float


def train(
    sess,
    model,
    images,
    *,
    epochs,
    seed,
    shuffle,
    after_first_batch,
    after_step,
    after_epoch,
    first_epoch=1,
    traced_step=None,
):
    """Runs the post's training loop.

    Args:
        sess: session in which the model's variables have values.
        model: Model.
        images: uint8 [n, height, width, channels].
        epochs: int, the last epoch's number.
        seed: int, of the images' order.
        shuffle: bool; without it the order is that of the array, as in the post.
        after_first_batch: called with a Step after each epoch's first one, the moment
            at which the post draws its pictures.
        after_step: called with a Step after each.
        after_epoch: called with an Epoch after each epoch's last step.
        first_epoch: int, the first epoch's number, counted from 1.
        traced_step: int, number of the step of which compute time and memory of every
            op are recorded; None traces none.

    Raises:
        UserError: a loss was not finite; names epoch and step.
    """
    for epoch in range(first_epoch, epochs + 1):
        order = image_order(len(images), seed, epoch, shuffle)
        # Without a terminal there is no bar (disable=None), only a line per epoch.
        with tqdm(
            total=len(images),
            desc=f"epoch {epoch}/{epochs}",
            unit=" images",
            leave=False,
            disable=None,
        ) as bar:
            weighted_loss = seconds = 0.0
            step = None
            steps = _steps(sess, model, images, order, epoch, traced_step)
            for number, step in enumerate(steps):
                if number == 0:
                    after_first_batch(step)
                after_step(step)
                weighted_loss += step.loss * step.images
                seconds += step.seconds
                bar.set_postfix(loss=f"{step.loss:.1f}", refresh=False)
                bar.update(step.images)
        if step is not None:  # a worker may join when an epoch's last step is taken
            after_epoch(Epoch(epoch, step.number, weighted_loss / len(images), seconds))


def _steps(sess, model, images, order, epoch, traced_step):
    """Takes the steps of an epoch, and yields a Step after each."""
    number = _begin(sess, model, images, order, epoch)
    # One run for all of it: each run that needs input_batch draws another.
    trained = model.trained
    fetches = [model.train_op, trained.img_loss, trained.latent_loss, trained.loss]
    while True:
        number += 1
        options = trace = None
        if number == traced_step:
            options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            trace = tf.RunMetadata()
        started = time.perf_counter()
        try:
            with without_chatter() if trace else contextlib.nullcontext():
                reached, img_loss, latent_loss, loss = sess.run(
                    fetches, options=options, run_metadata=trace
                )
        except tf.errors.OutOfRangeError as error:
            replicas = model.replicas
            if replicas and number <= epoch * replicas.batches(len(images)):
                # It was not the iterator, but the tokens' queue, which was closed.
                raise tf.errors.AbortedError(None, None, error.message) from None
            return
        if reached not in (None, number):  # what was to be joined is over
            number = _begin(sess, model, images, order, epoch)
            continue
        if not math.isfinite(loss):
            raise UserError(
                f"the loss is {loss} in epoch {epoch}, step {number}: training stops, "
                "what was written is kept; a smaller --learning_rate may help"
            )
        yield Step(
            epoch,
            number,
            images=len(img_loss),
            loss=float(loss),
            image_loss=float(img_loss.mean()),
            latent_loss=float(latent_loss.mean()),
            seconds=time.perf_counter() - started,
            trace=trace,
        )


def _begin(sess, model, images, order, epoch):
    """Initializes the iterator; returns the number of steps that have been taken."""
    # It stands at its end, or nowhere at all: each epoch initializes it.
    replicas = model.replicas
    if replicas is None:
        model.pipe.start(sess, images, order)
        return int(sess.run(model.global_step))
    step = int(sess.run(replicas.join))
    done = step - (epoch - 1) * replicas.batches(len(images))
    model.pipe.start(sess, images, order[done * replicas.batch_size :], step)
    return step
