"""One training run: opens the session and writes the run's folder as training goes."""

import contextlib

from autoencoder import interrupts, model, run_folder, session, summaries, training
from autoencoder.cluster import say
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.pictures import left_out
from autoencoder.recorder import Recorder
from autoencoder.replicas import placed

# In training each takes 16 bytes: itself, its gradient and Adam's two averages.
_MOST_WEIGHTS = 200_000_000


def train(dataset, folder, flags, found=None, cluster=None):
    """Trains from the first epoch, or from the one after a checkpoint, to the last.

    Args:
        dataset: Dataset.
        folder: RunFolder, claimed.
        flags: the flags of the run.
        found: Checkpoint to go on from, or None.
        cluster: Cluster whose chief this is; None: no other task takes part.

    Raises:
        UserError: the network is too large, a loss was not finite, the disk is full, or
            a task of the cluster was lost.
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


def work(dataset, flags, cluster):
    """What a worker does: takes its share of each step, and writes nothing.

    Where the chief was lost, it waits for its return.

    Args:
        dataset: Dataset, the chief's.
        flags: the chief's.
        cluster: Cluster.

    Raises:
        UserError: the network is too large, a loss was not finite, or a task was lost
            for good.
    """
    session.use_threads(flags.threads)
    server = session.start_server(cluster, flags.threads)
    net = build(dataset, flags, cluster)
    say(f"{cluster.me} takes its share of the training, of {cluster.replicas}")
    while True:
        try:
            with session.worker_session(net, cluster, server, flags.threads) as sess:
                step = int(sess.run(net.replicas.join))
                training.train(
                    *(sess, net, dataset.x_train),
                    **{"epochs": flags.epochs, "seed": flags.seed},
                    shuffle=flags.shuffle,
                    after_first_batch=lambda step: None,
                    after_step=lambda step: None,
                    after_epoch=lambda epoch: None,
                    first_epoch=1 + step // net.replicas.batches(len(dataset.x_train)),
                )
                sess.run(net.replicas.goodbye)
            return
        except session.LOST:
            say("the chief was lost: this worker waits for its return")


def build(dataset, flags, cluster=None):
    """Builds the graph of a run; a UserError where the network is too large."""
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
    weights = model.parameter_count(net)
    if weights > _MOST_WEIGHTS:
        smaller = "--latent_dim, or --inputs_decoder, or take --decoder upsampling"
        if flags.decoder == "upsampling":
            smaller = "--latent_dim"
        raise UserError(
            f"the network would have {weights:,} weights, more than {_MOST_WEIGHTS:,}: "
            f"choose a smaller {smaller}"
        )
    print(f"network: {weights:,} weights", flush=True)
    return net
