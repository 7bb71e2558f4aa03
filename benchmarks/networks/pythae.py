"""The convolutional pair for MNIST of pythae, in PyTorch, by Clément Chadebec.

https://github.com/clementchadebec/benchmark_VAE/blob/main/src/pythae/models/nn/benchmarks/mnist/convnets.py
(Apache License 2.0): Encoder_Conv_VAE_MNIST and Decoder_Conv_AE_MNIST. The code here is
written anew. Padding, batch norm and the first weights are PyTorch's, where they differ
from TensorFlow's. Images are 28x28 and grey:

    encoder    28 -> 14 -> 7 -> 3 -> 1      128, 256, 512, 1024 filters
    decoder    4 -> 7 -> 14 -> 28           512, 256, 1 filters
"""

from autoencoder.compat import layers, tf

_EPSILON = 1e-5
_MOMENTUM = 0.1  # the share of a batch in the moving averages


def encoder(X, latent_dim, is_training):
    """Builds the scope Encoder.

    Args:
        X: float32 [batch, 28, 28, 1] in [0, 1].
        latent_dim: int.
        is_training: bool, as in batch_norm.

    Returns:
        mean, log_var: float32 [batch, latent_dim].
    """
    with tf.variable_scope("Encoder"):
        x = X
        for filters in (128, 256, 512, 1024):
            x = tf.nn.relu(batch_norm(convolution(x, filters), is_training))
        x = layers.flatten(x)
        mean = _dense(x, latent_dim, "mean")
        log_var = _dense(x, latent_dim, "log_var")
    return mean, log_var


def decoder(z, image_shape, is_training):
    """Builds the scope Decoder.

    Args:
        z: float32 [batch, latent_dim].
        image_shape: (28, 28, 1).
        is_training: bool, as in batch_norm.

    Returns:
        logits: float32 [batch, 28, 28, 1].
    """
    with tf.variable_scope("Decoder"):
        x = tf.reshape(_dense(z, 4 * 4 * 1024), [-1, 4, 4, 1024])
        x = transposed_convolution(x, 512, output_padding=0)
        x = tf.nn.relu(batch_norm(x, is_training))
        x = transposed_convolution(x, 256, output_padding=1)
        x = tf.nn.relu(batch_norm(x, is_training))
        return transposed_convolution(x, image_shape[-1], output_padding=1)


def convolution(x, filters):
    """PyTorch's Conv2d(channels, filters, 4, stride=2, padding=1).

    It pads each side by 1. "same" would pad the last side by 2 where a length is odd:
    7 would become 4 instead of 3.

    Args:
        x: float32 [batch, height, width, channels].
        filters: int.

    Returns:
        float32 [batch, height // 2, width // 2, filters].
    """
    first = _first_values(4 * 4 * int(x.shape[-1]))
    x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
    return layers.conv2d(
        x, filters, 4, 2, "valid", kernel_initializer=first, bias_initializer=first
    )


def transposed_convolution(x, filters, output_padding):
    """PyTorch's ConvTranspose2d(channels, filters, 3, stride=2, padding=1, ...).

    It cuts 1 off the whole result's start and 1 - output_padding off its end. "same"
    would cut the end only.

    Args:
        x: float32 [batch, height, width, channels].
        filters: int.
        output_padding: 0 or 1.

    Returns:
        float32 [batch, 2 * height - 1 + output_padding, the same of width, filters].
    """
    first = _first_values(3 * 3 * filters)
    x = layers.conv2d_transpose(
        x, filters, 3, 2, "valid", kernel_initializer=first, bias_initializer=first
    )
    bottom, right = (int(length) - 1 + output_padding for length in x.shape[1:3])
    return x[:, 1:bottom, 1:right]


def batch_norm(x, is_training):
    """PyTorch's BatchNorm2d: x with mean 0 and variance 1 in each channel, scaled.

    In training the moments are the batch's, and the moving averages' updates are added
    to the graph's collection UPDATE_OPS. As in PyTorch, the batch is divided by its
    biased variance, and its unbiased one enters the moving average.

    Args:
        x: float32 [batch, height, width, channels].
        is_training: bool; False takes the moving averages.

    Returns:
        float32, the shape of x.
    """
    channels, ones = x.shape[-1:], tf.ones_initializer()
    with tf.variable_scope(None, default_name="batch_norm"):
        gamma = tf.get_variable("gamma", channels, initializer=ones)
        beta = tf.get_variable("beta", channels, initializer=tf.zeros_initializer())
        mean = tf.get_variable(
            "mean", channels, initializer=tf.zeros_initializer(), trainable=False
        )
        variance = tf.get_variable(
            "variance", channels, initializer=ones, trainable=False
        )
        if not is_training:
            return tf.nn.fused_batch_norm(
                x, gamma, beta, mean, variance, _EPSILON, is_training=False
            )[0]
        x, *moments = tf.nn.fused_batch_norm(x, gamma, beta, epsilon=_EPSILON)
        for average, moment in zip((mean, variance), moments, strict=True):
            update = tf.assign_sub(average, _MOMENTUM * (average - moment))
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        return x


def _dense(x, units, name=None):
    first = _first_values(int(x.shape[-1]))
    return layers.dense(
        x, units, kernel_initializer=first, bias_initializer=first, name=name
    )


def _first_values(fan_in):
    """PyTorch's for weights and biases: uniform, within 1 / sqrt(fan_in) of 0.

    Its fan_in of a transposed convolution counts filters instead of channels.
    """
    limit = fan_in**-0.5
    return tf.random_uniform_initializer(-limit, limit)
