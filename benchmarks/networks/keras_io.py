"""The network of Keras's example "Variational AutoEncoder", by fchollet.

https://github.com/keras-team/keras-io/blob/master/examples/generative/vae.py (Apache
License 2.0). The code here is written anew. The example's images are 28x28 and grey, so
its decoder begins with 7x7; here height and width are any multiples of 4. The kernels'
first values are Glorot-uniform there, too. The example trains with Adam at 1e-3, in
batches of 128, on a cross entropy that is taken from probabilities instead of logits.
"""

from autoencoder.compat import layers, tf


def encoder(X, latent_dim, is_training):
    """Builds the scope Encoder.

    Args:
        X: float32 [batch, height, width, channels] in [0, 1].
        latent_dim: int.
        is_training: not used: there is no batch norm.

    Returns:
        mean, log_var: float32 [batch, latent_dim].
    """
    with tf.variable_scope("Encoder"):
        x = layers.conv2d(X, 32, 3, 2, "same", activation=tf.nn.relu)
        x = layers.conv2d(x, 64, 3, 2, "same", activation=tf.nn.relu)
        x = layers.dense(layers.flatten(x), 16, activation=tf.nn.relu)
        mean = layers.dense(x, latent_dim, name="mean")
        log_var = layers.dense(x, latent_dim, name="log_var")
    return mean, log_var


def decoder(z, image_shape, is_training):
    """Builds the scope Decoder.

    Args:
        z: float32 [batch, latent_dim].
        image_shape: (height, width, channels); the first two are multiples of 4.
        is_training: not used: there is no batch norm.

    Returns:
        logits: float32 [batch, height, width, channels].
    """
    height, width, channels = image_shape
    rows, columns = height // 4, width // 4
    with tf.variable_scope("Decoder"):
        x = layers.dense(z, rows * columns * 64, activation=tf.nn.relu)
        x = tf.reshape(x, [-1, rows, columns, 64])
        x = layers.conv2d_transpose(x, 64, 3, 2, "same", activation=tf.nn.relu)
        x = layers.conv2d_transpose(x, 32, 3, 2, "same", activation=tf.nn.relu)
        return layers.conv2d_transpose(x, channels, 3, 1, "same")
