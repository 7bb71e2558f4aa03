"""Counts the arithmetic that a training step needs.

A "same" convolution of size 4 takes 4 products at each place of an axis, less those
with the padding: over 7 places 24 instead of 28. Products with the padding are left out
here, although libraries compute some of them. The rest along an axis (taps):

    28 places, stride 2    54    conv2d
    14 places, stride 2    26    conv2d_1
     7 places, stride 1    24    conv2d_2 and the three transposed ones

A convolution takes taps² times channels in times channels out, a dense layer inputs
times outputs. Each product is two operations, a multiplication and an addition, and is
taken three times: in the forward pass, for the gradient of the weights, and for that of
the layer's inputs. Only the images need no gradient.

That is 10.1 GFLOP for 128 images at z = 5. Activations, losses and Adam take some ten
operations a number, less than 1% of it, and are left out.
"""


def layer_products(latent_dim):
    """Returns a dict from a layer's name to its products for one image of 28x28."""
    one_channel = taps(7, 1) ** 2 * 64
    return {
        "Encoder/conv2d": taps(28, 2) ** 2 * 64,
        "Encoder/conv2d_1": taps(14, 2) ** 2 * 64 * 64,
        "Encoder/conv2d_2": one_channel * 64,
        "Encoder/mean": 3136 * latent_dim,
        "Encoder/dense": 3136 * latent_dim,
        "Decoder/dense": latent_dim * 49,
        "Decoder/dense_1": 49 * 49,
        "Decoder/conv2d_transpose": one_channel,
        "Decoder/conv2d_transpose_1": one_channel * 64,
        "Decoder/conv2d_transpose_2": one_channel * 64,
        "Decoder/dense_2": 3136 * 784,
        "Decoder/dense_3": 784 * 784,
    }


def flop_per_step(latent_dim, batch_size):
    """Returns the floating-point operations of a training step on 28x28 images."""
    products = layer_products(latent_dim)
    taken = 3 * sum(products.values()) - products["Encoder/conv2d"]
    return 2 * batch_size * taken


def taps(length, stride, size=4):
    """Counts a "same" convolution's products inside an axis, over all places."""
    outputs = -(-length // stride)
    before = max((outputs - 1) * stride + size - length, 0) // 2
    places = (i * stride - before for i in range(outputs))
    return sum(min(start + size, length) - max(start, 0) for start in places)
