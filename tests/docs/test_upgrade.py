"""What TensorFlow's upgrade script reports of the post's constructs, and misses."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("tensorflow_1.py")
SCRIPT = Path(sys.executable).with_name("tf_upgrade_v2")


@pytest.mark.parametrize("mode", ["DEFAULT", "SAFETY"])
def test_eleven_errors_and_not_a_word_of_layers(mode, tmp_path):
    converted, report = tmp_path / "converted.py", tmp_path / "report.txt"
    files = ["--infile", SOURCE, "--outfile", converted, "--reportfile", report]
    subprocess.run(
        [SCRIPT, "--mode", mode, *files], check=True, capture_output=True, timeout=120
    )
    summary, _, _ = report.read_text("utf-8").partition("Detailed log follows")
    errors = [line for line in summary.splitlines() if ": ERROR: " in line]
    assert len(errors) == 11
    assert sum("in deprecated module tf.flags" in line for line in errors) == 10
    assert sum("tf.contrib.layers.flatten cannot" in line for line in errors) == 1
    assert "tf.layers" not in report.read_text("utf-8")
    assert SOURCE.read_text("utf-8").count("tf.layers.") == 13
    assert converted.read_text("utf-8").count("tf.layers.") == 13
