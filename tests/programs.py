"""Starts main.py by forking a process that has imported what it needs.

TensorFlow's import takes longer than most of the tests' programs. Python's own start is
missing, too, and all programs hash strings alike; tests of that use subprocess.
"""

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAIN = (ROOT / "main.py").read_text("utf-8")


class Programs:
    """The process to fork, for as long as it is open.

    Args:
        environment: dict, what its environment has besides this process's own. Here
            belongs what is read when TensorFlow is imported, such as
            TF_CPP_MIN_LOG_LEVEL.

    Attributes:
        address: str, of its socket.
    """

    def __init__(self, environment=()):
        if not hasattr(os, "pidfd_open"):
            pytest.skip("needs Linux")
        self._folder = tempfile.TemporaryDirectory()
        self.address = str(Path(self._folder.name) / "socket")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.programs", self.address],
            cwd=ROOT,
            env=os.environ | dict(environment),
            stdout=subprocess.PIPE,
        )
        assert self._server.stdout.readline() == b"ready\n"

    def start(
        self,
        *arguments,
        cwd,
        environment=(),
        longest_file=None,
        script=MAIN,
        stdout=None,
    ):
        """Starts main.py.

        Args:
            *arguments: of its command line.
            cwd: path, the folder in which it runs.
            environment: dict, what its environment has besides this process's own.
            longest_file: int, bytes beyond which it can't write to a file; its
                output counts as files.
            script: str, the source of what runs in its place.
            stdout: file in place of one that Program can read.

        Returns:
            Program.
        """
        return Program(
            self.address,
            files=[stdout or _temporary(), _temporary()],
            arguments=["main.py", *map(str, arguments)],
            cwd=str(cwd),
            environment=os.environ | dict(environment),
            longest_file=longest_file,
            script=script,
        )

    def close(self):
        self._server.kill()
        self._server.wait()
        self._server.stdout.close()
        self._folder.cleanup()


def _temporary():
    return tempfile.TemporaryFile("ab+")


class Program:
    """A running main.py, much like subprocess.Popen; it is killed if it is forgotten.

    Attributes:
        pid: int.
        returncode: int, that of a signal negative, or None until wait has returned it.
        stdout, stderr: str, what it has written so far.
    """

    def __init__(self, address, files, **request):
        self._files = files
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        descriptors = [file.fileno() for file in self._files]
        socket.send_fds(self._socket, [b"!"], descriptors)
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        self._answers = self._socket.makefile("rb", buffering=0)
        self.pid = int(self._answers.readline())
        self.returncode = None

    stdout = property(lambda self: self._written(0))
    stderr = property(lambda self: self._written(1))

    def _written(self, place):
        number = self._files[place].fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode(errors="replace")

    def has_ended(self, timeout=0):
        """Returns whether it has ended, at the latest after so many seconds."""
        if (
            self.returncode is None
            and select.select([self._socket], [], [], timeout)[0]
        ):
            self.returncode = int(self._answers.readline())
        return self.returncode is not None

    def wait(self, timeout=120):
        """Returns its exit status.

        Raises:
            subprocess.TimeoutExpired: it still runs after so many seconds.
        """
        if not self.has_ended(timeout):
            raise subprocess.TimeoutExpired("main.py", timeout)
        return self.returncode

    def wait_until_said(self, words, timeout=240):
        """Waits until its stdout or stderr has the words; fails if it ends before."""
        end = time.monotonic() + timeout
        is_over = False
        while words not in (said := self.stdout + self.stderr):
            assert not is_over, said
            is_over = self.has_ended(0.02) or time.monotonic() > end

    def send_signal(self, number):
        if not self.has_ended():
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)
        self.wait()


class _Handler(socketserver.StreamRequestHandler):
    """Is a fork itself: it tells the program's pid and exit status."""

    def handle(self):
        _, descriptors, *_ = socket.recv_fds(self.request, 1, 2)
        request = json.loads(self.rfile.readline())
        pid = os.fork()
        if not pid:
            _become(descriptors, **request)
        for descriptor in descriptors:
            os.close(descriptor)
        self.wfile.write(b"%d\n" % pid)
        ended = os.pidfd_open(pid)
        if self.request in select.select([ended, self.request], [], [])[0]:
            os.kill(pid, signal.SIGKILL)  # nobody is there to be told
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(descriptors, arguments, cwd, environment, longest_file=None, script=MAIN):
    status = 1
    try:
        for descriptor, number in zip(descriptors, (1, 2), strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout = open(1, "w")  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
        _prepare(cwd, environment, longest_file)
        sys.argv, sys.path[0] = arguments, str(ROOT)
        exec(script, {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:  # as Python ends; returning would end the handler's fork a second time
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _prepare(cwd, environment, longest_file):
    # A program in the background of a shell, or under nohup, would ignore them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if longest_file:
        import resource  # not on Windows, where tests are only collected

        resource.setrlimit(resource.RLIMIT_FSIZE, (longest_file, longest_file))
    os.chdir(cwd)
    os.environ.update(environment)


def _serve(address):
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all
    for name in ("run", "commands.train", "report.run_report"):  # and what they need
        importlib.import_module(f"autoencoder.{name}")

    class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
        timeout = 1  # seconds; after them it looks whether the tests have ended

    with Server(address, _Handler) as server:
        print("ready", flush=True)
        while os.getppid() == parent:
            server.handle_request()


if __name__ == "__main__":
    _serve(sys.argv[1])
