import numpy as np
import pytest

from autoencoder.gaussians import Gaussian, fit

LABELS = np.array([4, 4, -1, 4, -1, 7, 4, 4, -1, 4, 4, -1])  # 7 has one image


def codes(images, latent_dim, seed=0):
    """Means that are correlated and far from 0, and standard deviations."""
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(latent_dim, latent_dim))
    means = random.normal(size=(images, latent_dim)) @ mixing + 5
    std_devs = random.uniform(0.1, 1, (images, latent_dim))
    return means.astype(np.float32), std_devs.astype(np.float32)


def batches(arrays, size):
    for start in range(0, len(arrays[0]), size):
        yield tuple(array[start : start + size] for array in arrays)


def oracle(means, std_devs):
    means, std_devs = means.astype(np.float64), std_devs.astype(np.float64)
    covariance = np.cov(means.T, bias=True)
    return means.mean(axis=0), covariance + np.diag(np.square(std_devs).mean(axis=0))


@pytest.mark.parametrize("size", [1, 5, 12, 100])
def test_fit_against_numpy_for_any_batch_size(size):
    means, std_devs = codes(12, 3)
    found = fit(batches((means, std_devs), size), LABELS)
    assert [*found] == [None, -1, 4, 7]
    for label, gaussian in found.items():
        rows = np.full(12, True) if label is None else label == LABELS
        mean, covariance = oracle(means[rows], std_devs[rows])
        assert gaussian.images == rows.sum()
        assert gaussian.covariance.dtype == np.float64
        np.testing.assert_allclose(gaussian.mean, mean, rtol=1e-12)
        np.testing.assert_allclose(gaussian.covariance, covariance, rtol=1e-10)


def test_fit_without_labels_is_of_all_images():
    arrays = codes(12, 3)
    found = fit(batches(arrays, 5))
    assert [*found] == [None]
    labelled = fit(batches(arrays, 5), LABELS)[None]
    np.testing.assert_allclose(found[None].covariance, labelled.covariance, rtol=1e-12)


def test_closed_form_of_two_images():
    means, std_devs = np.float32([[-1], [3]]), np.float32([[0.5], [1.5]])
    found = fit([(means, std_devs)])[None]
    assert found == (2, [1], [[4 + (0.25 + 2.25) / 2]])


def test_one_image_has_its_own_gaussian():
    means, std_devs = codes(12, 3)
    found = fit(batches((means, std_devs), 4), LABELS)[7]
    np.testing.assert_array_equal(found.mean, means[5])
    variances = np.diag(np.square(std_devs[5], dtype=np.float64))
    np.testing.assert_array_equal(found.covariance, variances)


def test_small_variances_far_from_0_keep_their_digits():
    means, std_devs = codes(40, 3)
    far = means + np.float32(3e5)
    found = fit(batches((far, std_devs * 1e-3), 7))[None]
    _, covariance = oracle(far, std_devs * 1e-3)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-10)


@pytest.mark.parametrize("images", [1, 3])
def test_fewer_images_than_dimensions_are_positive_definite(images):
    means, std_devs = codes(images, 32)
    gaussian = fit(batches((means, std_devs), 2))[None]
    least = np.square(std_devs).mean(axis=0).min()
    assert np.linalg.eigvalsh(gaussian.covariance).min() > 0.999 * least
    noise = np.random.default_rng(1).standard_normal((9, 32), np.float32)
    assert np.isfinite(gaussian.draw(noise)).all()


def test_draws_are_the_noise_transformed():
    gaussian = fit(batches(codes(50, 4), 50))[None]
    noise = np.random.default_rng(1).standard_normal((9, 4), np.float32)
    factor = np.linalg.cholesky(gaussian.covariance)
    found = gaussian.draw(noise)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, gaussian.mean + noise @ factor.T, rtol=1e-5)
    unit = Gaussian(1, np.zeros(4), np.eye(4))
    np.testing.assert_allclose(unit.draw(noise), noise, rtol=1e-6)


def test_draws_have_the_mean_and_the_covariance():
    gaussian = fit(batches(codes(50, 4), 50))[None]
    noise = np.random.default_rng(1).standard_normal((200_000, 4), np.float32)
    found = gaussian.draw(noise)
    np.testing.assert_allclose(found.mean(axis=0), gaussian.mean, atol=0.05)
    scale = np.sqrt(np.outer(*[gaussian.covariance.diagonal()] * 2))
    error = (np.cov(found.T) - gaussian.covariance) / scale
    assert np.abs(error).max() < 0.02


def test_draws_where_nothing_varies_or_scales_differ_by_far():
    """Without a KL term, std_dev can underflow, and means be far apart."""
    noise = np.random.default_rng(1).standard_normal((9, 3), np.float32)
    means, std_devs = np.float32([[1, 2, 3]]), np.zeros((1, 3), np.float32)
    found = fit([(means, std_devs)])[None].draw(noise)
    np.testing.assert_array_equal(found, np.tile(means, (9, 1)))
    means = np.float32([[-1e4, 0, 0], [1e4, 0, 0], [0, 1e-4, 0]])
    std_devs = np.full((3, 3), [1e-5, 1e-5, 1e-9], np.float32)
    gaussian = fit([(means, std_devs)])[None]
    factor = np.linalg.cholesky(gaussian.covariance)
    expected = gaussian.mean + noise @ factor.T
    np.testing.assert_allclose(gaussian.draw(noise), expected, rtol=1e-4, atol=1e-15)


def test_the_result_does_not_depend_on_how_many_are_drawn():
    gaussian = fit(batches(codes(50, 4), 50))[None]
    noise = np.random.default_rng(1).standard_normal((300, 4), np.float32)
    np.testing.assert_allclose(gaussian.draw(noise)[:5], gaussian.draw(noise[:5]))
