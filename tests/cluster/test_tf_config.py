"""TF_CONFIG: what it may say."""

import json
import socket

import pytest

from autoencoder.cluster.tf_config import Task, from_environment
from autoencoder.errors import UserError
from tests.cluster.clusters import free_ports

SPEC = {"chief": ["a:1"], "worker": ["b:2", "[::1]:3"]}


@pytest.fixture
def found(monkeypatch):
    """Returns the Cluster of a TF_CONFIG, given as text or as its parts."""

    def found(spec, job="chief", index=0):
        config = {"cluster": spec, "task": {"type": job, "index": index}}
        text = spec if isinstance(spec, str) else json.dumps(config)
        monkeypatch.setenv("TF_CONFIG", text)
        return from_environment()

    return found


@pytest.mark.parametrize(
    "config",
    [
        " ",
        "{}",
        '{"cluster": {}}',
        {"chief": ["a:1"]},
        {"chief": ["a:1"], "worker": []},
    ],
)
def test_a_process_that_trains_alone(found, config):
    assert found(config) is None


def test_without_tf_config(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert from_environment() is None


@pytest.mark.parametrize(
    ("job", "index", "place"), [("chief", 0, 0), ("worker", 0, 1), ("worker", "1", 2)]
)
def test_tasks(found, job, index, place):
    cluster = found(SPEC, job, index)
    assert cluster.me == Task(job, int(index), SPEC[job][int(index)])
    assert cluster.me.device == f"/job:{job}/replica:0/task:{index}"
    assert cluster.index == place
    assert cluster.chief == Task("chief", 0, "a:1")
    assert [task.index for task in cluster.tasks] == [0, 0, 1]
    assert cluster.others == [task for task in cluster.tasks if task != cluster.me]
    assert cluster.tasks[2].place == ("::1", 3)


def test_the_first_of_workers_alone_is_the_chief(found):
    cluster = found({"worker": ["a:1", "b:2"]}, "worker", 1)
    assert cluster.chief == Task("worker", 0, "a:1")
    assert cluster.index == 1


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "TF_CONFIG is not JSON"),
        ("[1]", "TF_CONFIG lacks cluster or task"),
        ('{"cluster": {"chief": ["a:1"]}}', "TF_CONFIG lacks cluster or task"),
        ('{"cluster": 3, "task": {"type": "ps", "index": 0}}', "lacks cluster or task"),
        (SPEC | {"ps": ["c:4"]}, "names ps tasks.* leave them out"),
        ({"chief": ["a:1", "b:1"]}, "2 chief: one chief and any number of workers"),
        (SPEC | {"evaluator": ["d:1"]}, "1 evaluator: one chief"),
        (SPEC | {"worker": ["c"]}, "'c' is not an address: write host:port"),
        (SPEC | {"worker": ["c:70000"]}, "'c:70000' is not an address"),
        (SPEC | {"worker": [7]}, "7 is not an address"),
        (SPEC | {"worker": ["a:1"]}, "a:1 is the address of two tasks"),
    ],
)
def test_what_is_no_cluster_is_one_line(found, config, words):
    with pytest.raises(UserError, match=words) as raised:
        found(config)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("job", "index"), [("worker", 2), ("worker", -1), ("worker", "x"), ("boss", 0)]
)
def test_a_task_that_the_cluster_has_not(found, job, index):
    words = f"this task is {job} {index!r}, and the cluster has chief 0, worker 0, wor"
    with pytest.raises(UserError, match=words):
        found(SPEC, job, index)


def test_a_task_answers_refuses_or_neither():
    (port,) = free_ports(1)
    task = Task("worker", 0, f"127.0.0.1:{port}")
    assert (task.answers(), task.refuses()) == (False, True)
    with socket.create_server(task.place):
        assert (task.answers(), task.refuses()) == (True, False)
    nowhere = Task("worker", 0, "nowhere.invalid:1")
    assert (nowhere.answers(), nowhere.refuses()) == (False, False)
