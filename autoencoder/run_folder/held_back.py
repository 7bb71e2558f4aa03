"""Holds back C++'s lines on stderr that repeat an error which Python raises."""

import contextlib
import os
import sys


@contextlib.contextmanager
def stderr():
    """Delays output to stderr until the block ends; drops it if that raises.

    TensorFlow logs a failing op in several lines, then raises the same text as an
    error. They come from C++, so they are caught at the file descriptor.
    """
    sys.stderr.flush()
    before = os.dup(2)
    reading, writing = os.pipe()
    # Output beyond a pipe's size is lost: a blocked writer would wait for ever.
    if hasattr(os, "set_blocking"):  # on Windows from Python 3.12 on
        os.set_blocking(writing, False)
    os.dup2(writing, 2)
    os.close(writing)
    failed = False
    try:
        yield
    except Exception:
        failed = True
        raise
    finally:
        sys.stderr.flush()
        os.dup2(before, 2)
        os.close(before)
        with open(reading, "rb") as file:
            text = file.read()
        if not failed:
            sys.stderr.buffer.write(text)
            sys.stderr.flush()
