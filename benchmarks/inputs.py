"""The inputs of all ways of the benchmark."""

from pathlib import Path

import numpy as np


def arrays(batch_size, latent_dim, seed=0):
    """Returns a dict of images, first weights, a batch and its noise."""
    random = np.random.default_rng(seed)
    with np.load(Path(__file__).parent.parent / "datasets" / "mnist.npz") as file:
        images, held_out = (file[n][..., np.newaxis] for n in ("x_train", "x_test"))
    inputs = {
        "images": images,
        "held_out": held_out,
        "batch": images[:batch_size].astype(np.float32) / 255,
        "epsilon": random.standard_normal((batch_size, latent_dim), np.float32),
    }
    for name, shape in _shapes(latent_dim).items():
        fan_in, fan_out = shape[-2:] if len(shape) > 1 else (0, 0)
        field = int(np.prod(shape[:-2]))
        limit = np.sqrt(6 / (field * (fan_in + fan_out))) if len(shape) > 1 else 0.05
        inputs[name] = random.uniform(-limit, limit, shape).astype(np.float32)
    return inputs


def _shapes(latent_dim):
    kernels = {
        "Encoder/conv2d": (4, 4, 1, 64),
        "Encoder/conv2d_1": (4, 4, 64, 64),
        "Encoder/conv2d_2": (4, 4, 64, 64),
        "Encoder/mean": (3136, latent_dim),
        "Encoder/dense": (3136, latent_dim),
        "Decoder/dense": (latent_dim, 49),
        "Decoder/dense_1": (49, 49),
        "Decoder/conv2d_transpose": (4, 4, 64, 1),
        "Decoder/conv2d_transpose_1": (4, 4, 64, 64),
        "Decoder/conv2d_transpose_2": (4, 4, 64, 64),
        "Decoder/dense_2": (3136, 784),
        "Decoder/dense_3": (784, 784),
    }
    shapes = {}
    for name, shape in kernels.items():
        units = shape[2] if "transpose" in name else shape[-1]
        shapes |= {f"{name}/kernel": shape, f"{name}/bias": (units,)}
    return shapes
