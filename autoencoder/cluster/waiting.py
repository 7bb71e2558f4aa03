"""Waits for other tasks of a cluster, and prints their names."""

import sys
import time

from autoencoder.errors import UserError

_PATIENCE = 600  # seconds until a task that waits gives up
_SILENT = 5  # seconds that it waits before it prints names


class Waiting:
    """Prints the awaited tasks' names after some seconds."""

    def __init__(self):
        self._began, self._reported = time.monotonic(), None

    def report(self, names):
        """Prints the names if they are new; a UserError after ten minutes."""
        waited = time.monotonic() - self._began
        if waited > _PATIENCE:
            raise UserError(f"{names} did not answer for {_PATIENCE // 60} minutes")
        if waited > _SILENT and names != self._reported:
            report(f"waiting for {names}")
            self._reported = names


def report(text):
    """Prints a line about this task to stderr."""
    print(f"main.py: {text}", file=sys.stderr, flush=True)


def until_all_answer(tasks):
    """Waits until each task listens at its address."""
    waiting = Waiting()
    while silent := [task for task in tasks if not task.answers()]:
        waiting.report(", ".join(map(str, silent)))
        time.sleep(0.1)
