"""The post's "Encoder": from images to codes in the latent space."""

from autoencoder.compat import layers, tf
from flags import FLAGS


def encoder(X, noise=tf.random_normal, flags=FLAGS):
    """Builds the scope Encoder: q(z|x) of Kingma and Welling 2013, arXiv:1312.6114.

    Args:
        X: float32 [batch, height, width, channels] in [0, 1].
        noise: function of a shape and a name that makes epsilon, unit normal. In
            training it is keyed by the step; the post's is tf.random_normal.
        flags: reads latent_dim and stages: how often height and width are halved.

    Returns:
        z: float32 [batch, latent_dim], a sample: mean_ + epsilon * std_dev.
        mean_: float32 [batch, latent_dim].
        std_dev: float32 [batch, latent_dim], 0 or above.
    """
    activation = tf.nn.relu
    with tf.variable_scope("Encoder"):
        x = X
        for _ in range(flags.stages):
            x = layers.conv2d(x, 64, 4, 2, "same", activation=activation)
        x = layers.conv2d(x, 64, 4, 1, "same", activation=activation)
        x = layers.flatten(x)

        mean_ = layers.dense(x, flags.latent_dim, name="mean")
        std_dev = tf.nn.softplus(layers.dense(x, flags.latent_dim), name="std_dev")

        # The reparametrization trick: the randomness comes in from outside, so that
        # gradients flow through mean_ and std_dev.
        epsilon = noise(tf.stack([tf.shape(x)[0], flags.latent_dim]), name="epsilon")
        z = mean_ + tf.multiply(epsilon, std_dev)
    return z, mean_, std_dev
