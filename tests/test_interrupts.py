import os
import signal

import pytest

from autoencoder import interrupts

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows kills with SIGINT"),
    pytest.mark.usefixtures("heeded_signals"),
]


@pytest.fixture
def heeded_signals():
    """Gives signals their effect, which nohup and a shell's background take away."""
    names = ("SIGHUP", "SIGINT", "SIGTERM")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def press():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_is_noted_and_the_second_raised():
    with interrupts.noted() as interrupted:
        assert interrupted() is None
        press()
        assert interrupted() == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            press()
    with pytest.raises(KeyboardInterrupt):
        press()


def test_an_ignored_one_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts.noted() as interrupted:
        press()
        assert not interrupted()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_each_of_several_signals_is_noted():
    for number in interrupts.ENDING:
        before = signal.getsignal(number)
        with interrupts.noted(interrupts.ENDING) as came:
            os.kill(os.getpid(), number)
            assert came() == number
        assert signal.getsignal(number) == before
    assert {number.name for number in interrupts.ENDING} == {
        "SIGHUP", "SIGINT", "SIGTERM"
    }  # fmt: skip


def test_one_that_ends_the_process_at_once_still_does():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with interrupts.noted(interrupts.ENDING):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert callable(signal.getsignal(signal.SIGTERM))
