import importlib
from pathlib import Path

import pytest

from autoencoder import session
from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.session import open_session
from tests.conftest import run_flags


def test_runs_the_graph():
    with tf.Graph().as_default() as graph:
        three = tf.constant(1) + 2
    with open_session(graph, threads=1) as sess:
        assert sess.run(three) == 3
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(three)


def test_too_little_memory_is_one_line():
    def allocate():
        raise MemoryError  # at once; TensorFlow's own allocators wait for ten seconds

    with tf.Graph().as_default() as graph:
        huge = tf.py_func(allocate, [], tf.float32)
    with (
        pytest.raises(UserError, match="^out of memory: .*--batch_size"),
        open_session(graph) as sess,
    ):
        sess.run(huge)


# All sessions of a process have the same threads: each number needs its own process.
_COUNT_THREADS = """
import os, sys
from autoencoder import session
from autoencoder.compat import tf
from autoencoder.data import DataPipe
from autoencoder.session import use_threads
use_threads(int(sys.argv[1]))
with tf.Graph().as_default():
    DataPipe((28, 28, 1), 8)
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_threads_are_as_many_as_asked_for(programs, tmp_path):
    counts = []
    for threads in (1, 6):
        program = programs.start(threads, cwd=tmp_path, script=_COUNT_THREADS)
        assert (program.wait(), program.stderr) == (0, "")
        counts.append(int(program.stdout))
    assert counts[1] - counts[0] == 5


@pytest.mark.parametrize(
    "name", ["run", "trained.restore", "commands.reproduce", "commands.preview"]
)
def test_threads_are_set_before_anything_is_built(name, monkeypatch, tmp_path):
    class Stop(Exception):
        pass

    def use_threads(threads):
        raise Stop(threads)

    module = importlib.import_module(f"autoencoder.{name}")
    place = session if name.startswith("commands") else module
    monkeypatch.setattr(place, "use_threads", use_threads)
    flags = run_flags(threads=3, results_dir=str(tmp_path))
    calls = {
        "run": lambda: module.train_in_folder(None, None, flags),
        "trained.restore": lambda: module.restored(None, threads=3).__enter__(),
        "commands.reproduce": lambda: module.seconds_per_step(flags),
        "commands.preview": lambda: module.run(flags),
    }
    with pytest.raises(Stop, match="3"):
        calls[name]()
