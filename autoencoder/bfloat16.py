"""Training's products in bfloat16, float32 cut to its first 16 bits.

The products are convolutions and dense layers; biases and relus between two of them
are in bfloat16, too. Variables, Adam, codes and losses stay float32. Two of
TensorFlow's gradients are replaced, one because it is wrong in so few bits, the other
because it is slow.
"""

import contextlib

from autoencoder.compat import multiplied_in, tf


@contextlib.contextmanager
def in_bfloat16():
    """Builds the layers in the with block so that their products are in bfloat16.

    In graph mode each op of the forward pass carries the name of the function that
    tf.gradients calls for its gradient; here some ops get other names.
    """
    gradients = {
        "BiasAdd": "SummedByProduct",
        "Conv2D": "ConvolvedForFilter",
        "Conv2DBackpropInput": "ConvolvedForFilterTransposed",
    }
    with (
        multiplied_in(tf.bfloat16),
        tf.get_default_graph().gradient_override_map(gradients),
    ):
        yield


@tf.RegisterGradient("SummedByProduct")
def _bias_add(op, gradient):
    """TensorFlow's sums thousands of gradients in bfloat16, and sticks at 256 or 512.

    A matrix product, here with ones, is summed in float32 and rounded at the end.
    """
    gradients = _rows(gradient)
    ones = tf.ones([1, tf.shape(gradients)[0]], gradient.dtype)
    return gradient, tf.reshape(tf.matmul(ones, gradients), [-1])


@tf.RegisterGradient("ConvolvedForFilter")
def _conv2d(op, gradient):
    images, kernel = op.inputs
    how = op.get_attr("strides"), op.get_attr("padding").decode()
    return (
        tf.nn.conv2d_backprop_input(tf.shape(images), kernel, gradient, *how),
        filter_gradient(images, kernel, gradient, *how),
    )


@tf.RegisterGradient("ConvolvedForFilterTransposed")
def _conv2d_transpose(op, gradient):
    # Its inputs replace a convolution's outputs, and its outputs the images.
    _, kernel, inputs = op.inputs
    how = op.get_attr("strides"), op.get_attr("padding").decode()
    return (
        None,
        filter_gradient(gradient, kernel, inputs, *how),
        tf.nn.conv2d(gradient, kernel, *how),
    )


def filter_gradient(images, kernel, gradient, strides, padding):
    """Returns the gradient of the filter of tf.nn.conv2d(images, kernel, ...).

    It is a convolution itself, of the images with the gradient of the outputs. Channels
    take the place of the batch, the batch that of channels, and the stride s becomes a
    dilation:

        d loss / d filter[i, j, c, d] =
            sum over n, y, x of images[n, y * s + i - top, x * s + j - left, c]
                              * gradient[n, y, x, d]

    oneDNN's convolutions in bfloat16 are faster than its filter gradients, by 30 to 40%
    on the layers here. In float32 they are not.

    Args:
        images: [batch, height, width, channels].
        kernel: [size, size, channels, filters], of which only the shape matters.
        gradient: [batch, height', width', filters], of the outputs.
        strides: [1, s, s, 1], at most the kernel's size.
        padding: "SAME" or "VALID".

    Returns:
        [size, size, channels, filters].
    """
    if 1 in kernel.shape[2:]:
        return _from_patches(images, kernel, gradient, strides, padding)
    if padding != "SAME":
        return tf.nn.conv2d_backprop_filter(
            images, kernel.shape, gradient, strides, padding
        )
    axes = zip(
        *(images.shape[1:3], kernel.shape[:2], gradient.shape[1:3], strides[1:3]),
        strict=True,
    )
    result = tf.nn.conv2d(
        tf.transpose(images, [3, 1, 2, 0]),
        tf.transpose(gradient, [1, 2, 0, 3]),
        strides=1,
        padding=[[0, 0], *(_pads(*lengths) for lengths in axes), [0, 0]],
        dilations=strides[1:3],
    )
    return tf.transpose(result, [1, 2, 0, 3])


def _from_patches(images, kernel, gradient, strides, padding):
    """Does the same for one channel or one filter, as a product of two matrices.

    One has a row for each place: the patch of the side with one channel, which a
    convolution cuts out with filters of a single 1. The other has the channels of the
    other side there. oneDNN's filter gradient takes twice as long.
    """
    height, width, channels, _ = kernel.shape.as_list()
    size = height * width
    cut = tf.eye(size, dtype=images.dtype)
    if channels == 1:
        cut = tf.reshape(cut, [height, width, 1, size])
        patches = tf.nn.conv2d(images, cut, strides, padding, name="patches")
        others = gradient
    else:
        cut = tf.reshape(cut, [height, width, size, 1])
        shape = tf.concat([tf.shape(images)[:3], [size]], axis=0)
        patches = tf.nn.conv2d_backprop_input(
            shape, cut, gradient, strides, padding, name="patches"
        )
        others = images
    result = tf.matmul(_rows(patches), _rows(others), transpose_a=True)
    return tf.reshape(result, kernel.shape)


def _rows(x):
    """Returns a matrix with a row for each place of x, a column for each channel."""
    return tf.reshape(x, [-1, x.shape[-1]])


def _pads(length, size, outputs, stride):
    """Returns the pads of one axis that "SAME" gave the images."""
    whole = (outputs - 1) * stride + size - length
    return [whole // 2, whole - whole // 2]
