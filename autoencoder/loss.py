"""The post's "Cost function", per image and in nats.

A sampled code z ~ q(z|x) bounds the likelihood of an image x from below [1]:

    log p(x) >= E[log p(x|z)] - KL(q(z|x) || p(z)), the ELBO

log p(x|z) of a Bernoulli for each pixel is minus the cross entropy: img_loss is
-log p(x|z) for one z. With q = N(mean, std²) and p = N(0, 1) the second term has a
closed form ([1], appendix B): latent_loss = 1/2 sum(mean² + std² - log std² - 1). With
kl_weight 1, loss is minus the ELBO. The literature also calls img_loss the distortion
and latent_loss the rate.

[1] Kingma and Welling 2013, Auto-Encoding Variational Bayes, arXiv:1312.6114
"""

from autoencoder.compat import layers, tf

_SMALLEST_STD_DEV = 1e-30


def image_loss(X, logits):
    """Binary cross entropy, summed over the pixels.

    The post writes x * -log(p) + (1 - x) * -log(1 - p), which is NaN as soon as a
    sigmoid saturates: 0 * inf. From the logits the same number is always finite.

    Args:
        X: float32 [batch, height, width, channels] in [0, 1].
        logits: float32 [batch, height * width * channels].

    Returns:
        float32 [batch], 0 or above.
    """
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(
        labels=layers.flatten(X), logits=logits
    )
    return tf.reduce_sum(cross_entropy, 1)


def latent_terms(mean_, std_dev):
    """KL(N(mean, std²) || N(0, 1)) of each latent dimension.

    softplus underflows to 0 if its input is below about -100, and log(0) is -inf. The
    logarithm's argument is therefore at least 1e-30. Below, the value stays at 69
    nats a dimension and the logarithm's gradient is 0. Above, that gradient is at
    most 1e30: a kl_weight up to 1e6 keeps it finite in float32, and 0 makes no NaN.

    Args:
        mean_: float32 [batch, latent_dim].
        std_dev: float32 [batch, latent_dim], 0 or above.

    Returns:
        float32 [batch, latent_dim], 0 or above.
    """
    log_std_dev = tf.log(tf.maximum(std_dev, _SMALLEST_STD_DEV))
    return 0.5 * (tf.square(mean_) + tf.square(std_dev) - 2 * log_std_dev - 1)


def latent_loss(terms):
    """The latent_terms, summed over the dimensions: float32 [batch], 0 or above."""
    return tf.reduce_sum(terms, 1)


def total_loss(img_loss, latent_loss, kl_weight=1.0):
    """The mean over the batch of img_loss + kl_weight * latent_loss, a scalar."""
    return tf.reduce_mean(img_loss + kl_weight * latent_loss)


def rising_weight(kl_weight, steps, global_step):
    """Returns a weight that rises from 0 in the first step to kl_weight after so many.

    With it codes are worth having before they cost anything: Bowman et al. 2015,
    arXiv:1511.06349, section 3.1, against posterior collapse. It is a function of the
    step alone, so that a resumed run goes on where it was.

    Args:
        kl_weight: float.
        steps: int, at least 1.
        global_step: int64 variable, the steps taken.

    Returns:
        float32 scalar tensor.
    """
    with tf.name_scope("kl_weight"):
        share = tf.cast(global_step, tf.float32) / steps
        return kl_weight * tf.minimum(share, 1.0)
