"""The exported run in onnxruntime, converted as docs/commands.md says."""

import shlex
import sys

import numpy as np
import onnxruntime
import pytest

from tests import exported


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="module")
def session(results, folder):
    return exported.export(results, folder)


@pytest.mark.parametrize(
    ("signature", "fed", "expected"),
    [
        ("encode", "images", {"codes": "codes", "std_dev": "std_dev"}),
        ("decode", "codes", {"images": "decoded"}),
        ("reconstruct", "images", {"reconstructions": "decoded"}),
    ],
)
def test_a_signature_gives_the_sessions_numbers(
    session, folder, signature, fed, expected
):
    line = exported.documented("tf2onnx").replace("reconstruct", signature)
    python, *arguments = shlex.split(line.replace("\\\n", ""))
    assert python == "python"
    exported.run([sys.executable, *arguments], folder)
    network = onnxruntime.InferenceSession(folder / f"{signature}.onnx")
    assert [tensor.name for tensor in network.get_inputs()] == [fed]
    for count in (50, 1):  # any batch size
        outputs = network.run([*expected], {fed: session[fed][:count]})
        for name, output in zip(expected.values(), outputs, strict=True):
            np.testing.assert_allclose(
                output, session[name][:count], rtol=0, atol=exported.TOLERANCE
            )
