"""This program: its pipeline, graph and training loop."""

from autoencoder import experiments, training
from autoencoder.compat import without_deprecation_warnings
from autoencoder.model import build
from autoencoder.session import open_session, use_threads
from flags import training_flags


class Peer:
    """See worker.py for what a peer is."""

    def __init__(self, images, weights, *, threads, precision="float32", **settings):
        self._images = images
        self._flags = training_flags(
            batch_size=settings["batch_size"],
            latent_dim=settings["latent_dim"],
            precision=precision,
            epochs=1000,
        )
        use_threads(threads)
        self._model = build(images.shape[1:], self._flags)
        self._session = open_session(self._model.graph, threads)
        self._sess = self._session.__enter__()  # until the process ends
        self._sess.run(self._model.init_op)
        with without_deprecation_warnings():
            for _, variable in self._model.gradients:
                variable.load(weights[variable.op.name], self._sess)

    def loss(self, images, epsilon):
        trained = self._model.trained
        feed = {self._model.input_batch: images, trained.epsilon: epsilon}
        return self._sess.run(trained.loss, feed)

    def held_out_loss(self, images, epsilon):
        feed = {self._model.input_batch: images, self._model.epsilon: epsilon}
        return self._sess.run(self._model.loss, feed)

    def train(self, after_step):
        moments = training.Moments()
        moments.after_step = lambda step: after_step()
        training.train(self._sess, self._model, self._images, self._flags, moments)

    def encode(self, images):
        size = self._flags.batch_size
        return experiments.mean_codes(self._sess, self._model, images, size)

    def decode(self, codes):
        return experiments.decoded(self._sess, self._model, codes)
