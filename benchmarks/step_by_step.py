"""Compares this program with the original's network on TensorFlow 1.15, step by step.

    python3.7 -m venv tf1
    tf1/bin/python -m pip install "tensorflow==1.15.5" "protobuf<3.21"
    python -m benchmarks.step_by_step tf1/bin/python

Both train for the first epoch of MNIST with z = 5, from the same first weights, with
the same noise and order. Beside it is what this program differs from itself by, with
another number of threads: rounding alone does that.
"""

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from autoencoder.datasets.load import load_dataset
from autoencoder.experiments import in_batches
from autoencoder.randomness import generator
from benchmarks import pages
from flags import training_flags

_SHOWN = (1, 2, 10, 100, 469)  # steps
_TF1 = Path(__file__).parent / "original_tf1.py"


def main():
    """Runs each training in a process of its own, and prints the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("python", help="the path of a Python with TensorFlow 1.15")
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as folder:
        start, tf1, *here = (Path(folder) / f"{name}.npz" for name in "0123")
        _in_process(prepare, start)
        _in_process(train, start, here[0], 1)
        done = subprocess.run(
            [python, _TF1, start, tf1, "1"], stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            sys.exit(done.stderr)
        _in_process(train, start, here[1], 2)
        one, two, original = (dict(np.load(path)) for path in (*here, tf1))
    print(compare(one, {"TensorFlow 1.15.5": original, "here, two threads": two}))


def _in_process(function, *arguments):
    """Calls a function in a new process: threads are a process's, for good."""
    process = multiprocessing.get_context("spawn").Process(
        target=function, args=arguments
    )
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{function.__name__} ended with {process.exitcode}")


def prepare(path, images=None):
    """Writes the first weights of seed 0, images and noise to an .npz file.

    Args:
        path: pathlib.Path.
        images: uint8 [n, 28, 28, 1]; None takes MNIST's training images.
    """
    from autoencoder.model import build
    from autoencoder.session import open_session

    flags = training_flags(latent_dim=5)
    if images is None:
        images = load_dataset(flags).x_train
    noise = generator("step by step", 0).standard_normal((len(images), 5), np.float32)
    model = build(images.shape[1:], flags)
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        np.savez(path, images=images, noise=noise, **_weights(sess, model))


def train(start, result, threads):
    """Trains this program's network; see original_tf1.py for the files."""
    from autoencoder.model import build
    from autoencoder.session import open_session, use_threads

    with np.load(start) as file:
        images, noise = file["images"], file["noise"]
    flags = training_flags(latent_dim=5, threads=threads)
    use_threads(threads)
    model = build(images.shape[1:], flags)
    losses = []
    with open_session(model.graph, threads) as sess:
        sess.run(model.init_op)  # of the same seed: the same weights
        batches = zip(
            in_batches(images, flags.batch_size),
            in_batches(noise, flags.batch_size),
            strict=True,
        )
        for batch, epsilon in batches:
            feed = model.feed(batch) | {model.epsilon: epsilon}
            losses.append(sess.run([model.train_op, model.loss], feed)[1])
        np.savez(result, losses=losses, **_weights(sess, model))


def compare(first, others):
    """Returns a table in Markdown.

    Args:
        first: dict of losses and weights, of this program.
        others: dict from names to such dicts.
    """
    head = ["", *(f"loss of step {step}" for step in _shown(first)), "most at a step"]
    rows = [head + ["weights' largest difference"], ["---"] * (len(head) + 1)]
    losses = first["losses"]
    values = [f"{losses[step - 1]:.4f}" for step in _shown(first)]
    rows.append(["here, one thread", *values, "", ""])
    for name, other in others.items():
        apart = np.abs(other["losses"] - losses)
        values = [f"{other['losses'][step - 1]:.4f}" for step in _shown(first)]
        weights = max(
            np.abs(other[key] - first[key]).max() for key in first if key != "losses"
        )
        rows.append([name, *values, f"{apart.max():.2g}", f"{weights:.2g}"])
    return "\n".join(map(pages.line, rows))


def _shown(result):
    return [step for step in _SHOWN if step <= len(result["losses"])]


def _weights(sess, model):
    return sess.run({variable.op.name: variable for _, variable in model.gradients})


if __name__ == "__main__":
    main()
