"""Says for whom a task of a cluster waits, and lets Ctrl-C end it while it does."""

import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time

from autoencoder.cluster.tf_config import SILENT, names_of, say


class Watch:
    """Says for whom a task waits while it stands still in a session's run.

    In there Python's main thread is not reached, not even by Ctrl-C: a thread of its
    own watches, and ends the process on Ctrl-C where the run does not end by itself.
    """

    def __init__(self, cluster):
        self._others = cluster.tasks("ps", "chief", "worker")
        replicas = cluster.tasks("worker" if cluster.is_chief else "chief")
        self._awaited = replicas or cluster.tasks("ps")
        self._since = None
        self._said = None
        self._ended = threading.Event()

    @contextlib.contextmanager
    def running(self):
        """To be held while a session runs."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def start(self):
        """Begins to watch; to be called in the main thread."""
        self._wakeup, self._pen = socket.socketpair()
        self._pen.setblocking(False)
        # Python's C code writes there when a signal comes, wherever Python stands.
        self._before = signal.set_wakeup_fd(self._pen.fileno())
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self):
        """Ends it."""
        signal.set_wakeup_fd(self._before)
        self._ended.set()
        self._thread.join()
        self._wakeup.close()
        self._pen.close()

    def _watch(self):
        pressed = None
        while not self._ended.is_set():
            if select.select([self._wakeup], [], [], 0.5)[0]:
                is_ctrl_c = signal.SIGINT in self._wakeup.recv(16)
                pressed = pressed or (time.monotonic() if is_ctrl_c else None)
            since = self._since
            if since is None:
                continue
            now = time.monotonic()
            if now - since > SILENT or pressed:
                self._look(now - since, pressed and now - max(pressed, since))

    def _look(self, stood_still, since_ctrl_c):
        silent = names_of(task for task in self._others if not task.answers())
        # Where all answer, the run may end by itself, as a checkpoint's writing does.
        if since_ctrl_c and since_ctrl_c > (2 if silent else 10):
            say("interrupted while it waited; finished epochs are kept")
            sys.stdout.flush()
            os._exit(130)  # the main thread can't be reached
        names = silent or f"{names_of(self._awaited)}, still at work"
        if stood_still > SILENT and names != self._said:
            say(f"waiting for {names}")
            self._said = names
