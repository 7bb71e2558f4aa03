"""The command line: parsed, refused with one line, and explained by --help."""

import re
import textwrap

from absl import flags

from autoencoder.usage import COMMANDS, GROUPS, USED_BY
from flags import FLAGS

_HINT = "flags are written --name=value (--help lists all)"
_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


class UsageError(Exception):
    """A command line that can't be obeyed; the message is one line for its author."""


def parse(argv):
    """Parses the command line into FLAGS.

    Args:
        argv: list of str, sys.argv.

    Returns:
        str: the name of the command, a key of COMMANDS.

    Raises:
        UsageError: an unknown command or flag, a bad value, or a flag that the
            command doesn't use.
    """
    for word in argv[1:]:
        if re.match("--?(flagfile|undefok)", word):  # absl's own, of no use here
            raise UsageError(f"unknown flag {word} (--help lists all flags)")
    FLAGS.set_gnu_getopt(True)  # flags may stand after the command, too
    try:
        words = FLAGS(argv)[1:]
    except flags.Error as error:
        raise UsageError(f"{_plain(str(error))} (--help lists all flags)") from None
    command = words[0] if words else "train"
    if command not in COMMANDS:
        raise UsageError(_unknown_word(command))
    if len(words) > 1:
        raise UsageError(f"'{words[1]}' after '{command}' is not understood; {_HINT}")
    for name in sum(GROUPS.values(), []):
        if FLAGS[name].present and name not in USED_BY[command]:
            raise UsageError(f"--{name} is not used by the command '{command}'")
    return command


def _plain(text):
    """Puts absl's word on a value of the wrong type into the words of _validate."""
    illegal = re.match(r"flag --(\w+)=", text)
    if not illegal or "it must be" in text:
        return text
    kind = _KINDS[FLAGS[illegal[1]].flag_type()]
    return f"{text.split(': ')[0]}: it must be {kind}"


def _unknown_word(word):
    if word.lower() in ("true", "false"):
        return f"'{word}' stands alone: write --shuffle or --noshuffle for yes and no"
    return f"unknown command '{word}'; commands are {', '.join(COMMANDS)}, and {_HINT}"


def help_text():
    """Returns the text of --help: commands, then flags by group with defaults."""
    lines = ["Usage: python main.py [command] [--flag=value ...]", "", "Commands:"]
    lines += [f"  {name:<22}{text}" for name, text in COMMANDS.items()]
    for title, names in GROUPS.items():
        lines += ["", f"{title}:"]
        lines += [_help_lines(FLAGS[name]) for name in names]
    lines += ["", "train uses the flags of the first four groups;"]
    for command, names in USED_BY.items():
        if command != "train":
            used = ", ".join(f"--{name}" for name in names)
            lines += textwrap.wrap(f"{command} uses {used}", 88, subsequent_indent="  ")
    return "\n".join(lines)


def _help_lines(flag):
    head = f"  --[no]{flag.name}" if flag.boolean else f"  --{flag.name}"
    default = "" if flag.default is None else f" (default: {flag.default_as_str})"
    text = textwrap.wrap(flag.help + default.replace("'", ""), 88 - 24)
    return f"{head:<24}" + ("\n" + " " * 24).join(text)
