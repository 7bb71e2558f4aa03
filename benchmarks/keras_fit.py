"""Keras 3 on TensorFlow: the network as a keras.Model, trained by fit."""

import tensorflow as tf  # isort: skip, Keras takes it as its backend

import keras
import numpy as np
from keras import layers, ops


class Peer:
    """See worker.py for what a peer is."""

    def __init__(self, images, weights, *, threads, **settings):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self._images = images.astype(np.float32) / 255
        self._batch_size = settings["batch_size"]
        self._net = Autoencoder(settings["latent_dim"])
        # Keras would use XLA, which is a third slower on a CPU.
        self._net.compile(keras.optimizers.Adam(5e-4, epsilon=1e-8), jit_compile=False)
        self._net(self._images[:1])
        for name, layer in self._net.by_name.items():
            layer.set_weights([weights[f"{name}/kernel"], weights[f"{name}/bias"]])

    def loss(self, images, epsilon):
        images = ops.convert_to_tensor(images)
        outputs = self._net(images, epsilon=ops.convert_to_tensor(epsilon))
        return float(self._net.compute_loss(images, None, outputs))

    def train(self, after_step):
        after_batch = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: after_step()
        )
        self._net.fit(
            self._images,
            batch_size=self._batch_size,
            epochs=1000,
            shuffle=False,
            verbose=0,
            callbacks=[after_batch],
        )


class Autoencoder(keras.Model):
    """Keras names a scope after the class: no leading underscore."""

    def __init__(self, latent_dim):
        super().__init__()
        same = {"padding": "same", "activation": "relu"}
        self.by_name = {
            "Encoder/conv2d": layers.Conv2D(64, 4, 2, **same),
            "Encoder/conv2d_1": layers.Conv2D(64, 4, 2, **same),
            "Encoder/conv2d_2": layers.Conv2D(64, 4, 1, **same),
            "Encoder/mean": layers.Dense(latent_dim),
            "Encoder/dense": layers.Dense(latent_dim),
            "Decoder/dense": layers.Dense(49, activation="relu"),
            "Decoder/dense_1": layers.Dense(49, activation="relu"),
            "Decoder/conv2d_transpose": layers.Conv2DTranspose(64, 4, 1, **same),
            "Decoder/conv2d_transpose_1": layers.Conv2DTranspose(64, 4, 1, **same),
            "Decoder/conv2d_transpose_2": layers.Conv2DTranspose(64, 4, 1, **same),
            "Decoder/dense_2": layers.Dense(784),
            "Decoder/dense_3": layers.Dense(784),
        }
        self.seeds = keras.random.SeedGenerator(0)

    def call(self, images, epsilon=None):
        layer = self.by_name
        x = images
        for name in ("conv2d", "conv2d_1", "conv2d_2"):
            x = layer[f"Encoder/{name}"](x)
        x = ops.reshape(x, (-1, 3136))
        mean = layer["Encoder/mean"](x)
        std_dev = ops.softplus(layer["Encoder/dense"](x))
        if epsilon is None:
            epsilon = keras.random.normal(ops.shape(mean), seed=self.seeds)
        x = mean + epsilon * std_dev
        x = layer["Decoder/dense_1"](layer["Decoder/dense"](x))
        x = ops.reshape(x, (-1, 7, 7, 1))
        for name in ("conv2d_transpose", "conv2d_transpose_1", "conv2d_transpose_2"):
            x = layer[f"Decoder/{name}"](x)
        x = ops.reshape(x, (-1, 3136))
        return layer["Decoder/dense_3"](layer["Decoder/dense_2"](x)), mean, std_dev

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **how):
        logits, mean, std_dev = y_pred
        labels = ops.reshape(x, (-1, 784))
        # This form, as in TensorFlow, is finite for all logits.
        cross_entropy = ops.relu(logits) - logits * labels
        cross_entropy += ops.log1p(ops.exp(-ops.abs(logits)))
        log_std_dev = ops.log(ops.maximum(std_dev, 1e-30))
        kl = 0.5 * (ops.square(mean) + ops.square(std_dev) - 2 * log_std_dev - 1)
        return ops.mean(ops.sum(cross_entropy, 1) + ops.sum(kl, 1))
