"""Other programs' networks: their shapes and weights, and their training."""

import csv
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.evaluation import evaluate
from autoencoder.model import parameter_count
from autoencoder.session import open_session
from benchmarks import other_networks
from benchmarks.networks import keras_io, pythae, training
from benchmarks.networks.model import build
from tests.conftest import ROOT, run_flags

MNIST = (28, 28, 1)


def shape_of(model, name):
    return model.graph.get_tensor_by_name(f"{name}:0").shape.as_list()[1:]


@pytest.mark.parametrize(
    ("latent_dim", "shape", "weights"),
    [
        (2, MNIST, 69_076 + 65_089),  # as printed in Keras's example
        (5, MNIST, 320 + 18_496 + 50_192 + 2 * 85 + 18_816 + 36_928 + 18_464 + 289),
        (
            32,
            (64, 64, 3),
            896 + 18_496 + 262_160 + 2 * 544 + 540_672 + 36_928 + 18_464 + 867,
        ),
    ],
)
def test_keras_io_weights(latent_dim, shape, weights):
    model = build(keras_io, shape, run_flags(latent_dim=latent_dim))
    assert parameter_count(model) == weights


def test_pythae_weights():
    maps = [1, 128, 256, 512, 1024]
    encoder = sum(16 * a * b + 3 * b for a, b in zip(maps, maps[1:], strict=False))
    heads = 2 * (1024 * 5 + 5)
    start = 5 * 16_384 + 16_384
    decoder = (9 * 1024 + 3) * 512 + (9 * 512 + 3) * 256 + 9 * 256 + 1
    model = build(pythae, MNIST, run_flags(latent_dim=5))
    assert parameter_count(model) == encoder + heads + start + decoder == 17_029_259


def test_keras_io_shapes():
    model = build(keras_io, (32, 48, 3), run_flags(latent_dim=5))
    assert shape_of(model, "Encoder/conv2d_1/Relu") == [8, 12, 64]
    assert shape_of(model, "Encoder/dense/Relu") == [16]
    assert shape_of(model, "Decoder/conv2d_transpose/Relu") == [16, 24, 64]
    assert shape_of(model, "Decoder/conv2d_transpose_1/Relu") == [32, 48, 32]
    assert model.output.shape.as_list() == [None, 32, 48, 3]
    assert model.logits.shape.as_list() == [None, 32 * 48 * 3]


def test_pythae_shapes():
    model = build(pythae, MNIST, run_flags(latent_dim=5))
    encoder = [shape_of(model, f"Encoder/Relu{s}") for s in ("", "_1", "_2", "_3")]
    assert encoder == [[14, 14, 128], [7, 7, 256], [3, 3, 512], [1, 1, 1024]]
    decoder = [shape_of(model, f"Decoder/Relu{s}") for s in ("", "_1")]
    assert decoder == [[7, 7, 512], [14, 14, 256]]
    assert model.output.shape.as_list() == [None, *MNIST]


def test_std_dev_is_that_of_the_log_variance(images):
    model = build(keras_io, MNIST, run_flags(latent_dim=3))
    log_var = model.graph.get_tensor_by_name("Encoder/log_var/BiasAdd:0")
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        feed = model.feed(images[:2], np.random.default_rng(0))
        feed[log_var] = np.log([[1, 4, 9], [0.25, 1, 1]])
        fetches = [model.std_dev, model.mean_, model.z, model.latent_loss]
        std_dev, mean_, z, kl = sess.run(fetches, feed)
    np.testing.assert_allclose(std_dev, [[1, 2, 3], [0.5, 1, 1]], rtol=1e-6)
    noise = np.random.default_rng(0).standard_normal((2, 3), np.float32)
    np.testing.assert_allclose(z, mean_ + std_dev * noise, rtol=1e-5)
    terms = (mean_**2 + std_dev**2 - 2 * np.log(std_dev) - 1) / 2
    np.testing.assert_allclose(kl, terms.sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_steps_use_the_batchs_moments_and_evaluation_the_averages(images, precision):
    flags = run_flags(latent_dim=2, batch_size=16, precision=precision)
    model = build(pythae, MNIST, flags)
    with model.graph.as_default():
        averages = [v for v in tf.global_variables() if v.op.name.endswith("variance")]
    pixels = images[:16] / np.float32(255)
    epsilon = np.zeros((16, 2), np.float32)
    train_feed = {model.input_batch: pixels, model.trained.epsilon: epsilon}
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        sess.run(model.train_op, train_feed)
        assert len(averages) == 6
        assert all((value != 1).any() for value in sess.run(averages))
        together = evaluate(sess, model, [images[:16]], flags, 1)
        one_by_one = evaluate(sess, model, np.split(images[:16], 16), flags, 1)
        assert one_by_one.loss == pytest.approx(together.loss, rel=1e-5)
        img_loss = sess.run(model.trained.img_loss, train_feed)
        half = {key: value[:8] for key, value in train_feed.items()}
        fewer = sess.run(model.trained.img_loss, half)
    assert np.abs(fewer / img_loss[:8] - 1).max() > 1e-3
    types = {
        output.dtype for op in model.graph.get_operations() for output in op.outputs
    }
    assert (tf.bfloat16 in types) == (precision == "bfloat16")


@pytest.mark.parametrize("network", [keras_io, pythae])
def test_training_lowers_the_loss(images, tmp_path, network):
    flags = run_flags(latent_dim=5, epochs=2, batch_size=16, learning_rate=1e-3)
    dataset = SimpleNamespace(
        image_shape=MNIST, x_train=images[:40], x_test=images[100:120]
    )
    output = tmp_path / "rows.csv"
    training.train(network, dataset, flags, output)
    with output.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["epoch"], second["epoch"]) == ("1", "2")
    assert float(second["train_loss"]) < float(first["train_loss"]) - 1


def test_the_program_prints_and_writes_the_same_numbers(small_npz, tmp_path):
    output = tmp_path / "rows.csv"
    flags = ["keras-io", "--dataset", small_npz, "--epochs=2", "--output", output]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.other_networks", *map(str, flags)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, weights, *lines = done.stdout.splitlines()
    assert head == "small: 300 images to train on, 50 held out"
    assert weights == "network: 134,165 weights"
    with output.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "epoch", "train_loss", "test_image_loss", "test_latent_loss", "test_loss",
        "seconds",
    ]  # fmt: skip
    number = r"(\d+\.\d+)"
    pattern = (
        rf"epoch (\d)/2: train loss {number}, held-out image loss {number}, "
        rf"KL {number}, loss {number}, {number} s"
    )
    printed = [re.fullmatch(pattern, line).groups() for line in lines]
    assert len(rows[1:]) == len(printed) == 2
    for row, texts in zip(rows[1:], printed, strict=True):
        numbers = [float(text) for text in texts]
        assert numbers == pytest.approx([float(text) for text in row], abs=0.051)
        assert float(row[4]) == pytest.approx(float(row[2]) + float(row[3]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["keras-io", "--decoder=upsampling"], "--decoder changes nothing here"),
        (["pythae", "--epochs=0"], "flag --epochs=0: it must be "),
    ],
)
def test_flags_that_are_refused(words, message):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.other_networks", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"other_networks: {message}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("network", "changes", "message"),
    [
        ("pythae", {"dataset": "colored-mnist"}, "3 channels, and pythae takes 28x28"),
        ("pythae", {"image_size": "32"}, "32 wide and 32 high"),
        ("keras-io", {"image_size": "30x28"}, "28 wide and 30 high, and keras-io need"),
    ],
)
def test_images_that_do_not_fit_are_refused(network, changes, message):
    with pytest.raises(UserError, match=message):
        other_networks.run(network, run_flags(**changes))


def test_outputs_and_data_that_are_refused(tmp_path, small_npz):
    output = tmp_path / "rows.csv"
    output.touch()
    flags = run_flags(dataset=str(small_npz))
    with pytest.raises(UserError, match="rows.csv exists: delete it"):
        other_networks.run("keras-io", flags, output)
    with pytest.raises(UserError, match="there is no folder"):
        other_networks.run("keras-io", flags, tmp_path / "no" / "rows.csv")
    np.savez(tmp_path / "bare.npz", x_train=np.zeros((3, 28, 28), np.uint8))
    with pytest.raises(UserError, match="bare has no held-out images"):
        other_networks.run("keras-io", run_flags(dataset=str(tmp_path / "bare.npz")))
