import os
import subprocess
import sys

import pytest

from autoencoder import files
from autoencoder.files import delete_parts, is_part, make_folder, replacing
from tests.conftest import ROOT


@pytest.fixture
def synced(monkeypatch):
    """The paths that are synced, in order; with each, what its folder held then."""
    found, sync = [], files.sync

    def record(path):
        found.append((path, sorted(file.name for file in path.parent.iterdir())))
        sync(path)

    monkeypatch.setattr(files, "sync", record)
    return found


def test_replaces_the_file_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.suffix == ".txt"
    assert path.read_text() == "new"
    assert [*tmp_path.iterdir()] == [path]


def test_an_error_without_a_name_gets_the_files(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match="No space") as raised, replacing(path):
        raise OSError(28, "No space left on device")
    assert raised.value.filename == str(path)


def test_keeps_the_old_file_when_the_block_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as part:
        part.write_text("half")
        _ = 1 / 0
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_two_processes_may_replace_one_file_at_a_time(tmp_path):
    path = tmp_path / "a.txt"
    other = (
        "import sys; from autoencoder.files import replacing\n"
        "with replacing(sys.argv[1]) as part: part.write_text('theirs')"
    )
    with replacing(path) as part:
        part.write_text("ours")
        subprocess.run([sys.executable, "-c", other, path], cwd=ROOT, check=True)
        assert path.read_text() == "theirs"
    assert path.read_text() == "ours"
    assert [*tmp_path.iterdir()] == [path]


def test_a_files_name_may_be_as_long_as_the_system_takes(tmp_path):
    path = tmp_path / ("字" * 83 + "ab.png")
    assert len(os.fsencode(path.name)) == 255
    with replacing(path, synced=True) as part:
        part.write_text("a picture")
    assert path.read_text() == "a picture"


def test_the_file_is_synced_before_it_is_renamed_and_then_its_folder(tmp_path, synced):
    folder = tmp_path / "folder"
    folder.mkdir()
    with replacing(folder / "a.txt", synced=True) as part:
        part.write_text("new")
        assert is_part(part)
    assert synced == [(part, [part.name]), (folder, ["folder"])]
    with replacing(folder / "b.txt") as part:
        part.write_text("need not outlive a power cut")
    assert len(synced) == 2


def test_new_folders_are_synced_in_those_above_them(tmp_path, synced):
    inner = tmp_path / "a" / "b"
    assert make_folder(inner) == [inner, tmp_path / "a"]
    assert [path for path, _ in synced] == [tmp_path / "a", tmp_path]
    assert make_folder(inner) == []
    assert len(synced) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows syncs no folder")
def test_only_what_cannot_be_synced_at_all_is_let_pass(tmp_path):
    files.sync("/dev/null")
    with pytest.raises(FileNotFoundError):
        files.sync(tmp_path / "gone")


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for no process by signal 0")
def test_unfinished_files_of_processes_that_run_are_left_alone(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    running = f".part-{os.getppid()}-0123abcd.csv"
    others = [running, ".part-of-mine.csv", "part-1-0123abcd.csv", "a.csv"]
    parts = [f".part-{pid}-0123abcd.csv" for pid in (ended.pid, os.getpid(), 10**20)]
    for name in [*others, *parts]:
        (tmp_path / name).write_text("")
    delete_parts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(others)
