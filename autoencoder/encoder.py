"""The post's "Encoder": from images to codes in the latent space."""

from autoencoder.compat import layers, tf
from flags import FLAGS


def encoder(X, noise_seed=None, part=None, flags=FLAGS):
    """Builds the scope Encoder; q(z|x) of Kingma and Welling 2013, arXiv:1312.6114.

    Args:
        X: float32 [batch, height, width, channels] in [0, 1].
        noise_seed: int64 [2]; the same seed gives the same epsilon. Without one,
            epsilon is tf.random_normal, as in the post.
        part: data.Part, where X is one: its epsilon is the same part of the whole
            batch's. Of noise in the part's shape the numbers would be others.
        flags: reads latent_dim and stages, the number of convolutions with stride 2;
            the post has two. Height and width are multiples of 2 ** stages.

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
        count = tf.shape(x)[0] if part is None else part.whole
        shape = tf.stack([count, flags.latent_dim])
        if noise_seed is None:
            epsilon = tf.random_normal(shape, name="epsilon")
        elif part is not None:
            whole = tf.random.stateless_normal(shape, noise_seed)
            own = whole[part.begin : tf.maximum(part.end, part.begin + 1)]
            epsilon = tf.identity(own, name="epsilon")
        else:
            epsilon = tf.random.stateless_normal(shape, noise_seed, name="epsilon")
        z = mean_ + tf.multiply(epsilon, std_dev)
    return z, mean_, std_dev
