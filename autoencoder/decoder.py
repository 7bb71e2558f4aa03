"""The post's "Decoder": from codes in the latent space to images."""

import math

from autoencoder.compat import layers, tf
from flags import FLAGS


def decoder(z, image_shape=(28, 28, 1), flags=FLAGS):
    """Builds the scope Decoder; p(x|z), a Bernoulli distribution for each pixel.

    The post's prose says that the transposed convolutions upsample; its code, and so
    this function, runs them with stride 1 and leaves the rest to two dense layers.

    Args:
        z: float32 [batch, latent_dim].
        image_shape: (height, width, channels) of the images.
        flags: reads inputs_decoder, a perfect square or None.

    Returns:
        output: float32 [batch, height, width, channels], probabilities in [0, 1].
        logits: float32 [batch, height * width * channels], before the sigmoid.
    """
    height, width, _ = image_shape
    rows, columns = height // 4, width // 4
    if flags.inputs_decoder is not None:
        rows = columns = math.isqrt(flags.inputs_decoder)
    pixels = math.prod(image_shape)

    activation = tf.nn.relu
    with tf.variable_scope("Decoder"):
        x = layers.dense(z, rows * columns, activation=activation)
        x = layers.dense(x, rows * columns, activation=activation)
        x = tf.reshape(x, [-1, rows, columns, 1])

        for _ in range(3):
            x = layers.conv2d_transpose(x, 64, 4, 1, "same", activation=activation)

        # The post has tf.contrib.layers.flatten here, whose name is a capital one.
        x = layers.flatten(x, name="Flatten")
        x = layers.dense(x, pixels)
        x = layers.dense(x, pixels, activation=tf.nn.sigmoid)
        # A tensor knows the op that made it, and the op what went in: the logits.
        logits = x.op.inputs[0]
        output = tf.reshape(x, [-1, *image_shape])
    return output, logits
