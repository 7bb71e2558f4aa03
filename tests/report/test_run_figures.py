"""What a run's figures read: an epoch's arrays at a time, and those that are shown."""

import shutil
import weakref
from types import SimpleNamespace

import imageio.v3 as iio
import numpy as np

from autoencoder.figures import gif, post, side_by_side
from autoencoder.report import run_figures
from autoencoder.run_folder import layout, snapshots
from autoencoder.trained.found import load_run


def test_arrays_are_read_when_their_frame_is_drawn(tmp_path, monkeypatch):
    for epoch in range(1, 131):
        codes = np.full((3, 2), epoch, np.float32)
        grid = np.full((2, 2, 2, 2, 1), epoch, np.float16)
        arrays = {"first_codes": codes, "codes": codes, "grid": grid}
        snapshots.save(tmp_path, epoch, arrays)
    load, grids, alive, shown, limits = snapshots.load, [], [], {}, set()

    def watched(folder, epochs, *names):
        found = load(folder, epochs, *names)
        if "grid" in names:
            grids.extend(weakref.ref(arrays[names.index("grid")]) for arrays in found)
        alive.append(sum(grid() is not None for grid in grids))
        return found

    def write_gif(path, draw, states):
        shown[path.name] = [draw(state) for state in states]

    def latent_and_space(labels, values, limit, names):
        limits.add(limit)
        return lambda codes, grid: (int(codes[0, 0]), int(grid.max()))

    monkeypatch.setattr(snapshots, "load", watched)
    monkeypatch.setattr(gif, "write", write_gif)
    monkeypatch.setattr(post, "latent_space", lambda codes, *_: int(codes[0, 0]))
    monkeypatch.setattr(post, "space", lambda grid: int(grid.max()))
    monkeypatch.setattr(side_by_side, "LatentAndSpace", latent_and_space)
    dataset = SimpleNamespace(y_test=None, class_names=None)
    checkpoint = SimpleNamespace(epoch=130)
    run = SimpleNamespace(
        path=tmp_path, snapshots=tmp_path, dataset=dataset, checkpoint=checkpoint
    )
    names = ["latent.gif", "space.gif", "latent-and-space.gif"]
    for name in names:
        assert run_figures.RUN_FIGURES[name].write(run, tmp_path / name)

    assert list(shown) == names
    every = gif.evenly(range(1, 131), 60)
    assert len(every) == 60
    assert shown["latent.gif"] == shown["space.gif"] == every
    assert shown["latent-and-space.gif"] == [(epoch, epoch) for epoch in every]
    assert limits == {1.05 * 130}
    assert max(alive) == 1
    assert len(grids) == 4 * 60  # looked at and drawn, for two figures


def test_pictures_of_the_training_are_frames(results, tmp_path, monkeypatch):
    """They are what the arrays give, so they are not drawn a second time."""
    path = tmp_path / "run"
    shutil.copytree(results / "small-z2", path)
    run = load_run(path)
    names = ["latent.gif", "space.gif"]

    def written():
        for name in names:
            assert run_figures.RUN_FIGURES[name].write(run, tmp_path / name)
        return [iio.imread(tmp_path / name).astype(int) for name in names]

    with monkeypatch.context() as patch:
        patch.setattr(post, "latent_space", None)
        patch.setattr(post, "space", None)
        read = written()
    for damaged in ("Latent_0", "Space_1"):
        (path / "Test" / f"{damaged}.png").write_bytes(b"\x89PNG")
    iio.imwrite(path / "Test" / "Latent_1.png", np.zeros((9, 9), np.uint8))
    (path / "Test" / "Space_0.png").unlink()
    drawn = written()
    np.testing.assert_array_equal(read[0], drawn[0])
    # Arrays of the grid have half precision, and a grey's neighbour in the palette.
    assert (np.abs(read[1] - drawn[1]) > 8).mean() < 1e-3


def test_a_runs_folder_lists_the_figures_that_are_drawn():
    """So that a run that is cut back or begun anew keeps no old one."""
    assert set(run_figures.RUN_FIGURES) == set(layout.FIGURE_FILES)
