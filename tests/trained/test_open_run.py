"""The commands on a trained run, on short runs made by the program."""

import csv
import json

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from autoencoder.errors import UserError
from autoencoder.figures import gif, png, style
from autoencoder.trained import codes_file
from autoencoder.trained.found import load_run
from tests.commands import runner, session_decodes, session_numbers
from tests.conftest import train_only


@pytest.fixture
def command(results, tmp_path):
    """Runs a command on small-z2 or another run; returns its output folder."""
    return runner(results, tmp_path)


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def pictures(folder):
    files = sorted(folder.iterdir())
    return {path.name: iio.imread(path) for path in files}


@pytest.mark.parametrize("run", ["small-z2", "small-z5"])
def test_evaluate_repeats_the_last_row_of_the_metrics(command, capsys, run):
    for batch_size in (128, 7):
        out = command("evaluate", run, batch_size=batch_size)
        found = json.loads((out / "evaluate.json").read_text())
        last = table(command.folder / run / "metrics.csv")[-1]
        assert found["image_loss"] == pytest.approx(float(last["test_image_loss"]))
        assert found["kl"] == pytest.approx(float(last["test_latent_loss"]))
        assert found["loss"] == pytest.approx(float(last["test_loss"]))
        assert found["elbo"] == -found["loss"]
        assert (found["images"], found["epoch"]) == (50, 2)
        assert 30 < found["entropy_floor"] < 60
    assert f"{found['loss']:.3f}" in capsys.readouterr().out


def test_evaluate_with_importance_samples(command, capsys):
    found = [
        json.loads(
            (command("evaluate", importance_samples=k) / "evaluate.json").read_text()
        )
        for k in (1, 20)
    ]
    bounds = [numbers["importance_weighted_bound"] for numbers in found]
    assert bounds[0] < bounds[1]
    assert abs(bounds[0] - found[0]["elbo"]) < 4 * found[0]["standard_error"]
    assert found[1]["importance_samples"] == 20
    assert found[1]["standard_error"] > 0
    assert "with 20 importance samples" in capsys.readouterr().out
    assert found[1]["bound_of"] == (
        "mean log-likelihood of images of black and white sampled from these greys"
    )


def test_reconstruct_writes_files_a_sheet_and_losses(command):
    out = command("reconstruct")
    images, (output, img_loss, kl) = session_numbers(
        command.folder / "small-z2", "output", "img_loss", "latent_loss"
    )
    files = pictures(out / "images")
    assert list(files)[:2] == ["0.png", "1.png"]
    np.testing.assert_allclose(files["7.png"], 255 * output[7, ..., 0], atol=0.51)
    rows = table(out / "losses.csv")
    assert [row["name"] for row in rows] == [str(i) for i in range(50)]
    np.testing.assert_allclose(
        [float(row["image_loss"]) for row in rows], img_loss, rtol=1e-5
    )
    np.testing.assert_allclose(
        [float(row["loss"]) for row in rows], img_loss + kl, rtol=1e-5
    )
    sheet = iio.imread(out / "sheet.png")
    np.testing.assert_allclose(sheet[:28, :28], 255 * images[0, ..., 0], atol=0.51)
    np.testing.assert_allclose(sheet[:28, 28:56], 255 * output[0, ..., 0], atol=0.51)


@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_decode_is_the_reverse_of_encode(command, tmp_path, ending):
    codes = command("encode", "small-z5", output=str(tmp_path / "codes"))
    _, (mean, std_dev, output) = session_numbers(
        command.folder / "small-z5", "mean_", "std_dev", "output"
    )
    with np.load(codes / "codes.npz") as file:
        np.testing.assert_allclose(file["mean"], mean, atol=1e-6)
        np.testing.assert_allclose(file["std_dev"], std_dev, atol=1e-6)
        assert file["labels"].tolist()[:5] == [7, 2, 1, 0, 4]
        assert file["classes"].tolist()[:2] == ["7", "2"]
        arrays = {"names", "mean", "std_dev", "labels", "classes"}
        assert set(file.files) == arrays
    row = table(codes / "codes.csv")[1]
    assert (row["name"], row["label"]) == ("1", "2")
    assert float(row["mean_4"]) == pytest.approx(float(mean[1, 4]), abs=1e-6)
    out = command("decode", "small-z5", codes=str(codes / f"codes.{ending}"))
    files = pictures(out / "images")
    assert len(files) == 50
    np.testing.assert_allclose(files["7.png"], 255 * output[7, ..., 0], atol=0.51)


def test_samples_differ_and_repeat_whatever_the_batch_size(command, tmp_path):
    codes = []
    for i, batch_size in enumerate((128, 7)):
        folder = tmp_path / str(i)
        command("encode", sample=True, batch_size=batch_size, output=str(folder))
        with np.load(folder / "codes.npz") as file:
            codes.append(file["z"])
            distance = (file["z"] - file["mean"]) / file["std_dev"]
    np.testing.assert_allclose(*codes, atol=1e-5)
    assert 0.7 < distance.std() < 1.3
    command("decode", codes=str(folder / "codes.npz"), output=str(tmp_path / "d"))


def test_generate_is_the_same_for_any_batch_size(command, tmp_path):
    sheets = []
    for batch_size in (128, 7):
        folder = tmp_path / str(batch_size)
        command(
            "generate", count=30, batch_size=batch_size, files=True, output=str(folder)
        )
        sheets.append(iio.imread(folder / "sheet.png"))
        assert len([*(folder / "images").iterdir()]) == 30
        assert (folder / "images" / "07.png").is_file()
        assert (folder / "grid.png").is_file()
    assert np.abs(sheets[0].astype(int) - sheets[1]).max() <= 1
    command("generate", count=30, seed=1, output=str(tmp_path / "other"))
    assert (iio.imread(tmp_path / "other" / "sheet.png") != sheets[0]).any()
    assert not (tmp_path / "other" / "images").exists()


def test_generate_beyond_a_plane_has_no_grid(command):
    out = command("generate", "small-z5", count=1)
    assert {path.name for path in out.iterdir()} == {"sheet.png"}


def test_interpolate_goes_straight_from_image_to_image(command, monkeypatch):
    save, write, drawn = style.save, gif.write, {}

    def saved(figure, path):
        drawn[path.name] = figure
        save(figure, path)

    def animated(path, draw, states):
        drawn[path.name] = states
        return write(path, draw, states)

    monkeypatch.setattr(style, "save", saved)
    monkeypatch.setattr(gif, "write", animated)
    out = command("interpolate", steps=3)
    with Image.open(out / "interpolation.gif") as image:
        assert image.n_frames == 5
    assert iio.imread(out / "interpolation.png").shape[:2] == (210, 375)
    folder = command.folder / "small-z2"
    images, (mean,) = session_numbers(folder, "mean_")
    codes = [mean[0] + k / 4 * (mean[1] - mean[0]) for k in range(5)]
    expected = session_decodes(folder, np.array(codes))[..., 0]
    shown = np.array(drawn["interpolation.gif"])[..., 0]
    np.testing.assert_allclose(shown, expected, atol=1e-5)
    axes = np.reshape(drawn["interpolation.png"].axes, (2, 5))
    strip = [ax.images[0].get_array() for ax in axes[1]]
    np.testing.assert_allclose(strip, expected, atol=1e-5)
    titles = [ax.get_title() for ax in axes[0]]
    assert titles == ["image 0", "", "", "", "image 1"]
    for place, stop in ((0, 0), (4, 1)):
        above = axes[0, place].images[0].get_array()
        np.testing.assert_allclose(above, images[stop, ..., 0], atol=1e-6)


def test_interpolate_needs_two_images(command):
    with pytest.raises(UserError, match="needs 2 to 20 images, and --images names 1"):
        image = command.folder / "one.png"
        iio.imwrite(image, np.zeros((28, 28), np.uint8))
        command("interpolate", images=[str(image)])


def test_interpolate_where_there_is_one_test_image(results, mnist, tmp_path):
    arrays = {"x_train": mnist["x_train"][:9], "x_test": mnist["x_test"][:1]}
    np.savez(tmp_path / "one.npz", **arrays)
    flags = {"dataset": str(tmp_path / "one.npz"), "results_dir": str(tmp_path)}
    train_only(**flags, epochs=1, run_name="one")
    with pytest.raises(UserError, match="and the run's test images are 1$"):
        runner(tmp_path, tmp_path)("interpolate", "one")


def test_interpolate_says_how_many_frames_there_are(command, capsys):
    out = command("interpolate", steps=100)
    durations = []
    with Image.open(out / "interpolation.gif") as image:
        for frame in range(image.n_frames):  # equal ones are joined
            image.seek(frame)
            durations.append(image.info["duration"])
    assert sum(durations) == 60 * 500
    assert "102 images in interpolation.png, and 60 of them in" in (
        capsys.readouterr().out
    )
    assert iio.imread(out / "interpolation.png").shape[:2] == (800, 1500)


def test_class_means_are_the_means_of_the_classes(command):
    out = command("class-means")
    _, (mean,) = session_numbers(command.folder / "small-z2", "mean_")
    labels = load_run(command.folder / "small-z2").dataset.y_test
    with np.load(out / "class-means.npz") as file:
        assert file["labels"].tolist() == sorted(set(labels.tolist()))
        np.testing.assert_allclose(
            file["mean"][1], mean[labels == 1].mean(0), atol=1e-5
        )
    assert (out / "class-means.png").is_file()
    image = command.folder / "one.png"
    iio.imwrite(image, np.zeros((28, 28), np.uint8))
    with pytest.raises(UserError, match="needs labels, which only .npz files"):
        command("class-means", images=[str(image)])


@pytest.mark.parametrize("of_an_image", [False, True])
def test_traverse_has_a_row_for_each_dimension(
    command, small_npz, monkeypatch, of_an_image
):
    save, drawn = style.save, []

    def saved(figure, path):
        drawn.append(figure)
        save(figure, path)

    monkeypatch.setattr(style, "save", saved)
    flags = {"images": [str(small_npz)]} if of_an_image else {}
    out = command("traverse", "small-z5", **flags)
    assert iio.imread(out / "traverse.png").shape[:2] == (340, 900)
    folder = command.folder / "small-z5"
    _, (mean, terms) = session_numbers(folder, "mean_", "latent_terms")
    terms = terms.mean(axis=0)
    order = sorted(range(5), key=lambda i: -terms[i])
    assert order != list(range(5))  # or the order would not be seen
    codes = np.tile(mean[0] if of_an_image else np.zeros(5), (5, 13, 1))
    for row, dimension in enumerate(order):
        codes[row, :, dimension] = [-3 + i / 2 for i in range(13)]
    expected = session_decodes(folder, codes.reshape(-1, 5)).reshape(5, 13, 28, 28)
    (ax,) = drawn[0].axes
    tiles = np.reshape(ax.images[0].get_array(), (5, 28, 13, 28)).swapaxes(1, 2)
    np.testing.assert_allclose(tiles, expected, atol=1e-5)
    rows = [text.get_text() for text in ax.get_yticklabels()]
    assert rows == [f"z{i}: {terms[i]:.2f} nats" for i in order]
    columns = [text.get_text() for text in ax.get_xticklabels()]
    assert columns == [f"{-3 + i / 2:g}" for i in range(13)]


def test_pictures_that_do_not_fit_are_listed_and_the_others_done(
    command, tmp_path, capsys
):
    (tmp_path / "in").mkdir()
    iio.imwrite(tmp_path / "in" / "a.png", np.zeros((28, 28), np.uint8))
    iio.imwrite(tmp_path / "in" / "b.png", np.zeros((40, 28), np.uint8))
    (tmp_path / "in" / "c.jpg").write_text("text")
    with pytest.raises(UserError, match="2 of 3 images were left out"):
        command("encode", images=[str(tmp_path / "in")])
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"main.py: left out: {tmp_path / 'in' / 'b.png'} is 28x40 grey, and the run "
        "takes 28x28 grey: --resize converts",
        f"main.py: left out: {tmp_path / 'in' / 'c.jpg'} is damaged, or "
        "no PNG, JPEG, WebP, BMP or GIF file",
    ]
    with np.load(tmp_path / "out" / "codes.npz") as file:
        assert file["names"].tolist() == [str(tmp_path / "in" / "a.png")]
        assert "labels" not in file


def test_classes_have_their_names_with_images_too(results, mnist, tmp_path):
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]
    arrays = {name: mnist[name][:40] for name in mnist}
    data = tmp_path / "named.npz"
    np.savez(data, **arrays, class_names=[*names, "nine"])
    flags = {"dataset": str(data), "results_dir": str(tmp_path), "run_name": "named"}
    train_only(**flags, epochs=1)
    np.savez(tmp_path / "mine.npz", images=arrays["x_test"][:3], labels=[7, 12, -1])
    command = runner(tmp_path, tmp_path)
    out = command("encode", "named", images=[str(tmp_path / "mine.npz")])
    found = [(row["label"], row["class"]) for row in table(out / "codes.csv")]
    assert found == [("7", "seven"), ("12", "12"), ("-1", "-1")]
    assert table(command("encode", "named") / "codes.csv")[0]["class"] == "seven"


def test_images_are_all_that_is_needed_when_the_data_is_gone(command, tmp_path):
    folder = command.folder / "small-z2"
    content = (folder / "flags.json").read_text()
    description = json.loads(content)
    description["flags"]["dataset"] = "gone.npz"
    (folder / "flags.json").write_text(json.dumps(description))
    iio.imwrite(tmp_path / "a.png", np.zeros((28, 28), np.uint8))
    try:
        command("encode", images=[str(tmp_path / "a.png")])
        command("generate", count=2)
        with pytest.raises(UserError, match="gone.npz is missing"):
            command("encode")
    finally:
        (folder / "flags.json").write_text(content)


def test_without_a_test_split_images_are_asked_for(command):
    with pytest.raises(UserError, match="has no test images: name pictures with"):
        command("evaluate", "bare-z2")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is not there"),
        ("", "is damaged, or not a file of codes"),
        ("name,mean_0\n1,x\n", "is damaged, or not a file of codes"),
        ("name,mean_0\n1,0.5\n", r"holds codes \[1, 1\], but the run takes \[n, 2\]"),
        ("mean_0,mean_1\nnan,1\n", "not finite"),
        ("mean_0,mean_1\n1e300,1\n", "not finite"),
        ("mean_0,mean_2\n1,1\n", "is damaged, or not a file of codes"),
    ],
)
def test_files_that_hold_no_codes(command, tmp_path, content, words):
    if content is not None:
        (tmp_path / "codes.csv").write_text(content)
    with pytest.raises(UserError, match=words):
        command("decode", codes=str(tmp_path / "codes.csv"))
    with pytest.raises(UserError, match="is a folder: name a file in it"):
        command("decode", codes=str(tmp_path))


def test_codes_written_by_hand(tmp_path):
    (tmp_path / "a.csv").write_text("z_1,z_0,mean_0,z_note\n-2.5,1,9,x\n")
    names, codes = codes_file.read(tmp_path / "a.csv", 2)
    assert (names, codes.tolist()) == (["0"], [[1, -2.5]])
    for wrong in ({"mean": [["a", "b"]]}, {"mean": [[1, 2]], "names": []}):
        np.savez(tmp_path / "a.npz", **wrong)
        with pytest.raises(UserError, match="is damaged, or not a file of codes"):
            codes_file.read(tmp_path / "a.npz", 2)
    np.savez(tmp_path / "a.npz", mean=[[0.5, 1]])
    names, codes = codes_file.read(tmp_path / "a.npz", 2)
    assert (names, codes.tolist(), codes.dtype) == (["0"], [[0.5, 1]], np.float32)


@pytest.mark.parametrize(
    ("start", "separator", "point"),
    [("\ufeff", ",", "."), ("\ufeff", ";", ","), ("", ";", "."), ("", ",", ".")],
)
def test_codes_that_went_through_a_spreadsheet(tmp_path, start, separator, point):
    rows = [
        ["name", "mean_0", "mean_1"],
        ["al;ice", "0.5", "-1"],
        ["b,ob", "1e-3", "2"],
    ]
    lines = [rows[0], *([f'"{name}"', *numbers] for name, *numbers in rows[1:])]
    text = "".join(separator.join(line) + "\r\n" for line in lines)
    text = text.replace("0.5", f"0{point}5")
    (tmp_path / "a.csv").write_text(start + text, encoding="utf-8", newline="")
    names, codes = codes_file.read(tmp_path / "a.csv", 2)
    assert names == ["al;ice", "b,ob"]
    np.testing.assert_allclose(codes, [[0.5, -1], [0.001, 2]])
    (tmp_path / "a.csv").write_text(
        (start + text).split("name" + separator)[0]
        + separator.join(["mean_0", "mean_1"])
        + f"\r\n3{separator}4\r\n",
        encoding="utf-8",
    )
    assert codes_file.read(tmp_path / "a.csv", 2)[1].tolist() == [[3, 4]]


def test_file_names_are_the_images_own_or_numbered():
    names = ["x/a.png", "b.jpg", "..", "c:\\d\\e.png", "7"]
    assert png.file_names(names) == [
        "a.png", "b.png", "...png", "e.png", "7.png"
    ]  # fmt: skip
    assert png.file_names(["x/a.png", "y/A.png", "0-a.png"]) == [
        "0-a.png", "1-A.png", "2-0-a.png"
    ]  # fmt: skip


def test_long_file_names_are_cut_and_still_differ():
    long = "字" * 83
    (name,) = png.file_names([f"x/{long}.png"])
    assert name == "字" * 66 + ".png"
    names = png.file_names([f"{long}a.png", f"{long}b.png", "c.png"])
    assert names == [f"0-{'字' * 66}.png", f"1-{'字' * 66}.png", "2-c.png"]


def test_pictures_with_the_longest_names_are_reconstructed(command, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("字" * 83 + ".png", "b.png"):
        iio.imwrite(tmp_path / "in" / name, np.zeros((28, 28), np.uint8))
    out = command("reconstruct", images=[str(tmp_path / "in")])
    assert {row["file"] for row in table(out / "losses.csv")} == {
        path.name for path in (out / "images").iterdir()
    } == {"字" * 66 + ".png", "b.png"}  # fmt: skip


def test_older_files_are_told(command, capsys):
    command("generate", count=12, files=True)
    command("generate", count=3, files=True)
    assert "3 files in images/ (12 older files lie beside them)" in (
        capsys.readouterr().out
    )


def test_interpolate_needs_all_of_its_images(command, tmp_path):
    iio.imwrite(tmp_path / "a.png", np.zeros((28, 28), np.uint8))
    (tmp_path / "b.png").write_text("text")
    paths = [str(tmp_path / name) for name in ("a.png", "b.png")]
    with pytest.raises(UserError, match="needs all of its images: .*b.png is damaged"):
        command("interpolate", images=paths)
    assert [*(tmp_path / "out").iterdir()] == []


def test_one_image_has_no_standard_error(command, tmp_path):
    iio.imwrite(tmp_path / "a.png", np.zeros((28, 28), np.uint8))
    image = [str(tmp_path / "a.png")]
    out = command("evaluate", images=image, importance_samples=2)
    assert json.loads((out / "evaluate.json").read_text())["standard_error"] is None
