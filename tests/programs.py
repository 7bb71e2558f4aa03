"""Starts main.py by forking a process that has imported TensorFlow.

The import takes longer than most of the tests' programs. A forked program differs from
`python main.py` by Python's own start only; tests of that start use subprocess.
"""

import contextlib
import json
import os
import select
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAIN = (ROOT / "main.py").read_text("utf-8")


class Programs:
    """The process to fork, for as long as it is open.

    Args:
        environment: dict, what its environment has besides this process's own.
    """

    def __init__(self, environment=()):
        if not hasattr(os, "fork"):
            pytest.skip("needs fork")
        self._folder = tempfile.TemporaryDirectory()
        self._address = str(Path(self._folder.name) / "socket")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.programs", self._address],
            cwd=ROOT,
            env=os.environ | dict(environment),
            stdout=subprocess.PIPE,
        )
        assert self._server.stdout.readline() == b"ready\n"

    def start(self, *arguments, cwd, environment=(), longest_file=None, script=MAIN):
        """Starts main.py.

        Args:
            *arguments: of its command line.
            cwd: path, the folder in which it runs.
            environment: dict, what its environment has besides this process's own.
            longest_file: int, bytes beyond which it can't write to a file.
            script: str, the source of what runs in its place.

        Returns:
            Program.
        """
        return Program(
            self._address,
            arguments=["main.py", *map(str, arguments)],
            cwd=str(cwd),
            environment=os.environ | dict(environment),
            longest_file=longest_file,
            script=script,
        )

    def close(self):
        self._server.kill()
        self._server.communicate()
        self._folder.cleanup()


class Program:
    """A running main.py: what subprocess.Popen is, with output that can be read again.

    Attributes:
        pid: int.
        returncode: int, or None until wait has returned it.
    """

    def __init__(self, address, **request):
        self._files = [tempfile.TemporaryFile("ab+") for _ in range(2)]  # noqa: SIM115
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        descriptors = [file.fileno() for file in self._files]
        socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
        self._answers = self._socket.makefile("rb", buffering=0)
        self.pid = int(self._answers.readline())
        self.returncode = None

    stdout = property(lambda self: self._written(0))
    stderr = property(lambda self: self._written(1))

    def _written(self, place):
        number = self._files[place].fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode()

    def wait(self, timeout=120):
        """Returns its exit status, that of a signal as a negative number."""
        if self.returncode is None:
            if not select.select([self._socket], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("main.py", timeout)
            self.returncode = int(self._answers.readline())
        return self.returncode

    def wait_until_said(self, words, timeout=240):
        """Waits until its stdout or stderr has the words."""
        end = time.monotonic() + timeout
        while words not in self.stdout + self.stderr:
            assert time.monotonic() < end, self.stdout + self.stderr
            time.sleep(0.02)

    def send_signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)
        self.wait()


class _Handler(socketserver.BaseRequestHandler):
    """Is a fork itself: it waits for the program, and tells pid and exit status."""

    def handle(self):
        request, descriptors, *_ = socket.recv_fds(self.request, 1 << 20, 2)
        pid = os.fork()
        if not pid:
            _become(descriptors, **json.loads(request))
        for descriptor in descriptors:
            os.close(descriptor)
        self.request.sendall(b"%d\n" % pid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.request.sendall(b"%d\n" % status)


def _become(descriptors, arguments, cwd, environment, longest_file, script):
    for descriptor, number in zip(descriptors, (1, 2), strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    # A program in the background of a shell, or under nohup, would ignore them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if longest_file:
        import resource  # not on Windows, where tests are only collected

        resource.setrlimit(resource.RLIMIT_FSIZE, (longest_file, longest_file))
    os.chdir(cwd)
    os.environ.update(environment)
    sys.argv, sys.path[0] = arguments, str(ROOT)
    status = 1
    try:
        exec(script, {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def _serve(address):
    from autoencoder.compat import tf  # noqa: F401

    class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
        timeout = 1  # seconds; after them it looks whether the tests have ended

    parent = os.getppid()
    with Server(address, _Handler) as server:
        print("ready", flush=True)
        while os.getppid() == parent:
            server.handle_request()


if __name__ == "__main__":
    _serve(sys.argv[1])
