"""Links another program's network to this program's data, losses and Adam."""

import contextlib

from autoencoder.bfloat16 import in_bfloat16
from autoencoder.compat import layers, tf
from autoencoder.data import DataPipe
from autoencoder.loss import image_loss, latent_loss, latent_terms, total_loss
from autoencoder.model import Network, with_adam
from autoencoder.task import ALONE, Alone


def build(network, image_shape, flags):
    """Builds the graph, as autoencoder.model.build does for this program's network.

    There are always two networks with the same weights: the Model itself is the one to
    evaluate, with moving averages and in float32; trained has the batch's moments.

    Args:
        network: module with encoder and decoder, see the package's docstring.
        image_shape: (height, width, channels).
        flags: reads batch_size, latent_dim, learning_rate, kl_weight, seed, precision.

    Returns:
        Model.
    """
    with tf.Graph().as_default():
        tf.set_random_seed(flags.seed)
        global_step = tf.train.get_or_create_global_step()
        pipe = DataPipe(image_shape, flags.batch_size)
        noise = ALONE.noise(flags.seed, global_step)

        evaluated = _link(network, pipe, noise, flags, is_training=False)
        same_weights = tf.variable_scope(tf.get_variable_scope(), reuse=True)
        is_bfloat16 = flags.precision == "bfloat16"
        precision = in_bfloat16() if is_bfloat16 else contextlib.nullcontext()
        with tf.name_scope("training"), same_weights, precision:
            trained = _link(network, pipe, noise, flags, is_training=True)

        return with_adam(evaluated, trained, pipe, flags, _Averaging())


class _Averaging(Alone):
    """Takes each step with the updates of batch norm's moving averages."""

    def apply(self, optimizer, gradients, trained, global_step):
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            return super().apply(optimizer, gradients, trained, global_step)


def _link(network, pipe, noise, flags, is_training):
    mean_, log_var = network.encoder(pipe.X, flags.latent_dim, is_training)
    std_dev = tf.exp(log_var / 2, name="std_dev")
    epsilon = noise(tf.shape(mean_), name="epsilon")
    z = mean_ + epsilon * std_dev
    images = network.decoder(z, pipe.X.shape[1:].as_list(), is_training)
    logits = layers.flatten(images)
    with tf.name_scope("loss"):
        img_loss = image_loss(pipe.X, logits)
        terms = latent_terms(mean_, std_dev)
        kl = latent_loss(terms)
    return Network(
        input_batch=pipe.input_batch,
        epsilon=epsilon,
        z=z,
        mean_=mean_,
        std_dev=std_dev,
        output=tf.nn.sigmoid(images),
        logits=logits,
        img_loss=img_loss,
        latent_loss=kl,
        latent_terms=terms,
        kl_weight=flags.kl_weight,
        loss=total_loss(img_loss, kl, flags.kl_weight),
    )
