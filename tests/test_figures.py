import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.figures import sheet


def test_sheet_lays_images_out_row_by_row(tmp_path):
    images = np.arange(5, dtype=np.float32)[:, None, None, None] / 5
    images = np.broadcast_to(images, (5, 4, 6, 1))
    sheet(images, tmp_path / "sheet.png")
    pixels = iio.imread(tmp_path / "sheet.png")
    assert pixels.shape == (2 * 4 + 2, 3 * 6 + 2 * 2)
    for i, (row, column) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]):
        tile = pixels[row * 6 : row * 6 + 4, column * 8 : column * 8 + 6]
        assert (tile == i * 51).all()
    assert (pixels[4:6] == 255).all()
    assert (pixels[6:, 16:] == 255).all()


def test_sheet_of_one_image(tmp_path):
    sheet(np.zeros((1, 28, 28, 1)), tmp_path / "sheet.png")
    assert iio.imread(tmp_path / "sheet.png").shape == (28, 28)


def test_no_half_written_picture(tmp_path):
    with pytest.raises(FileNotFoundError):
        sheet(np.zeros((1, 28, 28, 1)), tmp_path / "nowhere" / "sheet.png")
    assert [*tmp_path.iterdir()] == []
