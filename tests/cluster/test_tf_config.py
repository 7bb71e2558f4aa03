"""TF_CONFIG: what it may say, and who is waited for."""

import json
import socket

import pytest

from autoencoder.cluster import tf_config as cluster
from autoencoder.cluster.tf_config import Cluster, Task
from autoencoder.errors import UserError

SPEC = {"chief": ["a:1"], "worker": ["b:2", "[::1]:3"], "ps": ["c:4"]}


@pytest.fixture
def found(monkeypatch):
    """Returns the Cluster of a TF_CONFIG, given as text or as its parts."""

    def found(spec, job="chief", index=0):
        config = {"cluster": spec, "task": {"type": job, "index": index}}
        text = spec if isinstance(spec, str) else json.dumps(config)
        monkeypatch.setenv("TF_CONFIG", text)
        return cluster.from_environment()

    return found


def test_no_cluster(monkeypatch, found):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert cluster.from_environment() is None
    assert found(" ") is None


@pytest.mark.parametrize(
    ("job", "index", "share", "device"),
    [
        ("chief", 0, 0, "/job:chief/task:0"),
        ("worker", 0, 1, "/job:worker/task:0"),
        ("worker", 1, 2, "/job:worker/task:1"),
    ],
)
def test_tasks(found, job, index, share, device):
    tasks = found(SPEC, job, index)
    assert tasks.me == Task(job, index, SPEC[job][index])
    assert (tasks.replicas, tasks.share, tasks.device) == (3, share, device)
    assert tasks.is_chief == (job == "chief")
    others = tasks.tasks("ps", "chief", "worker")
    assert tasks.me not in others
    assert len(others) == 3


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "TF_CONFIG is no JSON"),
        ("[]", "TF_CONFIG lacks cluster or task"),
        ('{"cluster": {}}', "TF_CONFIG lacks cluster or task"),
        ('{"cluster": 3, "task": {"type": "ps", "index": 0}}', "lacks cluster or task"),
        ({}, "cluster has no task: one chief"),
        ({"worker": ["a:1"], "ps": ["b:1"]}, "1 worker, 1 ps: one chief"),
        ({"chief": ["a:1"]}, "has 1 chief: one chief, at least one ps"),
        ({"chief": ["a:1", "b:1"], "ps": ["c:1"]}, "2 chief, 1 ps: one chief"),
        (SPEC | {"evaluator": ["d:1"]}, "1 evaluator: one chief"),
        (SPEC | {"ps": ["c"]}, "'c' is no address: write host:port"),
        (SPEC | {"ps": ["c:70000"]}, "'c:70000' is no address"),
        (SPEC | {"ps": [7]}, "7 is no address"),
        (SPEC | {"ps": ["a:1"]}, "a:1 is the address of two tasks"),
    ],
)
def test_what_is_no_cluster_is_one_line(found, config, words):
    with pytest.raises(UserError, match=words) as raised:
        found(config)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("job", "index"), [("worker", 2), ("worker", -1), ("worker", "0"), ("boss", 0)]
)
def test_a_task_that_the_cluster_has_not(found, job, index):
    words = f"this task is {job} {index}, and the cluster has chief 0, worker 0, wor"
    with pytest.raises(UserError, match=words):
        found(SPEC, job, index)


@pytest.fixture
def listening():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield Task("ps", 0, f"127.0.0.1:{listener.getsockname()[1]}")


@pytest.fixture
def silent():
    with socket.socket() as bound:  # its port is nobody else's, but it doesn't listen
        bound.bind(("127.0.0.1", 0))
        yield Task("worker", 7, f"127.0.0.1:{bound.getsockname()[1]}")


def test_a_port_in_use_is_named(listening):
    with pytest.raises(UserError, match=f"port {listening.port} of ps 0 .*TF_CONFIG"):
        cluster.require_free_port(listening)


def test_who_does_not_answer_is_named_and_given_up(listening, silent, capsys):
    cluster.wait_for([listening])
    with pytest.raises(UserError, match="^worker 7 .* did not answer for"):
        cluster.wait_for([listening, silent], silent=0, patience=0.5)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"main.py: waiting for {silent}"]  # once, and for nobody else


def test_waiting_can_be_ended(silent):
    cluster.wait_for([silent], until=lambda: True)


def test_another_training_than_the_chiefs():
    mine = Cluster({}, Task("worker", 0, "a:1"), '{"--seed": 1, "--epochs": 2}')
    mine.require_same_training('{"--seed": 1, "--epochs": 2}')
    with pytest.raises(UserError, match="--seed is 1 here and 3 there; start"):
        mine.require_same_training('{"--seed": 3, "--epochs": 2}')
