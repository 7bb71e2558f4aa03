"""What the latent explorer on a run's page holds: the network, images and codes."""

import json
import math
from typing import NamedTuple

import imageio.v3 as iio
import numpy as np

from autoencoder import experiments
from autoencoder.datasets.load import BUILT_IN
from autoencoder.experiments import in_batches
from autoencoder.pixels import eight_bits, sheet, tiles, without_channel
from autoencoder.report.explorer import packed
from autoencoder.report.explorer.classes import (
    evenly,
    groups,
    names_and_labels,
    rounded,
)
from autoencoder.report.explorer.drawing import drawing
from autoencoder.report.page import data_uri
from autoencoder.run_folder import fitted_prior

_MOST_ENCODED = 10_000  # images, for KL and the classes' codes
_MOST_POINTS = 2000  # on the plane
_MOST_CHOICES = 100  # images to encode
_MOST_VALUES = 2_000_000  # of the images' pixels: fewer images if they are large
_FORMS = {16: "16 bits each", 8: "8 bits each and a scale per output"}
_LEAST_LIMIT, _SHARE = 3, 0.999  # sliders reach as far as this share of the codes
_MOST_SIDE = 48  # without the network: images along each axis of the plane
_MOST_PIXELS = 8_000_000  # of their PNG file


class Explorer(NamedTuple):
    """What a page holds for the explorer.

    Attributes:
        values: dict that explorer.js reads as JSON.
        images: str, data URI of a PNG file: the images in rows.
        weights: str, see packed.Packed, or "" if they did not fit.
        decoded: str, data URI of a PNG file, or "": without weights, the decoded plane
            with the largest y in the first row.
        notes: list of str, what to know about the weights and the images.
    """

    values: dict
    images: str
    weights: str = ""
    decoded: str = ""
    notes: list = []

    @property
    def size(self):
        """int, bytes of the values and images on the page."""
        return len(json.dumps(self.values)) + len(self.images)


DIVERGED = Explorer({}, "", notes=["The codes are not finite: training has diverged."])


def with_images(sess, model, run):
    """Encodes held-out images, or training images if none were held out.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        run: TrainedRun with its data.

    Returns:
        Explorer without weights, or None if the codes are not finite.
    """
    images, labels = _images_and_labels(run.dataset)
    names, labels = names_and_labels(run.dataset, labels)
    means, std_devs, terms = _encoded(sess, model, images, run.flags.batch_size)
    if not np.isfinite([means, std_devs]).all():
        return None
    is_plane = model.latent_dim == 2
    order = evenly(labels, len(images))[: _MOST_POINTS if is_plane else _MOST_CHOICES]
    shown = order[: max(1, _MOST_VALUES // math.prod(run.image_shape))]
    columns = math.ceil(math.sqrt(len(shown)))
    values = _network_values(run) | {
        "kl": rounded(terms.mean(axis=0)),
        "limits": rounded(
            np.quantile(np.abs(means), _SHARE, axis=0).clip(_LEAST_LIMIT)
        ),
        "numbers": order.tolist(),
        "labels": None if labels is None else labels[order].tolist(),
        "classes": groups(
            fitted_prior.read_or_fit(sess, model, run), names, run.dataset
        ),
        "images": len(shown),
        "columns": columns,
        "choices": _choices(labels, shown),
    }
    if is_plane:
        low, high = _region(means[order])
        values |= {"low": low, "high": high, "points": rounded(means[order])}
    return Explorer(values, _png(sheet(images[shown], columns)), notes=_notes(run))


def with_network(sess, model, run, explorer, weights, bits):
    """Adds the weights, and a note on what their rounding changes.

    Args:
        sess: as in with_images.
        model: as in with_images.
        run: as in with_images.
        explorer: what with_images returned.
        weights: dict from variable to array.
        bits: int, of a weight.

    Returns:
        Explorer.
    """
    network = packed.pack(weights, bits)
    images = _images_and_labels(run.dataset)[0][:_MOST_CHOICES]
    mean, largest = packed.difference(sess, model, images, network)
    note = (
        f"The network's {sum(w.size for w in weights.values()):,} weights are in this "
        f"page with {_FORMS[bits]}: on {len(images)} images its reconstructions "
        f"differ from the program's by {mean:.2g}/255 on average and {largest:.2g}/255 "
        "at most."
    )
    return explorer._replace(
        values=explorer.values | {"layout": network.layout},
        weights=network.text,
        notes=[note, *explorer.notes],
    )


def without_network(sess, model, explorer, weights):
    """Adds a note instead, and a plane decoded beforehand if z has two dimensions.

    Args:
        sess: as in with_images.
        model: as in with_images.
        explorer: what with_images returned.
        weights: dict from variable to array.

    Returns:
        Explorer.
    """
    bits, size = packed.sizes(weights)[-1]
    note = (
        f"The network is too large for this page, which is to take 12 MB at most: its "
        f"weights would take {size / 1e6:,.1f} MB with {bits} bits each."
    )
    if model.latent_dim != 2:
        return Explorer({}, "", notes=[note])
    values = explorer.values
    low, high = values["low"], values["high"]
    side = math.isqrt(max(4, _MOST_PIXELS // math.prod(values["shape"][:2])))
    side = min(_MOST_SIDE, side)
    x, y = (np.linspace(low[axis], high[axis], side) for axis in (0, 1))
    plane = experiments.decoded_plane(sess, model, x, y[::-1])
    return explorer._replace(
        values=values | {"side": side},
        decoded=_png(eight_bits(tiles(plane))),
        notes=[f"{note} The plane was decoded beforehand.", *explorer.notes],
    )


def _network_values(run):
    return {
        "shape": run.image_shape,
        "stages": run.flags.stages,
        "decoder": run.flags.decoder,
        "inputs_decoder": run.flags.inputs_decoder,
        "has_prior": run.flags.kl_weight > 0,
        "source": "training image" if run.dataset.x_test is None else "test image",
        "drawing": drawing(run.dataset.trained_on, run.flags.binarize != "none"),
    }


def _images_and_labels(dataset):
    images, labels = dataset.x_test, dataset.y_test
    if images is None:
        images, labels = dataset.x_train, dataset.y_train
    return images[:_MOST_ENCODED], None if labels is None else labels[:_MOST_ENCODED]


def _encoded(sess, model, images, batch_size):
    """Returns means, std_devs and the KL terms of images, each [n, latent_dim]."""
    fetches = [model.mean_, model.std_dev, model.latent_terms]
    batches = in_batches(images, batch_size)
    parts = [sess.run(fetches, model.feed(batch)) for batch in batches]
    return map(np.concatenate, zip(*parts, strict=True))


def _choices(labels, shown):
    """Returns the places on the sheet of the images to encode, class by class."""
    shown = shown[:_MOST_CHOICES]
    places = range(len(shown)) if labels is None else labels[shown]
    return np.argsort(places, kind="stable").tolist()


def _notes(run):
    notes = []
    if run.dataset.x_test is None:
        notes.append("No images were held out, so the images are training images.")
    if run.flags.dataset not in BUILT_IN:
        notes.append(
            f"The images on this page are from {run.dataset.name}: anyone who has the "
            "page has them."
        )
    return notes


def _region(codes):
    """Returns the corners of a rectangle around codes, with a margin."""
    low, high = codes.min(axis=0), codes.max(axis=0)
    margin = np.maximum(0.03 * (high - low), 0.1)
    return (low - margin).tolist(), (high + margin).tolist()


def _png(pixels):
    return data_uri(
        iio.imwrite("<bytes>", without_channel(pixels), extension=".png"), "image/png"
    )
