"""Measures how often a sample of a class looks like that class.

    python -m benchmarks.labelled_samples Results/mnist-z5

The samples are those of `generate --label NAME --count 1000`. Each gets the class of
the nearest training image, and the table shows for which share that is the class that
was asked for. The same classifier on test images, and on their reconstructions, shows
how often it is right at best.
"""

import argparse

import numpy as np

from autoencoder import experiments
from autoencoder.errors import UserError
from autoencoder.neighbours import classify
from autoencoder.randomness import generator
from autoencoder.run_folder import fitted_prior
from autoencoder.trained.found import load_run

_COUNT = 1000


def main():
    """Prints the table of the run that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run_dir", help="folder of a trained run")
    parser.add_argument("--count", type=int, default=_COUNT, help="samples of a class")
    arguments = parser.parse_args()
    try:
        print(table(arguments.run_dir, arguments.count))
    except UserError as error:
        parser.exit(1, f"labelled_samples: {error}\n")


def table(run_dir, count=_COUNT):
    """Returns the table in Markdown.

    Args:
        run_dir: str or pathlib.Path, of a run whose data has labels.
        count: int, samples of each class.

    Raises:
        UserError: no such run, or its data has no labels or no test images.
    """
    run = load_run(run_dir)
    if run.dataset.y_train is None or run.dataset.y_test is None:
        raise UserError(f"{run_dir}: it needs labels, and test images")
    columns = _shares(run, count)
    head = f"| class | {count:,} samples | test images | their reconstructions |"
    lines = [head, "|---|---|---|---|"]
    classes = fitted_prior.classes_of(run.dataset, run.flags.latent_dim)
    for label, name in classes.items():
        cells = " | ".join(_percent(column.get(label)) for column in columns)
        lines.append(f"| {name} | {cells} |")
    means = " | ".join(_percent(np.mean([*column.values()])) for column in columns)
    return "\n".join([*lines, f"| mean of the classes | {means} |"])


def _shares(run, count):
    """Returns three dicts from label to the share that the classifier names so."""
    # Imports TensorFlow, which takes seconds: after all checks.
    from autoencoder.trained.restore import restored

    dataset, flags = run.dataset, run.flags
    with restored(run) as (sess, model):
        prior = fitted_prior.read_or_fit(sess, model, run)
        samples, noise = {}, generator("generate", 0, 0)
        epsilon = noise.standard_normal((count, flags.latent_dim), np.float32)
        for label in prior.classes:
            codes = prior.gaussians[label].draw(epsilon)
            images = experiments.decoded(sess, model, codes)
            samples |= _right(dataset, images * 255, np.full(count, label))
        means = experiments.mean_codes(sess, model, dataset.x_test, flags.batch_size)
        outputs = experiments.decoded(sess, model, means)
    return (
        samples,
        _right(dataset, dataset.x_test, dataset.y_test),
        _right(dataset, outputs * 255, dataset.y_test),
    )


def _right(dataset, images, labels):
    """Returns a dict from each label to the share of its images that get it."""
    is_right = classify(images, dataset.x_train, dataset.y_train) == labels
    return {
        label: is_right[labels == label].mean() for label in np.unique(labels).tolist()
    }


def _percent(share):
    return "" if share is None else f"{share:.1%}"


if __name__ == "__main__":
    main()
