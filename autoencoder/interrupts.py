"""Notes signals that end a program, to obey them where it is safe."""

import contextlib
import signal

# A closed terminal, Ctrl-C, and a request to end; Windows lacks the first.
ENDING = [
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGTERM")
    if hasattr(signal, name)
]


@contextlib.contextmanager
def noted(signals=(signal.SIGINT,)):
    """For a with block, the first signal is noted; the second does what it always did.

    Python raises KeyboardInterrupt at any line. In a callback from TensorFlow's C++
    code, or while an object is being deleted, it is swallowed and the run goes on, or
    it becomes another exception.

    Args:
        signals: iterable of signal.Signals. An ignored signal stays ignored, such as
            Ctrl-C in a shell's background job. A Ctrl-C that ends the process at
            once, as in a cluster, still does.

    Yields:
        function without arguments: the signal that came, or None.
    """
    before = {number: signal.getsignal(number) for number in signals}
    before = {number: old for number, old in before.items() if old != signal.SIG_IGN}
    if before.get(signal.SIGINT) == signal.SIG_DFL:  # Python's is a function
        del before[signal.SIGINT]
    came = []

    def note(number, frame):
        came.append(number)
        if len(came) > 1:
            signal.signal(number, before[number])
            signal.raise_signal(number)

    for number in before:
        signal.signal(number, note)
    try:
        yield lambda: came[0] if came else None
    finally:
        for number, old in before.items():
            signal.signal(number, old)
