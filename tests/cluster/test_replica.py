"""Replicas in threads of this process: the steps of one process, whatever the parts."""

import math
import queue
import threading

import numpy as np
import pytest

from autoencoder.cluster.replica import Replica
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.evaluation import evaluate
from autoencoder.experiments import in_batches
from autoencoder.machine import require_bfloat16
from autoencoder.model import build
from autoencoder.task import ALONE
from autoencoder.training import Moments, train
from tests.cluster.clusters import clusters_of, spec_of
from tests.conftest import SMALL, run_flags


class Losses(Moments):
    """Keeps the losses of all steps."""

    def __init__(self):
        self.found = []

    def after_step(self, step):
        self.found.append((step.images, step.loss, step.image_loss, step.latent_loss))


def trained(task, images, flags, initialize=None):
    """Trains as one task; returns losses, weights, and held-out numbers."""
    batches = math.ceil(len(images) / flags.batch_size)
    model = build(images.shape[1:], flags, task, batches)
    losses = Losses()
    with task.session(model, initialize or (lambda s: s.run(model.init_op))) as sess:
        train(sess, model, images, flags, losses)
        weights = {v.op.name: sess.run(v) for _, v in model.gradients}
        step = sess.run(model.global_step)
        held_out = evaluate(sess, model, in_batches(images[:100], 50), flags, epoch=1)
    assert step == len(losses.found) == batches * flags.epochs
    return np.array(losses.found), weights, held_out


def trained_together(count, images, flags, initialize=None):
    """Trains as so many replicas, in threads; returns what each of them has."""
    replicas = [Replica(cluster, flags) for cluster in clusters_of(spec_of(count - 1))]
    ended = queue.Queue()

    def run(place):
        try:
            ended.put((place, trained(replicas[place], images, flags, initialize)))
        except Exception as error:  # the others wait for this one for ever
            ended.put((place, error))

    for place in range(count):
        threading.Thread(target=run, args=(place,), daemon=True).start()
    results = {}
    while len(results) < count:
        place, result = ended.get(timeout=200)
        if isinstance(result, Exception):
            raise result
        results[place] = result
    return [results[place] for place in range(count)]


def assert_near(ours, theirs, tolerance=1e-3):
    """Compares norms: Adam makes a large step even of a gradient that is rounding."""
    for name, expected in theirs.items():
        difference = np.linalg.norm(ours[name] - expected)
        assert difference < tolerance * np.linalg.norm(expected), name


def flags_of(**changes):
    changes = {"latent_dim": 5, "epochs": 7, "threads": 1, "shuffle": True} | changes
    return run_flags(**changes)


@pytest.mark.parametrize(
    ("count", "part", "changes"),
    [(2, np.s_[:], {"kl_warmup": 6, "binarize": "sampled"}), (3, SMALL, {})],
)
def test_every_step_is_that_of_one_process(mnist, count, part, changes):
    images = mnist["x_train"][:257][part][..., None]
    flags = flags_of(**changes)
    losses, weights, held_out = trained(ALONE, images, flags)
    assert losses[:, 0].tolist() == [128, 128, 1] * 7  # of 1, most parts are empty
    for ours, own_weights, own_held_out in trained_together(count, images, flags):
        np.testing.assert_allclose(ours, losses, rtol=1e-5)
        np.testing.assert_allclose(own_held_out.loss, held_out.loss, rtol=1e-5)
        assert_near(own_weights, weights)


def test_in_bfloat16_too(mnist):
    try:
        require_bfloat16()
    except UserError as reason:
        pytest.skip(str(reason))
    images = mnist["x_train"][:257, ..., None]
    flags = flags_of(precision="bfloat16")
    losses, _, held_out = trained(ALONE, images, flags)
    for ours, _, own_held_out in trained_together(2, images, flags):
        np.testing.assert_allclose(ours[:, 1], losses[:, 1], rtol=5e-3)
        assert abs(own_held_out.loss - held_out.loss) < 1.5


def test_all_begin_with_the_chiefs_weights(mnist):
    images = mnist["x_train"][:257][SMALL][..., None]
    flags = flags_of(decoder="upsampling", kl_weight=0.5, shuffle=False)

    def initialize(sess):
        sess.run(sess.graph.get_operation_by_name("init"))
        with sess.graph.as_default():
            (bias,) = [v for v in tf.trainable_variables("Encoder/mean/bias")]
        bias.load(np.arange(5.0), sess)

    losses, weights, _ = trained(ALONE, images, flags, initialize)
    for ours, own_weights, _ in trained_together(2, images, flags, initialize):
        # Fewer threads in a test before this one round this network by so much. Biases
        # begin at 0 and differ by more without oneDNN; other weights would by about 1.
        np.testing.assert_allclose(ours, losses, rtol=1e-4)
        assert_near(own_weights, weights, 1e-2)


def test_the_ends_of_many_short_epochs(mnist):
    """What TensorFlow cleans up late after a failed run took a later one's sum away."""
    images = np.ascontiguousarray(mnist["x_train"][:12, 8:16, 8:16, None])
    flags = flags_of(epochs=100, batch_size=8, decoder="upsampling")
    found = [losses for losses, _, _ in trained_together(3, images, flags)]
    for losses in found:
        assert losses[:, 0].tolist() == [8, 4] * 100
        np.testing.assert_array_equal(losses, found[0])
