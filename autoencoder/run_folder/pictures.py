"""The post's pictures, with its names and at its moments of training."""

import numpy as np

from autoencoder import experiments
from autoencoder.figures import post, style
from autoencoder.pixels import eight_bits
from autoencoder.randomness import generator
from autoencoder.run_folder import layout

_MOST_KEPT = 64  # pixels, of the height and width of images in snapshots
# Test images whose codes are kept, and those whose reconstructions are, too. More
# latent dimensions or larger images make them fewer.
_CODES, _CODE_VALUES = 2000, 200_000
_DECODED, _DECODED_VALUES = 500, 1_000_000


class Pictures:
    """Draws a run's pictures into its folders Train and Test.

    Args:
        running: Running.
    """

    def __init__(self, running):
        self._running = running
        self._folder = running.folder.path
        self._shown = shown_images(running.dataset, running.flags)
        self._plane = running.model.latent_dim == 2
        has_test = running.dataset.x_test is not None
        self._scatter = self._plane and running.flags.plot_latent and has_test
        self._kept = None
        if has_test:
            most = min(_CODES, max(1, _CODE_VALUES // running.model.latent_dim))
            self._kept = experiments.spread(len(running.dataset.x_test), most)

    def after_first_batch(self, epoch):
        """Draws reconstructions, an image from the prior and the latent space.

        Args:
            epoch: int, counted from 1. The files' names count from 0: the post's
                "Epoch 1" is Train/Epoch_0.png, an epoch's state after one step.

        Returns:
            dict of the arrays that were drawn, for snapshots.save.
        """
        outputs = self._reconstruct(epoch)
        path = self._folder / layout.RECONSTRUCTIONS.format(epoch - 1)
        style.save(post.reconstructions(self._shown / 255, outputs), path)

        sess, model, dataset, _, flags = self._running
        noise = generator("prior", flags.seed, epoch)
        artificial = experiments.prior_image(sess, model, noise)
        path = self._folder / layout.PRIOR_IMAGE.format(epoch - 1)
        style.save(post.image(artificial), path)

        arrays = {"first_outputs": outputs}
        if self._kept is not None:
            means, std_devs = self._posteriors()
            arrays |= {"first_means": means, "first_std_devs": std_devs}
            arrays["first_decoded"] = self._decoded(means)
        if self._scatter:
            codes = self._codes("latent space", dataset.x_test, epoch)
            figure = post.latent_space(codes, dataset.y_test, dataset.class_names)
            path = self._folder / layout.LATENT_SPACE.format(epoch - 1)
            style.save(figure, path)
            arrays["first_codes"] = codes
        return arrays

    def after_epoch(self, epoch, held_out):
        """Draws the decoded grid if the latent space is a plane.

        Args:
            epoch: int, counted from 1.
            held_out: HeldOut of the epoch, or None; its codes are kept, too.

        Returns:
            dict of arrays, for snapshots.save.
        """
        arrays = {"outputs": self._reconstruct(epoch)}
        if held_out is not None:
            arrays["latent_terms"] = held_out.latent_terms
            arrays["mean_variance"] = held_out.mean_variance
            arrays["means"] = held_out.means[self._kept]
            arrays["std_devs"] = held_out.std_devs[self._kept]
            arrays["decoded"] = self._decoded(arrays["means"])
        if self._scatter:
            arrays["codes"] = held_out.codes
        if self._plane:
            grid = experiments.decoded_grid(self._running.sess, self._running.model)
            path = self._folder / layout.SPACE.format(epoch - 1)
            style.save(post.space(grid), path)
            # Half precision is more than a screen shows.
            arrays["grid"] = smaller(grid).astype(np.float16)
        return arrays

    def _posteriors(self):
        """Encodes the kept images, which are never all in memory: they may be large."""
        sess, model, dataset, _, flags = self._running
        size = flags.batch_size
        batches = (
            batch
            for places in experiments.in_batches(self._kept, size)
            for batch in experiments.posteriors(
                sess, model, dataset.x_test[places], size
            )
        )
        return map(np.concatenate, zip(*batches, strict=True))

    def _decoded(self, means):
        """Decodes some of the kept images' means, uint8."""
        model = self._running.model
        size = smaller(self._shown[:1]).size
        most = min(_DECODED, max(1, _DECODED_VALUES // size))
        codes = means[experiments.spread(len(means), most)]
        return eight_bits(
            smaller(experiments.decoded(self._running.sess, model, codes))
        )

    def _reconstruct(self, epoch):
        sess, model = self._running.sess, self._running.model
        codes = self._codes("reconstructions", self._shown, epoch)
        return sess.run(model.output, {model.z: codes})

    def _codes(self, purpose, images, epoch):
        sess, model, _, _, flags = self._running
        noise = generator(purpose, flags.seed, epoch)
        return experiments.sample_codes(sess, model, images, noise, flags.batch_size)


def smaller(images):
    """Shrinks large images [..., height, width, channels] by a whole number.

    A grid of 14x14 is shown on 640x480 pixels: images larger than 64x64 would take
    megabytes of disk in every epoch for detail that nobody sees.

    Returns:
        images at most 64 high and wide, means over squares of pixels; of a side that
        is shorter than such a square, over all of it.
    """
    *others, height, width, channels = images.shape
    factor = -(-max(height, width) // _MOST_KEPT)
    if factor == 1:
        return images
    down, across = min(factor, height), min(factor, width)
    height, width = height // down, width // across
    cut = images[..., : height * down, : width * across, :]
    rectangles = cut.reshape(*others, height, down, width, across, channels)
    return rectangles.mean(axis=(-4, -2))


def left_out(dataset, flags):
    """Returns why pictures are left out or smaller, for one line; "" if none is."""
    reasons = []
    shown = len(shown_images(dataset, flags))
    if shown < flags.test_image_number:
        reasons.append(f"Train/Epoch_N.png shows {shown}, there are no more images")
    if flags.latent_dim == 2 and flags.plot_latent:
        if dataset.x_test is None:
            reasons.append("no Test/Latent_N.png, there are no test images")
        elif dataset.y_test is None:
            reasons.append("Test/Latent_N.png has one colour, there are no test labels")
    return "; ".join(reasons)


def shown_images(dataset, flags):
    """Returns the training images whose reconstructions are drawn, uint8.

    The original fetches a second batch for its picture. These are the second batch's,
    too, but no batch is lost. The first images follow the last.
    """
    images = dataset.x_train
    first = flags.batch_size if len(images) > flags.batch_size else 0
    count = min(flags.test_image_number, len(images))
    return images[(first + np.arange(count)) % len(images)]
