"""Tasks of a cluster as processes on this machine: they train as one process does."""

import csv
import itertools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.cluster.clusters import clusters_of, spec_of
from tests.conftest import ROOT, SMALL, train_only
from tests.programs import MAIN, Programs

FLAGS = {"latent_dim": 5, "epochs": 2, "threads": 1, "shuffle": True}
LOGS = {"TF_CPP_MIN_LOG_LEVEL": "3"}
LONGEST = 240  # seconds; it takes a fraction of that, and never hangs
LOST_WITHIN = 30  # ten for the product's promise, the rest for a busy machine
# main.py, in which the evaluation of the last epoch takes a while, and says so.
SLOW = f"""
import time
from autoencoder.run_folder.recorder import Recorder
held_out = Recorder._held_out
def slowly(self, epoch):
    if epoch == {FLAGS["epochs"]}:
        print("evaluates", flush=True)
        time.sleep(3)
    return held_out(self, epoch)
Recorder._held_out = slowly
{MAIN}"""
# main.py, which says after a second already for whom it waits.
IMPATIENT = f"""
from autoencoder.cluster import waiting
waiting._SILENT = 1
{MAIN}"""
# main.py, which is killed when all tasks have come, before they share weights; and one
# that would share them when that has happened.
KILLED = f"""
import os, signal, time
from autoencoder.cluster.replica import Replica
def session(*arguments):
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)
Replica.session = session
{MAIN}"""
LATE = f"""
import time
from autoencoder.cluster.replica import Replica
session = Replica.session
def late(*arguments):
    time.sleep(3)
    return session(*arguments)
Replica.session = late
{MAIN}"""


class Tasks:
    """Processes of a cluster in a folder, and what they write.

    Args:
        folder: pathlib.Path.
        dataset: pathlib.Path, of an .npz file.
        spec: dict, TF_CONFIG's cluster.
        programs: tests.programs.Programs.
    """

    def __init__(self, folder, dataset, spec, programs):
        self.folder = folder
        self.flags = [f"--{name}={value}" for name, value in FLAGS.items()]
        self.flags.append(f"--dataset={dataset}")
        self.programs = programs
        self.spec = spec
        self.tasks = [cluster.me for cluster in clusters_of(spec)]
        self.run = folder / "Results" / f"{dataset.stem}-z5-shuffle"
        self.processes = {}
        self.started = []

    def start(self, *places, flags=(), script=MAIN):
        """Starts tasks by their places among all, 0 the chief; all without places."""
        for place in places or range(len(self.tasks)):
            self.processes[place] = self.programs.start(
                *self.flags,
                *flags,
                cwd=self.folder,
                environment=LOGS | self.environment(place),
                script=script,
            )
            self.started.append(self.processes[place])

    def environment(self, place):
        task = {"type": self.tasks[place].job, "index": self.tasks[place].index}
        return {"TF_CONFIG": json.dumps({"cluster": self.spec, "task": task})}

    def said(self, place):
        return self.processes[place].stdout + self.processes[place].stderr

    def wait_until_said(self, place, words):
        self.processes[place].wait_until_said(words, LONGEST)

    def end(self, place, how=signal.SIGKILL):
        """Sends a signal; returns the exit status."""
        self.processes[place].send_signal(how)
        return self.processes[place].wait(LOST_WITHIN)

    def ends(self, longest=LONGEST):
        return {place: p.wait(longest) for place, p in self.processes.items()}

    def assert_ended_by(self, lost):
        """All others have ended, with one line that names the one that was lost."""
        for place, status in self.ends(LOST_WITHIN).items():
            if place != lost:
                last = self.said(place).splitlines()[-1]
                assert status == 1, last
                assert "Traceback" not in self.said(place)
                assert "RecvBuf" not in self.said(place)  # as TensorFlow says it
                assert last.startswith("main.py: another task was lost ("), last
                assert str(self.tasks[lost]) in last
                assert last.endswith("goes on after the last checkpoint")


def metrics(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("epoch", "step", "train_loss", "test_image_loss", "test_latent_loss")
    return np.array([[float(row[name]) for name in names] for row in rows])


@pytest.fixture(scope="module")
def odd_npz(mnist, tmp_path_factory):
    """257 small images: the last batch has one, and only the last task a part of it."""
    path = tmp_path_factory.mktemp("data") / "odd.npz"
    train, test = mnist["x_train"][:257], mnist["x_test"][:50]
    labels = mnist["y_test"][:50]
    np.savez(path, x_train=train[SMALL], x_test=test[SMALL], y_test=labels)
    return path


@pytest.fixture(scope="module")
def programs():
    """Programs that log as little as main.py does where TF_CONFIG is set."""
    programs = Programs(LOGS)
    yield programs
    programs.close()


@pytest.fixture
def tasks_of(programs, tmp_path):
    """Makes Tasks, and ends all that are left of them after the test."""
    made = []

    def tasks_of(dataset, spec):
        made.append(Tasks(tmp_path, dataset, spec, programs))
        return made[-1]

    yield tasks_of
    for process in itertools.chain(*(tasks.started for tasks in made)):
        process.kill()


@pytest.fixture(scope="module")
def single(tmp_path_factory, odd_npz):
    """The metrics of the same training by one process."""
    folder = tmp_path_factory.mktemp("single")
    flags = {"dataset": str(odd_npz), "results_dir": str(folder)}
    train_only(**FLAGS | flags)
    return metrics(folder / "odd-z5-shuffle")


def test_the_same_training_and_again_when_it_is_finished(tasks_of, odd_npz, single):
    tasks = tasks_of(odd_npz, spec_of(workers=1))
    tasks.start(0)
    environment = os.environ | tasks.environment(1)
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # this process may have set it
    worker = subprocess.run(  # its hash seed is another one than the chief's
        [sys.executable, ROOT / "main.py", *tasks.flags],
        cwd=tasks.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert (worker.returncode, tasks.ends()) == (0, {0: 0})
    np.testing.assert_allclose(metrics(tasks.run), single, rtol=1e-5)
    assert (tasks.run / "report.html").exists()
    (line,) = (worker.stdout + worker.stderr).splitlines()
    assert line == (
        f"main.py: {tasks.tasks[1]} is one of 2 tasks; Ctrl-C ends it at once, and "
        "finished epochs are kept"
    )
    tasks.start()
    assert tasks.ends() == {0: 0, 1: 0}
    assert "done: no epoch was left to train" in tasks.said(0)
    np.testing.assert_allclose(metrics(tasks.run), single, rtol=1e-5)


def test_workers_alone_and_one_that_differs(tasks_of, odd_npz, single):
    tasks = tasks_of(odd_npz, spec_of(workers=2, chief=False))
    tasks.start(1, flags=["--seed=1"], script=IMPATIENT)
    tasks.wait_until_said(1, f"waiting for {tasks.tasks[0]}")
    tasks.start(0, script=IMPATIENT)
    assert tasks.processes[1].wait(LONGEST) == 1
    assert (
        "--seed is 1 on worker 1 and 0 on the chief" in tasks.said(1).splitlines()[-1]
    )
    tasks.wait_until_said(0, f"waiting for {tasks.tasks[1]}")
    tasks.start(1)
    assert tasks.ends() == {0: 0, 1: 0}
    np.testing.assert_allclose(metrics(tasks.run), single, rtol=1e-5)


def test_a_worker_that_is_killed_in_a_step_ends_all(tasks_of, odd_npz):
    tasks = tasks_of(odd_npz, spec_of(workers=2))
    tasks.start(flags=["--epochs=1000"])
    tasks.wait_until_said(0, "epoch 2/1000")
    tasks.end(2)
    tasks.assert_ended_by(2)
    tasks.start(flags=["--epochs=6"])  # in any order, after the last checkpoint
    assert tasks.ends() == {0: 0, 1: 0, 2: 0}
    assert "goes on after epoch" in tasks.said(0)


def test_a_task_that_is_killed_before_the_first_step(tasks_of, odd_npz):
    """Two clusters at the same time, for most of it is waiting."""
    clusters = [tasks_of(odd_npz, spec_of(workers=1)) for _ in range(2)]
    for place, tasks in enumerate(clusters):
        run = f"--run_name=without-{place}"
        tasks.start(place, flags=[run], script=KILLED)
        tasks.start(1 - place, flags=[run], script=LATE)
    for place, tasks in enumerate(clusters):
        assert tasks.processes[place].wait(LONGEST) == -signal.SIGKILL
        tasks.assert_ended_by(place)


# A chief that is killed leaves the last epoch undone; without a worker it finishes it.
@pytest.mark.parametrize(("workers", "place", "epochs"), [(2, 0, 1), (1, 1, 2)])
def test_a_task_that_is_killed_in_the_last_evaluation(
    tasks_of, odd_npz, workers, place, epochs
):
    tasks = tasks_of(odd_npz, spec_of(workers))
    tasks.start(script=SLOW)
    tasks.wait_until_said(0, "evaluates")
    assert "epoch 2/2" not in tasks.said(0)
    tasks.end(place)
    tasks.assert_ended_by(place)
    assert ("epoch 2/2" in tasks.said(0)) == (epochs == 2)
    tasks.start()
    assert set(tasks.ends().values()) == {0}
    assert f"goes on after epoch {epochs}" in tasks.said(0)
    assert metrics(tasks.run)[:, 0].tolist() == [1, 2]


def test_ctrl_c_ends_a_task_that_waits_for_one_that_stands_still(tasks_of, odd_npz):
    tasks = tasks_of(odd_npz, spec_of(workers=1))
    tasks.start(flags=["--epochs=1000"])
    tasks.wait_until_said(0, "epoch 1/1000")
    tasks.processes[1].send_signal(signal.SIGSTOP)
    time.sleep(1)
    assert tasks.end(0, signal.SIGINT) == -signal.SIGINT
    assert list(tasks.run.glob("checkpoints/epoch-*.json"))
    assert tasks.end(1, signal.SIGKILL) == -signal.SIGKILL
