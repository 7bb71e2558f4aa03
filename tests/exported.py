"""An exported run at the address that docs/commands.md gives, and the lines there."""

import re
import subprocess
import textwrap

import numpy as np

from tests.commands import runner, session_numbers
from tests.conftest import ROOT

TOLERANCE = 1e-5


def documented(word):
    """Returns the one block of code of docs/commands.md that has a word."""
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, flags=re.M)
    (block,) = [textwrap.dedent(block) for block in blocks if word in block]
    return block.strip()


def export(results, folder):
    """Exports the run small-z5 to where the page's lines expect it, under a folder.

    Returns:
        dict of float32 arrays: the test images, and what the session makes of them:
        codes, std_dev, and the codes decoded.
    """
    versions = folder / "Results" / "mnist-z5" / "export"
    runner(results, folder)("export", "small-z5", output=str(versions))
    (versions / "6").rename(versions / "9380")
    images, (mean, std_dev, output) = session_numbers(
        results / "small-z5", "mean_", "std_dev", "output"
    )
    arrays = {"images": images, "codes": mean, "std_dev": std_dev, "decoded": output}
    np.savez(folder / "session.npz", **arrays)
    return arrays


def run(arguments, folder):
    """Runs a program in a folder to its end, which has to be a good one."""
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
