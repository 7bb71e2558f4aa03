"""Two replicas and a ps, as threads of this process: step by step as one alone."""

import contextlib
import socket
import threading
import time

import numpy as np
import pytest

from autoencoder import model, session, training
from autoencoder.cluster import watch
from autoencoder.cluster.tf_config import Cluster, Task
from autoencoder.compat import tf

# 20 batches of 13 and one of 1, of which the chief has no share.
COUNT, BATCH_SIZE = 261, 13


def losses_of_steps(sess, net, images, epochs=1, after_epoch=lambda epoch: None):
    losses, first = [], 1
    if net.replicas:
        first += int(sess.run(net.global_step)) // net.replicas.batches(COUNT)
    training.train(
        *(sess, net, images),
        **{"epochs": epochs, "seed": 0, "shuffle": True, "first_epoch": first},
        after_first_batch=lambda step: None,
        after_step=lambda step: losses.append((step.images, step.loss)),
        after_epoch=after_epoch,
    )
    return np.array(losses)


@pytest.fixture
def build(network_flags):
    def build(tasks):
        return model.build(
            (28, 28, 1),
            **{"batch_size": BATCH_SIZE, "kl_weight": 0.5},
            cluster=tasks,
            flags=network_flags,
        )

    return build


@pytest.fixture
def clusters(monkeypatch):
    """A dict from each job to its Cluster."""
    monkeypatch.setattr(watch.Watch, "start", lambda self: None)  # no main thread
    monkeypatch.setattr(watch.Watch, "stop", lambda self: None)
    sockets = {job: socket.socket() for job in ("chief", "worker", "ps")}
    spec = {}
    for job, one in sockets.items():
        one.bind(("127.0.0.1", 0))
        spec[job] = [f"127.0.0.1:{one.getsockname()[1]}"]
    for one in sockets.values():
        one.close()
    return {job: Cluster(spec, Task(job, 0, spec[job][0])) for job in spec}


def test_every_step_is_that_of_one_task_alone(clusters, build, mnist):
    images = mnist["x_train"][:COUNT, ..., np.newaxis]
    alone = build(None)
    with session.open_session(alone.graph) as sess:
        sess.run(alone.init_op)
        expected = losses_of_steps(sess, alone, images)
        weights = sess.run(alone.weights)
    nets = {job: build(clusters[job]) for job in ("chief", "worker")}
    servers = {job: session.start_server(one) for job, one in clusters.items()}
    found = {}

    def work():
        job = "worker"
        with session.worker_session(nets[job], clusters[job], servers[job], 0) as sess:
            found[job] = losses_of_steps(sess, nets[job], images)
            sess.run(nets[job].replicas.goodbye)

    start(work)
    net = nets["chief"]
    with session.chief_session(net, clusters["chief"], servers["chief"], 0) as opened:
        sess, begin = opened
        sess.run(net.init_op)
        begin()
        found["chief"] = losses_of_steps(sess, net, images)
        for name, value in sess.run(net.weights).items():
            np.testing.assert_allclose(value, weights[name], atol=1e-4, err_msg=name)
    assert expected[:, 0].tolist() == [13] * 20 + [1]
    for job in ("chief", "worker"):  # all know the whole batch's
        np.testing.assert_allclose(found[job], expected, rtol=1e-4)
    session.serve(clusters["ps"], servers["ps"])  # the chief has ended it


def test_a_replica_that_comes_again_before_its_step_is_done(clusters, build, mnist):
    """It has pushed, the chief has not: nothing is counted twice, and no token lost."""
    images = mnist["x_train"][:COUNT, ..., np.newaxis]
    alone = build(None)
    with session.open_session(alone.graph) as sess:
        sess.run(alone.init_op)
        expected = losses_of_steps(sess, alone, images, epochs=2)
    nets = {job: build(clusters[job]) for job in ("chief", "worker")}
    servers = {job: session.start_server(one) for job, one in clusters.items()}
    sessions, came = [], []

    def work():
        job = "worker"
        with (
            contextlib.suppress(*session.LOST),
            session.worker_session(nets[job], clusters[job], servers[job], 0) as sess,
        ):
            sessions.append(sess)
            came.append(losses_of_steps(sess, nets[job], images, epochs=2))
            sess.run(nets[job].replicas.goodbye)

    net = nets["chief"]
    with session.chief_session(net, clusters["chief"], servers["chief"], 0) as opened:
        sess, begin = opened
        sess.run(net.init_op)
        begin()
        start(work)
        workers_push = net.graph.get_tensor_by_name("pushed/Read/ReadVariableOp:0")

        def after_epoch(epoch):
            if epoch.number == 1:
                while sess.run(workers_push)[1] < epoch.step:
                    time.sleep(0.02)
                sessions[0].close()
                start(work)
                time.sleep(3)  # time enough to push again
                assert sess.run(net.global_step) == epoch.step

        found = losses_of_steps(sess, net, images, 2, after_epoch)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    (second,) = came
    np.testing.assert_allclose(second, expected[-len(second) :], rtol=1e-4)


def start(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_what_lies_where(clusters, build):
    net = build(clusters["worker"])
    devices = {name: one.device for name, one in net.weights.items()}
    assert set(devices.values()) == {"/job:ps/task:0"}
    assert net.global_step.device == "/job:chief/task:0"
    assert net.z.device == "/job:worker/task:0"
    names = {variable.op.name for variable in tf.global_variables(scope=None)}
    assert names == set()  # nothing was added to the default graph
    with net.graph.as_default():
        cluster_names = {variable.op.name for variable in tf.global_variables()}
    with build(None).graph.as_default():
        assert cluster_names == {variable.op.name for variable in tf.global_variables()}


def test_no_task_of_a_cluster_is_in_the_graph_of_one_alone(build):
    graph = build(None).graph.as_graph_def()
    assert {node.device for node in graph.node} == {""}
    assert not any("sync" in node.name.lower() for node in graph.node)
