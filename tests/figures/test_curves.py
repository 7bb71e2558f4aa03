import numpy as np
import pytest
from matplotlib.colors import to_hex

from autoencoder.figures import curves, style

ROWS = [
    {
        "epoch": epoch,
        "train_loss": 200.0 - epoch,
        "test_loss": 190.0 - epoch,
        "test_image_loss": 180.0 - 2 * epoch,
        "test_latent_loss": 10.0 + epoch,
    }
    for epoch in (1, 2, 3)
]


def drawn(ax):
    return {
        line.get_label(): np.asarray(line.get_ydata()).tolist() for line in ax.lines
    }


def test_many_epochs_are_lines_without_dots():
    for count, marker in ((59, "o"), (60, "")):
        rows = [{"epoch": i, "test_latent_loss": 1.0} for i in range(count)]
        (line,) = curves.losses(rows).axes[1].lines
        assert line.get_marker() == marker
        assert (line.get_linestyle(), len(line.get_xdata())) == ("-", count)


def test_losses_with_the_lines_between_which_they_lie(tmp_path):
    figure = curves.losses(ROWS, 45.5, 205.8)
    left, right = figure.axes
    lines = drawn(left)
    assert lines["loss, training images"] == [199, 198, 197]
    assert lines["loss, held out"] == [189, 188, 187]
    assert lines["image loss, held out"] == [178, 176, 174]
    assert [45.5, 45.5] in lines.values()
    assert [205.8, 205.8] in lines.values()
    assert [text.get_text() for text in left.texts] == [
        "image loss of the mean image, 205.8",
        "entropy floor, 45.5",
    ]
    assert drawn(right) == {"KL, held out": [11, 12, 13]}
    style.save(figure, tmp_path / "a.png")


def test_losses_without_a_test_split(tmp_path):
    rows = [{"epoch": 1, "train_loss": 200.0}]
    figure = curves.losses(rows)
    assert drawn(figure.axes[0]) == {"loss, training images": [200]}
    assert drawn(figure.axes[1]) == {}
    style.save(figure, tmp_path / "a.png")


def test_kl_per_dimension_is_sorted_and_marks_what_is_active(tmp_path):
    terms, variance = np.array([0.1, 3.0, 2.0]), np.array([0.0, 2.0, 1.0])
    figure = curves.kl_per_dimension(terms, variance, 2)
    (ax,) = figure.axes
    assert [bar.get_height() for bar in ax.patches] == [3, 2, 0.1]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "2", "0"]
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert colours[0] == colours[1] != colours[2]
    assert ax.get_title() == "2 of 3 units are active"
    style.save(figure, tmp_path / "a.png")


def test_kl_of_many_dimensions(tmp_path):
    figure = curves.kl_per_dimension(np.ones(1000), np.zeros(1000), 0)
    assert figure.axes[0].get_title() == "0 of 1000 units are active"
    style.save(figure, tmp_path / "a.png")


@pytest.mark.parametrize("epochs", [1, 2, 3, 20])
def test_epochs_are_whole_numbers(epochs):
    rows = [dict(ROWS[0], epoch=epoch) for epoch in range(1, epochs + 1)]
    for ax in curves.losses(rows).axes:
        low, high = ax.get_xlim()
        ticks = [tick for tick in ax.xaxis.get_ticklocs() if low <= tick <= high]
        assert ticks
        assert all(tick == round(tick) for tick in ticks)
