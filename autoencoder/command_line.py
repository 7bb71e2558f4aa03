"""Parses the command line; mistakes get one line, and --help explains it."""

import ast
import re
import textwrap
from pathlib import Path

from absl import flags

import autoencoder
from autoencoder.files import PROGRAM
from autoencoder.run_folder.flags_json import versions
from flags import ALL_FLAGS, FLAGS, GROUPS, given

_FOLDER = Path(__file__).parent / "commands"  # a file for each command
DEFAULT = "train"
COMMANDS = [DEFAULT] + sorted(
    path.stem.replace("_", "-")
    for path in _FOLDER.glob("[a-z]*.py")
    if path.stem != DEFAULT
)
_HINT = "flags are written --name=value (--help lists all)"


class UsageError(Exception):
    """A command line that can't be obeyed; the message is one line for its author."""


def parse(argv):
    """Parses the command line into FLAGS.

    Args:
        argv: list of str, sys.argv.

    Returns:
        str: the name of the command, one of COMMANDS; None if there is none, which
        means DEFAULT.

    Raises:
        UsageError: an unknown command or flag, a bad value, or a flag that the
            command doesn't use.
    """
    for word in argv[1:]:
        if re.match("--?(flagfile|undefok)", word):  # absl's, of no use here
            raise UsageError(f"unknown flag {word} (--help lists all flags)")
    FLAGS.set_gnu_getopt(True)  # flags may follow the command, too
    try:
        words = FLAGS(argv)[1:]
    except flags.Error as error:
        raise UsageError(f"{_plain(str(error))} (--help lists all flags)") from None
    command = words[0] if words else DEFAULT
    if command not in COMMANDS:
        raise UsageError(_unknown_word(command))
    if len(words) > 1:
        raise UsageError(_word_after(command, words[1]))
    for flag in ALL_FLAGS:
        if given(flag.name) and command not in flag.commands:
            raise UsageError(f"--{flag.name} is not used by the command '{command}'")
    return command if words else None


def _plain(text):
    """Returns absl's message; for a bad value, with the rule that it breaks."""
    bad_value = re.match(r"flag --(\w+)=", text)
    if not bad_value:
        return text
    return f"{text.split(': ')[0]}: it must be {_rule(FLAGS[bad_value[1]].parser)}"


def _rule(parser):
    if isinstance(parser, flags.BooleanParser):
        return "true or false"
    if isinstance(parser, flags.EnumParser):
        return " or ".join(parser.enum_values)
    return parser.syntactic_help


def _unknown_word(word):
    if word.lower() in ("true", "false"):
        return f"'{word}' is not a command: for yes and no, --shuffle or --noshuffle"
    return f"unknown command '{word}'; commands are {', '.join(COMMANDS)}, and {_HINT}"


def _word_after(command, word):
    name = "run_dir" if (Path(word) / "flags.json").is_file() else "images"
    used = {flag.name for flag in ALL_FLAGS if command in flag.commands}
    meant = Path(word).exists() and name in used
    way_out = f"did you mean --{name}={word}?" if meant else _HINT
    return f"'{word}' after '{command}' is not understood; {way_out}"


def help_text(command=None):
    """Returns the text of --help: commands, then flags by group with defaults.

    Args:
        command: str, for its examples and flags alone.
    """
    if command is not None:
        return _help_of(command)
    lines = ["Usage: python main.py [command] [--flag=value ...]", "", "Commands:"]
    lines += [f"  {command:<22}{_summary(command)}" for command in COMMANDS]
    for title, group in GROUPS.items():
        lines += ["", f"{title}:"]
        lines += [_help_lines(FLAGS[flag.name], text) for flag, text in group.items()]
    lines += ["", f"{DEFAULT}, the default, uses the flags of the first four groups."]
    lines += ["python main.py COMMAND --help shows a command's flags, and examples."]
    return "\n".join(lines)


def _help_of(command):
    """Returns a command's line in --help, the examples in its file, and its flags."""
    _, _, examples = _docstring(command).partition("\n\n")
    lines = [_summary(command), "", textwrap.indent(examples, "    ")]
    for title, group in GROUPS.items():
        used = [
            _help_lines(FLAGS[flag.name], text)
            for flag, text in group.items()
            if command in flag.commands
        ]
        lines += ["", f"{title}:", *used] if used else []
    return "\n".join(lines)


def version_text():
    """Returns the text of --version."""
    names = {"python": "Python", "tensorflow": "TensorFlow", "numpy": "NumPy"}
    found = versions()
    shown = [f"{name} {found[key]}" for key, name in names.items()]
    return f"{PROGRAM} {autoencoder.__version__}, {', '.join(shown)}"


def _docstring(command):
    path = _FOLDER / f"{command.replace('-', '_')}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def _summary(command):
    """Returns what a command does: the first line of its file, after the colon."""
    text = _docstring(command).partition("\n")[0].partition(": ")[2]
    return text[0].upper() + text[1:]


def _help_lines(flag, text):
    head = f"  --[no]{flag.name}" if flag.boolean else f"  --{flag.name}"
    default = "" if flag.default is None else f" (default: {flag.default_as_str})"
    lines = textwrap.wrap(text + default.replace("'", ""), 88 - 24)
    return f"{head:<24}" + ("\n" + " " * 24).join(lines)
