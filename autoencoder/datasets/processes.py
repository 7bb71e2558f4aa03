"""A function applied to many files, in several processes that end with this one."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading

from tqdm import tqdm

from autoencoder.errors import UserError
from autoencoder.machine import cores

_CHUNK = 32  # files that a process takes at a time


def results(function, paths, verb):
    """Yields a function's result for each path, or the UserError that it raises.

    If you don't use the generator up, close it: that ends the processes.

    Args:
        function: of a path; it can be pickled.
        paths: list of pathlib.Path.
        verb: str, printed before the progress bar.

    Raises:
        UserError: a process was killed.
    """
    if len(paths) < 4 * _CHUNK:  # starting processes would take longer
        yield from (_tried(function, path) for path in paths)
        return
    chunks = [paths[i : i + _CHUNK] for i in range(0, len(paths), _CHUNK)]
    bar = tqdm(total=len(paths), desc=verb, unit=" files", leave=False, disable=None)
    with bar, _processes(function, chunks) as pipes:
        for i, chunk in enumerate(chunks):
            try:
                values = pipes[i % len(pipes)].recv()
            except EOFError:
                raise UserError(
                    f"a process that was {verb} was killed: memory may be short"
                ) from None
            yield from values
            bar.update(len(chunk))


@contextlib.contextmanager
def sigterm_raises():
    """For a with block, SIGTERM raises SystemExit, so that clean-up code runs."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda *signal_and_frame: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def _processes(function, chunks):
    """Yields the pipes from one process per core; of n, the i-th has every n-th chunk.

    A pipe keeps a process from running ahead: it waits until its chunk is taken.
    """
    count = cores()
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], []
    try:
        for i in range(count):
            pipe, end = context.Pipe(duplex=False)
            work = (function, chunks[i::count], end)
            processes.append(context.Process(target=_work, args=work, daemon=True))
            processes[-1].start()
            end.close()
            pipes.append(pipe)
        yield pipes
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()


def _work(function, chunks, end):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent handles a terminal's
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # the parent has just ended
        for chunk in chunks:
            end.send([_tried(function, path) for path in chunk])


def _end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def _tried(function, path):
    try:
        return function(path)
    except UserError as error:
        return error
