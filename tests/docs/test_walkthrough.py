"""docs/walkthrough.ipynb: it is docs/walkthrough.py, executed.

To make it anew:

    python -m tests.docs.test_walkthrough
"""

import jupytext
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

SOURCE = ROOT / "docs" / "walkthrough.py"
NOTEBOOK = SOURCE.with_suffix(".ipynb")


def executed():
    """Returns the notebook, executed in its folder, as Jupyter does."""
    notebook = jupytext.read(SOURCE)
    NotebookClient(
        notebook,
        resources={"metadata": {"path": SOURCE.parent}},
        coalesce_streams=True,
        record_timing=False,
    ).execute()
    return notebook


def texts(cell):
    """Returns what a cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


def pictures(cell):
    """Returns how many pictures a cell shows."""
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


@pytest.fixture(scope="module")
def notebook():
    return jupytext.read(NOTEBOOK)


def test_the_notebook_has_the_cells_of_its_source(notebook):
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    source = jupytext.read(SOURCE).cells
    assert cells == [(cell.cell_type, cell.source) for cell in source]


def test_the_notebook_is_small():
    assert NOTEBOOK.stat().st_size < 1_000_000


def test_every_cell_runs_and_shows_what_the_notebook_shows(notebook):
    """Numbers differ between machines; listings and the count of pictures don't."""
    for cell, kept in zip(executed().cells, notebook.cells, strict=True):
        if cell.cell_type == "code":
            assert pictures(cell) == pictures(kept), cell.source
            if "getsource" in cell.source:
                assert texts(cell) == texts(kept), cell.source


def test_it_learns(notebook):
    (training,) = [cell for cell in notebook.cells if "class Notes" in cell.source]
    losses = [float(line.split()[4][:-1]) for line in texts(training).splitlines()]
    assert len(losses) == 6
    assert losses[-1] < losses[0] < 784


if __name__ == "__main__":
    jupytext.write(executed(), NOTEBOOK)
