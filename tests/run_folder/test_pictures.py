import functools
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder import experiments
from autoencoder.datasets.load import Dataset
from autoencoder.evaluation import HeldOut
from autoencoder.figures import post, style
from autoencoder.model import build
from autoencoder.run_folder.folder import RunFolder
from autoencoder.run_folder.pictures import Pictures, left_out, shown_images, smaller
from autoencoder.run_folder.running import Running
from autoencoder.session import open_session
from tests.conftest import run_flags


@pytest.fixture
def drawn(monkeypatch):
    """What would be drawn: a dict from Train/Epoch_0.png and the like to arguments."""
    pictures = {}

    def save(figure, path):
        pictures["/".join(path.parts[-2:])] = figure

    def draw(kind):
        return lambda *arguments: (kind, arguments)

    for kind in ("reconstructions", "image", "latent_space", "space"):
        monkeypatch.setattr(post, kind, draw(kind))
    monkeypatch.setattr(style, "save", save)
    return pictures


@functools.cache
def model_of(latent_dim):
    return build((28, 28, 1), run_flags(latent_dim=latent_dim))


def draw_epoch(dataset, flags, folder, epoch=1):
    model = model_of(flags.latent_dim)
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        run_folder = RunFolder(folder, folder / "logs", None)
        pictures = Pictures(Running(sess, model, dataset, run_folder, flags))
        arrays = pictures.after_first_batch(epoch)
        held = held_out(dataset, flags.latent_dim)
        return arrays | pictures.after_epoch(epoch, held)


def held_out(dataset, latent_dim):
    if dataset.x_test is None:
        return None
    codes = np.ones((len(dataset.x_test), latent_dim), np.float32)
    return HeldOut(1.0, 1.0, 2.0, codes[0], codes[0], codes, codes, codes)


def dataset_of(images, *, train=300, test=50, labels=True):
    y = np.arange(300) % 10
    return Dataset(
        "d",
        images[:train],
        y[:train] if labels else None,
        images[:test] if test else None,
        y[:test] if labels and test else None,
        None,
        "",
    )


def test_the_originals_pictures_under_their_names(drawn, images, tmp_path):
    dataset = dataset_of(images)
    draw_epoch(dataset, run_flags(), tmp_path, epoch=3)
    assert {name: kind for name, (kind, _) in drawn.items()} == {
        "Train/Epoch_2.png": "reconstructions",
        "Test/2.png": "image",
        "Test/Latent_2.png": "latent_space",
        "Test/Space_2.png": "space",
    }
    originals, outputs = drawn["Train/Epoch_2.png"][1]
    np.testing.assert_array_equal(originals, images[128:133] / 255)
    assert outputs.shape == (5, 28, 28, 1)
    codes, labels, names = drawn["Test/Latent_2.png"][1]
    assert codes.shape == (50, 2)
    np.testing.assert_array_equal(labels, dataset.y_test)
    assert names is None
    assert drawn["Test/Space_2.png"][1][0].shape == (14, 14, 28, 28, 1)
    assert left_out(dataset, run_flags()) == ""


@pytest.mark.parametrize("changes", [{"latent_dim": 5}, {"latent_dim": 1}])
def test_without_a_plane_there_is_none_to_draw(drawn, images, tmp_path, changes):
    draw_epoch(dataset_of(images), run_flags(**changes), tmp_path)
    assert set(drawn) == {"Train/Epoch_0.png", "Test/0.png"}
    assert left_out(dataset_of(images), run_flags(**changes)) == ""


def test_noplot_latent(drawn, images, tmp_path):
    draw_epoch(dataset_of(images), run_flags(plot_latent=False), tmp_path)
    assert set(drawn) == {"Train/Epoch_0.png", "Test/0.png", "Test/Space_0.png"}


@pytest.mark.parametrize(
    ("train", "batch_size", "shown"),
    [
        (133, 128, range(128, 133)),
        (130, 128, [128, 129, 0, 1, 2]),
        (128, 128, range(5)),
        (300, 50, range(50, 55)),
        (100, 128, range(5)),
        (3, 2, [2, 0, 1]),
        (1, 1, [0]),
    ],
)
def test_the_second_batch_is_shown(drawn, images, tmp_path, train, batch_size, shown):
    """As far as it goes, and then the first."""
    flags = run_flags(batch_size=batch_size)
    draw_epoch(dataset_of(images, train=train), flags, tmp_path)
    originals, outputs = drawn["Train/Epoch_0.png"][1]
    np.testing.assert_array_equal(originals, images[[*shown]] / 255)
    assert len(outputs) == len(shown)


@pytest.mark.parametrize("train", [300, 133, 130, 7])
def test_fewer_are_the_first_of_more(images, train):
    """So that --test_image_number may be changed when a run goes on."""
    dataset = dataset_of(images, train=train)
    most = shown_images(dataset, run_flags(test_image_number=100))
    assert len(most) == min(train, 100)
    for count in range(1, len(most)):
        few = shown_images(dataset, run_flags(test_image_number=count))
        np.testing.assert_array_equal(few, most[:count])


def test_without_a_test_split(drawn, images, tmp_path):
    dataset = dataset_of(images, test=0)
    draw_epoch(dataset, run_flags(), tmp_path)
    assert set(drawn) == {"Train/Epoch_0.png", "Test/0.png", "Test/Space_0.png"}
    assert left_out(dataset, run_flags()) == (
        "no Test/Latent_N.png, there are no test images"
    )


def test_the_drawn_arrays_are_handed_back(drawn, images, tmp_path):
    arrays = draw_epoch(dataset_of(images), run_flags(), tmp_path)
    outputs = drawn["Train/Epoch_0.png"][1][1]
    np.testing.assert_array_equal(arrays["first_outputs"], outputs)
    np.testing.assert_array_equal(
        arrays["first_codes"], drawn["Test/Latent_0.png"][1][0]
    )
    assert arrays["codes"].tolist() == [[1, 1]] * 50  # those of held_out
    assert arrays["grid"].dtype == np.float16
    np.testing.assert_allclose(
        arrays["grid"], drawn["Test/Space_0.png"][1][0], atol=1e-3
    )
    kept = {
        "first_means", "first_std_devs", "first_decoded",
        "means", "std_devs", "decoded", "latent_terms", "mean_variance",
    }  # fmt: skip
    drawn_arrays = {"first_outputs", "outputs", "first_codes", "codes", "grid"}
    assert set(arrays) == drawn_arrays | kept
    arrays = draw_epoch(dataset_of(images, test=0), run_flags(), tmp_path)
    assert set(arrays) == {"first_outputs", "outputs", "grid"}
    arrays = draw_epoch(dataset_of(images), run_flags(latent_dim=5), tmp_path)
    assert set(arrays) == {"first_outputs", "outputs"} | kept


def test_test_images_are_encoded_and_decoded_for_the_snapshots(
    drawn, images, tmp_path, monkeypatch
):
    monkeypatch.setattr("autoencoder.run_folder.pictures._CODES", 20)
    monkeypatch.setattr("autoencoder.run_folder.pictures._DECODED", 7)
    dataset, flags = dataset_of(images), run_flags(latent_dim=3, batch_size=6)
    arrays = draw_epoch(dataset, flags, tmp_path)
    kept = np.arange(20) * 50 // 20
    model = build((28, 28, 1), flags)
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        feed = model.feed(dataset.x_test[kept])
        means, std_devs = sess.run([model.mean_, model.std_dev], feed)
        some = {model.z: means[np.arange(7) * 20 // 7]}
        outputs = sess.run(model.output, some)
        ones = sess.run(model.output, {model.z: np.ones((7, 3))})
    np.testing.assert_allclose(arrays["first_means"], means, atol=1e-5)
    np.testing.assert_allclose(arrays["first_std_devs"], std_devs, atol=1e-5)
    assert arrays["means"].tolist() == [[1, 1, 1]] * 20  # those of held_out
    for name, floats in (("first_decoded", outputs), ("decoded", ones)):
        assert arrays[name].dtype == np.uint8
        np.testing.assert_allclose(arrays[name], floats * 255, atol=0.51)


@pytest.mark.parametrize(
    ("shape", "latent_dim", "codes", "decoded"),
    [
        ((28, 28, 1), 5, 2000, (500, 28, 28, 1)),
        ((28, 28, 3), 5, 2000, (425, 28, 28, 3)),
        ((128, 128, 3), 32, 2000, (81, 64, 64, 3)),
        ((28, 28, 1), 1000, 200, (200, 28, 28, 1)),
    ],
)
def test_the_arrays_of_test_images_stay_small(
    tmp_path, monkeypatch, shape, latent_dim, codes, decoded
):
    x_test = np.zeros((3000, *shape), np.uint8)
    dataset = Dataset("d", x_test[:9], None, x_test, None, None, "")
    monkeypatch.setattr(
        experiments, "decoded", lambda s, m, z: np.ones((len(z), *shape))
    )
    model = SimpleNamespace(latent_dim=latent_dim)
    monkeypatch.setattr(Pictures, "_reconstruct", lambda pictures, epoch: None)
    running = Running(
        None, model, dataset, RunFolder(tmp_path, None, None), run_flags()
    )
    values = np.zeros((3000, latent_dim), np.float32)
    arrays = Pictures(running).after_epoch(
        1, HeldOut(1.0, 1.0, 2.0, None, None, values, values, values)
    )
    assert arrays["means"].shape == arrays["std_devs"].shape == (codes, latent_dim)
    assert arrays["decoded"].shape == decoded
    assert arrays["decoded"].min() == 255


def test_without_labels(drawn, images, tmp_path):
    dataset = dataset_of(images, labels=False)
    draw_epoch(dataset, run_flags(), tmp_path)
    assert drawn["Test/Latent_0.png"][1][1] is None
    assert left_out(dataset, run_flags()) == (
        "Test/Latent_N.png has one colour, there are no test labels"
    )


def test_one_image(drawn, images, tmp_path):
    dataset = dataset_of(images, train=1, test=1)
    draw_epoch(dataset, run_flags(), tmp_path)
    assert len(drawn) == 4
    assert left_out(dataset, run_flags()) == (
        "Train/Epoch_N.png shows 1, there are no more images"
    )


def test_noise_changes_with_the_epoch_and_repeats(drawn, images, tmp_path):
    for epoch in (1, 2):
        draw_epoch(dataset_of(images), run_flags(), tmp_path, epoch)
    first, second = (drawn[f"Test/Latent_{n}.png"][1][0] for n in (0, 1))
    assert (first != second).all()
    draw_epoch(dataset_of(images), run_flags(), tmp_path, epoch=1)
    np.testing.assert_array_equal(drawn["Test/Latent_0.png"][1][0], first)


def test_of_large_images_a_smaller_grid_is_kept():
    grid = np.random.default_rng(0).random((2, 3, 28, 64, 1))
    assert smaller(grid) is grid
    grid = np.random.default_rng(0).random((2, 3, 130, 80, 3))
    found = smaller(grid)
    assert found.shape == (2, 3, 43, 26, 3)
    np.testing.assert_allclose(found[1, 2, 5, 7], grid[1, 2, 15:18, 21:24].mean((0, 1)))
    signals = np.random.default_rng(0).random((5, 2, 260, 1))
    found = smaller(signals)
    assert found.shape == (5, 1, 52, 1)
    np.testing.assert_allclose(found[4, 0, 7], signals[4, :, 35:40].mean((0, 1)))


class Images:
    """Test images that note how many are taken at once."""

    def __init__(self, images):
        self._images = images
        self.taken = []

    def __len__(self):
        return len(self._images)

    def __getitem__(self, places):
        self.taken.append(len(self._images[places]))
        return self._images[places]


def test_test_images_are_taken_in_batches(drawn, images, tmp_path):
    x_test = Images(images[:50])
    dataset = dataset_of(images)._replace(x_test=x_test)
    flags = run_flags(latent_dim=3, batch_size=6)
    arrays = draw_epoch(dataset, flags, tmp_path)
    assert len(arrays["first_means"]) == sum(x_test.taken) == 50
    assert max(x_test.taken) == 6
