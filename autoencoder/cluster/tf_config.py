"""TF_CONFIG: the tasks that train together, in the form TensorFlow programs expect.

No TensorFlow here: mistakes are reported at once.
"""

import json
import os
import re
import socket
from typing import NamedTuple

from autoencoder.errors import UserError

_EXAMPLE = (
    'it looks like {"cluster": {"chief": ["host:port"], "worker": ["host:port"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


class Task(NamedTuple):
    """One of the processes.

    Attributes:
        job: str, "chief" or "worker".
        index: int, among those of its job.
        address: str, host:port.
    """

    job: str
    index: int
    address: str

    def __str__(self):
        return f"{self.name} ({self.address})"

    @property
    def name(self):
        """str, such as worker 0."""
        return f"{self.job} {self.index}"

    @property
    def place(self):
        """(host, port), for sockets."""
        host, _, port = self.address.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def device(self):
        """str, TensorFlow's name for this task's device."""
        return f"/job:{self.job}/replica:0/task:{self.index}"

    def answers(self):
        """Returns whether something listens at its address."""
        try:
            with socket.create_connection(self.place, timeout=1):
                return True
        except (OSError, UnicodeError):  # the latter: no host can have such a name
            return False

    def refuses(self):
        """Returns whether its machine says that nothing listens at its address."""
        try:
            with socket.create_connection(self.place, timeout=1):
                return False
        except ConnectionRefusedError:
            return True
        except OSError:  # its machine or the network says nothing
            return False


class Cluster(NamedTuple):
    """All tasks, and which of them this process is.

    Attributes:
        spec: dict from a job to the list of its tasks' addresses.
        tasks: list of Task; the first one is the chief.
        me: Task.
    """

    spec: dict
    tasks: list
    me: Task

    @property
    def chief(self):
        """The Task that evaluates, draws, and writes the run's folder."""
        return self.tasks[0]

    @property
    def is_chief(self):
        """Whether this task is the chief."""
        return self.me == self.chief

    @property
    def others(self):
        """List of Task, without this one."""
        return [task for task in self.tasks if task != self.me]

    @property
    def index(self):
        """int, this task's place among all; the chief's is 0."""
        return self.tasks.index(self.me)


def from_environment():
    """Returns the Cluster in TF_CONFIG, or None if this process trains alone.

    Raises:
        UserError: TF_CONFIG describes no cluster that can train.
    """
    text = os.environ.get("TF_CONFIG", "").strip() or "{}"
    try:
        config = json.loads(text)
    except ValueError as error:
        raise UserError(f"TF_CONFIG is not JSON ({error}): {_EXAMPLE}") from None
    if not config or config == {"cluster": {}}:  # for single jobs
        return None
    try:
        spec = {job: list(addresses) for job, addresses in config["cluster"].items()}
        job, index = config["task"]["type"], config["task"]["index"]
    except (LookupError, TypeError, AttributeError):
        raise UserError(f"TF_CONFIG lacks cluster or task: {_EXAMPLE}") from None
    tasks = _tasks(spec)
    me = _me(tasks, job, index)
    return Cluster(spec, tasks, me) if len(tasks) > 1 else None


def _tasks(spec):
    if spec.get("ps"):
        raise UserError(
            "TF_CONFIG names ps tasks, and this program has no parameter servers: "
            "leave them out; the chief and the workers hold the weights"
        )
    jobs = {job: addresses for job, addresses in spec.items() if addresses}
    if not jobs or set(jobs) - {"chief", "worker"} or len(jobs.get("chief", ())) > 1:
        names = ", ".join(f"{len(jobs[job])} {job}" for job in jobs) or "no task"
        raise UserError(
            f"TF_CONFIG's cluster has {names}: one chief and any number of workers "
            "are needed, or workers alone"
        )
    tasks = [
        Task(job, index, address)
        for job in ("chief", "worker")
        for index, address in enumerate(jobs.get(job, ()))
    ]
    addresses = [task.address for task in tasks]
    for address in addresses:
        match = re.fullmatch(r"(?:[^:/\s]+|\[[^\]\s]+\]):(\d{1,5})", str(address))
        if match is None or not 0 < int(match[1]) < 65536:
            raise UserError(
                f"TF_CONFIG: {address!r} is not an address: write host:port"
            )
        if addresses.count(address) > 1:
            raise UserError(f"TF_CONFIG: {address} is the address of two tasks")
    return tasks


def _me(tasks, job, index):
    for task in tasks:
        if (task.job, str(task.index)) == (job, str(index)):  # some write it as text
            return task
    names = ", ".join(f"{task.job} {task.index}" for task in tasks)
    raise UserError(
        f"TF_CONFIG: this task is {job} {index!r}, and the cluster has {names}"
    )
