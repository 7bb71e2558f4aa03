"""TF_CONFIG: the tasks that train together, as TensorFlow programs are told of them.

No TensorFlow here: mistakes are told at once, and a task that waits says for whom.
"""

import json
import os
import re
import socket
import sys
import time
from typing import NamedTuple

from autoencoder.errors import UserError

_JOBS = ("chief", "worker", "ps")
SILENT = 5  # seconds that a task waits before it says for whom
_PATIENCE = 600  # seconds until a task that waits for another gives up


class Task(NamedTuple):
    """One of the processes.

    Attributes:
        job: str, "chief", "worker" or "ps".
        index: int, among those of its job.
        address: str, host:port.
    """

    job: str
    index: int
    address: str

    def __str__(self):
        return f"{self.job} {self.index} ({self.address})"

    @property
    def port(self):
        """int, on which it listens."""
        return int(self.address.rpartition(":")[2])

    def answers(self):
        """Says whether something listens at its address."""
        host = self.address.rpartition(":")[0].strip("[]")
        try:
            with socket.create_connection((host, self.port), timeout=1):
                return True
        except (OSError, UnicodeError):  # the latter of a name that none can be
            return False


class Cluster(NamedTuple):
    """All tasks, and which of them this process is.

    Attributes:
        spec: dict from a job to the list of its tasks' addresses.
        me: Task.
        training: str, JSON of the flags and data that all tasks must have alike.
    """

    spec: dict
    me: Task
    training: str = "{}"

    @property
    def replicas(self):
        """int, the tasks that compute: the chief and the workers."""
        return 1 + len(self.spec.get("worker", ()))

    @property
    def share(self):
        """int, which share of each batch is this task's; the chief's is 0."""
        return 0 if self.me.job == "chief" else self.me.index + 1

    @property
    def is_chief(self):
        """Whether this task evaluates, draws, and writes the run's folder."""
        return self.me.job == "chief"

    @property
    def device(self):
        """str, TensorFlow's name for what this task computes on."""
        return f"/job:{self.me.job}/task:{self.me.index}"

    def require_same_training(self, chiefs):
        """Raises a UserError where the chief's training is another than this task's."""
        mine, theirs = json.loads(self.training), json.loads(chiefs)
        others = [
            f"{name} is {mine.get(name)} here and {value} there"
            for name, value in theirs.items()
            if mine.get(name) != value
        ]
        if others:
            raise UserError(
                f"{self.me} and the chief train differently: {'; '.join(others)}; "
                "start every task with the same flags and data"
            )

    def tasks(self, *jobs):
        """Returns the list of the Tasks of some jobs, this one left out."""
        found = [
            Task(job, index, address)
            for job in jobs
            for index, address in enumerate(self.spec.get(job, ()))
        ]
        return [task for task in found if task != self.me]


def from_environment():
    """Returns the Cluster that TF_CONFIG describes; None where it is not set.

    Raises:
        UserError: it describes none.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip():
        return None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise UserError(f"TF_CONFIG is no JSON ({error}): {_EXAMPLE}") from None
    try:
        spec = {job: list(addresses) for job, addresses in config["cluster"].items()}
        job, index = config["task"]["type"], config["task"]["index"]
    except (LookupError, TypeError, AttributeError):
        raise UserError(f"TF_CONFIG lacks cluster or task: {_EXAMPLE}") from None
    return Cluster(spec, _task(spec, job, index))


_EXAMPLE = (
    'it looks as {"cluster": {"chief": ["host:port"], "worker": ["host:port"], '
    '"ps": ["host:port"]}, "task": {"type": "worker", "index": 0}}'
)


def _task(spec, job, index):
    if set(spec) - set(_JOBS) or len(spec.get("chief", ())) != 1 or not spec.get("ps"):
        found = ", ".join(f"{len(spec[name])} {name}" for name in spec) or "no task"
        raise UserError(
            f"TF_CONFIG's cluster has {found}: one chief, at least one ps, and any "
            "number of workers are needed"
        )
    every = sum(spec.values(), [])
    for address in every:
        match = re.fullmatch(r"(?:[^:/\s]+|\[[^\]\s]+\]):(\d{1,5})", str(address))
        if match is None or not 0 < int(match[1]) < 65536:
            raise UserError(f"TF_CONFIG: {address!r} is no address: write host:port")
        if every.count(address) > 1:
            raise UserError(f"TF_CONFIG: {address} is the address of two tasks")
    known = spec.get(job, ()) if isinstance(job, str) else ()
    if type(index) is not int or not 0 <= index < len(known):
        tasks = [f"{name} {i}" for name in spec for i in range(len(spec[name]))]
        raise UserError(
            f"TF_CONFIG: this task is {job} {index}, and the cluster has "
            f"{', '.join(tasks)}"
        )
    return Task(job, index, known[index])


def require_free_port(task):
    """Raises a UserError where another process listens on a task's port.

    TensorFlow's server would share the port with another of its kind, without a word.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", task.port))
        except OSError as error:
            raise UserError(
                f"port {task.port} of {task} can't be listened on ({error.strerror}): "
                "end the process that has it, or name another port in TF_CONFIG"
            ) from None


def wait_for(tasks, until=lambda: False, *, silent=SILENT, patience=_PATIENCE):
    """Waits until all tasks answer, or until() is true, and says for whom.

    Raises:
        UserError: one did not for ten minutes.
    """
    began, said = time.monotonic(), None
    while names := names_of(task for task in tasks if not task.answers()):
        if until():
            return
        waited = time.monotonic() - began
        if waited > patience:
            raise UserError(f"{names} did not answer for {patience / 60:.0f} minutes")
        if waited > silent and names != said:
            say(f"waiting for {names}")
            said = names
        time.sleep(0.2)


def say(text):
    """Writes a line for whoever looks at this task."""
    print(f"main.py: {text}", file=sys.stderr, flush=True)


def names_of(tasks):
    """Returns the names of Tasks for a line of text."""
    return ", ".join(map(str, tasks))
