import os

import pytest

from autoencoder.run_folder import held_back


def test_what_is_written_in_a_block_that_ends_well_comes_after_it(capfd):
    with held_back.stderr():
        os.write(2, b"from C++\n")
        assert capfd.readouterr().err == ""
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "from C++\nlater\n"


def test_what_is_written_beside_an_error_is_dropped(capfd):
    with pytest.raises(ZeroDivisionError), held_back.stderr():
        os.write(2, b"from C++\n")
        _ = 1 / 0
    with pytest.raises(KeyboardInterrupt), held_back.stderr():
        os.write(2, b"a warning\n")
        raise KeyboardInterrupt
    assert capfd.readouterr().err == "a warning\n"


def test_more_than_a_pipe_holds_ends_no_block(capfd):
    with held_back.stderr():
        for _ in range(100):
            try:
                os.write(2, bytes(10_000))
            except BlockingIOError:
                break
    assert 0 < len(capfd.readouterr().err) < 1_000_000
