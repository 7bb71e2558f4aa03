"""Runs the rows of docs/migration.md: what the page says happens, happens."""

import json
import re
import subprocess
import sys

import pytest

from autoencoder.compat import tf
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
PLAIN = "import tensorflow as tf"
COMPAT = "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"

# Runs each snippet in a graph of its own (eagerly in plain TensorFlow 2, as a reader's
# program would) and prints what became of it.
RUN = """
import contextlib, json, sys
import numpy as np
exec(sys.argv[1])
outcomes = []
for snippet in json.loads(sys.argv[2]):
    in_graph = sys.argv[3] == "graph"
    with tf.Graph().as_default() if in_graph else contextlib.nullcontext():
        try:
            exec(snippet)
            outcomes.append("works")
        except Exception as error:
            outcomes.append(f"{type(error).__name__}: {error}")
print(json.dumps(outcomes))
"""


def rows(section):
    text = PAGE.split("\n## ")[section]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("section", "header", "mode"), [(1, PLAIN, "eager"), (2, COMPAT, "graph")]
)
def test_each_row_does_what_the_page_says(section, header, mode):
    table = rows(section)
    snippets = [re.fullmatch("`(.*)`", row[0])[1] for row in table]
    done = subprocess.run(
        [sys.executable, "-c", RUN, header, json.dumps(snippets), mode],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout.splitlines()[-1])
    said = [re.sub("^`+|`+$", "", row[1]) for row in table]
    assert [outcome.splitlines()[0] for outcome in outcomes] == said


def test_each_row_names_a_file_that_is_there():
    tables = [row for section in (1, 2, 3) for row in rows(section)]
    assert len(tables) >= 30
    for row in tables:
        assert len(row) == 4, row
        assert (ROOT / row[3]).is_file(), row


def test_images_as_a_constant_fill_the_graph(mnist):
    with tf.Graph().as_default() as graph:
        tf.data.Dataset.from_tensor_slices(mnist["x_train"])
    assert graph.as_graph_def().ByteSize() > 60000 * 28 * 28


def test_flags_of_tensorflow_read_anybodys_command_line():
    script = (
        f"{COMPAT}; tf.flags.DEFINE_integer('epochs', 20, ''); tf.flags.FLAGS.epochs"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--durations=5"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "UnrecognizedFlagError: Unknown command line flag 'durations'" in done.stderr
