"""The rules that keep the folders apart, read from the source."""

import ast

import pytest

from autoencoder.run_folder.layout import COMMAND_FILES
from tests.conftest import ROOT

PROGRAM = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "main.py", ROOT / "flags.py", *ROOT.glob("autoencoder/**/*.py")]
}
# What answers before TensorFlow's import, which takes seconds.
WITHOUT_TENSORFLOW = [
    "command_line",
    "errors",
    "files",
    "gaussians",
    "interrupts",
    "machine",
    "neighbours",
    "pixels",
    "randomness",
    "weights",
    "commands",
    "datasets",
    "figures",
    "run_folder",
    "trained",
    "report/post_trainings",
    "cluster/tf_config",
]
# In those folders, what is there for a session.
WITH_TENSORFLOW = [
    "run_folder/events",
    "run_folder/pictures",
    "run_folder/recorder",
    "run_folder/tensorboard",
    "trained/restore",
    "trained/saved_model",
]
# The post drives its encoder and decoder by FLAGS.
MAY_IMPORT_FLAGS = {
    "main.py",
    "flags.py",
    "autoencoder/command_line.py",
    "autoencoder/decoder.py",
    "autoencoder/encoder.py",
    "autoencoder/flag_types.py",
}
GRAPH = ["bfloat16", "data", "encoder", "decoder", "loss", "model", "cluster/replica"]


def files(*names):
    """Returns the program's files of that name, or in a folder of that name."""
    folders = tuple(f"autoencoder/{name}/" for name in names)
    paths = {f"autoencoder/{name}.py" for name in names}
    return sorted(path for path in PROGRAM if path in paths or path.startswith(folders))


def imported(path, at_once=False):
    """Returns the modules that a file imports, such as numpy or autoencoder.model.

    Args:
        path: str, of the file.
        at_once: bool, whether to leave out what functions import when they are called.
    """
    tree = ast.parse(PROGRAM[path])
    nodes = tree.body if at_once else ast.walk(tree)
    modules = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def imports(path, *modules):
    return {
        found
        for found in imported(path)
        if any(found == module or found.startswith(module + ".") for module in modules)
    }


def reached(path, seen=None):
    """Returns the program's files that are imported with a file, by whatever way."""
    seen = {path} if seen is None else seen
    for module in imported(path, at_once=True):
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            for name in ("/".join(parts[:end]) + ".py",):
                if name in PROGRAM and name not in seen:
                    seen.add(name)
                    reached(name, seen)
    return seen


def test_the_program_has_been_found():
    assert {"main.py", "flags.py", "autoencoder/compat.py"} <= set(PROGRAM)
    assert imports("autoencoder/compat.py", "tensorflow")
    assert "autoencoder/compat.py" in reached("autoencoder/run.py")


@pytest.mark.parametrize("path", sorted(set(PROGRAM) - {"autoencoder/compat.py"}))
def test_only_compat_imports_tensorflow(path):
    assert not imports(path, "tensorflow", "keras")


def test_flags_imports_absl_and_nothing_slow():
    seen = reached("flags.py")
    assert seen == {"flags.py", "autoencoder/flag_types.py"}
    modules = set().union(*map(imported, seen))
    assert {module.split(".")[0] for module in modules} <= {
        "absl", "autoencoder", "math", "re", "types", "typing"
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted(set(PROGRAM) - MAY_IMPORT_FLAGS))
def test_flags_are_handed_on(path):
    """Other files get the flags as a parameter, whole."""
    assert not imports(path, "absl", "flags.FLAGS")
    assert "flags" not in imported(path)  # it would have flags.FLAGS in reach


def test_main_has_no_tensorflow_and_no_drawing():
    assert not imports("main.py", "autoencoder.compat", "matplotlib", "imageio")
    assert imports("main.py", "autoencoder") == {
        "autoencoder.command_line", "autoencoder.errors.UserError"
    }  # fmt: skip


@pytest.mark.parametrize("path", files("figures"))
def test_figures_see_no_session_and_no_global_state(path):
    own = imports(
        path, "autoencoder.figures", "autoencoder.files", "autoencoder.pixels"
    )
    assert imports(path, "autoencoder") == own
    assert not imports(path, "matplotlib.pyplot")


@pytest.mark.parametrize(
    "path", sorted(set(files("run_folder")) - {"autoencoder/run_folder/pictures.py"})
)
def test_only_pictures_draws_while_a_run_trains(path):
    assert not imports(path, "autoencoder.figures", "matplotlib")


@pytest.mark.parametrize("path", files("run_folder/layout", "pixels"))
def test_the_list_of_a_runs_files_and_pixels_need_nothing_of_ours(path):
    assert not imports(path, "autoencoder", "flags")


@pytest.mark.parametrize("path", files(*GRAPH))
def test_the_graph_sees_no_path_and_no_figure(path):
    assert not imports(path, "os", "pathlib", "autoencoder.files", "matplotlib")
    assert not imports(path, "autoencoder.figures", "autoencoder.run_folder", "imageio")


@pytest.mark.parametrize(
    "path", sorted({*files(*WITHOUT_TENSORFLOW)} - {*files(*WITH_TENSORFLOW)})
)
def test_what_is_checked_first_needs_no_tensorflow(path):
    assert "autoencoder/compat.py" not in reached(path)


@pytest.mark.parametrize(
    "path", sorted(set(PROGRAM) - {*files("cluster"), "autoencoder/commands/train.py"})
)
def test_the_cluster_has_one_door(path):
    assert not imports(path, "autoencoder.cluster")


@pytest.mark.parametrize("path", sorted(PROGRAM))
def test_nobody_changes_flags(path):
    for node in ast.walk(ast.parse(PROGRAM[path])):
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Attribute | ast.Subscript):
                changed = ast.unparse(target.value).lower()
                assert "flags" not in changed.split("."), ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            assert "flags" not in ast.unparse(node.args[0]).lower()


@pytest.mark.parametrize("path", sorted(PROGRAM))
def test_files_stay_short(path):
    assert len(PROGRAM[path].splitlines()) <= 260


def test_every_command_on_a_run_lists_its_files():
    opens = "autoencoder.trained.open_run.open_run"
    paths = [path for path in files("commands") if imports(path, opens)]
    names = {path.split("/")[-1][:-3].replace("_", "-") for path in paths}
    assert names == set(COMMAND_FILES)
