"""The exported run in programs without this one: TensorFlow 2 and TensorFlow Lite."""

import sys

import numpy as np
import pytest

from autoencoder.errors import UserError
from tests import exported
from tests.commands import runner

BEFORE = """
import numpy as np
import tensorflow as tf

images = np.load("session.npz")["images"]
"""
TENSORFLOW_2 = """
both = model.signatures["reconstruct"](images=images)["reconstructions"]
one = model.signatures["reconstruct"](images=images[:1])["reconstructions"]
std_dev = model.signatures["encode"](images=images)["std_dev"]
"""
TENSORFLOW_LITE = """
encoded = interpreter.get_signature_runner("encode")(images=images)
codes, std_dev = encoded["codes"], encoded["std_dev"]
decoded = interpreter.get_signature_runner("decode")(codes=codes)["images"]
both, one = reconstructions, reconstruct(images=images[:1])["reconstructions"]
"""
AFTER = """
np.savez("found.npz", codes=codes, std_dev=std_dev, decoded=decoded, both=both, one=one)
"""


@pytest.fixture
def command(results, tmp_path):
    return runner(results, tmp_path)


@pytest.mark.parametrize(
    ("word", "lines"),
    [("saved_model.load", TENSORFLOW_2), ("TFLiteConverter", TENSORFLOW_LITE)],
    ids=["TensorFlow 2", "TensorFlow Lite"],
)
def test_the_lines_of_the_page_give_the_sessions_numbers(
    results, tmp_path, word, lines
):
    session = exported.export(results, tmp_path)
    script = BEFORE + exported.documented(word) + lines + AFTER
    exported.run([sys.executable, "-c", script], tmp_path)
    expected = {name: session[name] for name in ("codes", "std_dev", "decoded")}
    expected |= {"both": session["decoded"], "one": session["decoded"][:1]}
    with np.load(tmp_path / "found.npz") as found:
        for name, numbers in expected.items():
            assert found[name].shape == numbers.shape
            np.testing.assert_allclose(
                found[name], numbers, rtol=0, atol=exported.TOLERANCE, err_msg=name
            )


def test_an_export_is_silent_and_replaces_none(command, capsys):
    command("export", "small-z5")
    assert capsys.readouterr().err == ""
    with pytest.raises(UserError, match="is there already"):
        command("export", "small-z5")


def test_an_export_that_was_stopped_is_not_in_the_way(command, tmp_path):
    (tmp_path / "out" / ".part-6").mkdir(parents=True)
    (tmp_path / "out" / ".part-6" / "half").write_text("")
    out = command("export", "small-z5")
    assert [path.name for path in out.iterdir()] == ["6"]
