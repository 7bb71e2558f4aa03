"""One training run: data, graph, session, loop, and what is written, on one page."""

import math
import shlex

from autoencoder import training
from autoencoder.compat import tf
from autoencoder.model import build, parameter_count
from autoencoder.run_folder import events
from autoencoder.run_folder.folder import begin, go_on
from autoencoder.run_folder.pictures import left_out
from autoencoder.run_folder.recorder import Recorder
from autoencoder.run_folder.running import Running
from autoencoder.session import use_threads
from autoencoder.task import Alone


def train_in_folder(dataset, folder, flags, checkpoint=None, task=None):
    """Trains from the first epoch, or from the one after a checkpoint, to the last.

    Args:
        dataset: Dataset.
        folder: RunFolder, claimed.
        flags: those of the run.
        checkpoint: Checkpoint to go on from, or None.
        task: who takes the steps, see task.py; None means this process alone.

    Raises:
        UserError: a loss was not finite, or the disk is full.
        KeyboardInterrupt: the line says what is on the disk.
    """
    use_threads(flags.threads)
    task = task or Alone(flags.threads)
    batches = math.ceil(len(dataset.x_train) / flags.batch_size)
    model = build(dataset.image_shape, flags, task, batches)
    print(f"network: {parameter_count(model):,} weights", flush=True)
    if reasons := left_out(dataset, flags):
        print(f"pictures: {reasons}", flush=True)

    if checkpoint is None:
        begin(folder, flags, dataset)
    else:
        go_on(folder, flags, dataset, checkpoint)  # deletes what came after it
    first_step = 1 if checkpoint is None else checkpoint.step + 1
    with events.open_writer(folder.events, model.graph, first_step) as writer:
        # TensorBoard shows the graph as it is before the saver adds to it.
        with model.graph.as_default(), task.devices():
            saver = tf.train.Saver(max_to_keep=None)

        def initialize(sess):
            if checkpoint is None:
                sess.run(model.init_op)
            else:
                saver.restore(sess, str(checkpoint.prefix))

        with task.session(model, initialize) as sess:
            running = Running(sess, model, dataset, folder, flags)
            recorder = Recorder(running, saver, writer, checkpoint)
            with recorder.interruptible():
                training.train(sess, model, dataset.trained_on, flags, recorder)
            recorder.after_training()
    print(recorder.costs())
    logdir = shlex.quote(str(folder.events))
    print(f"to look inside: tensorboard --host localhost --logdir {logdir}")
