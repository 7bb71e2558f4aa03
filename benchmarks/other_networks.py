"""Trains another program's network the way this program trains its own.

    python -m benchmarks.other_networks keras-io --dataset mnist --latent_dim 5
    python -m benchmarks.other_networks pythae --precision bfloat16 --output FILE.csv

Only encoder and decoder differ (benchmarks/networks/): data, order, batches, noise,
losses, Adam and evaluation are this program's, and so are the flags. The printed
losses compare with those of main.py.
"""

import argparse
import importlib
import sys
from pathlib import Path

from autoencoder import command_line
from autoencoder.datasets.load import load_dataset
from autoencoder.errors import UserError
from autoencoder.machine import require_bfloat16
from flags import ALL_FLAGS, FLAGS, given

NETWORKS = ("keras-io", "pythae")
_PYTHAE_SHAPE = (28, 28, 1)
# Those of main.py train that change something here.
_FLAGS = {
    "learning_rate",
    "epochs",
    "batch_size",
    "latent_dim",
    "dataset",
    "kl_weight",
    "seed",
    "shuffle",
    "precision",
    "image_size",
    "channels",
    "background",
    "test_share",
    "cache_dir",
    "results_dir",
    "threads",
}


def main(argv):
    """Runs the command line; returns the exit status."""
    try:
        options = _parse(argv)
        run(options.network, FLAGS, options.output)
    except command_line.UsageError as error:
        return _fail(error, 2)
    except UserError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {error.strerror}", 1)
    return 0


def run(network, flags, output=None):
    """Trains a network.

    Args:
        network: str, one of NETWORKS.
        flags: those of main.py train.
        output: pathlib.Path of a new CSV file, for a row per epoch, or None.

    Raises:
        UserError: the data set, the processor or output does not fit.
    """
    if flags.precision == "bfloat16":
        require_bfloat16()
    if output is not None and output.exists():
        raise UserError(f"{output} exists: delete it, or choose another --output")
    if output is not None and not output.parent.is_dir():
        raise UserError(f"--output {output}: there is no folder {output.parent}")
    dataset = _load(network, flags)
    print(
        f"{dataset.name}: {len(dataset.x_train):,} images to train on, "
        f"{len(dataset.x_test):,} held out"
    )
    # Imports TensorFlow, which takes seconds: after all checks.
    from benchmarks.networks.training import train

    module = f"benchmarks.networks.{network.replace('-', '_')}"
    train(importlib.import_module(module), dataset, flags, output)


def _parse(argv):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.other_networks",
        description=__doc__.splitlines()[0],
        epilog=f"And of main.py's flags: --{', --'.join(sorted(_FLAGS))}.",
        allow_abbrev=False,
    )
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument(
        "--output", type=Path, metavar="FILE.csv", help="a row for each epoch"
    )
    options, words = parser.parse_known_args(argv[1:])
    command_line.parse([argv[0], "train", *words])
    for flag in ALL_FLAGS:
        if given(flag.name) and flag.name not in _FLAGS:
            raise command_line.UsageError(f"--{flag.name} changes nothing here")
    return options


def _load(network, flags):
    def require_fit(shape):
        height, width, channels = shape
        subject = f"the images of {flags.dataset} are {width} wide and {height} high"
        if network == "pythae" and tuple(shape) != _PYTHAE_SHAPE:
            raise UserError(
                f"{subject}, with {channels} channels, and pythae takes 28x28 and 1: "
                "add --image_size 28 --channels 1"
            )
        if height % 4 or width % 4:
            raise UserError(
                f"{subject}, and {network} needs multiples of 4: choose another "
                "--image_size"
            )

    dataset = load_dataset(flags, require_fit)
    require_fit(dataset.image_shape)  # if they were converted earlier
    if dataset.x_test is None:
        raise UserError(f"{dataset.name} has no held-out images to evaluate")
    return dataset


def _fail(message, status):
    print(f"other_networks: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv))
