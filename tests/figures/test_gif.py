import imageio.v3 as iio
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from autoencoder.figures import gif, post, style
from autoencoder.figures.gif import evenly

RANDOM = np.random.default_rng(0)


def grey(level):
    """A Figure of one grey, and its number in a corner."""
    figure = Figure((1, 1), facecolor=str(level))
    figure.text(0, 0, "x")
    return figure


def test_frames_last_half_a_second_and_play_endlessly(tmp_path):
    levels = [0.0, 0.5, 1.0]
    gif.write(tmp_path / "a.gif", grey, levels)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 3
        assert image.info["loop"] == 0
        for frame in range(3):
            image.seek(frame)
            assert image.info["duration"] == 500
    frames = iio.imread(tmp_path / "a.gif", mode="RGB")
    assert frames.shape == (3, 100, 100, 3)
    for frame, level in zip(frames, levels, strict=True):
        assert (frame[50, 50] == round(255 * level)).all()


def test_equal_frames_are_shown_as_long_as_they_were_apart(tmp_path):
    gif.write(tmp_path / "a.gif", grey, [0.5] * 4)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames * image.info["duration"] == 2000


def test_one_frame(tmp_path):
    gif.write(tmp_path / "a.gif", grey, [0.5])
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 1


def test_one_palette_with_white_and_the_classes_colours_as_they_are(tmp_path):
    codes = RANDOM.standard_normal((1000, 2))
    labels = np.arange(1000) % 10
    gif.write(
        tmp_path / "a.gif",
        lambda scale: post.latent_space(scale * codes, labels),
        [1, 2, 3],
    )
    frames = iio.imread(tmp_path / "a.gif", mode="RGB")
    assert frames.shape == (3, 480, 640, 3)
    assert (frames[:, 0, 0] == 255).all()
    for label, colour in enumerate(style.hls_colours(10)):
        band = frames[:, 420 - int(36.5 * label + 18), 510]
        np.testing.assert_allclose(band, np.tile(colour, (3, 1)) * 255, atol=1)
    # A palette of its own would stand in the file before a frame: the bit is not set.
    content = (tmp_path / "a.gif").read_bytes()
    assert len(np.unique(frames.reshape(-1, 3), axis=0)) <= 128
    assert content[10] & 0x80  # the palette that all share


def test_a_file_that_would_be_too_large_has_fewer_frames(tmp_path, monkeypatch):
    monkeypatch.setattr(gif, "_MOST_BYTES", 100_000)

    def noise(seed):
        figure = Figure((2, 2))
        figure.figimage(np.random.default_rng(seed).random((200, 200)))
        return figure

    gif.write(tmp_path / "a.gif", noise, list(range(10)))
    assert (tmp_path / "a.gif").stat().st_size < 100_000
    assert 1 <= iio.imread(tmp_path / "a.gif").shape[0] < 6


def test_at_most_sixty_frames(tmp_path):
    drawn = []

    def draw(state):
        drawn.append(state)
        return grey(0.5)

    gif.write(tmp_path / "a.gif", draw, list(range(1000)))
    assert len(drawn) == 60
    assert (drawn[0], drawn[-1]) == (0, 999)


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(3, 5, [0, 1, 2]), (5, 3, [0, 2, 4]), (9, 1, [8]), (1, 4, [0]), (2, 2, [0, 1])],
)
def test_evenly(count, most, expected):
    assert evenly(list(range(count)), most) == expected
