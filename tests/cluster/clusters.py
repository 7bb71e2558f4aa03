"""Clusters on this machine, for tests."""

import socket

from autoencoder.cluster.tf_config import Cluster, Task


def free_ports(count):
    """Returns ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def spec_of(workers, chief=True):
    """Returns TF_CONFIG's cluster with so many workers."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(workers + chief)]
    spec = {"worker": addresses[chief:]}
    return spec | {"chief": addresses[:1]} if chief else spec


def clusters_of(spec):
    """Returns the Cluster of each task of a spec, the chief's first."""
    tasks = [
        Task(job, index, address)
        for job in ("chief", "worker")
        for index, address in enumerate(spec.get(job, ()))
    ]
    return [Cluster(spec, tasks, task) for task in tasks]
