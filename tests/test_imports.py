"""The rules that keep the parts apart, read from the source."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAM = [
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "main.py", ROOT / "flags.py", *ROOT.glob("autoencoder/**/*.py")]
]
SHARED_BY_FIGURES = ("INK", "hls_colours", "scatter", "show", "tiles", "white_axes")
GRAPH = ["bfloat16", "data", "encoder", "decoder", "loss", "model", "replicas"]


def imported(name):
    """Every module that a file imports, as 'numpy' or 'autoencoder.figures'."""
    modules = set()
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def imports(name, *modules):
    return {
        found
        for found in imported(name)
        if any(found == module or found.startswith(module + ".") for module in modules)
    }


def test_the_program_has_been_found():
    assert {"main.py", "flags.py", "autoencoder/compat.py"} <= set(PROGRAM)
    assert imports("autoencoder/compat.py", "tensorflow")


@pytest.mark.parametrize("name", sorted(set(PROGRAM) - {"autoencoder/compat.py"}))
def test_only_compat_imports_tensorflow(name):
    assert not imports(name, "tensorflow", "keras")


def test_flags_imports_absl_only():
    assert imported("flags.py") == {"math", "re", "absl.flags"}


def test_main_has_no_tensorflow_and_no_drawing():
    assert not imports("main.py", "autoencoder.compat", "matplotlib", "imageio")
    assert imports("main.py", "autoencoder") == {
        "autoencoder.command_line", "autoencoder.errors.UserError"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["figures", "comparisons", "curves", "animation"])
def test_figures_see_no_session_and_no_global_state(name):
    name = f"autoencoder/{name}.py"
    assert imports(name, "autoencoder") <= {
        "autoencoder.files.replacing",
        *(f"autoencoder.figures.{shared}" for shared in SHARED_BY_FIGURES),
    }
    assert not imports(name, "matplotlib.pyplot")


@pytest.mark.parametrize("part", GRAPH)
def test_the_graph_sees_no_path_and_no_figure(part):
    name = f"autoencoder/{part}.py"
    assert not imports(name, "os", "pathlib", "autoencoder.files", "matplotlib")
    assert not imports(name, "autoencoder.figures", "autoencoder.run_folder", "imageio")


@pytest.mark.parametrize(
    "name",
    [
        *("datasets", "run_folder", "randomness", "files", "checkpoint", "snapshots"),
        *("flags_json", "trained_run", "reproduction", "resume", "bounds"),
        *(
            "command_line",
            "images",
            "codes_file",
            "picture_files",
            "use",
            "outputs",
            "cluster",
            "watch",
        ),
        *("npz_file", "reading", "picture_folder", "picture_cache", "projector"),
        *("processes", "weights"),
    ],
)
def test_what_is_checked_first_needs_no_tensorflow(name):
    assert not imports(f"autoencoder/{name}.py", "autoencoder.compat")


@pytest.mark.parametrize("name", PROGRAM)
def test_nobody_changes_flags(name):
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Attribute | ast.Subscript):
                changed = ast.unparse(target.value).lower()
                assert "flags" not in changed.split("."), ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            assert "flags" not in ast.unparse(node.args[0]).lower()


@pytest.mark.parametrize("name", PROGRAM)
def test_files_stay_short(name):
    assert len(Path(ROOT / name).read_text(encoding="utf-8").splitlines()) <= 260
