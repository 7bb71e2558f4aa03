"""One training run: opens the session and writes the run's folder as training goes."""

import contextlib

from autoencoder import interrupts, model, session
from autoencoder.cluster.replica import placed
from autoencoder.compat import tf
from autoencoder.run_folder import events as summaries
from autoencoder.run_folder import folder as run_folder
from autoencoder.run_folder.pictures import left_out
from autoencoder.run_folder.recorder import Recorder


def train(dataset, folder, flags, found=None, cluster=None):
    """Trains from the first epoch, or from the one after a checkpoint, to the last.

    Args:
        dataset: Dataset.
        folder: RunFolder, claimed.
        flags: the flags of the run.
        found: Checkpoint to go on from, or None.
        cluster: Cluster whose chief this is; None: no other task takes part.

    Raises:
        UserError: a loss was not finite, the disk is full, or a task of the cluster was
            lost.
        KeyboardInterrupt: with a line that says what is on disk.
    """
    session.use_threads(flags.threads)
    server = None if cluster is None else session.start_server(cluster, flags.threads)
    net = build(dataset, flags, cluster)
    if reasons := left_out(dataset, flags):
        print(f"pictures: {reasons}", flush=True)
    if found is None:
        run_folder.begin(folder, flags, dataset)
    else:
        run_folder.go_on(folder, flags, dataset, found)
    first_step = 1 if found is None else found.step + 1
    with summaries.open_writer(folder.events, net.graph, first_step) as writer:
        # The graph that TensorBoard shows is the one before the saver's ops.
        with net.graph.as_default(), placed(cluster):
            saver = tf.train.Saver(max_to_keep=None)
        with _opened(net, cluster, server, flags.threads) as (sess, begin):
            if found is None:
                sess.run(net.init_op)
            else:
                saver.restore(sess, str(found.prefix))
            begin()
            recorder = Recorder(sess, saver, net, dataset, folder, writer, flags)
            with interrupts.noted() as interrupted:
                recorder.train(found, interrupted)
    print(recorder.costs())
    print(f"to look inside: tensorboard --host localhost --logdir {folder.events}")


@contextlib.contextmanager
def _opened(net, cluster, server, threads):
    """Yields a session, and what is to be called once its variables have values."""
    if cluster is not None:
        with session.chief_session(net, cluster, server, threads) as opened:
            yield opened
        return
    with session.open_session(net.graph, threads) as sess:
        yield sess, lambda: None


def build(dataset, flags, cluster=None):
    """Builds the graph of a run, and prints its size."""
    net = model.build(
        dataset.x_train.shape[1:],
        batch_size=flags.batch_size,
        learning_rate=flags.learning_rate,
        kl_weight=flags.kl_weight,
        seed=flags.seed,
        precision=flags.precision,
        cluster=cluster,
        flags=flags,
    )
    print(f"network: {model.parameter_count(net):,} weights", flush=True)
    return net
