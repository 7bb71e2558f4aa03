"""The post's training loop: epochs of steps, each epoch until OutOfRangeError."""

import math
import time
from typing import NamedTuple

from tqdm import tqdm

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.randomness import image_order


class Step(NamedTuple):
    """What is known after a step.

    Attributes:
        epoch: int, counted from 1.
        number: int, Adam steps taken since the beginning of the run, this one included.
        images: int, in the batch.
        loss: float, the batch's, from before the step.
        seconds: float, of the step alone.
    """

    epoch: int
    number: int
    images: int
    loss: float
    seconds: float


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
            for number, step in enumerate(_steps(sess, model, images, order, epoch)):
                if number == 0:
                    after_first_batch(step)
                after_step(step)
                weighted_loss += step.loss * step.images
                seconds += step.seconds
                bar.set_postfix(loss=f"{step.loss:.1f}", refresh=False)
                bar.update(step.images)
        after_epoch(Epoch(epoch, step.number, weighted_loss / len(images), seconds))


def _steps(sess, model, images, order, epoch):
    """Takes the steps of an epoch, and yields a Step after each."""
    # The iterator stands at its end, or nowhere at all: each epoch initializes it.
    pipe = model.pipe
    sess.run(pipe.initializer, {pipe.images: images, pipe.order: order})
    number = int(sess.run(model.global_step))
    while True:
        started = time.perf_counter()
        try:
            # One run for all three: each run that needs input_batch draws another.
            _, img_loss, loss = sess.run([model.train_op, model.img_loss, model.loss])
        except tf.errors.OutOfRangeError:
            return
        number += 1
        if not math.isfinite(loss):
            raise UserError(
                f"the loss is {loss} in epoch {epoch}, step {number}: training stops, "
                "what was written is kept; a smaller --learning_rate may help"
            )
        seconds = time.perf_counter() - started
        yield Step(epoch, number, len(img_loss), float(loss), seconds)
