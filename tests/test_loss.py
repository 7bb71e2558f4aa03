import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.loss import image_loss, latent_loss, latent_terms, total_loss

RANDOM = np.random.default_rng(0)


def run(build, *arrays):
    """Runs build(*tensors); returns its value and its gradients by the tensors."""
    with tf.Graph().as_default(), tf.Session() as sess:
        tensors = [tf.constant(array, tf.float32) for array in arrays]
        value = build(*tensors)
        gradients = tf.gradients(tf.reduce_sum(value), tensors)
        return sess.run([value, gradients])


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def literal_image_loss(x, p):
    """The post's formula, in float64: NaN where p is 0 or 1."""
    return np.sum(x * -np.log(p) + (1 - x) * -np.log(1 - p), axis=1)


@pytest.mark.parametrize("batch", [1, 7])
def test_image_loss_is_the_posts_literal_formula(batch):
    x, logits = RANDOM.random((batch, 784)), RANDOM.uniform(-12, 12, (batch, 784))
    value, _ = run(
        lambda x, logits: image_loss(tf.reshape(x, [-1, 28, 28, 1]), logits), x, logits
    )
    np.testing.assert_allclose(value, literal_image_loss(x, sigmoid(logits)), rtol=1e-5)


def test_image_loss_where_the_posts_formula_is_nan():
    x, logits = [[0.0, 1.0, 0.5, 1.0]], [[-1e4, 1e4, 1e4, -1e4]]
    with np.errstate(all="ignore"):
        assert np.isnan(
            literal_image_loss(np.array(x), sigmoid(np.array(logits)))
        ).any()
    value, (_, by_logits) = run(image_loss, x, logits)
    np.testing.assert_allclose(value, [1e4 / 2 + 1e4], rtol=1e-6)
    np.testing.assert_allclose(by_logits, [[0, 0, 0.5, -1]], atol=1e-6)


def test_image_loss_closed_forms():
    ones = np.ones((2, 28, 28, 1))
    value, _ = run(image_loss, ones, np.zeros((2, 784)))
    np.testing.assert_allclose(value, [784 * np.log(2)] * 2, rtol=1e-6)
    value, _ = run(image_loss, ones, np.full((2, 784), 50.0))
    np.testing.assert_allclose(value, [0, 0], atol=1e-6)


def kl(mean, std):
    return latent_loss(latent_terms(mean, std))


@pytest.mark.parametrize(
    ("mean", "std", "expected"),
    [
        (np.zeros((1, 10)), np.ones((1, 10)), 0),
        (np.ones((1, 10)), np.ones((1, 10)), 5),
        (np.zeros((1, 1)), np.full((1, 1), np.e), (np.e**2 - 3) / 2),
        (np.zeros((1, 2)), np.full((1, 2), 0.5), 0.25 - 1 + 2 * np.log(2)),
    ],
)
def test_latent_loss_closed_forms(mean, std, expected):
    value, _ = run(kl, mean, std)
    np.testing.assert_allclose(value, [expected], rtol=1e-5, atol=1e-6)


def test_latent_terms_are_those_of_each_dimension():
    value, _ = run(latent_terms, [[0.0, 2.0, 0.0]], [[1.0, 1.0, 0.5]])
    np.testing.assert_allclose(value, [[0, 2, np.log(2) - 0.375]], atol=1e-6)


def test_latent_loss_is_the_expected_log_ratio():
    """KL by its definition: the mean of log q(z)/p(z) over samples of q, in NumPy."""
    mean, std = np.array([[0.7, -1.2]]), np.array([[0.4, 1.5]])
    z = mean + std * RANDOM.standard_normal((400_000, 2))
    log_q = -0.5 * ((z - mean) / std) ** 2 - np.log(std)
    log_p = -0.5 * z**2
    value, _ = run(kl, mean, std)
    np.testing.assert_allclose(value, [(log_q - log_p).sum(1).mean()], rtol=0.01)


@pytest.mark.parametrize("std", [0.0, 1e-45, 1e-38, 2e-30, 1e-10, 1.0, 1e10])
def test_latent_loss_and_gradients_are_finite_for_any_std(std):
    value, gradients = run(kl, [[0.0]], [[std]])
    assert np.isfinite(value).all()
    assert np.isfinite(gradients).all()
    if std >= 2e-30:
        expected = 0.5 * (std**2 - 2 * np.log(std) - 1)
        np.testing.assert_allclose(value, [expected], rtol=1e-3)


@pytest.mark.parametrize("kl_weight", [0.0, 1.0, 1e6])
@pytest.mark.parametrize(
    "before_softplus", [-1e4, -200.0, -88.0, -87.3, -70.0, -69.0, -20.0, 100.0]
)
@pytest.mark.parametrize("logit", [-1e4, 1e4])
def test_loss_and_gradients_are_finite_at_the_extremes(
    kl_weight, before_softplus, logit
):
    """Through softplus and sigmoid, as encoder and decoder have them."""

    def build(mean, before_softplus, logits):
        x = tf.constant(RANDOM.random((1, 2, 2, 1)), tf.float32)
        latent = kl(mean, tf.nn.softplus(before_softplus))
        return total_loss(image_loss(x, logits), latent, kl_weight)

    value, gradients = run(
        build, [[3.0, -3.0]], [[before_softplus] * 2], np.full((1, 4), logit)
    )
    assert np.isfinite(value)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    if kl_weight == 0:
        assert not gradients[0].any()
        assert not gradients[1].any()


def test_total_loss_is_the_mean_over_the_batch():
    value, _ = run(lambda a, b: total_loss(a, b, 0.5), [1.0, 2.0, 6.0], [2.0, 4.0, 0.0])
    np.testing.assert_allclose(value, (2 + 4 + 6) / 3)
