"""Every command on a run with --binarize gives it images of black and white."""

import csv
import json

import numpy as np
import pytest

from autoencoder.commands import train
from tests.commands import runner
from tests.conftest import run_flags

RUN = "small-z2-warmup1-sampled"


@pytest.fixture(scope="module")
def folder(small_npz, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sampled")
    train.run(
        run_flags(
            dataset=str(small_npz),
            results_dir=str(folder),
            binarize="sampled",
            kl_warmup=1,
            epochs=1,
        )
    )
    return folder


@pytest.fixture
def command(folder, tmp_path):
    command = runner(folder, tmp_path)
    return lambda name, **flags: command(name, RUN, **flags)


def evaluate(command, **flags):
    return json.loads((command("evaluate", **flags) / "evaluate.json").read_text())


def test_evaluate(command, folder, capsys):
    found = evaluate(command, importance_samples=2)
    assert found["entropy_floor"] == 0
    assert found["bound_of"] == "mean log-likelihood of these images of black and white"
    assert f"of the {found['bound_of']}" in capsys.readouterr().out
    with (folder / RUN / "metrics.csv").open(newline="") as file:
        (last,) = csv.DictReader(file)
    assert found["loss"] == pytest.approx(float(last["test_loss"]))
    # Held-out losses have the whole weight, to which training had not come.
    assert found["loss"] == pytest.approx(found["image_loss"] + found["kl"])


def test_images_of_the_users_are_sampled_too(command, small_npz, tmp_path):
    with np.load(small_npz) as file:
        np.savez(tmp_path / "grey.npz", images=file["x_test"][:9])
    images = [str(tmp_path / "grey.npz")]
    found = evaluate(command, images=images)
    assert (found["images"], found["entropy_floor"]) == (9, 0)
    again = evaluate(command, images=images, batch_size=2)
    assert again["loss"] == pytest.approx(found["loss"], rel=1e-6)


def test_pictures_and_the_page_show_them(command, folder):
    with np.load(folder / RUN / "snapshots" / "epoch-1.npz") as file:
        assert file["decoded"].shape == (50, 28, 28, 1)
    page = (folder / RUN / "report.html").read_text("utf-8")
    assert '"is_binary": true' in page
    assert (command("reconstruct") / "sheet.png").is_file()
    assert (command("class-means") / "class-means.png").is_file()
