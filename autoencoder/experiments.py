"""The post's experiments: a session in, NumPy arrays out.

They leave the iterator alone: images and codes are fed, so that an experiment in the
middle of an epoch costs training no batch.
"""

from typing import NamedTuple

import numpy as np

GRID = np.arange(-3, 4, 0.5)  # the post's: 14 coordinates, -3 to 3.5
_BATCH_VALUES = 48 * 48 * 28 * 28
_CELLS = 14  # of a frame, in each direction


def in_batches(array, size):
    """Yields an array [n, ...] in batches of that size; the last may be shorter."""
    for start in range(0, len(array), size):
        yield array[start : start + size]


def spread(count, most):
    """Returns the indices of at most so many of count images, evenly spread, int64.

    The first of them would be of few classes in a data set that is sorted by class,
    and MNIST's first test images are easier than its last.
    """
    kept = min(count, most)
    return np.arange(kept) * count // max(1, kept)


def sample_codes(sess, model, images, noise, batch_size):
    """Encodes images, one sample of z each.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        images: uint8 [n, height, width, channels].
        noise: numpy.random.Generator, of epsilon.
        batch_size: int, images in one run.

    Returns:
        float32 [n, latent_dim].
    """
    batches = in_batches(images, batch_size)
    return np.concatenate(
        [sess.run(model.z, model.feed(batch, noise)) for batch in batches]
    )


def mean_codes(sess, model, images, batch_size):
    """Encodes images as their means, without noise.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        images: uint8 [n, height, width, channels].
        batch_size: int, images in one run.

    Returns:
        float32 [n, latent_dim].
    """
    batches = posteriors(sess, model, images, batch_size)
    return np.concatenate([mean_ for mean_, _ in batches])


def posteriors(sess, model, images, batch_size):
    """Encodes images as the distributions of their codes, without noise.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        images: uint8 [n, height, width, channels].
        batch_size: int, images in one run.

    Yields:
        mean_, std_dev: float32 [batch, latent_dim].
    """
    for batch in in_batches(images, batch_size):
        yield sess.run([model.mean_, model.std_dev], model.feed(batch))


def between(codes, steps):
    """Returns codes on the straight lines from each code to the next.

    Args:
        codes: float [n, latent_dim].
        steps: int, codes between two of them.

    Returns:
        float [n + (n - 1) * steps, latent_dim]; the first is codes[0], the last
        codes[-1].
    """
    stops = np.arange(len(codes)) * (steps + 1)
    places = np.arange(stops[-1] + 1)
    return np.stack(
        [np.interp(places, stops, column) for column in np.transpose(codes)], axis=1
    )


def prior_image(sess, model, noise):
    """Decodes one sample of the prior, z ~ N(0, 1): an artificial image.

    Returns:
        float32 [height, width, channels] in [0, 1].
    """
    z = noise.standard_normal((1, model.latent_dim), np.float32)
    return sess.run(model.output, {model.z: z})[0]


def decoded(sess, model, codes):
    """Decodes codes, in batches of decoder_batch_size.

    Args:
        sess: session in which the model's variables have values.
        model: Network.
        codes: float [n, latent_dim].

    Returns:
        float32 [n, height, width, channels] in [0, 1].
    """
    parts = in_batches(codes, decoder_batch_size(model))
    return np.concatenate([sess.run(model.output, {model.z: part}) for part in parts])


def decoder_batch_size(model):
    """Returns how many codes to decode in one run: 2,304 for 28x28, fewer for larger.

    The decoder holds 64 maps of an image's size, so memory grows with the pixels.
    """
    return max(1, _BATCH_VALUES // model.output.shape[1:].num_elements())


def decoded_grid(sess, model):
    """Decodes the post's grid of 14x14 points of a plane.

    Both coordinates are GRID, -3 to 3.5. The first row has y = -3, as
    in the post, whose picture is therefore upside down against its scatter plots.

    Returns:
        float32 [14, 14, height, width, channels] in [0, 1].
    """
    return decoded_plane(sess, model, GRID, GRID)


def decoded_plane(sess, model, x, y):
    """Decodes the points of a plane.

    Args:
        sess: session in which the model's variables have values.
        model: Network, with two latent dimensions.
        x: float [columns], first coordinates.
        y: float [rows], second coordinates.

    Returns:
        float32 [rows, columns, height, width, channels] in [0, 1].
    """
    z = np.stack(np.meshgrid(x, y), axis=-1)
    images = decoded(sess, model, z.reshape(-1, 2))
    return images.reshape(*z.shape[:2], *images.shape[1:])


class Frame(NamedTuple):
    """The part of a plane that codes take, cut into 14x14 cells.

    Attributes:
        low, high: float [2], its corners.
        x, y: float [14], coordinates of the cells' middles.
        counts: int [14, 14], codes in each cell; rows go up with y.
    """

    low: np.ndarray
    high: np.ndarray
    x: np.ndarray
    y: np.ndarray
    counts: np.ndarray


def frame(codes):
    """Returns the Frame from 0.5% to 99.5% of codes [n, 2] in each direction."""
    low, high = np.percentile(codes, [0.5, 99.5], axis=0)
    edges = np.linspace(low, high, _CELLS + 1).T
    x, y = (edges[:, 1:] + edges[:, :-1]) / 2
    counts, *_ = np.histogram2d(codes[:, 1], codes[:, 0], edges[::-1])
    return Frame(low, high, x, y, counts.astype(int))
