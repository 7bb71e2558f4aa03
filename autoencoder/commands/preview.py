"""`python main.py preview`: the post's "first image of each batch", on one sheet."""

from pathlib import Path

from autoencoder.datasets.load import load_dataset
from autoencoder.files import make_folder


def run(flags):
    """Pulls one epoch's batches through the DataPipe and draws the first of each."""
    dataset = load_dataset(flags)
    folder = Path(flags.results_dir)
    make_folder(folder)

    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.compat import tf
    from autoencoder.data import data_pipe
    from autoencoder.experiments import first_images
    from autoencoder.figures.post import sheet
    from autoencoder.randomness import image_order
    from autoencoder.session import open_session, use_threads

    images = dataset.x_train
    use_threads(flags.threads)
    with tf.Graph().as_default() as graph:
        pipe = data_pipe(images.shape[1:], flags.batch_size)
    with open_session(graph, flags.threads) as sess:
        order = image_order(len(images), flags.seed, 1, flags.shuffle)
        first = first_images(sess, pipe, images, order)
    path = folder / f"preview-{dataset.name}.png"
    sheet(first, path)
    print(f"{path}: the first image of each of {len(first)} batches, row by row")
