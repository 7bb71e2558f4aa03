"""The tasks meet: who is waited for, and who is sent away."""

import json
import socket
import threading
from concurrent import futures

import pytest

from autoencoder.cluster import meeting, waiting
from autoencoder.cluster.meeting import meet
from autoencoder.errors import UserError
from tests.cluster.clusters import clusters_of, spec_of

SAME = {"--seed": 0, "the data's SHA-256": "abc", "the number of tasks": 3}


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch):
    monkeypatch.setattr(meeting, "_ROUND", 0.2)


@pytest.fixture
def pool():
    with futures.ThreadPoolExecutor() as pool:
        yield pool


def test_all_begin_when_all_are_there(pool):
    clusters = clusters_of(spec_of(workers=2))
    met = [pool.submit(meet, cluster, SAME) for cluster in clusters]
    assert [future.result(30) for future in met] == [None] * 3
    for cluster in clusters:  # the ports are free again, for TensorFlow's servers
        assert not cluster.me.answers()


def test_workers_alone(pool):
    clusters = clusters_of(spec_of(workers=2, chief=False))
    met = [pool.submit(meet, cluster, SAME) for cluster in clusters]
    assert [future.result(30) for future in met] == [None] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--seed": 1}, "--seed is 1 on worker 1 and 0 on the chief"),
        (
            {"the data's SHA-256": "d"},
            "the data's SHA-256 is d on worker 1 and abc on the chief",
        ),
        (
            {"the number of tasks": 4},
            "the number of tasks is 4 on worker 1 and 3 on the chief",
        ),
        (
            {"the number of tasks": 2},
            "the number of tasks is 2 on worker 1 and 3 on the chief",
        ),
    ],
)
def test_a_task_that_differs_ends_and_the_chief_waits_on(pool, capsys, change, words):
    chief, first, second = clusters_of(spec_of(workers=2))
    chiefs = pool.submit(meet, chief, SAME)
    with pytest.raises(UserError, match=f"^worker 1 .* train differently: {words}"):
        meet(second, SAME | change)
    assert not chiefs.done()
    met = [pool.submit(meet, cluster, SAME) for cluster in (first, second)]
    assert [future.result(30) for future in [chiefs, *met]] == [None] * 3
    line = f"main.py: {second.me} trains differently and was sent away: {words}"
    assert line in capsys.readouterr().err


def test_a_worker_that_leaves_has_to_come_again(pool):
    chief, first, second = clusters_of(spec_of(workers=2))
    chiefs = pool.submit(meet, chief, SAME)
    while not chief.me.answers():
        pass
    with socket.create_connection(chief.me.place) as left:
        meeting._send(left, {"index": 1, "task": first.me, "description": SAME})
        left.recv(1)
    other = pool.submit(meet, second, SAME)
    with pytest.raises(futures.TimeoutError):
        other.result(1)
    assert not chiefs.done()
    met = pool.submit(meet, first, SAME)
    assert [future.result(30) for future in (chiefs, other, met)] == [None] * 3


def test_strangers_are_not_counted(pool):
    chief, worker = clusters_of(spec_of(workers=1))
    chiefs = pool.submit(meet, chief, SAME)
    while not chief.me.answers():
        pass
    for words in (
        *(b"", b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b'{"index": 1}\n'),
        b'{"index": 1, "task": ["x", 0, "y"], "description": 7}\n',
        b'{"index": [], "task": ["x", 0, "y"], "description": {}}\n',
        b'{"index": 1, "task": "x", "description": {}}\n',
        json.dumps({"index": 9, "task": worker.me, "description": SAME}).encode()
        + b"\n",
    ):
        with socket.create_connection(chief.me.place) as stranger:
            stranger.sendall(words)
    assert not chiefs.done()
    met = pool.submit(meet, worker, SAME)
    assert (chiefs.result(30), met.result(30)) == (None, None)


def test_those_who_wait_say_for_whom(pool, monkeypatch, capsys):
    monkeypatch.setattr(waiting, "_SILENT", 0)
    chief, first, second = clusters_of(spec_of(workers=2))
    early = pool.submit(meet, second, SAME)
    threading.Event().wait(1)
    assert f"waiting for {chief.me}\n" in capsys.readouterr().err
    chiefs = pool.submit(meet, chief, SAME)
    threading.Event().wait(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines.count(f"main.py: waiting for {first.me}") >= 2  # by both
    pool.submit(meet, first, SAME)
    assert (chiefs.result(30), early.result(30)) == (None, None)


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(waiting, "_PATIENCE", 0.5)
    chief, worker = clusters_of(spec_of(workers=1))
    for cluster, other in ((chief, worker), (worker, chief)):
        with pytest.raises(UserError, match="did not answer for") as raised:
            meet(cluster, SAME)
        assert str(raised.value).startswith(str(other.me))


def test_a_port_in_use_is_named():
    chief, worker = clusters_of(spec_of(workers=1))
    with socket.create_server(("", worker.me.place[1])):
        port = worker.me.place[1]
        with pytest.raises(
            UserError, match=f"worker 0 .* listen on port {port} .*TF_C"
        ):
            meet(worker, SAME)
