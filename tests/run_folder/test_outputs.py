"""What the commands write must cost nobody a picture."""

import weakref

import imageio.v3 as iio
import numpy as np
import pytest

from autoencoder.commands import generate, train
from autoencoder.errors import UserError
from autoencoder.figures import png
from autoencoder.run_folder.layout import COMMAND_FILES, COMMAND_PICTURES
from autoencoder.trained import open_run
from tests.commands import runner
from tests.conftest import run_flags, train_only

IMAGE = np.arange(784, dtype=np.uint8).reshape(28, 28)


@pytest.fixture
def command(results, tmp_path):
    return runner(results, tmp_path)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def own(tmp_path):
    """A folder of the user's, with three pictures in its folder images."""
    (tmp_path / "user" / "images").mkdir(parents=True)
    for name in ("0", "1", "2"):
        iio.imwrite(tmp_path / "user" / "images" / f"{name}.png", IMAGE)
    return tmp_path / "user"


@pytest.mark.parametrize("name", ["reconstruct", "generate", "decode"])
def test_a_folder_of_the_users_pictures_is_left_alone(command, own, tmp_path, name):
    codes = tmp_path / "codes.csv"
    codes.write_text("mean_0,mean_1\n0,1\n")
    before = contents(own)
    with pytest.raises(UserError, match="images holds files that this program did not"):
        command(name, output=str(own), files=True, count=3, codes=str(codes))
    assert contents(own) == before


def test_images_are_not_replaced_by_their_reconstructions(command, own, tmp_path):
    out = command("reconstruct", images=[str(own / "images")])
    ours = contents(out)
    for images in (out / "images", out / "images" / "0.png", out):
        with pytest.raises(UserError, match=r"png is one of the images themselves"):
            command("reconstruct", images=[str(images)])
    (own / "sheet.png").write_bytes((own / "images" / "0.png").read_bytes())
    before = contents(own)
    with pytest.raises(UserError, match=r"sheet.png is one of the images themselves"):
        command("reconstruct", images=[str(own / "sheet.png")], output=str(own))
    assert contents(own) == before
    assert contents(out) == ours


def test_the_same_command_again_replaces_what_it_wrote(command, own):
    for name in ("reconstruct", "generate"):
        flags = {"files": True, "count": 3, "images": [str(own / "images")]}
        first = contents(command(name, **flags))
        assert contents(command(name, **flags)) == first
    (own.parent / "out" / "images" / ".DS_Store").write_text("a file manager's")
    command("generate", files=True, count=5)
    (own.parent / "out" / "images" / "notes.txt").write_text("the user's")
    with pytest.raises(UserError, match="holds files that this program did not write"):
        command("generate", files=True, count=5)


def test_a_runs_own_folder_may_hold_what_an_earlier_version_wrote(command):
    folder = command.folder / "small-z2" / "generate" / "images"
    folder.mkdir(parents=True)
    iio.imwrite(folder / "0.png", IMAGE)
    command("generate", files=True, count=2, output=None)
    assert (iio.imread(folder / "0.png") != IMAGE).any()


def test_the_data_that_a_run_was_trained_on_is_not_replaced(command, tmp_path):
    folder = tmp_path / "out" / "images"
    command("generate", files=True, count=3)
    run = command.folder / "of-generated"
    train.run(
        run_flags(
            dataset=str(folder),
            epochs=1,
            results_dir=str(run.parent),
            run_name=run.name,
        )
    )
    before = contents(folder)
    with pytest.raises(UserError, match=r"0.png is one of the images themselves"):
        command("generate", "of-generated", files=True, count=3)
    assert contents(folder) == before
    # Inside the data it would be trained on when the run goes on.
    more = folder / "more"
    with pytest.raises(UserError, match=f"--output {more} is inside the run's data"):
        command("generate", "of-generated", output=str(more))
    assert contents(folder) == before


def test_generate_keeps_no_more_than_the_sheet(command, monkeypatch):
    monkeypatch.setattr(generate, "_MOST_SHOWN", 20)
    decode, write_sheet = open_run.decoded, png.write_sheet
    decoded, alive, shown = [], [], []

    def watched(*arguments):
        images = decode(*arguments)
        decoded.append(weakref.ref(images))
        return images

    def drawn(path, images):
        alive.extend(array for array in decoded if array() is not None)
        shown.append(len(images))
        write_sheet(path, images)

    monkeypatch.setattr(open_run, "decoded", watched)
    monkeypatch.setattr(png, "write_sheet", drawn)
    command("generate", count=100, batch_size=8)
    assert len(decoded) == 13
    assert alive == []
    assert shown == [20]


def test_an_export_where_no_folder_can_be(command, tmp_path):
    (tmp_path / "file").write_text("the user's")
    for folder in ("/proc/x", str(tmp_path / "file")):
        with pytest.raises(
            UserError, match=f"folder {folder} can't be made .*--output"
        ):
            command("export", output=folder)


def test_an_export_on_a_full_disk_leaves_nothing(command, tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(UserError, match="/out/6 can't be written: .*too large"):
            command("export")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_run_that_begins_anew_deletes_the_old_networks_results(
    command, tiny_npz, tmp_path
):
    folder = tmp_path / "run"
    begin = {"dataset": str(tiny_npz), "results_dir": str(tmp_path), "epochs": 1}
    begin["run_name"] = "run"
    train_only(**begin)
    before = {path.name for path in folder.iterdir()}
    flags = {"run_dir": str(folder), "output": None, "files": True, "count": 3}
    for name in COMMAND_FILES:
        codes = str(folder / "encode" / "codes.csv")
        found = command(name, **flags, codes=codes if name == "decode" else None)
        written = {path.name for path in (folder / name).iterdir()}
        pictures = {COMMAND_PICTURES} & written
        assert written - pictures == set(COMMAND_FILES[name]), found
    command("export", **flags)
    mine = [folder / "encode" / "notes.txt", folder / "generate" / "images" / "x.png"]
    mine += [folder / "export" / "3" / "warmup", folder / "traverse"]
    for path in mine[:3]:
        path.write_text("the user's")
    (folder / "traverse" / "traverse.png").unlink()
    (folder / "traverse").rmdir()
    mine[3].write_text("the user's")
    train_only(**begin, overwrite=True)
    assert all(path.read_text() == "the user's" for path in mine)
    assert set(contents(folder)) - set(mine) == {
        path for path in contents(folder) if path.relative_to(folder).parts[0] in before
    }
