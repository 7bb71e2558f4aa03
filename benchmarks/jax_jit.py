"""JAX: the network as a function of its weights, a step compiled by XLA."""

import functools
import os

import jax
import jax.numpy as jnp
from jax import lax, nn


class Peer:
    """See worker.py for what a peer is."""

    def __init__(self, images, weights, *, threads, **settings):
        os.environ["NPROC"] = str(threads)  # XLA reads it at the first array
        self._images = images
        self._batch_size = settings["batch_size"]
        self._weights = jax.tree.map(jnp.asarray, weights)

    def loss(self, images, epsilon):
        return float(_loss(self._weights, images, epsilon))

    def train(self, after_step):
        moments = [jax.tree.map(jnp.zeros_like, self._weights) for _ in range(2)]
        key, step = jax.random.key(0), 0
        while True:
            for begin in range(0, len(self._images), self._batch_size):
                step += 1
                batch = self._images[begin : begin + self._batch_size]
                loss, self._weights, *moments = _step(
                    self._weights, *moments, batch, key, step
                )
                float(loss)
                after_step()


# The old weights and moments are given away: the new ones take their memory.
@functools.partial(jax.jit, donate_argnums=(0, 1, 2))
def _step(weights, first, second, batch, key, step):
    latent_dim = weights["Encoder/mean/bias"].size
    epsilon = jax.random.normal(jax.random.fold_in(key, step), (len(batch), latent_dim))
    images = batch.astype(jnp.float32) / 255
    loss, gradients = jax.value_and_grad(_loss)(weights, images, epsilon)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda m, g: 0.999 * m + 0.001 * g * g, second, gradients)
    rate = 5e-4 * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), weights, first, second
    )
    return loss, weights, first, second


@jax.jit
def _loss(weights, images, epsilon):
    layer = functools.partial(_layer, weights)
    x = images
    for name, stride in (("conv2d", 2), ("conv2d_1", 2), ("conv2d_2", 1)):
        x = nn.relu(layer(f"Encoder/{name}", _conv2d, x, stride))
    x = x.reshape(len(x), -1)
    mean = layer("Encoder/mean", jnp.matmul, x)
    std_dev = nn.softplus(layer("Encoder/dense", jnp.matmul, x))
    x = mean + epsilon * std_dev
    for name in ("dense", "dense_1"):
        x = nn.relu(layer(f"Decoder/{name}", jnp.matmul, x))
    x = x.reshape(-1, 7, 7, 1)
    for name in ("conv2d_transpose", "conv2d_transpose_1", "conv2d_transpose_2"):
        x = nn.relu(layer(f"Decoder/{name}", _conv2d_transpose, x))
    x = layer("Decoder/dense_2", jnp.matmul, x.reshape(len(x), -1))
    logits = layer("Decoder/dense_3", jnp.matmul, x)
    labels = images.reshape(len(images), -1)
    # This form, as in TensorFlow, is finite for all logits.
    img_loss = nn.relu(logits) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    log_std_dev = jnp.log(jnp.maximum(std_dev, 1e-30))
    kl = 0.5 * (mean**2 + std_dev**2 - 2 * log_std_dev - 1)
    return jnp.mean(img_loss.sum(1) + kl.sum(1))


def _layer(weights, name, product, x, *arguments):
    return product(x, weights[f"{name}/kernel"], *arguments) + weights[f"{name}/bias"]


_NHWC = {"padding": "SAME", "dimension_numbers": ("NHWC", "HWIO", "NHWC")}


def _conv2d(x, kernel, stride):
    return lax.conv_general_dilated(x, kernel, (stride, stride), **_NHWC)


def _conv2d_transpose(x, kernel):
    return lax.conv_transpose(x, kernel, (1, 1), **_NHWC, transpose_kernel=True)
