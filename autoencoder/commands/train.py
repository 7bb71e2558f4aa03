"""`python main.py`, or `python main.py train`: trains an autoencoder in a folder."""

from autoencoder import datasets, run_folder


def run(flags):
    """Checks all that can be checked at once, then trains."""
    name, _ = datasets.locate(flags.dataset)
    folder = run_folder.claim(flags, name)
    dataset = datasets.load(flags.dataset)
    held_out = "no" if dataset.x_test is None else f"{len(dataset.x_test):,}"
    print(
        f"{dataset.name}: {len(dataset.x_train):,} images to train on, "
        f"{held_out} held out; run folder {folder.path}",
        flush=True,
    )
    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder import run as training_run

    training_run.train(dataset, folder, flags)
