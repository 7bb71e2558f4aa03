"""One training run: opens the session and writes the run's folder as training goes."""

import contextlib
import math
import time

from autoencoder import model, run_folder, summaries, training
from autoencoder.errors import UserError
from autoencoder.evaluation import evaluate
from autoencoder.pictures import Pictures, left_out
from autoencoder.session import open_session

# In training each takes 16 bytes: itself, its gradient and Adam's two averages.
_MOST_WEIGHTS = 200_000_000


def train(dataset, folder, flags):
    """Trains from the first epoch to the last.

    Args:
        dataset: Dataset.
        folder: RunFolder, claimed.
        flags: the flags of the run.

    Raises:
        UserError: the network is too large, or a loss was not finite.
        KeyboardInterrupt: with a line that says what is on disk.
    """
    net = model.build(
        dataset.x_train.shape[1:],
        batch_size=flags.batch_size,
        learning_rate=flags.learning_rate,
        kl_weight=flags.kl_weight,
        seed=flags.seed,
        flags=flags,
    )
    weights = model.parameter_count(net)
    if weights > _MOST_WEIGHTS:
        raise UserError(
            f"the network would have {weights:,} weights, more than {_MOST_WEIGHTS:,}: "
            "choose a smaller --latent_dim or --inputs_decoder"
        )
    print(f"network: {weights:,} weights", flush=True)
    if reasons := left_out(dataset, flags):
        print(f"pictures: {reasons}", flush=True)
    with open_session(net.graph, flags.threads) as sess:
        sess.run(net.init_op)
        run_folder.begin(folder, flags, dataset)
        with summaries.open_writer(folder.events, net.graph) as writer:
            recorder = _Recorder(sess, net, dataset, folder, writer, flags)
            try:
                training.train(
                    sess,
                    net,
                    dataset.x_train,
                    epochs=flags.epochs,
                    seed=flags.seed,
                    shuffle=flags.shuffle,
                    after_first_batch=recorder.after_first_batch,
                    after_epoch=recorder.after_epoch,
                )
            except KeyboardInterrupt:
                raise KeyboardInterrupt(recorder.last_words()) from None
    print(recorder.costs())
    print(f"for the graph: tensorboard --logdir {folder.events}")


class _Recorder:
    """What a run does at the two moments of the training loop."""

    def __init__(self, sess, net, dataset, folder, writer, flags):
        self._sess = sess
        self._net = net
        self._dataset = dataset
        self._folder = folder
        self._writer = writer
        self._flags = flags
        self._pictures = Pictures(sess, net, dataset, folder.path, flags)
        self._rows = []
        self._epoch_began = time.perf_counter()
        self._seconds = dict.fromkeys(("steps", "evaluation", "pictures"), 0.0)

    def after_first_batch(self, first):
        summaries.write_scalar(self._writer, "batch_loss", first.loss, first.step)
        with self._timed("pictures"):
            self._pictures.after_first_batch(first.epoch)

    def after_epoch(self, epoch):
        with self._timed("evaluation"):
            held_out = self._held_out(epoch.number)
        with self._timed("pictures"):
            self._pictures.after_epoch(epoch.number)
        self._seconds["steps"] += epoch.seconds
        now = time.perf_counter()
        row = {
            "epoch": epoch.number,
            "step": epoch.step,
            "train_loss": epoch.train_loss,
            **held_out,
            "seconds": round(now - self._epoch_began, 3),
            "images_per_second": round(len(self._dataset.x_train) / epoch.seconds, 1),
        }
        self._epoch_began = now
        run_folder.write_metrics(self._folder, [*self._rows, row])
        self._rows.append(row)
        self._writer.flush()
        print(_epoch_line(row, self._flags.epochs), flush=True)
        if not math.isfinite(row.get("test_loss", 0)):
            raise UserError(
                f"the held-out loss is {row['test_loss']} after epoch {epoch.number}, "
                f"step {epoch.step}: training stops, what was written is kept; "
                "a smaller --learning_rate may help"
            )

    def last_words(self):
        finished = len(self._rows)
        return (
            f"interrupted in epoch {finished + 1}; the finished epochs ({finished}) "
            f"are kept in {self._folder.path}"
        )

    def costs(self):
        steps = self._seconds["steps"]
        beside = (
            f"{what} {self._seconds[what]:.0f} s ({self._seconds[what] / steps:.1%})"
            for what in ("evaluation", "pictures")
        )
        return f"done: training steps {steps:.0f} s; beside them {', '.join(beside)}"

    @contextlib.contextmanager
    def _timed(self, what):
        began = time.perf_counter()
        yield
        self._seconds[what] += time.perf_counter() - began

    def _held_out(self, epoch):
        if self._dataset.x_test is None:
            return {}
        held_out = evaluate(
            self._sess,
            self._net,
            self._dataset.x_test,
            batch_size=self._flags.batch_size,
            kl_weight=self._flags.kl_weight,
            seed=self._flags.seed,
            epoch=epoch,
        )
        return {
            "test_image_loss": held_out.image_loss,
            "test_latent_loss": held_out.latent_loss,
            "test_loss": held_out.loss,
        }


def _epoch_line(row, epochs):
    line = f"epoch {row['epoch']}/{epochs}: train loss {row['train_loss']:.2f}"
    if "test_loss" in row:
        line += (
            f", held-out image loss {row['test_image_loss']:.2f}, "
            f"KL {row['test_latent_loss']:.2f}, loss {row['test_loss']:.2f}"
        )
    return f"{line}, {row['seconds']:.1f} s"
