import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.experiments import frame
from autoencoder.figures import side_by_side, style

RANDOM = np.random.default_rng(0)
GRID = np.arange(-3, 4, 0.5)


def drawn(figure, path):
    style.save(figure, path)
    return iio.imread(path)[..., :3] / 255


def test_reconstructions_lie_where_the_posts_do(tmp_path):
    dark = np.zeros((5, 28, 28, 1))
    dark[:, 0, 0] = 1  # something to be white, in a corner
    figure = side_by_side.reconstructions_over_epochs(
        dark, [dark] * 4, [f"Epoch {k}" for k in (1, 2, 3, 4)]
    )
    pixels = drawn(figure, tmp_path / "a.png")
    assert pixels.shape == (480, 540, 3)
    for row in range(5):
        for column in range(5):
            top, left = round(60 + 76.25 * row), 40 + 100 * column
            tile = pixels[top : top + 64, left : left + 64]
            assert (tile[4:, 4:] < 0.02).mean() > 0.98
            assert (pixels[top + 66 : top + 74, left : left + 64] == 1).all()
    titles = [text.get_text() for text in figure.texts]
    assert titles == ["Original\nInput", "Epoch 1", "Epoch 2", "Epoch 3", "Epoch 4"]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (12, 5)])
def test_reconstructions_of_other_numbers(tmp_path, rows, columns):
    images = RANDOM.random((rows, 28, 28, 1))
    figure = side_by_side.reconstructions_over_epochs(
        images, [images] * columns, ["x"] * columns
    )
    assert len(figure.axes[0].images) == rows * (columns + 1)
    drawn(figure, tmp_path / "a.png")


def test_reconstructions_of_numbers_that_changed(tmp_path):
    """As when a run went on with another --test_image_number."""
    images = RANDOM.random((6, 28, 28, 1))
    for counts_of in ((6, 3, 4), (3, 6, 6)):
        originals, *outputs = (images[:count] for count in counts_of)
        figure = side_by_side.reconstructions_over_epochs(originals, outputs, "ab")
        bottoms = [image.get_extent()[2] for image in figure.axes[0].images]
        assert len(bottoms) == 3 * 3
        assert min(bottoms) > 0


def test_grid_points(tmp_path):
    figure = side_by_side.grid_points(GRID)
    (ax,) = figure.axes
    points = {tuple(xy) for line in ax.lines for xy in line.get_xydata().tolist()}
    assert points == {(x, y) for x in GRID for y in GRID}
    assert drawn(figure, tmp_path / "a.png").shape == (959, 1861, 3)


def test_latent_and_space_are_the_same_way_up(tmp_path):
    grid = np.zeros((14, 14, 4, 4, 1))
    grid[0] = 1  # y = -3: at the bottom
    codes = np.array([[0.0, -3.0]])
    figure = side_by_side.LatentAndSpace(None, GRID, 5.0)(codes, grid)
    left, right = figure.axes[:2]
    drawn(figure, tmp_path / "a.png")
    assert left.get_ylim() == left.get_xlim() == (-5, 5)
    (frame,) = left.patches
    assert (frame.get_x(), frame.get_y()) == (-3.25, -3.25)
    assert (frame.get_width(), frame.get_height()) == (7, 7)
    (image,) = right.images
    assert image.get_extent() == [-3.25, 3.75, -3.25, 3.75]
    shown = image.get_array()
    assert (shown[-4:] == 1).all()  # the last rows are the lowest
    assert (shown[:-4] == 0).all()


def test_latent_and_space_of_another_state_is_as_if_drawn_anew(tmp_path):
    labels = np.arange(50) % 10
    states = [
        (
            scale * RANDOM.standard_normal((50, 2)),
            scale * RANDOM.random((14, 14, 4, 4, 1)),
        )
        for scale in (1, 0.3)
    ]
    states[1][1][0] = 0.9
    frame = side_by_side.LatentAndSpace(labels, GRID, 5.0)
    pixels = [drawn(frame(*state), tmp_path / "a.png") for state in states]
    for state, found in zip(states, pixels, strict=True):
        anew = side_by_side.LatentAndSpace(labels, GRID, 5.0)(*state)
        np.testing.assert_array_equal(found, drawn(anew, tmp_path / "a.png"))
    assert (pixels[0] != pixels[1]).any()


def test_without_and_with_kl_on_equal_axes(tmp_path):
    wide, narrow = RANDOM.normal(0, 5, (500, 2)), RANDOM.normal(0, 1, (500, 2))
    grid = RANDOM.random((14, 14, 4, 4, 1))
    plains = [
        (codes, np.arange(500) % 10, frame(codes), grid) for codes in (wide, narrow)
    ]
    figure = side_by_side.without_and_with_kl(plains, ["without KL", "with KL"])
    above, below = figure.axes[:2], figure.axes[2:]
    assert above[0].get_xlim() == above[1].get_xlim() == above[1].get_ylim()
    spread = "{:.2f} and {:.2f}".format(*wide.std(axis=0))
    assert above[0].get_title() == f"without KL: standard deviations {spread}"
    empty = (frame(narrow).counts == 0).sum()
    assert f"{empty} of 196 cells hold no image" in below[1].get_title()
    drawn(figure, tmp_path / "a.png")


def test_interpolation_has_its_stops_above(tmp_path):
    images = RANDOM.random((7, 28, 28, 1))
    stops = {0: ("Sandal", images[0]), 6: ("Boot", images[6])}
    figure = side_by_side.interpolation(images, stops)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["Sandal", *[""] * 5, "Boot", *[""] * 7]
    assert sum(bool(ax.images) for ax in figure.axes) == 9
    drawn(figure, tmp_path / "a.png")


def test_a_long_interpolation_has_lines_of_twenty(tmp_path):
    images = np.arange(65.0)[:, None, None, None] * np.ones((65, 4, 4, 1)) / 65
    stops = {0: ("a", images[0]), 22: ("b", images[22]), 64: ("c", images[64])}
    figure = side_by_side.interpolation(images, stops)
    height = 3 * 2.1 + 0.95  # the third line has no stop
    assert figure.get_size_inches() == pytest.approx((15, height))
    drawn(figure, tmp_path / "a.png")
    shown, titles = {}, {}
    for ax in figure.axes:
        box = ax.get_window_extent()
        x, y = box.x0 + box.width / 2, 100 * height - box.y0 - box.height / 2
        place = int(x // 75), int(y // 105)  # column, and line from the top
        if ax.images:
            shown[place] = ax.images[0].get_array()[0, 0]
        if ax.get_title():
            titles[place] = ax.get_title()
    assert titles == {(0, 0): "a", (2, 2): "b", (4, 5): "c"}
    lines = (1, 3, 4, 6)
    below = {(i % 20, lines[i // 20]): i / 65 for i in range(65)}
    above = {(0, 0): 0, (2, 2): 22 / 65, (4, 5): 64 / 65}
    assert shown == pytest.approx(below | above)


def test_long_titles_are_broken_into_lines():
    images = np.zeros((2, 8, 8, 1))
    figure = side_by_side.titled(images, ["Animals & Nature", "7"])
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["Animals &\nNature", "7"]
    short = side_by_side.titled(images, ["cat", "7"])
    assert figure.get_size_inches()[1] > short.get_size_inches()[1]


def test_a_traversal_keeps_the_shape_of_images():
    images = np.zeros((3, 5, 32, 48, 3))
    figure = side_by_side.traversal(images, list("abc"), np.arange(5))
    box = figure.axes[0].get_position()
    width, height = np.array([box.width, box.height]) * figure.get_size_inches()
    np.testing.assert_allclose(width / height, (5 * 48) / (3 * 32))
