"""generate --prior fitted and --label, on short runs made by the program."""

import json
import os
import shutil

import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.errors import UserError
from autoencoder.files import replacing
from autoencoder.randomness import generator
from autoencoder.run_folder import fitted_prior
from autoencoder.trained import open_run, prior
from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
from tests.commands import runner
from tests.conftest import train_only
from tests.test_flags import assert_one_line, run_main
from tests.trained.test_restore import Training, while_restoring


@pytest.fixture
def folder(results, tmp_path):
    """A copy of the run small-z5."""
    return shutil.copytree(results / "small-z5", tmp_path / "copy" / "small-z5")


@pytest.fixture
def command(folder, tmp_path):
    """Runs a command on the copy, or on another run beside it."""
    command = runner(folder.parent, tmp_path)
    return lambda run=folder.name, **flags: command("generate", run, **flags)


@pytest.fixture
def drawn(monkeypatch):
    """A list to which the codes of each decoded batch are added."""
    codes, decode = [], open_run.decoded

    def watched(sess, model, batch):
        codes.append(batch)
        return decode(sess, model, batch)

    monkeypatch.setattr(open_run, "decoded", watched)
    return codes


def noise(count, latent_dim=5, seed=0):
    random = generator("generate", seed, 0)
    return random.standard_normal((count, latent_dim), np.float32)


def gaussian_of(folder, label=None):
    """The mean and covariance of a run's codes, by NumPy."""
    run = load_run(folder)
    images, labels = run.dataset.x_train, run.dataset.y_train
    with restored(run) as (sess, model):
        mean, std_dev = sess.run([model.mean_, model.std_dev], model.feed(images))
    if label is not None:
        mean, std_dev = mean[labels == label], std_dev[labels == label]
    variances = np.square(std_dev.astype(np.float64)).mean(axis=0)
    covariance = np.cov(mean.T.astype(np.float64), bias=True) + np.diag(variances)
    return mean.mean(axis=0), covariance


def test_training_ends_with_the_gaussians_of_its_codes(results):
    run = load_run(results / "small-z5", with_data=False)
    found = fitted_prior.read(run.path, run.checkpoint)
    assert found.classes == {label: str(label) for label in range(10)}
    assert found.gaussians[None].images == 300
    for label in (None, 0, 9):
        mean, covariance = gaussian_of(run.path, label)
        np.testing.assert_allclose(found.gaussians[label].mean, mean, rtol=1e-4)
        np.testing.assert_allclose(
            found.gaussians[label].covariance, covariance, rtol=1e-3, atol=1e-6
        )


def test_the_normal_prior_is_noise_bit_for_bit(command, drawn, capsys):
    command(count=30, batch_size=7)
    command(count=30, prior="normal", seed=3)
    np.testing.assert_array_equal(np.concatenate(drawn[:5]), noise(30))
    np.testing.assert_array_equal(drawn[5], noise(30, seed=3))
    assert capsys.readouterr().out.count("30 images from N(0, 1)") == 2


@pytest.mark.parametrize("label", [None, "4"])
def test_the_fitted_prior_is_the_same_noise_transformed(
    command, folder, drawn, label, capsys
):
    for batch_size in (128, 7):
        command(count=30, batch_size=batch_size, prior="fitted", label=label)
    mean, covariance = gaussian_of(folder, None if label is None else 4)
    expected = mean + noise(30) @ np.linalg.cholesky(covariance).T
    np.testing.assert_allclose(drawn[0], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(np.concatenate(drawn[1:]), drawn[0])
    images = "300 training images\n" if label is None else "training images of class 4"
    printed = capsys.readouterr().out
    assert "30 images from a Gaussian fitted to the codes of " in printed
    assert images in printed


def test_label_means_the_fitted_prior(command, drawn):
    command(count=3, label="4")
    command(count=3, label="4", prior="fitted")
    np.testing.assert_array_equal(*drawn)
    assert (drawn[0] != noise(3)).all()


def test_the_grid_stays_the_plane_and_no_file_is_made_for_it(results, tmp_path):
    command = runner(results, tmp_path)
    grids = []
    for name in ("normal", "fitted"):
        out = command("generate", prior=name, count=3, output=str(tmp_path / name))
        assert {path.name for path in out.iterdir()} == {"sheet.png", "grid.png"}
        grids.append(iio.imread(out / "grid.png"))
    np.testing.assert_array_equal(*grids)


def move_data(folder):
    """The run's data goes."""
    description = json.loads((folder / "flags.json").read_text())
    description["flags"]["dataset"] = "gone.npz"
    (folder / "flags.json").write_text(json.dumps(description))


def damaged(path):
    path.write_bytes(path.read_bytes()[:-30])


def of_other_weights(path):
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"checkpoint": np.array("ab" * 32)})


@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), damaged, of_other_weights]
)
def test_first_use_makes_the_file_and_later_ones_need_no_data(
    command, folder, drawn, small_npz, harm
):
    path = folder / "fitted-prior.npz"
    before = path.read_bytes()
    harm(path)
    command(count=3, label="4", batch_size=64)
    assert path.read_bytes() == before
    move_data(folder)
    command(count=3, label="4")
    np.testing.assert_array_equal(*drawn)
    harm(path)
    with pytest.raises(UserError, match="gone.npz is missing.*name it with --dataset"):
        command(count=3, label="4")
    command(count=3)  # from N(0, 1)


def test_a_folder_that_cannot_be_written_costs_a_warning(
    command, folder, drawn, monkeypatch, capsys
):
    command(count=3, prior="fitted")
    (folder / "fitted-prior.npz").unlink()

    def write(*arguments):
        with replacing(folder / "fitted-prior.npz"):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fitted_prior, "write", write)
    capsys.readouterr()
    command(count=3, prior="fitted")
    assert capsys.readouterr().err == (
        f"main.py: warning: {folder / 'fitted-prior.npz'} can't be written "
        "(Permission denied), so the next command fits it again\n"
    )
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("has_file", [True, False])
def test_a_run_in_training_is_fitted_to_the_weights_that_are_used(
    results, tmp_path, monkeypatch, has_file
):
    (tmp_path / "trained").mkdir()
    training = Training(results / "small-z2", tmp_path / "trained")
    whole = (training.path / "fitted-prior.npz").read_bytes()
    command = runner(training.path.parent, tmp_path)
    if has_file:
        command("generate", prior="fitted", count=1)  # of the first epoch
        assert (training.path / "fitted-prior.npz").read_bytes() != whole
    while_restoring(monkeypatch, training)
    command("generate", prior="fitted", count=1)
    assert (training.path / "fitted-prior.npz").read_bytes() == whole


def test_going_on_and_beginning_anew_make_another_one(results, tmp_path, small_npz):
    folder = shutil.copytree(results / "small-z2", tmp_path / "small-z2")
    first = (folder / "fitted-prior.npz").read_bytes()
    flags = {"dataset": str(small_npz), "results_dir": str(tmp_path)}
    found = [first]
    for changes in ({"epochs": 3}, {"epochs": 1, "overwrite": True}):
        train_only(**flags, **changes)
        run = load_run(folder, with_data=False)
        assert fitted_prior.read(folder, run.checkpoint) is not None
        found.append((folder / "fitted-prior.npz").read_bytes())
    assert len(set(found)) == 3


@pytest.fixture(scope="module")
def named(mnist, tmp_path_factory):
    """Trains on three digits with given names; class 1 has one image, class 3 none."""
    top = tmp_path_factory.mktemp("named")

    def trained(*names):
        images = mnist["x_train"][mnist["y_train"] < 3][:20]
        labels = np.array([0, 2] * 9 + [0, 1])
        np.savez(top / "a.npz", x_train=images, y_train=labels, class_names=names)
        train_only(
            dataset=str(top / "a.npz"),
            results_dir=str(top),
            run_name="-".join(names),
            latent_dim=32,
            epochs=1,
        )
        return load_run(top / "-".join(names))

    return trained


def test_a_label_is_a_name_or_a_number(named, tmp_path, capsys):
    run = named("0", "shirt", "1", "hat")
    names = {"0": 0, "shirt": 1, "1": 2, "2": 2}
    assert {name: prior.label_of(run, name) for name in names} == names
    for wrong in ("hat", "3", "Shirt", "-1", "", " 0"):
        with pytest.raises(UserError) as raised:
            prior.label_of(run, wrong)
        assert str(raised.value) == (
            f"--label {wrong}: {run.path} has no training image of such a class; its "
            "classes are 0, shirt, 1"
        )
    command = runner(run.path.parent, tmp_path)
    capsys.readouterr()
    command("generate", run.path.name, label="shirt", count=5)
    printed = capsys.readouterr().out
    assert "5 images from a Gaussian fitted to the codes of 1 training image" in printed
    assert " training image of class shirt\n" in printed
    (run.path / "fitted-prior.npz").unlink()
    assert {name: prior.label_of(run, name) for name in names} == names


def test_a_name_of_two_classes_asks_for_the_number(named):
    run = named("hat", "hat", "shirt")
    assert prior.label_of(run, "1") == 1
    with pytest.raises(
        UserError, match="2 classes .* have this name: .* numbers, 0, 1"
    ):
        prior.label_of(run, "hat")


def test_an_unknown_label_lists_no_more_classes_than_one_can_read(results, monkeypatch):
    run = load_run(results / "small-z2")
    classes = {label: f"kind {label}" for label in range(3021)}
    found = fitted_prior.FittedPrior(classes, {})
    monkeypatch.setattr(fitted_prior, "read", lambda *arguments: found)
    with pytest.raises(UserError, match="kind 18, kind 19, and 3,001 more$"):
        prior.label_of(run, "kind")


def test_codes_that_are_not_finite(command, folder, monkeypatch):
    run = load_run(folder)
    found = fitted_prior.read(folder, run.checkpoint)
    gaussian = found.gaussians[None]
    broken = gaussian._replace(covariance=gaussian.covariance * np.nan)
    fitted_prior.write(
        folder,
        run.checkpoint,
        found._replace(gaussians=found.gaussians | {None: broken}),
    )
    with pytest.raises(UserError, match="the codes of .* are not finite"):
        command(prior="fitted")


@pytest.mark.parametrize(
    ("run", "arguments", "words"),
    [
        (
            "small-z2",
            ["--label=3", "--prior=normal"],
            ["--label 3 needs --prior fitted"],
        ),
        ("small-z2", ["--label=11"], ["--label 11: ", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"]),
        ("bare-z2", ["--label=3"], ["--label 3: ", "without labels", "--prior fitted"]),
    ],
)
def test_mistakes_get_one_line_without_tensorflow(
    results, tmp_path, run, arguments, words
):
    for has_file in (True, False):
        folder = tmp_path / f"{run}-{has_file}"
        shutil.copytree(results / run, folder, copy_function=os.link)  # only read
        if not has_file:
            (folder / "fitted-prior.npz").unlink()
        before = sorted(folder.rglob("*"))
        done = run_main("generate", f"--run_dir={folder}", *arguments, cwd=tmp_path)
        assert_one_line(done, 1, *words)
        assert sorted(folder.rglob("*")) == before
