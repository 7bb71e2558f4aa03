"""The tasks of a cluster meet, and compare the settings that all must share.

They use plain sockets on their own ports, before TensorFlow's servers take these: for a
collective they would first have to agree on its size.
"""

import contextlib
import json
import select
import socket
import time

from autoencoder.cluster.tf_config import Task
from autoencoder.cluster.waiting import Waiting, report
from autoencoder.errors import UserError

_ROUND = 1  # seconds between two lines of the chief
_LOST = 10  # seconds without one


def meet(cluster, description):
    """Waits until all tasks are there with the chief's description.

    A task with another description ends; the chief waits for one in its place.

    Args:
        cluster: tf_config.Cluster.
        description: dict, which JSON can hold, of the settings that all must share.

    Raises:
        UserError: this task's description is not the chief's, its port is taken, or
            another task did not come within ten minutes.
    """
    waiting = Waiting()
    with _listener(cluster.me) as listener:
        if cluster.is_chief:
            _welcome(cluster, description, listener, waiting)
            return
    while not _ask_chief(cluster, description, waiting):
        waiting.report(str(cluster.chief))
        time.sleep(_ROUND / 5)


def _listener(task):
    # Two of TensorFlow's servers would share the port, without an error.
    is_dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if is_dual else socket.AF_INET
    port = task.place[1]
    try:
        return socket.create_server(("", port), family=family, dualstack_ipv6=is_dual)
    except OSError as error:
        raise UserError(
            f"{task} can't listen on port {port} ({error.strerror}): end the process "
            "that has it, or name another port in TF_CONFIG"
        ) from None


def _welcome(cluster, description, listener, waiting):
    """The chief's side: lets all begin once all are there."""
    listener.settimeout(_ROUND)
    present = {}  # from a task's index to its connection
    while len(present := _still_there(present)) < len(cluster.others):
        missing = [task for i, task in enumerate(cluster.tasks) if i not in present]
        names = ", ".join(str(task) for task in missing if task != cluster.me)
        waiting.report(names)
        _tell(present, {"missing": names})
        try:
            connection, _ = listener.accept()
            connection.settimeout(_ROUND)
            guest = json.loads(connection.makefile().readline())
            task = Task(*guest["task"])
            differences = _differences(task, dict(guest["description"]), description)
            index = int(guest["index"])
            _send(connection, {"description": description})
        except (OSError, ValueError, LookupError, TypeError):
            continue  # nobody came, or another program
        if differences:
            report(f"{task} trains differently and was sent away: {differences}")
        elif 0 < index < len(cluster.tasks):
            present[index] = connection
    _tell(present, {"begin": True})


def _ask_chief(cluster, description, waiting):
    """Another task's side: waits with the chief; returns whether it let all begin."""
    guest = {"index": cluster.index, "task": cluster.me}
    try:
        with socket.create_connection(cluster.chief.place, timeout=_LOST) as connection:
            _send(connection, guest | {"description": description})
            for line in connection.makefile():
                word = json.loads(line)
                if differences := _differences(
                    cluster.me, description, word.get("description", description)
                ):
                    raise UserError(
                        f"{cluster.me} and the chief train differently: {differences}; "
                        "start every task with the same program, flags and data"
                    )
                if word.get("begin"):
                    return True
                if "missing" in word:
                    waiting.report(word["missing"])
    except (OSError, ValueError):
        pass  # it is not there yet, or has left
    return False


def _differences(task, guests, chiefs):
    """Says in which parts of their descriptions a task and the chief differ."""
    return "; ".join(
        f"{key} is {guests.get(key)} on {task.name} and {chiefs.get(key)} on the chief"
        for key in guests | chiefs
        if guests.get(key) != chiefs.get(key)
    )


def _still_there(present):
    """Returns open connections: guests send no more, so readable ones are closed."""
    closed, _, _ = select.select(present.values(), [], [], 0)
    return {index: guest for index, guest in present.items() if guest not in closed}


def _tell(present, word):
    for connection in present.values():
        with contextlib.suppress(OSError):  # it has just left
            _send(connection, word)


def _send(connection, word):
    connection.sendall((json.dumps(word) + "\n").encode())
