"""Ctrl-C in the training loop: noted, and obeyed between two steps."""

import contextlib
import signal


@contextlib.contextmanager
def noted():
    """For a with block, the first Ctrl-C is noted instead of raised; the second is.

    Python raises KeyboardInterrupt wherever it stands. In a callback from TensorFlow's
    C++ code, or where an object is being deleted, it is swallowed and the run goes on,
    or comes out as another exception.

    Yields:
        function without arguments: whether Ctrl-C was pressed.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):  # Ctrl-C is ignored, as in a shell's background job
        yield lambda: False
        return
    pressed = []

    def note(*signal_and_frame):
        pressed.append(True)
        if len(pressed) > 1:
            before(*signal_and_frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
