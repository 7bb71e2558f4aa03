"""What the commands on a trained run share: the run, its images, where results go."""

import contextlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from autoencoder.errors import UserError
from autoencoder.files import make_folder
from autoencoder.randomness import generator
from autoencoder.run_folder import outputs
from autoencoder.trained import found as trained_run
from autoencoder.trained import user_images as images
from flags import given


class Use(NamedTuple):
    """A trained run in use.

    Attributes:
        run: TrainedRun.
        sess: tf.Session with its weights.
        model: Model.
        sources: list of images.Source, of the images to be used.
        output: pathlib.Path of the folder for results, which is there.
        flags: those of the command.
        left_out: dict, to which each image that can't be read is added.
    """

    run: trained_run.TrainedRun
    sess: Any
    model: Any
    sources: list
    output: Path
    flags: Any
    left_out: dict

    def batches(self):
        """Yields the images.Batches that can be read, under a progress bar."""
        total = len(self.sources)
        with tqdm(total=total, unit=" images", leave=False, disable=None) as bar:
            for batch in images.batches(
                self.sources, self.flags.batch_size, self.left_out
            ):
                yield batch
                bar.update(len(batch.images))

    def applied(self, *fetches):
        """Runs the network on the images.

        Codes are means, or samples with --sample, whose noise is drawn image by image
        in order, so that it doesn't depend on the batch size.

        Args:
            *fetches: names of Model's tensors, as "z" or "img_loss".

        Yields:
            batch: images.Batch.
            *values: an array for each fetch.
        """
        noise = generator("use", self.run.flags.seed) if self.flags.sample else None
        tensors = [getattr(self.model, name) for name in fetches]
        for batch in self.batches():
            feed = self.model.feed(batch.images, noise)
            yield batch, *self.sess.run(tensors, feed)

    def class_name(self, label):
        """Returns a label's class, or the label where that has no name; "" of None."""
        if label is None:
            return ""
        names = self.run.class_names or ()
        return names[label] if 0 <= label < len(names) else str(label)

    def picture_folder(self, names):
        """Makes the folder of single pictures of these names; see outputs.py."""
        dataset = self.run.flags.dataset
        return outputs.make_picture_folder(self.output, names, self.flags, dataset)

    def decode(self, codes):
        """Returns the images of codes [n, latent_dim], float32 in [0, 1]."""
        size = self.flags.batch_size
        parts = (codes[i : i + size] for i in range(0, len(codes), size))
        return np.concatenate(
            [self.sess.run(self.model.output, {self.model.z: part}) for part in parts]
        )


@contextlib.contextmanager
def opened(flags, command, needs_images=True):
    """Opens a trained run for a command, for a with block.

    Args:
        flags: run_dir, results_dir, dataset, images, resize, output, cache_dir and
            threads.
        command: str, its name: that of the output folder in the run's folder.
        needs_images: bool; without, there are no sources.

    Yields:
        Use.

    Raises:
        UserError: something is missing or wrong; or, at the end, images were left out.
    """
    path = Path(flags.run_dir or trained_run.newest(flags.results_dir))
    dataset = flags.dataset if given("dataset") else None
    own = needs_images and not flags.images
    run = trained_run.load(path, dataset, None, own, flags.cache_dir)
    sources = []
    if needs_images and flags.images:
        sources = images.of_paths(
            flags.images, run.image_shape, flags.resize, run.flags.background
        )
    elif needs_images:
        sources = images.of_dataset(run.dataset)
    output = Path(flags.output) if flags.output else path / command
    make_folder(output, "--output")
    written = (output / name for name in outputs.FILES[command])
    outputs.require_not_read(written, flags, run.flags.dataset)

    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.trained.restore import newest_restored

    left_out = {}
    with newest_restored(run, flags.threads) as (run, sess, model):
        yield Use(run, sess, model, sources, output, flags, left_out)
    if left_out:
        for line in left_out.values():
            print(f"main.py: left out: {line}", file=sys.stderr)
        raise UserError(f"{len(left_out)} of {len(sources)} images were left out")
