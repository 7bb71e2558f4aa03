import os
import subprocess
import sys

import numpy as np
import pytest

from autoencoder import compat
from autoencoder.compat import layers, tf
from tests.conftest import ROOT

RANDOM = np.random.default_rng(0)


def run(build, feeds=(), values=None):
    """Builds in a graph of its own, sets the variables, runs; returns arrays and names.

    Args:
        build: function of placeholders, one for each feed.
        feeds: arrays.
        values: dict from variable name to array; others keep their first values.
    """
    with tf.Graph().as_default() as graph:
        inputs = [tf.placeholder(tf.float32, [None, *x.shape[1:]]) for x in feeds]
        fetched = build(*inputs)
        variables = {v.op.name: v for v in tf.global_variables()}
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for name, value in (values or {}).items():
                sess.run(
                    variables[name].initializer, {variables[name].initial_value: value}
                )
            result = sess.run(fetched, dict(zip(inputs, feeds, strict=True)))
    return result, sorted(variables), {op.name for op in graph.get_operations()}


def conv2d_oracle(x, kernel, stride):
    """Convolution in plain NumPy, with TensorFlow's rule for the pads of 'same'."""
    size = kernel.shape[0]
    out = -(-x.shape[1] // stride)
    pad = max((out - 1) * stride + size - x.shape[1], 0)
    before = pad // 2
    x = np.pad(x, [(0, 0), (before, pad - before), (before, pad - before), (0, 0)])
    result = np.zeros((len(x), out, out, kernel.shape[3]))
    for i in range(out):
        for j in range(out):
            top, left = i * stride, j * stride
            patch = x[:, top : top + size, left : left + size]
            result[:, i, j] = np.tensordot(patch, kernel, 3)
    return result


def conv2d_transpose_oracle(x, kernel, stride):
    """Its definition: each input pixel stamps the kernel; 'same' cuts the edges off."""
    size, out = kernel.shape[0], x.shape[1] * stride
    pad = max((x.shape[1] - 1) * stride + size - out, 0)
    full = np.zeros((len(x), out + pad, out + pad, kernel.shape[2]))
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            stamp = np.einsum("bi,hwoi->bhwo", x[:, i, j], kernel)
            full[:, i * stride : i * stride + size, j * stride : j * stride + size] += (
                stamp
            )
    before = pad // 2
    return full[:, before : before + out, before : before + out]


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("batch", [1, 3])
def test_conv2d_against_numpy(stride, batch):
    x = RANDOM.standard_normal((batch, 8, 8, 2))
    kernel, bias = RANDOM.standard_normal((4, 4, 2, 3)), RANDOM.standard_normal(3)
    result, variables, ops = run(
        lambda x: layers.conv2d(x, 3, 4, stride, "same", activation=tf.nn.relu),
        [x],
        {"conv2d/kernel": kernel, "conv2d/bias": bias},
    )
    expected = np.maximum(conv2d_oracle(x, kernel, stride) + bias, 0)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)
    assert variables == ["conv2d/bias", "conv2d/kernel"]
    assert {"conv2d/Conv2D", "conv2d/BiasAdd", "conv2d/Relu"} <= ops


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("batch", [1, 3])
def test_conv2d_transpose_against_numpy(stride, batch):
    x = RANDOM.standard_normal((batch, 5, 5, 2))
    kernel, bias = RANDOM.standard_normal((4, 4, 3, 2)), RANDOM.standard_normal(3)
    result, variables, _ = run(
        lambda x: layers.conv2d_transpose(x, 3, 4, stride, "same"),
        [x],
        {"conv2d_transpose/kernel": kernel, "conv2d_transpose/bias": bias},
    )
    expected = conv2d_transpose_oracle(x, kernel, stride) + bias
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)
    assert variables == ["conv2d_transpose/bias", "conv2d_transpose/kernel"]


def test_padding_valid_is_the_default_as_in_tf1():
    x = np.ones((1, 5, 5, 1))
    ones = tf.ones_initializer()
    small, _, _ = run(lambda x: layers.conv2d(x, 1, 4, kernel_initializer=ones), [x])
    np.testing.assert_array_equal(small, np.full((1, 2, 2, 1), 16))
    large, _, _ = run(
        lambda x: layers.conv2d_transpose(
            x, 1, (4, 3), (2, 1), kernel_initializer=ones
        ),
        [x],
    )
    assert large.shape == (1, 12, 7, 1)
    assert large.sum() == 25 * 12


def test_dense_against_numpy():
    x, kernel = RANDOM.standard_normal((3, 4)), RANDOM.standard_normal((4, 2))
    bias = RANDOM.standard_normal(2)
    result, variables, ops = run(
        lambda x: layers.dense(x, 2, tf.nn.relu, name="mean"),
        [x],
        {"mean/kernel": kernel, "mean/bias": bias},
    )
    np.testing.assert_allclose(result, np.maximum(x @ kernel + bias, 0), rtol=1e-5)
    assert variables == ["mean/bias", "mean/kernel"]
    assert {"mean/MatMul", "mean/BiasAdd", "mean/Relu"} <= ops


def test_without_bias():
    _, variables, ops = run(
        lambda x: layers.dense(x, 2, use_bias=False), [np.ones((1, 3))]
    )
    assert variables == ["dense/kernel"]
    assert "dense/BiasAdd" not in ops


def test_flatten():
    x = np.arange(24.0).reshape(2, 3, 4, 1)
    result, variables, _ = run(lambda x: layers.flatten(x), [x])
    np.testing.assert_array_equal(result, x.reshape(2, 12))
    assert variables == []


def test_names_count_up_in_each_scope_as_in_tf1():
    def build(x):
        for scope in ("A", "B"):
            with tf.variable_scope(scope):
                layers.dense(layers.dense(x, 2), 2)
                layers.dense(x, 2, name="mean")
                layers.dense(x, 2)
        return x

    _, variables, _ = run(build, [np.ones((1, 3))])
    scopes = sorted({name.rpartition("/")[0] for name in variables})
    assert scopes == [
        f"{scope}/{layer}"
        for scope in "AB"
        for layer in ("dense", "dense_1", "dense_2", "mean")
    ]


def first_weights(graph_seed, *, ops_before=0):
    with tf.Graph().as_default():
        if graph_seed is not None:
            tf.set_random_seed(graph_seed)
        for _ in range(ops_before):
            tf.random_normal([1])
        layers.dense(tf.ones([1, 300]), 200)
        layers.dense(tf.ones([1, 300]), 200)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            return sess.run({v.op.name: v for v in tf.global_variables()})


def test_first_weights_are_glorot_uniform_and_zero():
    weights = first_weights(0)
    limit = np.sqrt(6 / (300 + 200))
    kernel = weights["dense/kernel"]
    assert np.abs(kernel).max() <= limit
    assert abs(kernel.std() - limit / np.sqrt(3)) < 0.01 * limit
    assert abs(kernel.mean()) < 0.01 * limit
    assert not weights["dense/bias"].any()


def test_first_weights_depend_on_seed_and_name_alone():
    first, again = first_weights(1), first_weights(1, ops_before=3)
    np.testing.assert_array_equal(first["dense/kernel"], again["dense/kernel"])
    assert (first["dense/kernel"] != first["dense_1/kernel"]).mean() > 0.99
    assert (first["dense/kernel"] != first_weights(2)["dense/kernel"]).mean() > 0.99
    unseeded = [first_weights(None)["dense/kernel"] for _ in range(2)]
    assert (unseeded[0] != unseeded[1]).mean() > 0.99


def test_session_config():
    config = compat.session_config(3)
    assert config.intra_op_parallelism_threads == 3
    assert config.inter_op_parallelism_threads == 3
    assert config.gpu_options.allow_growth
    rewriter = config.graph_options.rewrite_options
    assert rewriter.meta_optimizer_iterations == rewriter.ONE


TRAINING_THEN_KERAS = """
import sys, main
from autoencoder.compat import tf
assert main.main(sys.argv) == 0
assert not any(name.startswith("keras") for name in sys.modules)
print(tf.keras.layers.Dense(5)(tf.ones([3, 2])).shape)
from tensorflow.keras import layers
print(layers.Dense is tf.keras.layers.Dense)
"""


def test_keras_is_loaded_only_for_those_who_use_it(programs, tiny_npz, tmp_path):
    arguments = "--dataset", tiny_npz, "--epochs", 1
    program = programs.start(*arguments, cwd=tmp_path, script=TRAINING_THEN_KERAS)
    assert (program.wait(), program.stderr) == (0, "")
    assert program.stdout.endswith("\n(3, 5)\nTrue\n")


def test_jax_is_loaded_only_for_those_who_use_it(tmp_path):
    (tmp_path / "jax.py").write_text("print('JAX'); jit = None")
    script = "import autoencoder.compat; print('TensorFlow'); import jax"
    done = ran(script, PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    assert done.stdout == "TensorFlow\nJAX\n"


REAL = b"W0000 00:00:17.1 1 op.cc:1] a real warning\nsome library's line\n"
CHATTER = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written\n"
    b"I0000 00:00:1795356208.745107    2927 port.cc:153] oneDNN custom operations\n"
    b"E0000 00:00:17.5 9 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA "
    b"error: Failed call to cuInit: UNKNOWN ERROR (303)\n"
)
BROKEN_DRIVER = CHATTER.splitlines()[2].replace(b"UNKNOWN ERROR (303)", b"(804)")


def test_chatter_is_held_back_and_the_rest_passed_on(capfd):
    with pytest.raises(ZeroDivisionError), compat.without_chatter():
        os.write(2, CHATTER + REAL + BROKEN_DRIVER)
        _ = 1 / 0
    os.write(2, b" and after")
    assert capfd.readouterr().err.encode() == REAL + BROKEN_DRIVER + b" and after"


ABORT = """
import os
from autoencoder import compat
with compat.without_chatter():
    os.write(2, b"F0000 00:00:17.1 1 cpu.cc:1] this processor is too old\\n")
    os.abort()
"""


def test_last_words_before_an_abort_arrive():
    done = subprocess.run(
        [sys.executable, "-c", ABORT],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        timeout=120,
    )
    assert done.returncode != 0
    assert b"this processor is too old" in done.stderr


def ran(script, **environment):
    """Runs a script with oneDNN as the program sets it, unless it is given."""
    inherited = dict(os.environ)
    inherited.pop("TF_ENABLE_ONEDNN_OPTS", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0
    return done


WARNINGS_AND_ERRORS = """
from autoencoder.compat import tf
from autoencoder.data import DataPipe
pipe = DataPipe((28, 28, 1), 8)
with tf.Session() as sess:
    try:
        sess.run(pipe.input_batch)  # not initialized: C++ warns, too
    except tf.errors.FailedPreconditionError:
        tf.logging.warning("a warning from Python")
"""


def test_import_is_silent_and_later_warnings_are_not():
    stderr = ran(WARNINGS_AND_ERRORS).stderr
    assert "FAILED_PRECONDITION" in stderr
    assert "WARNING:tensorflow:a warning from Python" in stderr
    assert all(
        line.startswith(("W0", "WARNING:tensorflow:a", "\t ["))
        for line in stderr.splitlines()
    )


IN_A_NOTEBOOK = """
import sys
sys.ps1 = ">>> "  # by which TensorFlow knows
sys.stdout = sys.stderr  # where it then writes
import autoencoder.compat
"""


def test_import_is_silent_in_a_notebook():
    assert ran(IN_A_NOTEBOOK).stderr == ""


IS_ONEDNN_ON = """
from autoencoder import compat, machine
from tensorflow.python.util import _pywrap_util_port
print(_pywrap_util_port.IsMklEnabled(), machine.uses_onednn())
"""


def test_onednn_is_on_and_all_lines_can_be_seen():
    done = ran(IS_ONEDNN_ON, TF_CPP_MIN_LOG_LEVEL="0")
    assert done.stdout == "True True\n"
    assert "absl::InitializeLog" in done.stderr


def test_onednn_can_be_switched_off():
    assert ran(IS_ONEDNN_ON, TF_ENABLE_ONEDNN_OPTS="0").stdout == "False False\n"
