"""The benchmark labelled_samples on a short run of images of 8x8."""

import re

import numpy as np
import pytest

from autoencoder.errors import UserError
from autoencoder.trained import open_run
from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
from benchmarks.labelled_samples import table
from tests.commands import runner
from tests.conftest import train_only

NAMES = ["half", "noise", "more noise"]
COUNT = 40


def made(count, classes):
    """Bright left halves, and noise in two classes that are alike; uint8, 8x8."""
    random = np.random.default_rng(count)
    labels = np.arange(count) % classes
    images = random.integers(0, 60, (count, 8, 8), np.uint8)
    images[labels == 0, :, :4] = 220
    return images, labels


@pytest.fixture
def run(tmp_path):
    folder = tmp_path
    x_train, y_train = made(120, 3)
    x_test, y_test = made(30, 2)  # the last class has no test image
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test}
    np.savez(folder / "a.npz", **arrays, y_test=y_test, class_names=NAMES)
    train_only(
        dataset=str(folder / "a.npz"),
        results_dir=str(folder),
        run_name="run",
        latent_dim=3,
        epochs=5,
        batch_size=8,
        learning_rate=3e-3,
        kl_weight=0.0,
        inputs_decoder=49,
    )
    return folder / "run"


def share_named(images, wanted):
    """The share of images whose nearest training image has the label wanted."""
    x_train, y_train = made(120, 3)
    differences = images[:, None].astype(float) - x_train
    nearest = np.square(differences).sum(axis=(2, 3)).argmin(axis=1)
    return (y_train[nearest] == wanted).mean()


def rows(text):
    head, _, *lines = (re.findall(r"\| ([^|]*) ", line) for line in text.splitlines())
    assert head == [
        "class", f"{COUNT} samples", "test images", "their reconstructions"
    ]  # fmt: skip
    return {name: cells for name, *cells in lines}


def reconstructions(run, images):
    with restored(load_run(run)) as (sess, model):
        return sess.run(model.output, model.feed(images[..., None]))


def test_shares_are_those_of_the_images_that_generate_decodes(
    run, tmp_path, monkeypatch
):
    found = rows(table(run, COUNT))
    assert [*found] == [*NAMES, "mean of the classes"]
    x_test, y_test = made(30, 2)
    outputs = reconstructions(run, x_test)[..., 0] * 255
    command, decode = runner(run.parent, tmp_path), open_run.decoded
    columns, samples = ([], [], []), []

    def watched(*arguments):
        samples.append(decode(*arguments))
        return samples[-1]

    monkeypatch.setattr(open_run, "decoded", watched)
    for label, name in enumerate(NAMES):
        command("generate", "run", label=name, count=COUNT)
        images = samples[-1][..., 0] * 255, x_test[y_test == label]
        images += (outputs[y_test == label],)
        for column, part, cell in zip(columns, images, found[name], strict=True):
            if len(part):
                column.append(share_named(part, label))
                assert cell == f"{column[-1]:.1%}"
            else:
                assert cell == ""
    assert found["mean of the classes"] == [f"{np.mean(c):.1%}" for c in columns]
    assert columns[0][0] > 0.9  # it has learned something
    (run / "fitted-prior.npz").unlink()
    assert rows(table(run, COUNT)) == found
    assert not (run / "fitted-prior.npz").exists()


def test_a_run_without_labels_is_refused(results):
    with pytest.raises(UserError, match="it needs labels, and test images"):
        table(results / "bare-z2")
