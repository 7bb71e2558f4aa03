"""People's own pictures, as the commands on a trained run read them."""

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from autoencoder.datasets.folder import picture_files
from autoencoder.errors import UserError
from autoencoder.trained.user_images import path_sources, read_batches

SHAPE = (28, 28, 1)
RANDOM = np.random.default_rng(0)


def grey(path, size=(28, 28)):
    pixels = RANDOM.integers(0, 256, size[::-1], np.uint8)
    iio.imwrite(path, pixels)
    return pixels


def read(paths, resize=False, size=10):
    left_out = {}
    sources = path_sources(list(map(str, paths)), SHAPE, resize)
    batches = list(read_batches(sources, size, left_out))
    for batch in batches:
        assert batch.sources == [sources[place] for place in batch.places]
    return batches, left_out


def test_files_and_folders_in_order_with_their_names(tmp_path):
    (tmp_path / "a" / "deep").mkdir(parents=True)
    pixels = [
        grey(tmp_path / "z.png"),
        grey(tmp_path / "a" / "1.PNG"),
        grey(tmp_path / "a" / "deep" / "数字.png"),
    ]
    found, left_out = read([tmp_path / "z.png", tmp_path / "a"], size=2)
    assert [len(batch.images) for batch in found] == [2, 1]
    images = np.concatenate([batch.images for batch in found])
    np.testing.assert_array_equal(images[..., 0], pixels)
    names = [source.name for batch in found for source in batch.sources]
    assert names == [
        str(tmp_path / name) for name in ("z.png", "a/1.PNG", "a/deep/数字.png")
    ]
    assert left_out == {}


def test_a_folder_is_searched_as_a_data_set_is(tmp_path):
    """By content, through links, and without hidden files, runs and caches."""
    folder = tmp_path / "in"
    for name in ("a.png", "linked/b.png", ".hidden/c.png", "cache/d.png"):
        path = (folder if name != "linked/b.png" else tmp_path) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        grey(path)
    (folder / "cache" / "CACHEDIR.TAG").touch()
    (folder / "a.png").rename(folder / "no ending")
    (folder / "link").symlink_to(tmp_path / "linked")
    (folder / "link" / "back").symlink_to(folder)
    (folder / "scan.tif").write_text("TIFF")
    (found,), left_out = read([folder])
    names = [str(folder / name) for name in ("link/b.png", "no ending")]
    assert [source.name for source in found.sources] == names
    assert left_out == {
        2: f"{folder}/scan.tif is damaged, or no PNG, JPEG, WebP, BMP or GIF file"
    }
    files = picture_files(folder, test_share=0)
    assert {file.name for file in files} == {"link/b.png", "no ending", "scan.tif"}


@pytest.mark.parametrize(
    ("arrays", "labels"),
    [
        ({"images": "x", "labels": [3, 1]}, [3, 1]),
        ({"images": "x"}, [None, None]),
        ({"x_test": "x", "y_test": [[5], [6]]}, [5, 6]),  # as Keras has CIFAR-10
        ({"x_train": "y", "x_test": "x", "y_test": [1, 2], "labels": [9]}, [1, 2]),
    ],
)
def test_npz(tmp_path, arrays, labels):
    images = RANDOM.integers(0, 256, (2, 28, 28), np.uint8)
    named = {"x": images, "y": 255 - images}
    arrays = {key: named.get(str(value), value) for key, value in arrays.items()}
    np.savez(tmp_path / "a.npz", **arrays)
    ((_, sources, found),), _ = read([tmp_path / "a.npz"])
    np.testing.assert_array_equal(found[..., 0], images)
    assert [source.label for source in sources] == labels


def test_npz_of_other_types_sizes_and_colours(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.full((2, 28, 28), 0.2))
    ((_, _, found),), _ = read([tmp_path / "a.npz"])
    np.testing.assert_array_equal(found, np.full((2, 28, 28, 1), 51))
    np.savez(tmp_path / "a.npz", images=np.full((2, 30, 60, 3), 99, np.uint8))
    ((_, _, found),), _ = read([tmp_path / "a.npz"], True)
    np.testing.assert_array_equal(found, np.full((2, 28, 28, 1), 99))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: grey(path, (30, 20)), "is 30x20 grey, and the run takes 28x28"),
        (
            lambda path: iio.imwrite(path, np.zeros((28, 28, 3), np.uint8)),
            "is 28x28 in colour, and the run takes 28x28 grey: --resize converts",
        ),
        (
            lambda path: path.write_bytes(b""),
            "is damaged, or no PNG, JPEG, WebP, BMP or GIF file",
        ),
        (
            lambda path: path.write_text("text"),
            "is damaged, or no PNG, JPEG, WebP, BMP or GIF file",
        ),
    ],
)
def test_what_does_not_fit_is_left_out_with_its_reason(tmp_path, make, words):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    pixels = grey(good)
    make(bad)
    ((_, sources, images),), left_out = read([bad, good])
    np.testing.assert_array_equal(images[0, ..., 0], pixels)
    assert list(left_out) == [0]
    assert left_out[0].startswith(f"{bad} ")
    assert words in left_out[0]
    for paths in ([bad], [bad, bad]):
        with pytest.raises(UserError, match="no image can be used: .*bad.png is "):
            read(paths)


def test_a_picture_cut_short_at_any_length(tmp_path):
    whole, cut = tmp_path / "whole.png", tmp_path / "cut.png"
    grey(whole)
    content = whole.read_bytes()
    for length in range(0, len(content) - 16, 37):
        cut.write_bytes(content[:length])
        _, left_out = read([whole, cut])
        assert left_out == {
            1: f"{cut} is damaged, or no PNG, JPEG, WebP, BMP or GIF file"
        }


def test_resize_converts_size_and_colour(tmp_path):
    wide = np.zeros((40, 80, 3), np.uint8)
    wide[:, 20:60] = [255, 255, 255]
    iio.imwrite(tmp_path / "a.png", wide)
    iio.imwrite(tmp_path / "b.jpg", wide)
    ((_, _, images),), left_out = read([tmp_path / "a.png", tmp_path / "b.jpg"], True)
    assert images.shape == (2, 28, 28, 1)
    assert (images[:, 2:-2, 2:-2] > 250).all()  # the middle: the rest is cropped
    assert left_out == {}


def test_resize_lays_what_is_transparent_on_black(tmp_path):
    pixels = np.full((28, 28, 4), 255, np.uint8)
    pixels[:, :14, 3] = 0
    iio.imwrite(tmp_path / "a.png", pixels)
    ((_, _, images),), _ = read([tmp_path / "a.png"], True)
    assert (images[0, :, :14] == 0).all()
    assert (images[0, :, 14:] == 255).all()


@pytest.mark.parametrize("resize", [False, True])
def test_sixteen_bits_become_eight(tmp_path, resize):
    pixels = RANDOM.integers(0, 256, (28, 28), np.uint16)
    iio.imwrite(tmp_path / "a.png", pixels * 257)
    ((_, _, images),), left_out = read([tmp_path / "a.png"], resize)
    np.testing.assert_array_equal(images[0, ..., 0], pixels)
    assert left_out == {}


def test_exif_orientation_is_followed(tmp_path):
    pixels = np.zeros((28, 28), np.uint8)
    pixels[:14] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif)
    ((_, _, images),), _ = read([tmp_path / "a.jpg"])
    assert images[0, :10].max() < 50
    assert images[0, 18:].min() > 200


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "is not there: check the path"),
        (lambda path: path.mkdir(), "holds no PNG, JPEG, WebP, BMP or GIF file"),
        (lambda path: path.write_text(""), "is damaged or no .npz file"),
        (
            lambda path: np.savez(path, other=1),
            "has neither an array images nor x_test",
        ),
        (
            lambda path: np.savez(path, images=np.zeros((2, 9, 9), np.uint8)),
            r"holds images \[9, 9, 1\], and the run takes \[28, 28, 1\]: --resize",
        ),
        (
            lambda path: np.savez(path, images=np.zeros((0, 28, 28), np.uint8)),
            "holds no image",
        ),
        (
            lambda path: np.savez(
                path, images=np.zeros((2, 28, 28), np.uint8), labels=[1]
            ),
            r"labels is int64 \[1\], but integers \[2\] are needed",
        ),
        (
            lambda path: np.savez(path, images=np.array([None])),
            "images is an array of Python objects",
        ),
    ],
)
def test_paths_that_hold_no_images(tmp_path, make, words):
    make(tmp_path / "a.npz")
    with pytest.raises(UserError, match=words):
        path_sources([str(tmp_path / "a.npz")], SHAPE, False)


def test_what_a_run_takes_of_a_folder(tmp_path):
    """Transparency is laid on the run's background, grey stands in colour, and hidden
    files are none."""
    Image.new("RGBA", (6, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")
    Image.new("L", (6, 4), 99).save(tmp_path / "b.png")
    for name in (".c.png", ".d/e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (6, 4)).save(tmp_path / name)
    sources = path_sources([str(tmp_path)], (4, 6, 3), False, "#ff00ff")
    found = [source.read()[0, 0].tolist() for source in sources]
    assert found == [[255, 0, 255], [99, 99, 99]]
