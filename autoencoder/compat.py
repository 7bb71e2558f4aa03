"""TensorFlow 1 on TensorFlow 2: every shim of the program is in this file.

    from autoencoder.compat import layers, tf

`tf` is tf.compat.v1 with version 2's behaviour off: graphs and sessions, as in the
post. `layers` holds the tf.layers functions that the post uses; TensorFlow's own refuse
to work beside Keras 3. Only this file imports tensorflow.
"""

import contextlib
import contextvars
import logging
import os
import subprocess
import sys
import types
import zlib

# 1 drops TensorFlow's INFO lines and keeps warnings and errors. Some lines are written
# before TensorFlow reads the variable: see without_chatter. 0 shows all of them. In a
# cluster each epoch ends with a warning, and a lost task logs many lines besides its
# exception: 3 drops them, too.
os.environ.setdefault(
    "TF_CPP_MIN_LOG_LEVEL", "3" if os.environ.get("TF_CONFIG") else "1"
)

# TensorFlow turns oneDNN's kernels on only if the processor has AVX-512. They are
# faster without it, too, and this way all processors run the same kernels.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

_CHATTER = (
    r"WARNING: All log messages before absl::InitializeLog\(\)"
    r"|I\d{4} "  # INFO: oneDNN is on, no CUDA found
    r"|E\d{4} .*failed call to cuInit: .*\(303\)"  # 303: no driver, so no GPU here
    r"|W\d{4} .*GPU trace was not collected"  # of a step that is traced
)
_SIEVE = """
import re, sys
chatter = re.compile(sys.argv[1].encode())
for line in sys.stdin.buffer:
    if not chatter.match(line):
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
"""


@contextlib.contextmanager
def without_chatter():
    """Passes on all output to stderr except TensorFlow's chatter.

    The lines come from C++, so Python's sys.stderr never sees them: the file
    descriptor is piped to a small process that sieves them. A thread can't do so
    (imports hold Python's lock), nor can a file that is read afterwards: if TensorFlow
    aborts, e.g. on a processor that is too old, its last lines must arrive.
    """
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0":
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    sieve = subprocess.Popen(
        [sys.executable, "-ISc", _SIEVE, _CHATTER],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C must not end it
    )
    os.dup2(sieve.stdin.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(stderr, 2)
        os.close(stderr)
        sieve.stdin.close()
        sieve.wait()


@contextlib.contextmanager
def without_deprecation_warnings():
    """Silences TensorFlow's Python logger, which warns of version 1."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def without(*packages):
    """Lets an import go on as if packages were missing; later imports load them."""
    missing = dict.fromkeys(set(packages) - set(sys.modules))
    sys.modules.update(missing)  # None makes an import an ImportError
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


# Of TensorFlow's import Keras takes a second, and JAX, where it is installed, a half.
unused = without("keras.src", "jax")
with without_chatter(), without_deprecation_warnings(), unused:
    import tensorflow.compat.v1 as tf

    with without_deprecation_warnings():  # a notebook's import turns them on again
        tf.disable_v2_behavior()
    # TensorFlow looks for GPUs when it first needs one, and logs chatter. The GPU's
    # first user decides for the whole process whether it takes all its memory: this is
    # tf.data, before any session with the post's allow_growth exists.
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def session_config(threads=0):
    """Returns the post's tf.ConfigProto, with allow_growth for GPUs.

    Args:
        threads: int, of each of TensorFlow's two pools; 0 takes all cores.
    """
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads,
        inter_op_parallelism_threads=threads,
        gpu_options=tf.GPUOptions(allow_growth=True),
    )
    # The first run of each set of fetches optimizes its part of the graph, by default
    # twice. The second time takes a while, and makes no step of this network faster.
    rewriter = config.graph_options.rewrite_options
    rewriter.meta_optimizer_iterations = rewriter.ONE
    return config


_multiplied_in = contextvars.ContextVar("multiplied_in", default=None)


@contextlib.contextmanager
def multiplied_in(dtype):
    """Layers built in the with block multiply in dtype, such as tf.bfloat16.

    The variables stay float32 and are cast where they are used. A relu's output stays
    in dtype for the next layer; any other output is float32 again.
    """
    before = _multiplied_in.set(dtype)
    try:
        yield
    finally:
        _multiplied_in.reset(before)


def _factors(*tensors):
    """Casts the factors of a product; without multiplied_in nothing changes."""
    dtype = _multiplied_in.get()
    return tensors if dtype is None else [tf.cast(x, dtype) for x in tensors]


def _conv2d(
    inputs,
    filters,
    kernel_size,
    strides=(1, 1),
    padding="valid",
    *,
    activation=None,
    use_bias=True,
    kernel_initializer=None,
    bias_initializer=None,
    name=None,
):
    """tf.layers.conv2d: [batch, h, w, c] to [batch, h', w', filters], float32."""
    with tf.variable_scope(name, default_name="conv2d"):
        shape = [*_pair(kernel_size), int(inputs.shape[-1]), filters]
        inputs, kernel = _factors(inputs, _kernel(shape, kernel_initializer))
        outputs = tf.nn.conv2d(inputs, kernel, _pair(strides), padding.upper())
        return _bias_and_activation(outputs, use_bias, bias_initializer, activation)


def _conv2d_transpose(
    inputs,
    filters,
    kernel_size,
    strides=(1, 1),
    padding="valid",
    *,
    activation=None,
    use_bias=True,
    kernel_initializer=None,
    bias_initializer=None,
    name=None,
):
    """tf.layers.conv2d_transpose; its kernel is [h, w, filters, inputs' channels]."""
    with tf.variable_scope(name, default_name="conv2d_transpose"):
        size, strides = _pair(kernel_size), _pair(strides)
        kernel = _kernel([*size, filters, int(inputs.shape[-1])], kernel_initializer)
        height, width = (
            int(length) * stride + (max(k - stride, 0) if padding == "valid" else 0)
            for length, stride, k in zip(inputs.shape[1:3], strides, size, strict=True)
        )
        # The batch's size is known only when the graph runs: an op has to read it.
        shape = tf.stack([tf.shape(inputs)[0], height, width, filters])
        inputs, kernel = _factors(inputs, kernel)
        outputs = tf.nn.conv2d_transpose(
            inputs, kernel, shape, strides, padding.upper()
        )
        return _bias_and_activation(outputs, use_bias, bias_initializer, activation)


def _dense(
    inputs,
    units,
    activation=None,
    use_bias=True,
    kernel_initializer=None,
    bias_initializer=None,
    *,
    name=None,
):
    """tf.layers.dense on [batch, n]: to [batch, units], float32."""
    with tf.variable_scope(name, default_name="dense"):
        kernel = _kernel([int(inputs.shape[-1]), units], kernel_initializer)
        outputs = tf.matmul(*_factors(inputs, kernel))
        return _bias_and_activation(outputs, use_bias, bias_initializer, activation)


def _flatten(inputs, name=None):
    """tf.layers.flatten: all but the first dimension become one."""
    with tf.name_scope(name, default_name="flatten"):
        return tf.reshape(inputs, [-1, inputs.shape[1:].num_elements()])


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _kernel(shape, initializer):
    """Makes the variable `kernel` of the open scope; Glorot-uniform, as in TF1.

    TF1 numbers its random ops in the order in which they are built, so that one op
    more at the start changes every weight. If the graph has a seed, this kernel is
    drawn from it and the variable's name, whatever else the graph holds.
    """
    scope = tf.get_variable_scope().name
    seeded = tf.get_default_graph().seed is not None
    seed = zlib.crc32(scope.encode()) & 0x7FFFFFFF if seeded else None
    initializer = initializer or tf.glorot_uniform_initializer(seed=seed)
    return tf.get_variable("kernel", shape, tf.float32, initializer)


def _bias_and_activation(outputs, use_bias, bias_initializer, activation):
    if activation is not tf.nn.relu:
        outputs = tf.cast(outputs, tf.float32)  # no op if it is float32 already
    if use_bias:
        initializer = bias_initializer or tf.zeros_initializer()
        bias = tf.get_variable("bias", outputs.shape[-1:], tf.float32, initializer)
        outputs = tf.nn.bias_add(outputs, tf.cast(bias, outputs.dtype))
    return outputs if activation is None else activation(outputs)


layers = types.SimpleNamespace(
    conv2d=_conv2d, conv2d_transpose=_conv2d_transpose, dense=_dense, flatten=_flatten
)
