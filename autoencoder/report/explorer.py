"""Arrays of the latent explorer: a decoded plane, and the test images' codes on it."""

import math

import imageio.v3 as iio
import numpy as np

from autoencoder import experiments
from autoencoder.figures.style import hls_colours
from autoencoder.pixels import eight_bits, sheet, tiles, without_channel
from autoencoder.report.page import data_uri

_MOST_SIDE = 48  # decoded images along each axis
_MOST_IMAGES = 2000
_MOST_PIXELS = 8_000_000  # of a PNG file: fewer images if they are large


def explorer(sess, model, run):
    """Encodes test images and decodes the plane around them.

    Args:
        sess: session in which the model's variables have values.
        model: Model, with two latent dimensions.
        run: TrainedRun with test images.

    Returns:
        dict for the page: values, which explorer.js reads as JSON, and two data URIs of
        PNG files: decoded, the plane with the largest y in the first row, and images,
        the test images in rows.
    """
    fitting = max(1, _MOST_PIXELS // math.prod(run.image_shape[:2]))
    side = min(_MOST_SIDE, max(2, math.isqrt(fitting)))
    images = run.dataset.x_test[: min(_MOST_IMAGES, fitting)]
    means = experiments.mean_codes(sess, model, images, run.flags.batch_size)
    low, high = _region(means)
    x, y = (np.linspace(low[axis], high[axis], side) for axis in (0, 1))
    decoded = experiments.decoded_plane(sess, model, x, y[::-1])
    columns = int(np.ceil(np.sqrt(len(images))))
    classes, labels = _classes(run.dataset, len(images))
    return {
        "values": {
            "low": low,
            "high": high,
            "side": side,
            "tile": [images.shape[2], images.shape[1]],
            "columns": columns,
            "points": means.round(4).tolist(),
            "labels": labels,
            "names": classes,
            "colours": [_css(colour) for colour in hls_colours(max(1, len(classes)))],
        },
        "decoded": _png(eight_bits(tiles(decoded))),
        "images": _png(sheet(images, columns)),
    }


def _region(codes):
    """Returns the corners of a rectangle around codes, with a margin."""
    low, high = codes.min(axis=0), codes.max(axis=0)
    margin = np.maximum(0.03 * (high - low), 0.1)
    return (low - margin).tolist(), (high + margin).tolist()


def _classes(dataset, count):
    """Returns the classes' names, and for each image an index into them, or None."""
    if dataset.y_test is None:
        return [], None
    if dataset.class_names:
        return dataset.class_names, dataset.y_test[:count].tolist()
    values, labels = np.unique(dataset.y_test, return_inverse=True)
    return [str(value) for value in values], labels[:count].tolist()


def _css(colour):
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def _png(pixels):
    return data_uri(
        iio.imwrite("<bytes>", without_channel(pixels), extension=".png"), "image/png"
    )
