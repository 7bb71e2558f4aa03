"""What C++ writes to stderr where it fails, beside an error that says the same."""

import contextlib
import os
import sys


@contextlib.contextmanager
def stderr():
    """Holds back what is written to stderr; if the block raises an error, for good.

    TensorFlow logs a failing op in several lines, and then raises what they say. They
    come from C++, so they are caught at the file descriptor.
    """
    sys.stderr.flush()
    before = os.dup(2)
    reading, writing = os.pipe()
    # More than a pipe holds is lost: a writer that waited would wait for ever.
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
