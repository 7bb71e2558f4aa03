from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder import experiments
from autoencoder.commands.preview import first_images
from autoencoder.model import build
from autoencoder.randomness import generator
from autoencoder.session import open_session
from tests.conftest import run_flags


@pytest.mark.parametrize("count", [1, 2, 7, 50, 1999, 10_000])
@pytest.mark.parametrize("most", [1, 7, 50])
def test_spread_is_even_and_without_repeats(count, most):
    places = experiments.spread(count, most)
    assert places[0] == 0
    assert places[-1] < count
    assert len(places) == min(count, most)
    if len(places) > 1:
        gaps = np.diff(places)
        assert gaps.min() >= 1
        assert gaps.max() - gaps.min() <= 1
    assert len(experiments.spread(0, most)) == 0


def test_spread_names_the_same_images_again():
    """The places of fewer images among those that are kept."""
    kept = experiments.spread(10_000, 2000)
    assert kept[:3].tolist() == [0, 5, 10]
    assert kept[experiments.spread(2000, 500)][:3].tolist() == [0, 20, 40]


def test_first_images_are_the_first_of_each_batch(images):
    flags = run_flags(shuffle=True, seed=3)
    order = generator("order", 3, 1).permutation(300)
    found = first_images(images, flags)
    expected = images[order[[0, 128, 256]]].astype(np.float32) / 255
    np.testing.assert_array_equal(found, expected)


@pytest.fixture
def plane(network_flags):
    """A session with first weights and two latent dimensions. No epoch has begun, so
    that an experiment which draws from the iterator would raise."""
    network_flags.latent_dim = 2
    net = build((28, 28, 1), network_flags)
    with open_session(net.graph) as sess:
        sess.run(net.init_op)
        yield sess, net


def test_posteriors_are_means_and_standard_deviations(plane, images):
    sess, net = plane
    expected = sess.run([net.mean_, net.std_dev], {net.input_batch: images / 255})
    for batch_size in (77, 1000):
        batches = experiments.posteriors(*plane, images, batch_size)
        means, std_devs = map(np.concatenate, zip(*batches, strict=True))
        np.testing.assert_allclose(means, expected[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(std_devs, expected[1], rtol=1e-4, atol=1e-5)


def test_codes_are_samples_and_dont_depend_on_the_batch_size(plane, images):
    sess, net = plane
    mean_, std_dev = sess.run([net.mean_, net.std_dev], {net.input_batch: images / 255})
    expected = mean_ + std_dev * generator("x", 1).standard_normal((300, 2), np.float32)
    for batch_size in (1, 77, 300, 1000):
        codes = experiments.sample_codes(*plane, images, generator("x", 1), batch_size)
        np.testing.assert_allclose(codes, expected, rtol=1e-4, atol=1e-5)


def test_prior_image_is_a_decoded_unit_normal_code(plane):
    sess, net = plane
    z = generator("x", 1).standard_normal((1, 2), np.float32)
    expected = sess.run(net.output, {net.z: z})[0]
    found = experiments.prior_image(*plane, generator("x", 1))
    assert found.shape == (28, 28, 1)
    np.testing.assert_array_equal(found, expected)


def test_grid_is_the_posts_196_points(plane):
    sess, net = plane
    grid = experiments.decoded_grid(*plane)
    assert grid.shape == (14, 14, 28, 28, 1)
    values = [-3 + i / 2 for i in range(14)]
    for row, column in [(0, 0), (0, 13), (13, 0), (4, 9)]:
        z = [[values[column], values[row]]]
        expected = sess.run(net.output, {net.z: z})[0]
        np.testing.assert_allclose(grid[row, column], expected, atol=1e-6)


def test_between_goes_from_each_code_to_the_next():
    codes = np.array([[0.0, 8.0], [4.0, 0.0], [4.0, -4.0]])
    found = experiments.between(codes, 3)
    assert found[:, 0].tolist() == [0, 1, 2, 3, 4, 4, 4, 4, 4]
    assert found[:, 1].tolist() == [8, 6, 4, 2, 0, -1, -2, -3, -4]


def test_codes_are_decoded_in_parts_that_hold_as_many_pixels(plane, monkeypatch):
    sess, net = plane
    assert experiments.decoder_batch_size(net) == 48 * 48  # of 28x28
    codes = generator("x", 1).standard_normal((10, 2), np.float32)
    whole = experiments.decoded(sess, net, codes)
    monkeypatch.setattr(experiments, "_BATCH_VALUES", 3 * 28 * 28)
    sizes = []

    def run(fetches, feed):
        sizes.append(len(feed[net.z]))
        return sess.run(fetches, feed)

    watched = SimpleNamespace(run=run)
    parts = experiments.decoded(watched, net, codes)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert sizes == [3, 3, 3, 1]
    experiments.decoded_plane(watched, net, np.arange(4), np.arange(2))
    assert max(sizes) == 3
    monkeypatch.setattr(experiments, "_BATCH_VALUES", 1)
    assert experiments.decoder_batch_size(net) == 1


def test_the_frame_of_codes_and_its_cells():
    x, y = np.arange(1001.0), np.arange(1001.0) / 10
    cells = experiments.frame(np.stack([x, y], axis=1))
    np.testing.assert_allclose([cells.low, cells.high], [[5, 0.5], [995, 99.5]])
    np.testing.assert_allclose(cells.x, 5 + 990 / 14 * (np.arange(14) + 0.5))
    np.testing.assert_allclose(cells.y, cells.x / 10)
    assert cells.counts.sum() == 991  # the others are outside
    assert (cells.counts > 0).sum() == 14
    assert (cells.counts.diagonal() > 0).all()
    right_and_low = np.stack([x, np.minimum(y, 50) % 50], axis=1)
    counts = experiments.frame(right_and_low).counts
    assert counts[0, 7:].sum() > 400  # row 0 is the lowest
