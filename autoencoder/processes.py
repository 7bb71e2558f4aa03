"""A function applied to many files, in several processes that end with this one."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from tqdm import tqdm

from autoencoder.errors import UserError

_CHUNK = 32  # files that a process takes at a time


def results(function, paths, verb):
    """Yields what a function makes of each path, or the UserError that it raises.

    Close the generator where it is not used up: it ends the processes.

    Args:
        function: of a path; one that can be pickled.
        paths: list of pathlib.Path.
        verb: str, to stand before the progress bar.

    Raises:
        UserError: a process was killed.
    """
    function = partial(_tried, function)
    if len(paths) < 4 * _CHUNK:  # to start processes would take longer
        yield from map(function, paths)
        return
    processes = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    bar = tqdm(total=len(paths), desc=verb, unit=" files", leave=False, disable=None)
    with bar, ProcessPoolExecutor(processes, context, _end_with_parent) as pool:
        try:
            for result in pool.map(function, paths, chunksize=_CHUNK):
                bar.update()
                yield result
        except BrokenProcessPool:
            raise UserError(
                f"a process that was {verb} was killed: memory may be short"
            ) from None
        except BaseException:  # also GeneratorExit: nobody waits for the rest
            for process in multiprocessing.active_children():
                process.kill()
            raise


@contextlib.contextmanager
def sigterm_raises():
    """For a with block, SIGTERM raises SystemExit: what must be cleaned up, can be."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda *signal_and_frame: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _tried(function, path):
    try:
        return function(path)
    except UserError as error:
        return error


def _end_with_parent():
    """Makes a process end when its parent does, and by no signal of a terminal's."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent():
    multiprocessing.parent_process().join()
    os._exit(1)
