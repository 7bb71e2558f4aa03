r"""Trains the original's definition with a finite loss; writes each epoch's losses.

    python -m benchmarks.original_training --dataset=mnist --latent_dim=5 \
        --seed=1 --epochs=20 --threads=1 --output=FILE.csv

First weights and noise are drawn as in the original, Glorot-uniform and by
tf.random_normal, and are others than this program's. No batch is lost to pictures.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from autoencoder.datasets.load import load_dataset
from autoencoder.experiments import in_batches
from autoencoder.files import replacing
from benchmarks.original import Peer
from flags import training_flags

_BATCH = 128  # the original's
# compat.py draws first weights from the seed and their names. With the same seed both
# programs would begin alike, and not be independent.
_FIRST_SEED = 1000


def train(dataset, latent_dim, *, seed, epochs, threads=1):
    """Yields the losses after each epoch.

    Args:
        dataset: Dataset with test images.
        latent_dim: int.
        seed: int.
        epochs: int.
        threads: int.

    Yields:
        dict of epoch, test_image_loss, test_latent_loss and test_loss: means over the
        test images, one sample of z each, in nats per image.
    """
    settings = {"latent_dim": latent_dim, "batch_size": _BATCH, "threads": threads}
    peer = Peer(
        dataset.x_train, {}, is_finite=True, seed=_FIRST_SEED + seed, **settings
    )
    for epoch in range(1, epochs + 1):
        peer.epoch(lambda: None)
        sums = np.zeros(2)
        for batch in in_batches(dataset.x_test, 1000):
            feed = {peer.input_batch: batch / np.float32(255)}
            losses = peer.sess.run(peer.losses, feed)
            sums += np.sum(losses, axis=1, dtype=np.float64)
        image_loss, latent_loss = (sums / len(dataset.x_test)).tolist()
        yield {
            "epoch": epoch,
            "test_image_loss": image_loss,
            "test_latent_loss": latent_loss,
            "test_loss": image_loss + latent_loss,
        }


def main():
    """Trains what the command line names; FILE.csv has the epochs so far."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--output", required=True, type=Path)
    for name in ("latent_dim", "seed", "epochs", "threads"):
        parser.add_argument(f"--{name}", required=True, type=int)
    arguments = parser.parse_args()
    dataset = load_dataset(training_flags(dataset=arguments.dataset))
    rows = []
    for row in train(
        dataset,
        arguments.latent_dim,
        seed=arguments.seed,
        epochs=arguments.epochs,
        threads=arguments.threads,
    ):
        rows.append(row)
        # Now: closing the session at the end can take a minute.
        with replacing(arguments.output) as part, part.open("w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerows(rows)
        print(f"epoch {row['epoch']}: loss {row['test_loss']:.2f}", flush=True)


if __name__ == "__main__":
    main()
