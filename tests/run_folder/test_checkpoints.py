import contextlib
import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from autoencoder import files
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.run_folder import checkpoints


class FakeSaver:
    """Writes what tf.train.Saver writes: a data file and an index, of random bytes."""

    def save(self, sess, prefix, write_meta_graph, write_state):
        assert not write_meta_graph
        assert not write_state
        for suffix in ("data-00000-of-00001", "index"):
            with open(f"{prefix}.{suffix}", "wb") as file:
                file.write(np.random.default_rng(len(prefix)).bytes(300))


def save_epochs(folder, epochs, keep_every=0):
    folder.mkdir(exist_ok=True)
    rows = []
    for epoch in range(1, epochs + 1):
        rows.append({"epoch": epoch, "step": 3 * epoch, "train_loss": 1 / epoch})
        checkpoints.save(FakeSaver(), None, folder, list(rows), keep_every)
    return rows


def test_the_newest_two_are_kept_and_the_newest_is_found(tmp_path):
    rows = save_epochs(tmp_path, 12)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint"] + [
        f"epoch-{epoch}.{suffix}"
        for epoch in (11, 12)
        for suffix in ("data-00000-of-00001", "index", "json")
    ]
    found, damage = checkpoints.newest(tmp_path)
    assert found[:4] == (tmp_path / "epoch-12", 12, 36, rows)
    assert damage == []


def test_the_files_of_a_known_checkpoint_are_not_read_again(tmp_path):
    rows = save_epochs(tmp_path, 1)
    known = checkpoints.save(FakeSaver(), None, tmp_path, rows)
    assert known == checkpoints.read(tmp_path, 1)
    data = tmp_path / "epoch-1.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(b"")
    assert checkpoints.newest(tmp_path, known) == (known, [])
    assert checkpoints.newest(tmp_path) == (
        None,
        [f"checkpoint {known.prefix} is damaged"],
    )
    data.write_bytes(whole + b"other weights")
    checkpoints._write_note(tmp_path, rows, kept=False)
    found, _ = checkpoints.newest(tmp_path, known)
    assert found == checkpoints.read(tmp_path, 1) != known


def test_every_nth_is_kept_for_good(tmp_path):
    save_epochs(tmp_path, 11, keep_every=4)
    assert checkpoints.noted_epochs(tmp_path) == [4, 8, 10, 11]
    assert len(list(tmp_path.iterdir())) == 4 * 3 + 1


def test_a_finished_run_keeps_the_last_and_every_nth(tmp_path):
    rows = save_epochs(tmp_path, 6, keep_every=2)
    rows.append({"epoch": 7, "step": 21, "train_loss": 0.1})
    checkpoints.save(FakeSaver(), None, tmp_path, rows, 2, is_last=True)
    assert checkpoints.noted_epochs(tmp_path) == [2, 4, 6, 7]
    rows.append({"epoch": 8, "step": 24, "train_loss": 0.1})
    checkpoints.save(FakeSaver(), None, tmp_path, rows, 0, is_last=True)
    assert checkpoints.noted_epochs(tmp_path) == [2, 4, 6, 8]


def test_tensorflow_finds_the_newest(tmp_path):
    save_epochs(tmp_path / "run", 3)
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    assert tf.train.latest_checkpoint(str(moved)) == str(moved / "epoch-3")
    checkpoints.cut_back(moved, 2)
    assert tf.train.latest_checkpoint(str(moved)) == str(moved / "epoch-2")
    checkpoints.cut_back(moved, 0)
    assert list(moved.iterdir()) == []


def test_a_full_disk_costs_no_checkpoint_for_tensorflows_file(tmp_path, monkeypatch):
    rows = save_epochs(tmp_path, 2)
    replacing = checkpoints.replacing

    @contextlib.contextmanager
    def full(path, synced=False):
        if path.name == "checkpoint":
            raise OSError(errno.ENOSPC, "No space left on device")
        with replacing(path, synced) as part:
            yield part

    monkeypatch.setattr(checkpoints, "replacing", full)
    rows.append({"epoch": 3, "step": 9, "train_loss": 0.1})
    checkpoints.save(FakeSaver(), None, tmp_path, rows)
    assert checkpoints.newest(tmp_path)[0].epoch == 3
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "epoch-2")


def test_the_one_before_stays_if_the_last_is_not_read_back_whole(tmp_path, monkeypatch):
    rows = save_epochs(tmp_path, 2)
    write_note = checkpoints._write_note

    def lose_a_file(folder, *arguments):
        write_note(folder, *arguments)
        (folder / "epoch-3.index").write_bytes(b"")

    monkeypatch.setattr(checkpoints, "_write_note", lose_a_file)
    rows.append({"epoch": 3, "step": 9, "train_loss": 0.1})
    with pytest.raises(UserError, match="epoch-3 is damaged"):
        checkpoints.save(FakeSaver(), None, tmp_path, rows, 0, is_last=True)
    found, damage = checkpoints.newest(tmp_path)
    assert found.epoch == 2
    assert len(damage) == 1


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_no_checkpoint(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    assert checkpoints.newest(tmp_path / folder) == (None, [])
    checkpoints.cut_back(tmp_path / folder, 0)


FILES = ["epoch-3.data-00000-of-00001", "epoch-3.index", "epoch-3.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_missing_leaves_the_older_one(tmp_path, name):
    save_epochs(tmp_path, 3)
    whole = (tmp_path / name).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / name).write_bytes(whole[:length])
        found, damage = checkpoints.newest(tmp_path)
        assert found.epoch == 2
        assert damage == [f"checkpoint {tmp_path / 'epoch-3'} is damaged"]
    (tmp_path / name).unlink()
    found, damage = checkpoints.newest(tmp_path)
    assert found.epoch == 2
    if not name.endswith(".json"):  # without its note, a checkpoint was never there
        assert damage == [f"{tmp_path / name} is missing"]


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found_or_changes_nothing(tmp_path, name):
    save_epochs(tmp_path, 3)
    good, _ = checkpoints.newest(tmp_path)
    whole = (tmp_path / name).read_bytes()
    found_out = 0
    for position in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[position] ^= 1
        (tmp_path / name).write_bytes(changed)
        found, damage = checkpoints.newest(tmp_path)
        assert found == good or (found.epoch == 2 and len(damage) == 1)
        found_out += found.epoch == 2
    assert found_out > 0.95 * len(range(0, len(whole), 3))


def test_none_whole(tmp_path):
    save_epochs(tmp_path, 3)
    for epoch in (2, 3):
        (tmp_path / f"epoch-{epoch}.index").write_bytes(b"")
    found, damage = checkpoints.newest(tmp_path)
    assert found is None
    assert len(damage) == 2


def test_cut_back_deletes_what_is_newer_or_unfinished(tmp_path):
    save_epochs(tmp_path, 3)
    shutil.copy(tmp_path / "epoch-3.index", tmp_path / "epoch-4.index")
    part = f".part-{os.getpid()}-0123abcd.json"
    for name in ("epoch-1.data-00000-of-00001.tempstate77", part):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("the user's own")
    checkpoints.cut_back(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint",
        "epoch-2.data-00000-of-00001",
        "epoch-2.index",
        "epoch-2.json",
        "notes.txt",
    ]
    checkpoints.cut_back(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_nothing_is_named_or_deleted_before_what_it_rests_on_is_on_the_disk(
    tmp_path, monkeypatch
):
    calls, sync, replace, unlink = [], files.sync, os.replace, Path.unlink
    for module in (files, checkpoints):
        monkeypatch.setattr(
            module, "sync", lambda path: (calls.append(("sync", path.name)), sync(path))
        )
    monkeypatch.setattr(
        os, "replace", lambda a, b: (calls.append(("name", b.name)), replace(a, b))
    )

    def delete(path, missing_ok=False):
        if not files.is_part(path):
            calls.append(("delete", path.name))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", delete)
    folder = tmp_path / "checkpoints"
    save_epochs(folder, 3)
    of_the_last = calls[-10:]
    ((_, part),) = [call for call in of_the_last if call[1].startswith(".part-")]
    assert of_the_last == [
        ("sync", "epoch-3.data-00000-of-00001"),
        ("sync", "epoch-3.index"),
        ("sync", "checkpoints"),
        ("sync", part),
        ("name", "epoch-3.json"),
        ("sync", "checkpoints"),
        ("name", "checkpoint"),
        ("delete", "epoch-1.json"),
        ("delete", "epoch-1.data-00000-of-00001"),
        ("delete", "epoch-1.index"),
    ]
    assert files.is_part(Path(part))


@pytest.mark.parametrize("fails", ["saver", "note"])
def test_nothing_stays_of_what_cannot_be_written(tmp_path, monkeypatch, fails):
    rows = save_epochs(tmp_path, 2)
    before = sorted(tmp_path.iterdir())

    class FullDisk(FakeSaver):
        def save(self, sess, prefix, **flags):
            super().save(sess, prefix, **flags)
            if fails == "saver":
                os.rename(f"{prefix}.index", f"{prefix}.index.tempstate77")
                raise OSError(28, "No space left on device")

    if fails == "note":

        def write_text(path, text, encoding):
            path.touch()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save(
            FullDisk(), None, tmp_path, [*rows, {"epoch": 3, "step": 9}], 0
        )
    assert sorted(tmp_path.iterdir()) == before
