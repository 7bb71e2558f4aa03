"""Links encoder, decoder, cost function and optimizer, as the post does: the graph."""

from dataclasses import dataclass

from autoencoder.bfloat16 import in_bfloat16
from autoencoder.cluster.replica import Replicas, on_chief, placed, together
from autoencoder.compat import tf
from autoencoder.data import DataPipe, data_pipe
from autoencoder.decoder import decoder
from autoencoder.encoder import encoder
from autoencoder.loss import image_loss, latent_loss, latent_terms, total_loss


@dataclass(frozen=True)
class Network:
    """Handles of encoder, decoder and cost function, in the post's words.

    Attributes:
        epsilon: float32 [batch, latent_dim], unit normal.
        z, mean_, std_dev: float32 [batch, latent_dim].
        output: float32 [batch, height, width, channels] in [0, 1].
        logits: float32 [batch, height * width * channels].
        img_loss, latent_loss: float32 [batch], nats per image.
        latent_terms: float32 [batch, latent_dim], the latent_loss of each dimension.
        loss: float32 scalar, nats per image.
    """

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


@dataclass(frozen=True)
class Model(Network):
    """Handles of the graph: those of a Network, and what else there is.

    Any of the tensors can be fed, not only placeholders: images in place of
    input_batch, which then draws no batch; codes in place of z, which then needs no
    image; noise in place of epsilon.

    Attributes:
        epsilon ... loss: as in Network, computed in float32.
        graph: tf.Graph that holds all of it.
        pipe: DataPipe, to start an epoch.
        input_batch: float32 [batch, height, width, channels] in [0, 1].
        trained: Network that a training step runs. In float32 it is that of the
            handles above, and in bfloat16 another one of the same weights.
        weights: dict from a variable's name, as "Encoder/conv2d/kernel", to it.
        gradients: dict from the same names to the gradients of trained.loss.
        global_step: int64 scalar, the number of Adam steps taken.
        train_op: op that takes one of them.
        init_op: op that sets all variables to their first values.
        replicas: Replicas, or None where one task takes the steps alone. Where several
            do, input_batch is this one's share of a batch, and trained.img_loss,
            latent_loss and loss are the whole batch's, once train_op has run.
    """

    graph: tf.Graph
    pipe: DataPipe
    input_batch: tf.Tensor
    trained: Network
    weights: dict[str, tf.Variable]
    gradients: dict[str, tf.Tensor]
    global_step: tf.Variable
    train_op: tf.Operation
    init_op: tf.Operation
    replicas: Replicas | None = None


def build(
    image_shape,
    *,
    batch_size=128,
    learning_rate=5e-4,
    kl_weight=1.0,
    seed=0,
    precision="float32",
    cluster=None,
    flags,
):
    """Builds the graph of the post.

    Args:
        image_shape: (height, width, channels).
        batch_size: int, images in a training batch.
        learning_rate: float, Adam's.
        kl_weight: float, of the latent loss in the loss.
        seed: int; fixes the first weights and the noise of every training step.
        precision: "float32" or "bfloat16", of a training step's products.
        cluster: Cluster, whose replicas take the steps together; None: this one alone.
        flags: reads latent_dim and inputs_decoder, for encoder and decoder.

    Returns:
        Model.
    """
    with tf.Graph().as_default() as graph, placed(cluster):
        tf.set_random_seed(seed)
        with on_chief(cluster):
            global_step = tf.train.get_or_create_global_step()
        pipe = data_pipe(image_shape, batch_size, cluster)
        step = global_step if pipe.part is None else pipe.part.step
        with tf.name_scope("Noise"):
            # The noise of a step is a function of seed and step, so that a run which
            # is interrupted and resumed sees the same as one that is not.
            noise_seed = tf.stack([tf.constant(seed, tf.int64), step])

        network = trained = _network(pipe, noise_seed, kl_weight, flags)
        if precision == "bfloat16":
            same_weights = tf.variable_scope(tf.get_variable_scope(), reuse=True)
            with tf.name_scope("bfloat16"), same_weights, in_bfloat16():
                trained = _network(pipe, noise_seed, kl_weight, flags)

        optimizer = tf.train.AdamOptimizer(learning_rate)
        # Together these two are optimizer.minimize; apart, the gradients can be seen.
        pairs = optimizer.compute_gradients(trained.loss)
        replicas = None
        if cluster is None:
            train_op = optimizer.apply_gradients(pairs, global_step)
        else:
            train_op, trained, replicas = together(
                *(optimizer, trained, pipe.part, global_step),
                **{"kl_weight": kl_weight, "batch_size": batch_size},
                cluster=cluster,
            )
        init_op = tf.global_variables_initializer()
    return Model(
        **vars(network),
        graph=graph,
        pipe=pipe,
        input_batch=pipe.input_batch,
        trained=trained,
        weights={variable.op.name: variable for _, variable in pairs},
        gradients={variable.op.name: gradient for gradient, variable in pairs},
        global_step=global_step,
        train_op=train_op,
        init_op=init_op,
        replicas=replicas,
    )


def _network(pipe, noise_seed, kl_weight, flags):
    X = pipe.X
    z, mean_, std_dev = encoder(X, noise_seed, pipe.part, flags=flags)
    output, logits = decoder(z, X.shape[1:].as_list(), flags=flags)
    with tf.name_scope("loss"):
        img_loss = image_loss(X, logits)
        terms = latent_terms(mean_, std_dev)
        kl = latent_loss(terms)
        loss = total_loss(img_loss, kl, kl_weight)
    scope, _, _ = z.op.name.rpartition("/")
    epsilon = z.graph.get_tensor_by_name(f"{scope}/epsilon:0")
    return Network(
        epsilon, z, mean_, std_dev, output, logits, img_loss, kl, terms, loss
    )


def parameter_count(model):
    """Returns the number of trained weights: 3,373,538 with the post's five codes."""
    return sum(weight.shape.num_elements() for weight in model.weights.values())
