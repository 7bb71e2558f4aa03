import platform
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import autoencoder
import flags
import main
from autoencoder import command_line
from tests.conftest import ROOT

DEFAULTS = {
    "learning_rate": 0.0005,
    "epochs": 20,
    "batch_size": 128,
    "latent_dim": 2,
    "test_image_number": 5,
    "inputs_decoder": None,
    "dataset": "mnist",
    "logdir": None,
    "plot_latent": True,
    "kl_weight": 1.0,
    "kl_warmup": 0,
    "binarize": "none",
    "seed": 0,
    "shuffle": False,
    "precision": "float32",
    "decoder": "dense",
    "stages": 2,
    "image_size": None,
    "channels": 0,
    "background": "black",
    "test_share": 0.1,
    "cache_dir": None,
    "threads": 0,
    "results_dir": "Results",
    "run_name": None,
    "overwrite": False,
    "keep_every": 0,
    "run_dir": None,
    "images": None,
    "resize": False,
    "output": None,
    "sample": False,
    "importance_samples": 0,
    "codes": None,
    "count": 100,
    "prior": None,
    "label": None,
    "files": False,
    "steps": 10,
    "quick": False,
    "blog_figures": None,
}

# Runs main.main in a process of its own, and says whether TensorFlow was imported:
# that is what takes seconds, and what mistakes must not wait for.
WITHOUT_TENSORFLOW = (
    "import sys, main; status = main.main(sys.argv); "
    "print('tensorflow' in sys.modules); sys.exit(status)"
)


def run_main(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def assert_one_line(done, status, *words):
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == "False"
    assert done.stderr.startswith("main.py: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def test_defaults_are_the_posts():
    assert {name: flags.FLAGS[name].default for name in DEFAULTS} == DEFAULTS


def test_defaults_flags_that_are_given_and_those_of_train():
    assert flags.default("latent_dim") == 2
    assert not flags.given("latent_dim")
    train = flags.training_flags(epochs=1)
    assert (train.epochs, train.latent_dim) == (1, 2)
    assert not hasattr(train, "run_dir")


def test_every_flag_has_a_known_default_and_one_group():
    assert sorted(flag.name for flag in flags.ALL_FLAGS) == sorted(DEFAULTS)


def test_help_lists_every_flag_under_its_group(tmp_path):
    done = run_main("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "False"
    assert done.stderr == ""
    for title in flags.GROUPS:
        assert f"\n{title}:\n" in done.stdout
    for name in DEFAULTS:
        shown = f"--[no]{name}" if flags.FLAGS[name].boolean else f"--{name}"
        assert f"\n  {shown} " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 88
    assert "\ntrain, the default, uses the flags of the first four groups.\n" in (
        done.stdout
    )
    train = set().union(*list(flags.GROUPS.values())[:4])
    assert {flag for flag in flags.ALL_FLAGS if "train" in flag.commands} == train


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--latent_dim", "0"], ["--latent_dim=0", "in the range [1, 4096]"]),
        (["--latent_dim", "two"], ["--latent_dim=two", "an integer"]),
        (["--batch_size=1.5"], ["--batch_size=1.5", "an integer"]),
        (["--latent_dim", "9" * 30], ["--latent_dim=999", "in the range [1, "]),
        (["--epochs", "0"], ["--epochs=0", "in the range [1, "]),
        (["--test_image_number", "0"], ["--test_image_number=0", "in the range [1, "]),
        (["--test_image_number=101"], ["--test_image_number=101", ", 100]"]),
        (["--inputs_decoder", "50"], ["--inputs_decoder=50", "perfect square"]),
        (["--inputs_decoder", "0"], ["--inputs_decoder=0", "perfect square"]),
        (["--learning_rate", "nan"], ["--learning_rate=nan", "a number in the range"]),
        (["--learning_rate", "inf"], ["--learning_rate=inf", "range [1e-30, 3e+38]"]),
        (["--learning_rate", "0"], ["--learning_rate=0", "range [1e-30, "]),
        (["--learning_rate", "1e-50"], ["--learning_rate=1e-50", "range [1e-30, "]),
        (["--kl_weight", "-1"], ["--kl_weight=-1", "in the range [0, "]),
        (["--kl_weight", "nan"], ["--kl_weight=nan", "in the range [0, "]),
        (["--seed", "-1"], ["--seed=-1", "in the range [0, 2147483647]"]),
        (["--threads", "-2"], ["--threads=-2", "in the range [0, 1024]"]),
        (["--precision", "half"], ["--precision=half", "float32 or bfloat16"]),
        (["--decoder", "both"], ["--decoder=both", "dense or upsampling"]),
        (["--stages", "0"], ["--stages=0", "in the range [1, 8]"]),
        (["--image_size", "64,96"], ["--image_size=64,96", "such as 64 or 64x96"]),
        (["--image_size", "5000"], ["--image_size=5000", "from 4 to 4096"]),
        (["--channels", "2"], ["--channels=2", "0, 1 or 3"]),
        (["--background", "#12"], ["--background=#12", "#ff8800"]),
        (["--test_share", "1"], ["--test_share=1", "in the range [0, 0.9]"]),
        (["--run_name", "a/b"], ["--run_name=a/b", "folder's name"]),
        (["--run_name", ".."], ["--run_name=..", "folder's name"]),
        (["--run_name", "a\nb"], ["--run_name=a b", "folder's name"]),
        (["--dataset", b"\xff.npz"], ["--dataset=", "UTF-8"]),
        (["--dataset="], ["--dataset=", "a name or path"]),
        (["--keep_every", "-1"], ["--keep_every=-1", "a non-negative integer"]),
        (["encode", "--images=a.png", "--images="], ["--images=:", "a name or path"]),
        (["generate", "--count", "0"], ["--count=0", "in the range [1, 10000000]"]),
        (["generate", "--prior", "flat"], ["--prior=flat", "normal or fitted"]),
        (["decode"], ["decode needs --codes FILE"]),
        (["decode", "--label=3"], ["--label is not used", "'decode'"]),
        (["decode", "--dataset=x.npz"], ["--dataset is not used", "'decode'"]),
        (["--flagfile", "x"], ["--flagfile"]),
        (["--undefok=latent_dims", "--latent_dims=3"], ["--undefok"]),
        (["--latent_dims", "2"], ["'latent_dims'", "latent_dim ?"]),
        (["--learning_rate"], ["Missing value", "--learning_rate"]),
        (["--shuffle=perhaps"], ["--shuffle=perhaps", "true or false"]),
        (["--shuffle", "false"], ["'false'", "--noshuffle"]),
        (["trian"], ["'trian'", "train, claims, class-means"]),
        (["preview", "mnist"], ["'mnist'"]),
        (["preview", "--latent_dim", "5"], ["--latent_dim", "'preview'"]),
    ],
)
def test_mistakes_get_one_line_without_tensorflow(arguments, words, tmp_path):
    done = run_main(*arguments, cwd=tmp_path)
    assert_one_line(done, 2, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "path", "way_out"),
    [
        ("report", ".", "did you mean --run_dir=.?"),
        ("encode", ".", "did you mean --run_dir=.?"),
        ("encode", "flags.json", "did you mean --images=flags.json?"),
        ("report", "flags.json", "flags are written --name=value"),
        ("encode", "gone.png", "flags are written --name=value"),
    ],
)
def test_a_path_without_its_flag(command, path, way_out, tmp_path):
    (tmp_path / "flags.json").touch()  # as a run's folder has it
    done = run_main(command, path, cwd=tmp_path)
    words = f"'{path}' after '{command}' is not understood; {way_out}"
    assert_one_line(done, 2, words)


def test_help_of_a_command_has_its_flags_alone_and_examples(tmp_path):
    done = run_main("encode", "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, tensorflow = done.stdout.splitlines()
    assert tensorflow == "False"
    assert lines[0] == "Writes the codes of images, as .npz and .csv."
    assert "    python main.py encode --images photos --resize" in lines
    shown = re.findall(r"^  --(?:\[no\])?(\w+)", done.stdout, re.MULTILINE)
    assert shown == [flag.name for flag in flags.ALL_FLAGS if "encode" in flag.commands]
    assert "(default: 128)" in done.stdout


@pytest.mark.parametrize("command", command_line.COMMANDS)
def test_examples_are_command_lines(command):
    lines = command_line.help_text(command).splitlines()
    examples = [line.strip() for line in lines if line.startswith("    python main.py")]
    assert examples
    assert max(map(len, lines)) <= 88
    for example in examples:
        words = shlex.split(example, comments=True)[2:]
        assert command == (words[0] if words[0] in command_line.COMMANDS else "train")
        for word in words:
            if word.startswith("--"):
                (flag,) = [one for one in flags.ALL_FLAGS if one.name == word[2:]]
                assert command in flag.commands


def test_versions(tmp_path):
    done = run_main("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"autoencoder {autoencoder.__version__}, Python {platform.python_version()}, "
        f"TensorFlow {metadata.version('tensorflow')}, NumPy {np.__version__}",
        "False",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_help_that_cannot_be_written(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "main.py: output: No space left on device\n"


def test_unknown_data_set_lists_the_known_ones(tmp_path):
    done = run_main("--dataset", "mnits", cwd=tmp_path)
    assert_one_line(done, 1, "'mnits'", "mnist, fashion-mnist", ".npz")


def test_results_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "taken").write_text("a file, no folder")
    for flag in ("--results_dir", "--logdir"):
        done = run_main(flag, "taken/deeper", cwd=tmp_path)
        assert_one_line(done, 1, "taken", "can't be made")


def test_missing_data_file(tmp_path):
    done = run_main("--dataset", "gone.npz", cwd=tmp_path)
    assert_one_line(done, 1, "gone.npz", "missing", "check the path")
    assert list(tmp_path.iterdir()) == []


def test_results_folder_that_cannot_be_written_to():
    if not Path("/proc").is_dir():
        pytest.skip("there is no /proc here, a folder that even root can't write to")
    done = run_main("--results_dir", "/proc", cwd=ROOT)
    assert_one_line(done, 1, "/proc/mnist-z2", "can't be made")


@pytest.mark.parametrize("message", ["", "interrupted in epoch 3"])
def test_ctrl_c_before_training_begins(monkeypatch, capsys, message):
    def interrupt(module):
        raise KeyboardInterrupt(message)

    monkeypatch.setattr(command_line, "parse", lambda argv: "train")
    monkeypatch.setattr(main.importlib, "import_module", interrupt)
    assert main.main(["main.py"]) == 130
    assert capsys.readouterr().err == f"main.py: {message or 'interrupted'}\n"


def test_flags_name_commands_that_exist():
    used = {command for flag in flags.ALL_FLAGS for command in flag.commands}
    assert used == set(command_line.COMMANDS)
