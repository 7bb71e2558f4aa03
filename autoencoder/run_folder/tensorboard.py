"""Writes a run's events for TensorBoard at the training loop's moments."""

import numpy as np

from autoencoder.evaluation import active_units
from autoencoder.experiments import in_batches
from autoencoder.pixels import tiles
from autoencoder.randomness import generator
from autoencoder.run_folder import events, projector
from autoencoder.run_folder.flags_json import flags_of
from autoencoder.run_folder.name import WEIGHT_FLAGS
from autoencoder.run_folder.pictures import shown_images

_HPARAMS = ["dataset", "epochs", *WEIGHT_FLAGS]
_METRICS = ["held_out/loss", "held_out/image_loss", "held_out/kl", "active_units"]
_STEPS_A_POINT = 100
_MOST_DIMENSIONS = 64  # that have a curve of their KL
_SAMPLES = (4, 4)  # rows and columns of images from the prior


class TensorBoard:
    """Writes scalars, images, histograms and the projector's files.

    Args:
        running: Running.
        writer: tf.summary.FileWriter.
    """

    def __init__(self, running, writer):
        self._running = running
        self._writer = writer
        _, _, dataset, folder, flags = running
        self._originals = shown_images(dataset, flags) / 255
        self._losses = []
        self._projected = 0
        name = folder.path.resolve().name
        events.write_run(writer, name, flags_of(flags), _HPARAMS, _METRICS)
        if dataset.x_test is not None:
            self._projected = projector.write_images(
                folder.events, dataset, flags.latent_dim
            )

    def after_first_batch(self, step):
        """Writes the post's batch_loss, of the first batch of an epoch."""
        events.write_scalars(self._writer, {"batch_loss": step.loss}, step.number)
        self._losses = []  # a resumed run begins here, too

    def after_step(self, step):
        """Writes the losses' mean over each 100 steps of an epoch, and the trace."""
        self._losses.append((step.loss, step.image_loss, step.latent_loss))
        if len(self._losses) == _STEPS_A_POINT:
            self._write_losses(step.number)
        if step.trace is not None:
            events.write_trace(self._writer, step.trace, step.number)

    def after_epoch(self, epoch, held_out, arrays, row):
        """Writes an epoch's results at its end.

        Args:
            epoch: training.Epoch.
            held_out: HeldOut, or None.
            arrays: dict, as in snapshots.save.
            row: dict, the epoch's in metrics.csv.
        """
        if self._losses:  # of fewer than 100 steps
            self._write_losses(epoch.step)
        scalars = {"images_per_second": row["images_per_second"]}
        histograms = self._layers()
        if held_out is not None:
            scalars |= _scalars(held_out)
            histograms["codes/mean_"] = held_out.means
            histograms["codes/std_dev"] = held_out.std_devs
            histograms["codes/z"] = held_out.codes
            projector.write_codes(
                self._running.folder.events, held_out.means[: self._projected]
            )
        events.write_scalars(self._writer, scalars, epoch.step)
        events.write_histograms(self._writer, histograms, epoch.step)
        images = self._images(epoch.number, arrays)
        events.write_images(self._writer, images, epoch.step)

    def _write_losses(self, step):
        means = np.mean(self._losses, axis=0).tolist()
        names = ("train/loss", "train/image_loss", "train/kl")
        scalars = dict(zip(names, means, strict=True))
        events.write_scalars(self._writer, scalars, step)
        self._losses = []

    def _layers(self):
        """Returns all weights, and their gradients for the first training batch."""
        sess, model, dataset, _, flags = self._running
        noise = generator("gradients", flags.seed)
        feed = model.feed(next(in_batches(dataset.x_train, flags.batch_size)), noise)
        feed[model.trained.epsilon] = feed[model.epsilon]
        layers = {}
        values = sess.run(model.gradients, feed)
        for (gradient, weight), (_, variable) in zip(
            values, model.gradients, strict=True
        ):
            layers[f"weights/{variable.op.name}"] = weight
            layers[f"gradients/{variable.op.name}"] = gradient
        return layers

    def _images(self, epoch, arrays):
        sess, model, _, _, flags = self._running
        noise = generator("prior samples", flags.seed, epoch)
        z = noise.standard_normal((np.prod(_SAMPLES), model.latent_dim), np.float32)
        samples = sess.run(model.output, {model.z: z})
        pairs = np.stack([self._originals, arrays["outputs"]], axis=1)
        images = {
            "reconstructions": tiles(pairs),
            "prior_samples": tiles(samples.reshape(*_SAMPLES, *samples.shape[1:])),
        }
        if "grid" in arrays:
            images["grid"] = tiles(arrays["grid"][::-1])  # the same way up as the plane
        return images


def _scalars(held_out):
    terms = held_out.latent_terms[:_MOST_DIMENSIONS]
    return {
        "held_out/image_loss": held_out.image_loss,
        "held_out/kl": held_out.latent_loss,
        "held_out/loss": held_out.loss,
        "active_units": active_units(held_out.mean_variance),
        **{f"kl_per_dimension/z{i}": term for i, term in enumerate(terms)},
    }
