"""This program: its pipeline, graph and training loop."""

from types import SimpleNamespace

import numpy as np

from autoencoder import experiments, model, training
from autoencoder.compat import without_deprecation_warnings
from autoencoder.feeds import cut
from autoencoder.session import open_session, use_threads


class Peer:
    """See worker.py for what a peer is."""

    def __init__(self, images, weights, *, threads, precision="float32", **settings):
        self._images = images
        self._batch_size = settings["batch_size"]
        flags = SimpleNamespace(
            latent_dim=settings["latent_dim"],
            inputs_decoder=None,
            decoder="dense",
            stages=2,
        )
        use_threads(threads)
        self._net = model.build(
            images.shape[1:],
            batch_size=self._batch_size,
            precision=precision,
            flags=flags,
        )
        self._session = open_session(self._net.graph, threads)
        self._sess = self._session.__enter__()  # until the process ends
        self._sess.run(self._net.init_op)
        with without_deprecation_warnings():
            for name, variable in self._net.weights.items():
                variable.load(weights[name], self._sess)

    def loss(self, images, epsilon):
        trained = self._net.trained
        feed = {self._net.input_batch: images, trained.epsilon: epsilon}
        return self._sess.run(trained.loss, feed)

    def train(self, after_step):
        training.train(
            self._sess,
            self._net,
            self._images,
            epochs=1000,
            seed=0,
            shuffle=False,
            after_first_batch=lambda step: None,
            after_step=lambda step: after_step(),
            after_epoch=lambda epoch: None,
        )

    def encode(self, images):
        return experiments.mean_codes(self._sess, self._net, images, self._batch_size)

    def decode(self, codes):
        net = self._net
        return np.concatenate(
            [
                self._sess.run(net.output, {net.z: batch})
                for batch in cut(codes, self._batch_size)
            ]
        )
