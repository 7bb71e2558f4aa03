"""Links encoder, decoder and cost function, as the post does; Adam trains them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autoencoder.bfloat16 import in_bfloat16
from autoencoder.compat import tf
from autoencoder.data import DataPipe
from autoencoder.decoder import decoder
from autoencoder.encoder import encoder
from autoencoder.loss import (
    image_loss,
    latent_loss,
    latent_terms,
    rising_weight,
    total_loss,
)
from autoencoder.task import ALONE


@dataclass(frozen=True)
class Network:
    """Handles of encoder, decoder and cost function, in the post's words.

    Any tensor can be fed, not only placeholders: images for input_batch, noise for
    epsilon, or codes for z, which then needs no image.

    Attributes:
        input_batch: float32 [batch, height, width, channels] in [0, 1].
        epsilon: float32 [batch, latent_dim], unit normal.
        z, mean_, std_dev: float32 [batch, latent_dim].
        output: float32 [batch, height, width, channels] in [0, 1].
        logits: float32 [batch, height * width * channels].
        img_loss, latent_loss: float32 [batch], nats per image.
        latent_terms: float32 [batch, latent_dim], the latent_loss of each dimension.
        kl_weight: float, or with --kl_warmup a float32 scalar.
        loss: float32 scalar, nats per image.
    """

    input_batch: tf.Tensor
    epsilon: tf.Tensor
    z: tf.Tensor
    mean_: tf.Tensor
    std_dev: tf.Tensor
    output: tf.Tensor
    logits: tf.Tensor
    img_loss: tf.Tensor
    latent_loss: tf.Tensor
    latent_terms: tf.Tensor
    kl_weight: float | tf.Tensor
    loss: tf.Tensor

    @property
    def graph(self):
        """tf.Graph that holds all of it."""
        return self.z.graph

    @property
    def latent_dim(self):
        """int, dimensions of the latent space."""
        return int(self.z.shape[1])

    def feed(self, images, noise=None):
        """Returns what to feed for images, so that no batch is drawn.

        Args:
            images: uint8 [batch, height, width, channels].
            noise: numpy.random.Generator of epsilon, which is drawn image by image in
                order, so that no result depends on the batch size. Without one epsilon
                is 0: z is mean_.

        Returns:
            dict, for feed_dict.
        """
        shape = (len(images), self.latent_dim)
        if noise is None:
            epsilon = np.zeros(shape, np.float32)
        else:
            epsilon = noise.standard_normal(shape, np.float32)
        return {self.input_batch: images / np.float32(255), self.epsilon: epsilon}


@dataclass(frozen=True)
class Model(Network):
    """A Network in float32, and what trains it.

    Attributes:
        pipe: DataPipe.
        trained: the Network that training steps use: this one, or its bfloat16 twin
            with the same weights.
        gradients: list of (gradient, variable), of trained.loss.
        global_step: int64 variable, the training steps taken.
        train_op: op that takes one.
        init_op: op that gives all variables their first values.
        steps: function from the number of an epoch's batches to an iterable with an
            item for each step that it may take, see task.py.
    """

    pipe: DataPipe
    trained: Network
    gradients: list
    global_step: tf.Variable
    train_op: tf.Operation
    init_op: tf.Operation
    steps: Callable


def link(input_batch, X, noise, flags, kl_weight):
    """Links encoder, decoder and cost function.

    Args:
        input_batch: float32 [batch, height, width, channels], to be fed with images.
        X: the same shape, made of input_batch.
        noise: as in encoder.
        flags: encoder and decoder read theirs.
        kl_weight: float, or a float32 scalar.

    Returns:
        Network.
    """
    z, mean_, std_dev = encoder(X, noise, flags)
    output, logits = decoder(z, X.shape[1:].as_list(), flags)
    with tf.name_scope("loss"):
        img_loss = image_loss(X, logits)
        terms = latent_terms(mean_, std_dev)
        kl = latent_loss(terms)
        loss = total_loss(img_loss, kl, kl_weight)
    _, scattered = z.op.inputs  # z = mean_ + epsilon * std_dev
    epsilon, _ = scattered.op.inputs
    codes = epsilon, z, mean_, std_dev
    losses = img_loss, kl, terms, kl_weight, loss
    return Network(input_batch, *codes, output, logits, *losses)


def for_use(image_shape, flags):
    """Builds the network alone, without what trains it.

    Args:
        image_shape: (height, width, channels).
        flags: reads kl_weight; encoder and decoder read theirs.

    Returns:
        Network.
    """
    with tf.Graph().as_default():
        images = tf.placeholder(tf.float32, [None, *image_shape], name="images")
        return link(images, images, tf.random_normal, flags, flags.kl_weight)


def build(image_shape, flags, task=ALONE, batches=None):
    """Builds the post's graph.

    Args:
        image_shape: (height, width, channels).
        flags: reads batch_size, learning_rate, kl_weight, kl_warmup, seed and
            precision; encoder and decoder read theirs.
        task: who takes the steps, see task.py.
        batches: int, of an epoch; only --kl_warmup needs it.

    Returns:
        Model.
    """
    with tf.Graph().as_default(), task.devices():
        tf.set_random_seed(flags.seed)
        global_step = tf.train.get_or_create_global_step()
        pipe = DataPipe(image_shape, flags.batch_size, task.share)
        noise = task.noise(flags.seed, global_step)

        weight = flags.kl_weight
        if flags.kl_warmup:
            weight = rising_weight(weight, flags.kl_warmup * batches, global_step)
        parts = pipe.input_batch, pipe.X, noise, flags, weight
        network = trained = link(*parts)
        if flags.precision == "bfloat16":
            same_weights = tf.variable_scope(tf.get_variable_scope(), reuse=True)
            with tf.name_scope("bfloat16"), same_weights, in_bfloat16():
                trained = link(*parts)

        return with_adam(network, trained, pipe, flags, task)


def with_adam(network, trained, pipe, flags, task=ALONE):
    """Adds to the graph what trains a network.

    Args:
        network: Network, in float32.
        trained: Network that training steps use, with the same weights.
        pipe: DataPipe.
        flags: reads learning_rate.
        task: who takes the steps, see task.py.

    Returns:
        Model.
    """
    global_step = tf.train.get_global_step()
    # Together the next two are adam.minimize; apart, the gradients can be seen.
    adam = tf.train.AdamOptimizer(flags.learning_rate)
    gradients = adam.compute_gradients(trained.loss)
    train_op, trained = task.apply(adam, gradients, trained, global_step)
    init_op = tf.global_variables_initializer()
    return Model(
        **vars(network),
        pipe=pipe,
        trained=trained,
        gradients=gradients,
        global_step=global_step,
        train_op=train_op,
        init_op=init_op,
        steps=task.steps,
    )


def parameter_count(model):
    """Returns the number of trained weights: 3,373,538 with the post's five codes."""
    return sum(weight.shape.num_elements() for _, weight in model.gradients)
