"""Counts the weights of a network before images are converted for it.

The layers are those of encoder.py and decoder.py; a test compares the numbers.
"""

import math

from autoencoder.errors import UserError

# In training each takes 16 bytes: itself, its gradient and Adam's two averages.
_MOST = 200_000_000
_FILTERS, _KERNEL = 64, 4 * 4  # the upsampling decoder begins with as many maps


def require_not_too_many(image_shape, flags):
    """Raises a UserError if a network would have too many weights to train.

    Args:
        image_shape: (height, width, channels).
        flags: reads latent_dim, decoder, stages and inputs_decoder.
    """
    weights = count(image_shape, flags)
    if weights <= _MOST:
        return
    smaller = "--latent_dim, or --inputs_decoder, or take --decoder upsampling"
    if flags.decoder == "upsampling":
        smaller = "--latent_dim"
    raise UserError(
        f"the network would have {weights:,} weights, more than {_MOST:,}: choose a "
        f"smaller {smaller}"
    )


def count(image_shape, flags):
    """Returns the number of weights of encoder and decoder; arguments as above."""
    return _encoder(image_shape, flags) + _decoder(image_shape, flags)


def _encoder(image_shape, flags):
    height, width, channels = image_shape
    codes = (height >> flags.stages) * (width >> flags.stages) * _FILTERS
    convolutions = _convolution(channels) + flags.stages * _convolution()
    return convolutions + 2 * _dense(codes, flags.latent_dim)


def _decoder(image_shape, flags):
    height, width, channels = image_shape
    start = (height >> flags.stages) * (width >> flags.stages)
    start = flags.inputs_decoder or start
    pixels = math.prod(image_shape)
    first = _dense(flags.latent_dim, start)
    if flags.decoder == "upsampling":
        first += _dense(start, start * _FILTERS)
        return first + flags.stages * _convolution() + _convolution(outputs=channels)
    convolutions = _convolution(1) + 2 * _convolution()
    last = _dense(start * _FILTERS, pixels) + _dense(pixels, pixels)
    return first + _dense(start, start) + convolutions + last


def _convolution(inputs=_FILTERS, outputs=_FILTERS):
    return _KERNEL * inputs * outputs + outputs


def _dense(inputs, outputs):
    return inputs * outputs + outputs
