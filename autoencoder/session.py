"""Makes all sessions of the program, for one process and for a cluster's tasks."""

import contextlib

from autoencoder.compat import session_config, tf
from autoencoder.errors import UserError


def use_threads(threads):
    """Sets how many threads compute an op; call it before the graph is built.

    All sessions of a process share the threads that are started first, and a DataPipe
    starts them when it is built: tf.data's map brings up version 2's eager runtime.
    If they run already, e.g. for a second graph of the process, nothing changes.

    Args:
        threads: int; 0 takes all cores.
    """
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(threads)


@contextlib.contextmanager
def open_session(graph, threads=0):
    """Opens a tf.Session on the graph for the length of a with block.

    Args:
        graph: tf.Graph; no op can be added to it afterwards.
        threads: int, as given to use_threads; 0 takes all cores.

    Yields:
        tf.Session.

    Raises:
        UserError: there is too little memory.
    """
    graph.finalize()
    config = session_config(threads)
    with enough_memory(), tf.Session(graph=graph, config=config) as sess:
        yield sess


@contextlib.contextmanager
def enough_memory():
    """Turns TensorFlow's error of too little memory into a UserError."""
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise UserError(
            "out of memory: a smaller --batch_size needs less, and so do a smaller "
            "--latent_dim and --inputs_decoder"
        ) from None


def cluster_config(chief, me, precision, threads=0):
    """Returns the tf.ConfigProto of a cluster's task, for its server and its session.

    Args:
        chief: str, device of the task that leads collectives.
        me: str, device of this one.
        precision: str, the flag's. In bfloat16 the graph optimizer that fuses ops
            makes some here for which TensorFlow has no kernel.
        threads: int, as in session_config.
    """
    config = session_config(threads)
    config.experimental.collective_group_leader = chief
    config.device_filters.append(me)  # the session uses no other task's
    if precision == "bfloat16":
        rewriter = config.graph_options.rewrite_options
        rewriter.remapping = rewriter.OFF
    return config
