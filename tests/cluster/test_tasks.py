"""Tasks of a cluster as processes on this machine: they train as one process does."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from autoencoder.cluster import tf_config
from autoencoder.commands import train
from tests.conftest import ROOT, run_flags

FLAGS = {"latent_dim": 5, "epochs": 3, "threads": 1}
LONGEST = 240  # seconds; it takes a fraction of that, and never hangs


class Tasks:
    """Processes of a cluster with two replicas, in a folder, and what they write."""

    def __init__(self, folder, dataset):
        self.folder = folder
        self.command = [sys.executable, str(ROOT / "main.py"), f"--dataset={dataset}"]
        self.command += [f"--{name}={value}" for name, value in FLAGS.items()]
        sockets = [socket.socket() for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        self.ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        jobs = ("chief", "worker", "ps")
        pairs = zip(jobs, self.ports, strict=True)
        self.spec = {job: [f"127.0.0.1:{port}"] for job, port in pairs}
        self.processes = {}
        self.all = []

    def start(self, *jobs, flags=()):
        for job in jobs:
            environment = dict(os.environ)
            environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # this process has set it
            task = {"cluster": self.spec, "task": {"type": job, "index": 0}}
            with open(self.folder / f"{job}.log", "a") as log:
                process = subprocess.Popen(
                    [*self.command, *flags],
                    cwd=self.folder,
                    env=environment | {"TF_CONFIG": json.dumps(task)},
                    stdout=log,
                    stderr=log,
                )
            self.processes[job] = process
            self.all.append(process)

    def said(self, job):
        return (self.folder / f"{job}.log").read_text()

    def wait_until_said(self, job, words):
        end = time.monotonic() + LONGEST
        while words not in self.said(job):
            assert time.monotonic() < end, (job, self.said(job))
            time.sleep(0.05)

    def kill(self, job, how=signal.SIGKILL):
        self.processes[job].send_signal(how)
        return self.processes[job].wait(LONGEST)

    def ends(self):
        return {job: one.wait(LONGEST) for job, one in self.processes.items()}

    def metrics(self):
        return metrics(self.folder / "Results" / "odd-z5")


def metrics(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("epoch", "step", "train_loss", "test_image_loss", "test_latent_loss")
    return np.array([[float(row[name]) for name in names] for row in rows])


@pytest.fixture(scope="module")
def odd_npz(mnist, tmp_path_factory):
    """257 images: the last batch has one, and the chief no share of it."""
    path = tmp_path_factory.mktemp("data") / "odd.npz"
    test = {"x_test": mnist["x_test"][:50], "y_test": mnist["y_test"][:50]}
    np.savez(path, x_train=mnist["x_train"][:257], **test)
    return path


@pytest.fixture
def tasks(tmp_path, odd_npz):
    tasks = Tasks(tmp_path, odd_npz)
    yield tasks
    for process in tasks.all:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def single(tmp_path_factory, odd_npz):
    """The folder of the same training by one process."""
    folder = tmp_path_factory.mktemp("single")
    flags = {"dataset": str(odd_npz), "results_dir": str(folder)}
    train.run(run_flags(**FLAGS | flags))
    return folder / "odd-z5"


def test_the_same_training_and_all_end(tasks, single):
    tasks.start("ps", "worker", "chief")
    assert tasks.ends() == {"ps": 0, "worker": 0, "chief": 0}
    np.testing.assert_allclose(tasks.metrics(), metrics(single), rtol=1e-4)
    for job, (address,) in tasks.spec.items():
        tf_config.require_free_port(tf_config.Task(job, 0, address))
    own = tasks.folder / "Results" / "odd-z5"
    assert (own / "report.html").exists()
    for job in ("ps", "worker"):
        lines = tasks.said(job).splitlines()
        assert all(line.startswith(("main.py: ", "network: ")) for line in lines), lines


def test_a_worker_that_is_killed_joins_again(tasks, single):
    tasks.start("ps", "worker", "chief")
    tasks.wait_until_said("chief", "epoch 1/3")
    tasks.kill("worker")
    tasks.wait_until_said("chief", f"waiting for worker 0 ({tasks.spec['worker'][0]})")
    tasks.start("worker")
    assert tasks.ends() == {"ps": 0, "worker": 0, "chief": 0}
    np.testing.assert_allclose(tasks.metrics(), metrics(single), rtol=1e-4)


def test_a_chief_that_is_killed_goes_on_after_its_checkpoint(tasks, single):
    tasks.start("ps", "worker", "chief")
    tasks.wait_until_said("chief", "epoch 1/3")
    tasks.kill("chief")
    tasks.wait_until_said("worker", "the chief was lost")
    tasks.start("chief")
    assert tasks.ends() == {"ps": 0, "worker": 0, "chief": 0}
    np.testing.assert_allclose(tasks.metrics(), metrics(single), rtol=1e-4)


def test_a_ps_that_is_killed_ends_the_others_and_all_start_again(tasks, single):
    tasks.start("ps", "worker", "chief")
    tasks.wait_until_said("chief", "epoch 1/3")
    tasks.kill("ps")
    ends = tasks.ends()
    assert (ends["chief"], ends["worker"]) == (1, 1)
    lost = f"main.py: another task was lost (ps 0 ({tasks.spec['ps'][0]}))"
    for job in ("chief", "worker"):
        assert tasks.said(job).splitlines()[-1].startswith(lost)
        assert "Traceback" not in tasks.said(job)
    tasks.start("ps", "worker", "chief")
    assert tasks.ends() == {"ps": 0, "worker": 0, "chief": 0}
    np.testing.assert_allclose(tasks.metrics(), metrics(single), rtol=1e-4)


def test_ctrl_c_reaches_a_task_that_waits(tasks):
    tasks.start("ps", "chief")
    tasks.wait_until_said("chief", "waiting for worker 0")
    assert tasks.kill("chief", signal.SIGINT) == 130
    assert tasks.said("chief").splitlines()[-1].startswith("main.py: interrupted")
    tasks.wait_until_said("ps", "waiting for chief 0")
    assert tasks.kill("ps", signal.SIGINT) == 130


def test_a_worker_with_other_flags_is_refused(tasks):
    tasks.start("ps", "chief")
    tasks.start("worker", flags=["--seed=1"])
    assert tasks.processes["worker"].wait(LONGEST) == 1
    assert "--seed is 1 here and 0 there" in tasks.said("worker").splitlines()[-1]
