import os

import numpy as np

from autoencoder.run_folder import snapshots


def write(folder, epochs):
    for epoch in epochs:
        arrays = {"outputs": np.full(3, epoch, np.float32), "codes": np.zeros((2, 2))}
        snapshots.save(folder, epoch, arrays)


def test_what_was_saved_is_loaded(tmp_path):
    write(tmp_path, [1, 2, 3])
    found = snapshots.load(tmp_path, [3, 1], "codes", "outputs")
    assert [outputs.tolist() for _, outputs in found] == [[3] * 3, [1] * 3]
    assert found[0][1].dtype == np.float32
    assert found[0][0].shape == (2, 2)


def test_loading_stops_where_an_array_is_missing(tmp_path):
    write(tmp_path, [1, 2, 4])
    assert len(snapshots.load(tmp_path, range(1, 5), "codes")) == 2
    assert snapshots.load(tmp_path, range(1, 5), "codes", "grid") == []
    assert snapshots.load(tmp_path / "nowhere", [1], "codes") == []


def test_loading_stops_at_a_damaged_file(tmp_path):
    write(tmp_path, [1, 2, 3])
    content = (tmp_path / "epoch-2.npz").read_bytes()
    (tmp_path / "epoch-2.npz").write_bytes(content[: len(content) // 2])
    assert len(snapshots.load(tmp_path, range(1, 4), "codes")) == 1


def test_cut_back_deletes_what_came_after_and_nothing_else(tmp_path):
    write(tmp_path, [1, 2, 10])
    for name in (f".part-{os.getpid()}-0123abcd.npz", "my epoch-12.npz", "epoch-x.npz"):
        (tmp_path / name).write_bytes(b"")
    snapshots.cut_back(tmp_path, 1)
    assert {path.name for path in tmp_path.iterdir()} == {
        "epoch-1.npz", "my epoch-12.npz", "epoch-x.npz"
    }  # fmt: skip


def test_readable_epochs_are_those_that_load_returns(tmp_path):
    write(tmp_path, [1, 2, 3, 5])
    assert snapshots.readable(tmp_path, [1, 3, 4, 5], "codes") == [1, 3]
    assert snapshots.readable(tmp_path, [1, 3], "grid") == []
    content = (tmp_path / "epoch-2.npz").read_bytes()
    (tmp_path / "epoch-2.npz").write_bytes(content[: len(content) // 2])
    assert snapshots.readable(tmp_path, [1, 2, 3], "codes", "outputs") == [1]
