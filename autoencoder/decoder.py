"""The post's "Decoder": from codes in the latent space to images.

The post's prose says that the transposed convolutions upsample. Its code runs them with
stride 1 and leaves the rest to two dense layers: that is --decoder dense. The decoder
of the prose is --decoder upsampling. The prose does not say how many maps its dense
layers fill. It is 64 here: all colours have to pass through them.
"""

import math

from autoencoder.compat import layers, tf
from flags import FLAGS

_MAPS = {"dense": 1, "upsampling": 64}


def decoder(z, image_shape=(28, 28, 1), flags=FLAGS):
    """Builds the scope Decoder; p(x|z), a Bernoulli distribution for each pixel.

    Args:
        z: float32 [batch, latent_dim].
        image_shape: (height, width, channels) of the images.
        flags: reads decoder, stages, and inputs_decoder, a perfect square or None.

    Returns:
        output: float32 [batch, height, width, channels], probabilities in [0, 1].
        logits: float32 [batch, height * width * channels], before the sigmoid.
    """
    height, width, channels = image_shape
    rows, columns = height >> flags.stages, width >> flags.stages
    if flags.inputs_decoder is not None:
        rows = columns = math.isqrt(flags.inputs_decoder)
    maps, pixels = _MAPS[flags.decoder], math.prod(image_shape)

    with tf.variable_scope("Decoder"):
        x = layers.dense(z, rows * columns, activation=tf.nn.relu)
        x = layers.dense(x, rows * columns * maps, activation=tf.nn.relu)
        x = tf.reshape(x, [-1, rows, columns, maps])
        if flags.decoder == "upsampling":
            x = _upsampling(x, channels, flags.stages)
            logits = layers.flatten(_before_activation(x), name="Flatten")
        else:
            x = _dense(x, pixels)
            logits = _before_activation(x)
        output = tf.reshape(x, [-1, *image_shape])
    return output, logits


def _dense(x, pixels):
    """The post's code: convolutions of stride 1, then two dense layers."""
    for _ in range(3):
        x = _conv2d_transpose(x, 64, 1, tf.nn.relu)
    # The post's tf.contrib.layers.flatten has this name, with a capital letter.
    x = layers.flatten(x, name="Flatten")
    x = layers.dense(x, pixels)
    return layers.dense(x, pixels, activation=tf.nn.sigmoid)


def _upsampling(x, channels, stages):
    """The post's prose: the encoder's convolutions, backwards."""
    x = _conv2d_transpose(x, 64, 1, tf.nn.relu)
    for _ in range(stages - 1):
        x = _conv2d_transpose(x, 64, 2, tf.nn.relu)
    return _conv2d_transpose(x, channels, 2, tf.nn.sigmoid)


def _conv2d_transpose(x, filters, stride, activation):
    return layers.conv2d_transpose(x, filters, 4, stride, "same", activation=activation)


def _before_activation(x):
    """Returns the input of the op that made x, an activation."""
    return x.op.inputs[0]
