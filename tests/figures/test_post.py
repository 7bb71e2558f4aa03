import colorsys
import warnings

import imageio.v3 as iio
import numpy as np
import pytest
from matplotlib.text import Text

from autoencoder.figures import png, post, style
from autoencoder.pixels import tiles

RANDOM = np.random.default_rng(0)
DIGITS = np.arange(10)


def read(path):
    """Reads a picture of the post's size, float [480, 640, 3] in [0, 1]."""
    pixels = iio.imread(path)[..., :3] / 255
    assert pixels.shape == (480, 640, 3)
    return pixels


def colour(label, count=10):
    return colorsys.hls_to_rgb(0.01 + label / count, 0.45, 0.8)


def has_colour(pixels, rgb):
    return (np.abs(pixels - rgb).max(axis=2) < 0.01).any()


def test_sheet_lays_images_out_row_by_row(tmp_path):
    images = np.arange(5, dtype=np.float32)[:, None, None, None] / 5
    images = np.broadcast_to(images, (5, 4, 6, 1))
    png.write_sheet(tmp_path / "sheet.png", images)
    pixels = iio.imread(tmp_path / "sheet.png")
    assert pixels.shape == (2 * 4 + 2, 3 * 6 + 2 * 2)
    for i, (row, column) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]):
        tile = pixels[row * 6 : row * 6 + 4, column * 8 : column * 8 + 6]
        assert (tile == i * 51).all()
    assert (pixels[4:6] == 255).all()
    assert (pixels[6:, 16:] == 255).all()


def test_sheet_of_one_image(tmp_path):
    png.write_sheet(tmp_path / "sheet.png", np.zeros((1, 28, 28, 1)))
    assert iio.imread(tmp_path / "sheet.png").shape == (28, 28)


def test_no_half_written_picture(tmp_path):
    with pytest.raises(FileNotFoundError):
        png.write_sheet(tmp_path / "nowhere" / "sheet.png", np.zeros((1, 8, 8, 1)))
    assert [*tmp_path.iterdir()] == []


def test_reconstructions_stand_beside_their_originals(tmp_path):
    black_left = np.zeros((3, 28, 28, 1))
    black_left[:, :, 14:] = 1
    style.save(post.reconstructions(black_left, 1 - black_left), tmp_path / "a.png")
    pixels = read(tmp_path / "a.png")[..., 0]
    left, right = pixels[:, :320] < 0.5, pixels[:, 320:] < 0.5
    # Three times a black half: in the left column its left half, in the right its right
    # one, and each column's blackest place is off its middle to that side.
    assert left.sum() == pytest.approx(right.sum(), rel=0.05)
    bands = np.flatnonzero(np.diff(left.any(axis=1).astype(int)) == 1)
    assert len(bands) == 3
    columns = np.flatnonzero(left.any(axis=0)), np.flatnonzero(right.any(axis=0))
    height = len(columns[0]) * 2
    assert left.any(axis=1).sum() == pytest.approx(3 * height, rel=0.05)


def test_more_than_five_reconstructions_need_a_higher_picture(tmp_path):
    style.save(
        post.reconstructions(*RANDOM.random((2, 20, 28, 28, 1))), tmp_path / "a.png"
    )
    assert iio.imread(tmp_path / "a.png").shape[:2] == (4 * 480, 640)


def test_reconstruction_of_one_image(tmp_path):
    style.save(
        post.reconstructions(*RANDOM.random((2, 1, 28, 28, 1))), tmp_path / "a.png"
    )
    assert read(tmp_path / "a.png").min() == 0


def test_image_shows_every_pixel_from_black_to_white(tmp_path):
    board = np.indices((28, 28)).sum(axis=0)[..., None] % 2 * 0.2 + 0.4
    style.save(post.image(board), tmp_path / "a.png")
    pixels = read(tmp_path / "a.png")[..., 0]
    inside = pixels[64:418, 152:500]  # within the axes, away from their edge
    assert (inside < 0.02).mean() == pytest.approx(0.5, abs=0.05)
    assert (inside > 0.98).mean() == pytest.approx(0.5, abs=0.05)


def test_space_has_its_first_row_at_the_top(tmp_path):
    grid = np.zeros((14, 14, 28, 28, 1))
    grid[0, :] = 1
    grid[:, 3] = 0.5
    style.save(post.space(grid), tmp_path / "a.png")
    pixels = read(tmp_path / "a.png")[..., 0]
    axes = pixels[60:426, 146:512]  # 14 tiles of about 26 pixels each
    shown = axes[13::26, 13::26][:14, :14]
    assert shown.shape == (14, 14)
    assert (shown[0, :3] == 1).all()
    assert (shown[0, 4:] == 1).all()
    assert ((shown[:, 3] > 0.4) & (shown[:, 3] < 0.6)).all()
    assert not shown[1:, 4:].any()
    assert not shown[1:, :3].any()


def test_tiles_are_not_transposed():
    grid = RANDOM.random((2, 3, 4, 5, 1))
    joined = tiles(grid)
    assert joined.shape == (8, 15, 1)
    np.testing.assert_array_equal(joined[4:8, 10:15], grid[1, 2])


def test_latent_space_has_the_posts_ten_colours(tmp_path):
    codes = RANDOM.standard_normal((200, 2))
    style.save(post.latent_space(codes, np.arange(200) % 10), tmp_path / "a.png")
    pixels = read(tmp_path / "a.png")
    assert style.hls_colours(10) == [colour(label) for label in DIGITS]
    # From the bottom of the bar to its top: a band of each colour, equally high.
    bar = pixels[60:425, 510][::-1]
    for label in DIGITS:
        band = bar[int(36.5 * label) + 8 : int(36.5 * label) + 28]
        np.testing.assert_allclose(band, [colour(label)] * len(band), atol=0.01)


def test_points_have_their_classes_colours_and_places(tmp_path):
    codes = np.array([[-1.0, 0.0], [1.0, 0.0]])
    style.save(post.latent_space(codes, np.array([0, 7])), tmp_path / "a.png")
    axes = read(tmp_path / "a.png")[60:425, 82:470]
    assert has_colour(axes[:, :100], colour(0))
    assert has_colour(axes[:, -100:], colour(7))
    assert not has_colour(axes[:, :100], colour(7))


def bar_labels(labels, class_names=None):
    """Returns the names on the bar with their heights, in bands from the bottom."""
    codes = np.zeros((len(labels), 2))
    bar = post.latent_space(codes, np.array(labels), class_names).axes[1]
    names = [text.get_text() for text in bar.get_yticklabels()]
    bottom, top = bar.get_ylim()
    bands = len(np.unique(labels)) if max(labels) > 9 else 10
    places = (bar.get_yticks() - bottom) / (top - bottom) * bands
    return dict(zip(names, places.round(6).tolist(), strict=True))


def test_class_names_stand_in_the_middle_of_their_bands():
    names = list("abcdefghij")
    found = bar_labels([*DIGITS], names)
    assert found == {name: i + 0.5 for i, name in enumerate(names)}


def test_digits_are_shown_where_there_are_no_names():
    found = bar_labels([3, 3, 5])
    assert found == {str(label): label + 0.5 for label in DIGITS}


def test_labels_other_than_digits():
    assert bar_labels([-7, 40, 1000, 40]) == {
        "-7": 0.5, "40": 1.5, "1000": 2.5
    }  # fmt: skip
    many = bar_labels([*range(100)])
    assert list(many)[:2] == ["0", "4"]
    assert many["96"] == 96.5


def test_latent_space_without_labels_and_of_one_point(tmp_path):
    style.save(
        post.latent_space(RANDOM.standard_normal((9, 2)), None), tmp_path / "a.png"
    )
    assert has_colour(read(tmp_path / "a.png"), colour(0))
    style.save(post.latent_space(np.zeros((1, 2)), np.array([4])), tmp_path / "b.png")
    assert has_colour(read(tmp_path / "b.png")[:, :480], colour(4))


@pytest.mark.parametrize(
    "name", ["from $5 to $10_", "100% $_a_b$", "$\\frac{$", "猫 🎉"]
)
def test_any_folder_can_be_a_class(tmp_path, name):
    codes = np.zeros((4, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure = post.latent_space(codes, np.array([0, 1, 0, 1]), [name, "other"])
        style.save(figure, tmp_path / "a.png")
    assert name in [text.get_text() for text in figure.findobj(Text)]
