"""The cache of converted pictures: where it is written, and what interrupts that."""

import os
import queue
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from PIL import Image

from autoencoder.datasets import cache
from autoencoder.datasets.cache import cached
from autoencoder.datasets.folder import picture_files
from autoencoder.errors import UserError
from tests.conftest import ROOT, run_flags


@pytest.fixture
def pets(tmp_path):
    folder = tmp_path / "pets"
    folder.mkdir()
    for i in range(20):
        Image.new("RGB", (12, 8), (i, 0, 0)).save(folder / f"{i}.png")
    return folder


def convert(folder, cache_dir, check=None, **changes):
    flags = run_flags(**changes)
    files = picture_files(folder, flags.test_share)
    return cached(folder, files, cache_dir, flags, check)


def test_a_full_disk_names_the_folder_and_keeps_nothing(pets, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(UserError, match="pets.*cache/pets-.*--cache_dir"):
            convert(pets, tmp_path / "cache")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]
    assert len(convert(pets, tmp_path / "cache").images["train"]) == 18


def test_a_whole_cache_is_only_read(pets, tmp_path, monkeypatch):
    first = convert(pets, tmp_path / "cache")
    for name in ("make_folder", "FileLock", "_make"):
        monkeypatch.setattr(cache, name, None)
    assert convert(pets, tmp_path / "cache").sha256 == first.sha256


def test_pictures_that_are_refused_leave_no_lock(pets, tmp_path):
    def refuse(shape):
        raise UserError(f"{shape} does not fit")

    with pytest.raises(UserError, match=r"\(8, 12, 3\) does not fit"):
        convert(pets, tmp_path / "cache", check=refuse)
    assert list((tmp_path / "cache").iterdir()) == []


def test_who_waits_for_another_process_says_so(pets, tmp_path, monkeypatch):
    cache_dir = tmp_path / "cache"
    convert(pets, cache_dir)
    (lock,) = cache_dir.glob(".pets-*.lock")
    (pets / "0.png").unlink()
    found, said = [], queue.Queue()
    stderr = SimpleNamespace(write=said.put, flush=lambda: None)
    monkeypatch.setattr(sys, "stderr", stderr)
    waiting = threading.Thread(target=lambda: found.append(convert(pets, cache_dir)))
    with FileLock(lock):
        waiting.start()
        line = said.get(timeout=60)
        assert found == []
    waiting.join()
    assert line == (
        f"main.py: another process converts the pictures of {pets}: this one waits "
        "for it"
    )
    assert len(found[0].images["train"]) == 17


def test_a_long_name(tmp_path):
    folder = tmp_path / ("字" * 85)
    folder.mkdir()
    Image.new("L", (12, 8)).save(folder / "a.png")
    assert len(convert(folder, tmp_path / "cache").images["train"]) == 1


def test_the_check_comes_before_the_conversion(pets, tmp_path):
    def refuse(shape):
        raise UserError(f"no {shape}")

    files = picture_files(pets, 0.1)
    with pytest.raises(UserError, match="no .8, 12, 3"):
        cached(pets, files, tmp_path / "cache", run_flags(), refuse)


def processes_of(session):
    """The processes of a session, and whether each ignores SIGTERM, from Linux."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, number = (
                (path / "stat").read_text().rpartition(")")[2].split()[:4]
            )
            ignored = re.search(r"SigIgn:\s+(\w+)", (path / "status").read_text())[1]
        except OSError:  # it has ended in between
            continue
        if int(number) == session and state != "Z":
            found[path.name] = bool(int(ignored, 16) >> (signal.SIGTERM - 1) & 1)
    return found


@pytest.mark.parametrize("size", ["8", None])
@pytest.mark.parametrize(
    ("send", "number"),
    [(os.kill, "SIGTERM"), (os.killpg, "SIGTERM"), (os.kill, "SIGKILL")],
)
def test_what_is_killed_leaves_no_process_and_no_word(tmp_path, send, number, size):
    """By a signal to the program, as kill sends it, or to all, as systemd does."""
    folder = tmp_path / "many"
    folder.mkdir()
    Image.effect_noise((1500, 1500), 50).save(folder / "0.png")
    for i in range(1, 400):
        os.link(folder / "0.png", folder / f"{i}.png")
    command = [sys.executable, str(ROOT / "main.py"), f"--dataset={folder}"]
    command += [f"--image_size={size}", "--channels=1"] if size else []
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    workers = 1 + len(os.sched_getaffinity(0))  # and multiprocessing's tracker
    while sum(processes_of(process.pid).values()) < workers:
        assert process.poll() is None
        time.sleep(0.01)
    send(process.pid, getattr(signal, number))
    output = process.communicate(timeout=60)
    while processes_of(process.pid):
        time.sleep(0.01)
    assert (process.returncode, *output) == ({"SIGTERM": 143}.get(number, -9), "", "")
    if number == "SIGTERM":
        assert not [*tmp_path.glob("Results/cache/many-*")]
