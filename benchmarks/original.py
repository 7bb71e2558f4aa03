"""The original's way, on the same network and with the same figures.

The images are a constant of the graph and are converted one by one, 128 batches are
ready, the loss is the post's own formula, and a grid takes 196 runs of the session.

    python -m benchmarks.original FOLDER THREADS    # 2 epochs, z = 2, all pictures
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from autoencoder.compat import session_config, tf, without_deprecation_warnings
from autoencoder.decoder import decoder
from autoencoder.encoder import encoder
from autoencoder.experiments import GRID
from autoencoder.figures import post, style
from autoencoder.loss import image_loss
from autoencoder.session import use_threads

_PREFETCHED = 128


class Peer:
    """See worker.py for what a peer is.

    With is_finite the image loss comes from the logits: the post's formula is NaN as
    soon as a sigmoid saturates. A seed is that of the first weights and the noise.
    """

    def __init__(
        self, images, weights, *, threads, is_finite=False, seed=None, **settings
    ):
        use_threads(threads)
        flags = SimpleNamespace(
            latent_dim=settings["latent_dim"],
            inputs_decoder=None,
            decoder="dense",
            stages=2,
        )
        with tf.Graph().as_default() as graph:
            tf.set_random_seed(seed)
            self._initializer, self.input_batch = _data_pipe(
                images, settings["batch_size"]
            )
            X = tf.reshape(self.input_batch, [-1, 28, 28, 1])
            self.z, mean_, std_dev = encoder(X, flags=flags)
            self.output, logits = decoder(self.z, flags=flags)
            img_loss, kl = _losses(X, self.output, mean_, std_dev)
            if is_finite:
                img_loss = image_loss(X, logits)
            self.losses = img_loss, kl
            self._loss = tf.reduce_mean(img_loss + kl)
            self._train_op = tf.train.AdamOptimizer(5e-4).minimize(self._loss)
            initialized = tf.global_variables_initializer()
            variables = {v.op.name: v for v in tf.trainable_variables()}
            self._epsilon = graph.get_tensor_by_name("Encoder/epsilon:0")
        self.sess = tf.Session(graph=graph, config=session_config(threads))
        self.sess.run(initialized)
        with without_deprecation_warnings():
            for name, value in weights.items():
                variables[name].load(value, self.sess)

    def loss(self, images, epsilon):
        feed = {self.input_batch: images, self._epsilon: epsilon}
        return self.sess.run(self._loss, feed)

    def train(self, after_step):
        while True:
            self.epoch(after_step)

    def epoch(self, after_step):
        self.sess.run(self._initializer)
        while True:
            try:
                self.sess.run([self._train_op, self._loss])
            except tf.errors.OutOfRangeError:
                return
            after_step()


def _data_pipe(images, batch_size):
    with tf.variable_scope("DataPipe"):
        dataset = tf.data.Dataset.from_tensor_slices(images)
        dataset = dataset.map(lambda image: tf.cast(image, tf.float32) / 255)
        dataset = dataset.batch(batch_size).prefetch(_PREFETCHED)
        iterator = tf.data.make_initializable_iterator(dataset)
        return iterator.initializer, iterator.get_next()


def _losses(X, output, mean_, std_dev):
    x, p = tf.reshape(X, [-1, 784]), tf.reshape(output, [-1, 784])
    img_loss = tf.reduce_sum(x * -tf.log(p) + (1 - x) * -tf.log(1 - p), 1)
    variance = tf.square(std_dev)
    kl = 0.5 * tf.reduce_sum(tf.square(mean_) + variance - tf.log(variance) - 1, 1)
    return img_loss, kl


def _whole_run(folder, threads):
    with np.load("datasets/mnist.npz") as file:
        arrays = dict(file)
    settings = {"latent_dim": 2, "batch_size": 128, "threads": threads}
    peer = Peer(arrays["x_train"][..., np.newaxis], {}, **settings)
    for epoch in range(2):
        steps = 0

        def after_step(epoch=epoch):
            nonlocal steps
            steps += 1
            if steps == 1:
                _draw_first(peer, arrays, folder, epoch)

        peer.epoch(after_step)
        points = [[x, y] for y in GRID for x in GRID]
        grid = [peer.sess.run(peer.output, {peer.z: [point]})[0] for point in points]
        grid = np.reshape(grid, [14, 14, 28, 28, 1])
        style.save(post.space(grid), folder / f"Space_{epoch}.png")


def _draw_first(peer, arrays, folder, epoch):
    images, outputs = peer.sess.run([peer.input_batch, peer.output])
    figure = post.reconstructions(images[:5], outputs[:5])
    style.save(figure, folder / f"Epoch_{epoch}.png")
    image = peer.sess.run(peer.output, {peer.z: np.random.randn(1, 2)})[0]
    style.save(post.image(image), folder / f"{epoch}.png")
    test = arrays["x_test"][..., np.newaxis] / np.float32(255)
    codes = peer.sess.run(peer.z, {peer.input_batch: test})
    figure = post.latent_space(codes, arrays["y_test"], None)
    style.save(figure, folder / f"Latent_{epoch}.png")


if __name__ == "__main__":
    _whole_run(Path(sys.argv[1]), int(sys.argv[2]))
