"""What several tests share. FLAGS is parsed once, here, to its defaults."""

import os
import shutil

import numpy as np
import pytest
from filelock import FileLock

from autoencoder.commands import train
from autoencoder.machine import uses_onednn
from flags import FLAGS, training_flags
from tests.programs import ROOT, Programs

FLAGS(["pytest"])
SMALL = np.s_[:, 2:26:3, 2:26:3]  # of images of 28x28 pixels, 8x8
run_flags = training_flags  # those of the command train, with changes


def train_only(**changes):
    """Runs the command train without its report, which has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "_report", lambda *arguments: None)
        train.run(run_flags(**changes))


def pytest_configure():
    """Gives each of several processes its share of the cores.

    Where all of them start as many threads as there are cores, these wait for each
    other: the tests of resumed trainings take a fifth more processor time.
    """
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if count > 1 and hasattr(os, "sched_setaffinity"):  # Linux
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[number % len(allowed) :: count])


def pytest_report_header():
    """Says which kernels the tests run on: their sums differ in the last bits."""
    return f"oneDNN: {'on' if uses_onednn() else 'off'} (TF_ENABLE_ONEDNN_OPTS)"


@pytest.fixture(scope="session")
def mnist():
    """The arrays of mnist.npz: 60,000 and 10,000 real images."""
    with np.load(ROOT / "datasets" / "mnist.npz") as file:
        return dict(file)


@pytest.fixture(scope="session")
def images(mnist):
    """300 real images, uint8 [300, 28, 28, 1]."""
    return mnist["x_train"][:300, ..., np.newaxis]


@pytest.fixture(scope="session")
def small_npz(mnist, tmp_path_factory):
    """A data set of 300 training and 50 test images: two batches and a short one."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(
        path,
        x_train=mnist["x_train"][:300],
        y_train=mnist["y_train"][:300],
        x_test=mnist["x_test"][:50],
        y_test=mnist["y_test"][:50],
    )
    return path


@pytest.fixture(scope="session")
def tiny_npz(small_npz):
    """The same in 8x8 pixels, for tests of files: a network a twelfth the size."""
    path = small_npz.with_name("tiny.npz")
    with np.load(small_npz) as file:
        arrays = dict(file)
    for name in ("x_train", "x_test"):
        arrays[name] = arrays[name][SMALL]
    np.savez(path, **arrays)
    return path


@pytest.fixture
def network_flags():
    """A training's flags, with the post's five codes."""
    return run_flags(latent_dim=5)


@pytest.fixture(scope="session")
def programs():
    """What starts main.py as a process of its own."""
    programs = Programs()
    yield programs
    programs.close()


@pytest.fixture
def run_program(programs, tmp_path):
    """Runs main.py in an empty folder, as a user would; returns what came of it."""

    def run(*arguments):
        program = programs.start(*arguments, cwd=tmp_path)
        program.wait()
        return program

    return run


@pytest.fixture(scope="session")
def results(small_npz, tmp_path_factory):
    """Runs of two epochs: small-z2, small-z5 and, without a test split, bare-z2.

    Of several processes the first that needs them trains, and each has a copy.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of all processes
    folder /= "trained"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _train(small_npz, folder)
    return shutil.copytree(folder, tmp_path_factory.mktemp("of") / "Results")


def _train(small_npz, folder):
    folder.mkdir()
    with np.load(small_npz) as file:
        np.savez(folder / "bare.npz", x_train=file["x_train"])
    for dataset, latent_dim in ((small_npz, 2), (small_npz, 5), ("bare.npz", 2)):
        path = str(folder / dataset)
        train.run(
            run_flags(
                dataset=path,
                latent_dim=latent_dim,
                epochs=2,
                keep_every=1,  # some tests go back to the first epoch
                results_dir=str(folder),
            )
        )
