"""`python main.py preview`: the post's "first image of each batch", on one sheet.

python main.py preview --dataset mnist
"""

from pathlib import Path

import numpy as np

from autoencoder.datasets.load import load_dataset
from autoencoder.figures.png import write_sheet
from autoencoder.files import make_folder


def run(flags):
    """Pulls one epoch's batches through the DataPipe and draws the first of each."""
    dataset = load_dataset(flags)
    folder = Path(flags.results_dir)
    make_folder(folder, "--results_dir")

    path = folder / f"preview-{dataset.name}.png"
    first = first_images(dataset.x_train, flags)
    write_sheet(path, first)
    print(f"{path}: the first image of each of {len(first)} batches, row by row")


def first_images(images, flags):
    """The post's first test of its DataPipe: the first image of each batch.

    Args:
        images: uint8 [n, height, width, channels].
        flags: reads batch_size, seed, shuffle and threads.

    Returns:
        float32 [batches, height, width, channels] in [0, 1].
    """
    from autoencoder.compat import tf
    from autoencoder.data import DataPipe
    from autoencoder.randomness import image_order
    from autoencoder.session import open_session, use_threads

    use_threads(flags.threads)
    with tf.Graph().as_default() as graph:
        pipe = DataPipe(images.shape[1:], flags.batch_size)
    first = []
    with open_session(graph, flags.threads) as sess:
        pipe.start(sess, images, image_order(len(images), flags.seed, 1, flags.shuffle))
        while True:
            try:
                first.append(sess.run(pipe.input_batch)[0])
            except tf.errors.OutOfRangeError:
                return np.stack(first)
