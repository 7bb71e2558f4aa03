"""A network's weights as text for a page, and what their rounding changes.

Kernels take 16 bits a weight, or 8 and a scale per output. Biases always take 16.
"""

import base64
import math
from typing import Any, NamedTuple

import numpy as np

from autoencoder.experiments import in_batches

_MOST_HALF = 9_000_000  # bytes of base64
_LEVELS = 127  # of 8 bits, on either side of 0
_BATCH = 32


class Packed(NamedTuple):
    """Weights as they are on a page.

    Attributes:
        bits: int, of a weight: 16 or 8.
        layout: list of [name, shape, bits] of each variable, in the order of the text.
            Names are TensorFlow's, such as Encoder/conv2d/kernel. The last axis is the
            layer's outputs, also in the kernels of transposed convolutions.
        text: str, base64 of the numbers, little-endian. Before each kernel with 8 bits
            are its float32 scales, one for each output.
        feed: dict from variable to the value that the page computes with.
    """

    bits: int
    layout: list
    text: str
    feed: dict[Any, np.ndarray]


def variables(sess, model):
    """Returns a dict from each variable of a network to its value."""
    found = model.graph.get_collection("trainable_variables")
    return dict(zip(found, sess.run(found), strict=True))


def sizes(weights):
    """Returns in how many bits a page may hold each weight, and what that takes.

    Args:
        weights: dict from variable to float32 array.

    Returns:
        list of (bits, length of Packed.text), the better first. 16 bits are left out
        where they take more than 9 MB, or where a weight is past their range.
    """
    half = _text_size(weights, 16)
    largest = max(np.abs(weight).max() for weight in weights.values())
    fits = half <= _MOST_HALF and largest <= np.finfo(np.float16).max
    eight = 8, _text_size(weights, 8)
    return [(16, half), eight] if fits else [eight]


def pack(weights, bits):
    """Rounds weights and writes them as text.

    Args:
        weights: dict from variable to float32 array.
        bits: int, of the kernels: 16 or 8.

    Returns:
        Packed.
    """
    layout, parts, feed = [], [], {}
    for variable, weight in weights.items():
        stored, rounded, kept = _rounded(_outputs_last(variable, weight), bits)
        layout.append([variable.op.name, list(rounded.shape), kept])
        parts += stored
        feed[variable] = _outputs_last(variable, rounded)  # the same axes, back
    text = base64.b64encode(b"".join(part.tobytes() for part in parts)).decode()
    return Packed(bits, layout, text, feed)


def difference(sess, model, images, packed):
    """Measures what the rounding changes in the reconstructions of images.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        images: uint8 [n, height, width, channels].
        packed: Packed.

    Returns:
        mean: float, difference of a value from the session's, in levels of 255.
        largest: float, the same.
    """
    total, largest = 0.0, 0.0
    for batch in in_batches(images, _BATCH):
        feed = model.feed(batch)
        exact = sess.run(model.output, feed)
        rounded = sess.run(model.output, feed | packed.feed)
        levels = 255 * np.abs(rounded.astype(np.float64) - exact)
        total += levels.sum()
        largest = max(largest, levels.max())
    return total / images.size, float(largest)


def _text_size(weights, bits):
    size = sum(_size(_outputs_last(*item), bits) for item in weights.items())
    return 4 * math.ceil(size / 3)


def _size(weight, bits):
    if weight.ndim == 1 or bits == 16:
        return 2 * weight.size
    return weight.size + 4 * weight.shape[-1]


def _outputs_last(variable, weight):
    """Exchanges inputs and outputs of a transposed convolution's kernel."""
    is_transposed = weight.ndim == 4 and "conv2d_transpose" in variable.op.name
    return weight.swapaxes(2, 3) if is_transposed else weight


def _rounded(weight, bits):
    """Returns the arrays to store, the value that they stand for, and their bits."""
    if weight.ndim == 1 or bits == 16:
        half = weight.astype("<f2")
        return [half], half.astype(np.float32), 16
    largest = np.abs(weight).max(axis=tuple(range(weight.ndim - 1)))
    scales = np.where(largest > 0, largest / _LEVELS, 1).astype("<f4")
    levels = np.rint(weight / scales).clip(-_LEVELS, _LEVELS).astype(np.int8)
    return [scales, levels], levels * scales, 8
