"""Opens a trained run for a command: its weights, input images and output folder."""

import contextlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from autoencoder.datasets.load import class_name
from autoencoder.errors import UserError
from autoencoder.experiments import decoded, in_batches
from autoencoder.files import make_folder
from autoencoder.randomness import generator
from autoencoder.run_folder import outputs
from autoencoder.run_folder.layout import COMMAND_FILES
from autoencoder.trained import user_images
from autoencoder.trained.found import TrainedRun, load_run, newest_run
from flags import given


class OpenRun(NamedTuple):
    """A trained run in use.

    Attributes:
        trained: TrainedRun.
        sess: tf.Session with its weights.
        model: Network.
        sources: list of user_images.ImageSource, of the images to use.
        output: pathlib.Path, the folder for results, which exists.
        flags: those of the command.
        noise: numpy.random.Generator of epsilon with --sample, otherwise None.
        left_out: dict, to which each unreadable image is added.
    """

    trained: TrainedRun
    sess: Any
    model: Any
    sources: list
    output: Path
    flags: Any
    noise: Any
    left_out: dict

    def batches(self):
        """Yields the ImageBatches that can be read, under a progress bar."""
        size = self.flags.batch_size
        with _progress_bar(len(self.sources)) as bar:
            for batch in user_images.read_batches(self.sources, size, self.left_out):
                yield batch
                bar.update(len(batch.images))

    def fetch(self, tensors, images):
        """Runs the network on images.

        Codes are means, or with --sample samples: their noise is drawn image by image
        in order, so that it does not depend on the batch size.

        Args:
            tensors: tensor of the model, or list of them.
            images: uint8 [n, height, width, channels].

        Returns:
            array, or list of arrays.
        """
        return self.sess.run(tensors, self.model.feed(images, self.noise))

    def decode(self, codes):
        """Returns the images of codes [n, latent_dim], float32 in [0, 1]."""
        return decoded(self.sess, self.model, codes)

    def decode_each(self, codes):
        """Yields the image of each code, under a progress bar."""
        with _progress_bar(len(codes)) as bar:
            for batch in in_batches(codes, self.flags.batch_size):
                for image in self.decode(batch):
                    yield image.copy()  # a view would keep the whole batch in memory
                    bar.update()

    def class_name(self, label):
        """Returns a label's class, or the label if it has no name; "" for None."""
        return "" if label is None else class_name(self.trained.class_names, label)

    def picture_folder(self, names):
        """Makes the folder of single pictures of these names; see outputs.py."""
        dataset = self.trained.flags.dataset
        return outputs.make_picture_folder(self.output, names, self.flags, dataset)


def load_for(flags, with_data):
    """Returns the TrainedRun that a command is to use; see found.load_run.

    Args:
        flags: reads run_dir, results_dir, dataset and cache_dir.
        with_data: bool, whether the data is needed.
    """
    path = flags.run_dir or newest_run(flags.results_dir)
    dataset = flags.dataset if given("dataset") else None
    return load_run(path, dataset, None, with_data, flags.cache_dir)


@contextlib.contextmanager
def open_run(flags, command, needs_images=True, trained=None):
    """Opens a trained run for a command, for a with block.

    Args:
        flags: run_dir, results_dir, dataset, images, resize, sample, output, cache_dir,
            batch_size and threads.
        command: str, its name, which is also that of its folder in the run's folder.
        needs_images: bool; False gives no sources.
        trained: TrainedRun, if the command has loaded it for its checks.

    Yields:
        OpenRun.

    Raises:
        UserError: something is missing or wrong; or, at the end, images were left out.
    """
    if trained is None:
        trained = load_for(flags, needs_images and not flags.images)
    sources = _sources(trained, flags) if needs_images else []
    output = Path(flags.output) if flags.output else trained.path / command
    make_folder(output, "--output")
    targets = (output / name for name in COMMAND_FILES[command])
    outputs.require_not_read(targets, flags, trained.flags.dataset)
    noise = generator("use", trained.flags.seed) if flags.sample else None

    # Imports TensorFlow, which takes seconds: after all checks.
    from autoencoder.trained.restore import newest_restored

    left_out = {}
    with newest_restored(trained, flags.threads) as (trained, sess, model):
        yield OpenRun(trained, sess, model, sources, output, flags, noise, left_out)
    if left_out:
        for line in left_out.values():
            print(f"main.py: left out: {line}", file=sys.stderr)
        raise UserError(f"{len(left_out)} of {len(sources)} images were left out")


def _sources(trained, flags):
    if not flags.images:
        return user_images.dataset_sources(trained.dataset)
    background = trained.flags.background
    sources = user_images.path_sources(
        flags.images, trained.image_shape, flags.resize, background
    )
    return user_images.binarized_sources(sources, trained.flags)


def _progress_bar(total):
    """Returns a progress bar; without a terminal it shows nothing (disable=None)."""
    return tqdm(total=total, unit=" images", leave=False, disable=None)
