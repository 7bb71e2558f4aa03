"""The rows of docs/migration.md, and a process that runs their code."""

import json
import os
import re
import subprocess
import sys

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
PLAIN = "import tensorflow as tf"
TWO_LINES = "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"

# Runs each snippet with the names that the page explains, and prints what became of it.
# In TensorFlow 2 it is run eagerly, as a reader's program would; else each has a graph.
RUN = """
import contextlib, json, sys
import numpy as np
exec(sys.argv[1])
in_graph = not tf.executing_eagerly()
if in_graph:
    from autoencoder.compat import layers
outcomes = []
for snippet in json.loads(sys.argv[2]):
    with tf.Graph().as_default() if in_graph else contextlib.nullcontext():
        x, flat = tf.ones([1, 4, 4, 1]), tf.ones([1, 4])
        if in_graph:
            w = tf.get_variable("w", [])
            loss = w * w
            sess = tf.Session()
            sess.run(w.initializer)
        try:
            exec(snippet)
            outcomes.append("works")
        except (Exception, SystemExit) as error:
            ended = isinstance(error, SystemExit) and not error.code
            line = f"{type(error).__name__}: {error}".splitlines()[0]
            outcomes.append("works" if ended else line)
print(json.dumps(outcomes))
"""


def rows(name):
    """Returns the rows of all tables whose first column has that name."""
    found, head = [], None
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if head is None:
            head = cells[0]
        elif head == name and not line.startswith("|--"):
            found.append(cells)
    return found


def code(cell):
    """Returns a cell's pieces of code."""
    return [piece for _, piece in re.findall(r"(`+)(.+?)\1", cell)]


def outcomes(snippets, folder, header=TWO_LINES, legacy_keras="0"):
    """Returns "works" or the first line of its error for each; one process runs all."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, header, json.dumps(snippets)],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TF_USE_LEGACY_KERAS": legacy_keras,
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def said(cell):
    """Returns what a cell says of an outcome."""
    return re.sub("^`+|`+$", "", cell)
