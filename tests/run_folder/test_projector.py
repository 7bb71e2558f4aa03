from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.run_folder import projector
from autoencoder.run_folder.layout import PROJECTOR_FILES

RANDOM = np.random.default_rng(0)


def written(folder, count, size=(28, 28), latent_dim=5, **changes):
    images = RANDOM.integers(0, 256, (count, *size, 1), np.uint8)
    named = {"y_test": np.arange(count) % 3, "class_names": None, "test_names": None}
    dataset = SimpleNamespace(x_test=images, **named | changes)
    shown = projector.write_images(folder, dataset, latent_dim)
    return images, shown, iio.imread(folder / "projector-sprite.png")


def test_sprite_and_labels_stand_in_the_order_of_the_images(tmp_path):
    images, shown, sprite = written(tmp_path, 10, (4, 6))
    assert shown == 10
    assert sprite.shape == (3 * 4, 4 * 6)
    for i in range(10):
        row, column = divmod(i, 4)
        tile = sprite[row * 4 : row * 4 + 4, column * 6 : column * 6 + 6]
        np.testing.assert_array_equal(tile, images[i, ..., 0])
    labels = (tmp_path / "projector-labels.tsv").read_text().splitlines()
    assert labels == [str(i % 3) for i in range(10)]
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert config.index("single_image_dim: 6") < config.index("single_image_dim: 4")


def test_names_of_classes_and_what_has_no_label(tmp_path):
    written(tmp_path, 3, class_names=["a", "b\tc\nd", "é"])
    labels = (tmp_path / "projector-labels.tsv").read_text("utf-8").splitlines()
    assert labels == ["a", "b c d", "é"]
    written(tmp_path, 3, y_test=None)
    labels = (tmp_path / "projector-labels.tsv").read_text().splitlines()
    assert labels == ["0", "1", "2"]


def test_names_of_files(tmp_path):
    files = ["a/1.png", "b/2.png", "b/3\t.png"]
    written(tmp_path, 3, y_test=None, test_names=files)
    labels = (tmp_path / "projector-labels.tsv").read_text().splitlines()
    assert labels == ["a/1.png", "b/2.png", "b/3 .png"]
    written(tmp_path, 3, class_names=["a", "b", "c"], test_names=files)
    labels = (tmp_path / "projector-labels.tsv").read_text().splitlines()
    assert labels == ["class\tfile", "a\ta/1.png", "b\tb/2.png", "c\tb/3 .png"]


def test_a_sprite_stays_within_what_browsers_take(tmp_path):
    _, shown, sprite = written(tmp_path, 100, (2000, 10))
    assert shown == 4 * 10
    assert max(sprite.shape) <= 8192


def test_a_sprite_of_large_images_shows_fewer(tmp_path):
    _, shown, sprite = written(tmp_path, 40, (1000, 900))
    assert shown == 35
    assert sprite.shape == (5 * 1000, 7 * 900)


@pytest.mark.parametrize(
    ("size", "expected"), [((1, 9000), (5, 9000)), ((9000, 1), (9000, 3))]
)
def test_images_longer_than_a_sprite_may_be(tmp_path, size, expected):
    _, shown, sprite = written(tmp_path, 5, size)
    assert (shown, sprite.shape) == (min(expected), expected)


def test_many_dimensions_show_fewer_images(tmp_path):
    _, shown, _ = written(tmp_path, 1000, (4, 4), latent_dim=1000)
    assert shown == 500


def test_codes_of_less_than_three_dimensions_get_zeros(tmp_path):
    projector.write_codes(tmp_path, np.array([[1.5, -2.0], [0.25, 1e-7]]))
    found = np.loadtxt(tmp_path / "projector-codes.tsv", delimiter="\t")
    np.testing.assert_allclose(found, [[1.5, -2, 0], [0.25, 1e-7, 0]])


def test_the_run_folder_knows_the_files_that_it_may_delete(tmp_path):
    written(tmp_path, 3)
    projector.write_codes(tmp_path, np.zeros((3, 5)))
    assert {path.name for path in tmp_path.iterdir()} == set(PROJECTOR_FILES)
