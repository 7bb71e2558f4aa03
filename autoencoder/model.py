"""Links encoder, decoder, cost function and optimizer, as the post does: the graph."""

from typing import NamedTuple

from autoencoder.compat import tf
from autoencoder.data import DataPipe, data_pipe
from autoencoder.decoder import decoder
from autoencoder.encoder import encoder
from autoencoder.loss import image_loss, latent_loss, latent_terms, total_loss


class Model(NamedTuple):
    """Handles of the graph, in the post's words.

    Any of the tensors can be fed, not only placeholders: images in place of
    input_batch, which then draws no batch; codes in place of z, which then needs no
    image; noise in place of epsilon.

    Attributes:
        graph: tf.Graph that holds all of it.
        pipe: DataPipe, to start an epoch.
        input_batch: float32 [batch, height, width, channels] in [0, 1].
        epsilon: float32 [batch, latent_dim], unit normal.
        z, mean_, std_dev: float32 [batch, latent_dim].
        output: float32 [batch, height, width, channels] in [0, 1].
        logits: float32 [batch, height * width * channels].
        img_loss, latent_loss: float32 [batch], nats per image.
        latent_terms: float32 [batch, latent_dim], the latent_loss of each dimension.
        loss: float32 scalar, nats per image.
        weights: dict from a variable's name, as "Encoder/conv2d/kernel", to it.
        gradients: dict from the same names to the gradients of loss.
        global_step: int64 scalar, the number of Adam steps taken.
        train_op: op that takes one of them.
        init_op: op that sets all variables to their first values.
    """

    graph: tf.Graph
    pipe: DataPipe
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
    loss: tf.Tensor
    weights: dict[str, tf.Variable]
    gradients: dict[str, tf.Tensor]
    global_step: tf.Variable
    train_op: tf.Operation
    init_op: tf.Operation


def build(
    image_shape, *, batch_size=128, learning_rate=5e-4, kl_weight=1.0, seed=0, flags
):
    """Builds the graph of the post.

    Args:
        image_shape: (height, width, channels).
        batch_size: int, images in a training batch.
        learning_rate: float, Adam's.
        kl_weight: float, of the latent loss in the loss.
        seed: int; fixes the first weights and the noise of every training step.
        flags: reads latent_dim and inputs_decoder, for encoder and decoder.

    Returns:
        Model.
    """
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(seed)
        global_step = tf.train.get_or_create_global_step()
        pipe = data_pipe(image_shape, batch_size)
        with tf.name_scope("Noise"):
            # The noise of a step is a function of seed and step, so that a run which
            # is interrupted and resumed sees the same as one that is not.
            noise_seed = tf.stack([tf.constant(seed, tf.int64), global_step])

        z, mean_, std_dev = encoder(pipe.X, noise_seed, flags=flags)
        output, logits = decoder(z, image_shape, flags=flags)
        with tf.name_scope("loss"):
            img_loss = image_loss(pipe.X, logits)
            terms = latent_terms(mean_, std_dev)
            kl = latent_loss(terms)
            loss = total_loss(img_loss, kl, kl_weight)

        optimizer = tf.train.AdamOptimizer(learning_rate)
        # Together these two are optimizer.minimize; apart, the gradients can be seen.
        pairs = optimizer.compute_gradients(loss)
        train_op = optimizer.apply_gradients(pairs, global_step)
        init_op = tf.global_variables_initializer()
        epsilon = graph.get_tensor_by_name("Encoder/epsilon:0")
    return Model(
        graph=graph,
        pipe=pipe,
        input_batch=pipe.input_batch,
        epsilon=epsilon,
        z=z,
        mean_=mean_,
        std_dev=std_dev,
        output=output,
        logits=logits,
        img_loss=img_loss,
        latent_loss=kl,
        latent_terms=terms,
        loss=loss,
        weights={variable.op.name: variable for _, variable in pairs},
        gradients={variable.op.name: gradient for gradient, variable in pairs},
        global_step=global_step,
        train_op=train_op,
        init_op=init_op,
    )


def parameter_count(model):
    """Returns the number of trained weights: 3,373,538 with the post's five codes."""
    return sum(weight.shape.num_elements() for weight in model.weights.values())
