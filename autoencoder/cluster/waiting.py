"""Waiting for other tasks of a cluster, and saying for whom."""

import sys
import time

from autoencoder.errors import UserError

_PATIENCE = 600  # seconds until a task that waits gives up
_SILENT = 5  # seconds that it waits before it says for whom


class Waiting:
    """Says for whom a task waits, once it has waited some seconds."""

    def __init__(self):
        self._began, self._said = time.monotonic(), None

    def say(self, names):
        """Prints the names if they are new; a UserError after ten minutes."""
        waited = time.monotonic() - self._began
        if waited > _PATIENCE:
            raise UserError(f"{names} did not answer for {_PATIENCE // 60} minutes")
        if waited > _SILENT and names != self._said:
            say(f"waiting for {names}")
            self._said = names


def say(text):
    """Writes a line for whoever looks at this task."""
    print(f"main.py: {text}", file=sys.stderr, flush=True)


def until_all_answer(tasks):
    """Waits until each task listens at its address."""
    waiting = Waiting()
    while silent := [task for task in tasks if not task.answers()]:
        waiting.say(", ".join(map(str, silent)))
        time.sleep(0.1)
