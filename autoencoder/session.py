"""Makes sessions, and sees to their threads and servers: the one place that does."""

import contextlib
import threading
import time

from autoencoder.cluster import waiting as waits
from autoencoder.cluster.replica import end_queue
from autoencoder.cluster.tf_config import require_free_port, wait_for
from autoencoder.cluster.watch import Watch
from autoencoder.compat import session_config, tf
from autoencoder.errors import UserError

# What a run raises where another task was lost.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.FailedPreconditionError,
    tf.errors.NotFoundError,
    tf.errors.InternalError,
)
_CLOSING = 3  # seconds that a session of a cluster has to close


def use_threads(threads):
    """Sets how many threads compute an op; call it before the graph is built.

    All sessions of a process share the threads that are started first, and a DataPipe
    starts them when it is built: tf.data's map brings up version 2's eager runtime.
    Where they run already, as in a second graph of the process, they stay as they are.

    Args:
        threads: int; 0 takes all cores.
    """
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(threads)


@contextlib.contextmanager
def open_session(graph, threads=0):
    """Opens a tf.Session on the graph for the length of a with block.

    Args:
        graph: tf.Graph; from here on it can still be run, but is not added to.
        threads: int, as given to use_threads; 0 takes all cores.

    Yields:
        tf.Session.

    Raises:
        UserError: the memory does not suffice.
    """
    graph.finalize()
    config = session_config(threads)
    with _enough_memory(), tf.Session(graph=graph, config=config) as sess:
        yield sess


@contextlib.contextmanager
def _enough_memory():
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise UserError(
            "out of memory: a smaller --batch_size needs less, and so do a smaller "
            "--latent_dim and --inputs_decoder"
        ) from None


def start_server(cluster, threads=0):
    """Starts TensorFlow's server of this task. It can't be stopped, but by the process.

    Args:
        cluster: Cluster.
        threads: int, as given to use_threads.

    Returns:
        tf.train.Server.

    Raises:
        UserError: the port is in use.
    """
    require_free_port(cluster.me)
    return tf.train.Server(
        tf.train.ClusterSpec(cluster.spec),
        cluster.me.job,
        cluster.me.index,
        config=session_config(threads),
    )


def serve(cluster, server):
    """What a ps does: lets its server work until the chief ends it.

    Raises:
        UserError: the chief was gone for ten minutes.
    """
    with tf.Graph().as_default() as graph:
        size = end_queue(cluster.me.index).size()
    alone = tf.ConfigProto(device_filters=[cluster.device])  # nobody to wait for
    with tf.Session(server.target, graph, alone) as sess:
        while not sess.run(size):
            wait_for(cluster.tasks("chief"), until=lambda: sess.run(size) > 0)
            time.sleep(0.5)


class _Watched(tf.Session):
    """A session on a task's server, which says for whom a run waits."""

    def __init__(self, graph, cluster, server, threads=0):
        config = session_config(threads)
        # Other workers may come and go: this session has nothing to do with them.
        config.device_filters.extend(["/job:ps", "/job:chief", cluster.device])
        self._watch = Watch(cluster)
        super().__init__(server.target, graph, config)

    def run(self, *arguments, **options):
        with self._watch.running():
            return super().run(*arguments, **options)

    def empty(self, server, cluster):
        """Deletes what an earlier chief left on the ps tasks."""
        filters = tf.ConfigProto(device_filters=["/job:ps", cluster.device])
        with self._watch.running():
            tf.Session.reset(server.target, config=filters)

    def __enter__(self):
        self._watch.start()
        return self

    def __exit__(self, *error):
        # Where a ps was lost, close would wait for it for ever.
        closing = threading.Thread(target=self.close, daemon=True)
        closing.start()
        closing.join(_CLOSING)
        self._watch.stop()


@contextlib.contextmanager
def chief_session(net, cluster, server, threads):
    """Opens the chief's session, and ends all tasks after a with block that ends well.

    What an earlier chief left on the ps tasks is deleted first.

    Args:
        net: Model, built for the cluster.
        cluster: Cluster.
        server: tf.train.Server.
        threads: int, as given to use_threads.

    Yields:
        sess: tf.Session, whose variables have no values yet.
        begin: function that lets the workers join, once they have.

    Raises:
        UserError: a ps was lost, or the memory does not suffice.
    """
    net.graph.finalize()
    wait_for(cluster.tasks("ps", "worker"))
    coordinator = tf.train.Coordinator()
    with _enough_memory(), _Watched(net.graph, cluster, server, threads) as sess:

        def begin():
            sess.run(net.replicas.chief_init)
            net.replicas.queue_runner.create_threads(
                sess, coord=coordinator, daemon=True, start=True
            )

        try:
            sess.empty(server, cluster)
            sess.run(net.replicas.begin)
            yield sess, begin
            sess.run(net.replicas.release)
            waits.for_goodbyes(sess, net, cluster)
            sess.run(net.replicas.end)
        except LOST as error:
            # The thread that applies the gradients may have seen more of it.
            reason = _lost(cluster, _requested(coordinator) or error)
            raise UserError(
                f"another task was lost ({reason}): start all again, and training "
                "goes on after the last checkpoint"
            ) from None
        finally:
            coordinator.request_stop()


@contextlib.contextmanager
def worker_session(net, cluster, server, threads):
    """Opens a worker's session, once the chief's variables have values.

    Yields:
        tf.Session.

    Raises:
        UserError: a ps was lost, the chief has other flags or data, or the memory does
            not suffice.
        tf.errors.OpError: one of LOST: the chief was.
    """
    wait_for(cluster.tasks("ps", "chief"))
    with _enough_memory(), _Watched(net.graph, cluster, server, threads) as sess:
        try:
            waits.for_values(sess, net, cluster)
            chiefs = sess.run(net.replicas.training).decode()
            cluster.require_same_training(chiefs)
            waits.for_place(sess, net)
            yield sess
        except LOST as error:
            if any(not task.answers() for task in cluster.tasks("ps")):
                raise UserError(
                    f"another task was lost ({_lost(cluster, error)}): start all again"
                ) from None
            raise


def _lost(cluster, error):
    silent = [str(task) for task in cluster.tasks("ps", "chief") if not task.answers()]
    return ", ".join(silent) or error.message.partition("\n")[0]


def _requested(coordinator):
    try:
        coordinator.raise_requested_exception()
    except LOST as error:
        return error
    return None
