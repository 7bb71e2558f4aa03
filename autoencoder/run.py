"""One training run: opens the session and writes the run's folder as training goes."""

from autoencoder import interrupts, model, run_folder, summaries
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.pictures import left_out
from autoencoder.recorder import Recorder
from autoencoder.session import open_session, use_threads

# In training each takes 16 bytes: itself, its gradient and Adam's two averages.
_MOST_WEIGHTS = 200_000_000


def train(dataset, folder, flags, found=None):
    """Trains from the first epoch, or from the one after a checkpoint, to the last.

    Args:
        dataset: Dataset.
        folder: RunFolder, claimed.
        flags: the flags of the run.
        found: Checkpoint to go on from, or None.

    Raises:
        UserError: the network is too large, a loss was not finite, or the disk is full.
        KeyboardInterrupt: with a line that says what is on disk.
    """
    use_threads(flags.threads)
    net = _build(dataset, flags)
    if reasons := left_out(dataset, flags):
        print(f"pictures: {reasons}", flush=True)
    if found is None:
        run_folder.begin(folder, flags, dataset)
    else:
        run_folder.go_on(folder, flags, dataset, found)
    first_step = 1 if found is None else found.step + 1
    with summaries.open_writer(folder.events, net.graph, first_step) as writer:
        # The graph that TensorBoard shows is the one before the saver's ops.
        with net.graph.as_default():
            saver = tf.train.Saver(max_to_keep=None)
        with open_session(net.graph, flags.threads) as sess:
            if found is None:
                sess.run(net.init_op)
            else:
                saver.restore(sess, str(found.prefix))
            recorder = Recorder(sess, saver, net, dataset, folder, writer, flags)
            with interrupts.noted() as interrupted:
                recorder.train(found, interrupted)
    print(recorder.costs())
    print(f"to look inside: tensorboard --host localhost --logdir {folder.events}")


def _build(dataset, flags):
    net = model.build(
        dataset.x_train.shape[1:],
        batch_size=flags.batch_size,
        learning_rate=flags.learning_rate,
        kl_weight=flags.kl_weight,
        seed=flags.seed,
        precision=flags.precision,
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
