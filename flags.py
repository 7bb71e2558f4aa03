"""Every flag of the program: the post's nine with their names, then ours.

The post drives its encoder and decoder by FLAGS, and so does this program: FLAGS
is absl's object, defined here, parsed once in main.py, and changed by nobody.
This file imports absl only, so that --help and mistakes answer at once.
"""

import math
import re
import textwrap

from absl import flags

FLAGS = flags.FLAGS

COMMANDS = {
    "train": "Train the autoencoder. The command when none is named.",
    "reproduce": "Make every figure of the post, and a page to compare them on.",
    "report": "Draw a run's figures and write its report.html again.",
    "preview": "Draw the first image of each batch on one sheet.",
}

GROUPS = {
    "The post's flags": [
        "learning_rate",
        "epochs",
        "batch_size",
        "latent_dim",
        "test_image_number",
        "inputs_decoder",
        "dataset",
        "logdir",
        "plot_latent",
    ],
    "What else changes the training": ["kl_weight", "seed", "shuffle"],
    "Machine and folders": [
        "threads",
        "results_dir",
        "run_name",
        "overwrite",
        "keep_every",
    ],
    "Of other commands than train": ["run_dir", "quick", "blog_figures"],
}

USED_BY = {
    "train": sum(list(GROUPS.values())[:3], []),
    "reproduce": ["quick", "blog_figures", "threads", "results_dir"],
    "report": ["run_dir", "dataset", "threads", "results_dir"],
    "preview": [
        *("dataset", "batch_size", "seed", "shuffle", "threads", "results_dir")
    ],
}

flags.DEFINE_float("learning_rate", 0.0005, "Adam's learning rate.")
flags.DEFINE_integer("epochs", 20, "Times that the training images are seen.")
flags.DEFINE_integer("batch_size", 128, "Images in a batch.")
flags.DEFINE_integer("latent_dim", 2, "Dimensions of the latent space.")
flags.DEFINE_integer(
    "test_image_number", 5, "Images whose reconstruction is drawn in every epoch."
)
flags.DEFINE_integer(
    "inputs_decoder",
    None,
    "Units of the decoder's first two layers, a perfect square. "
    "Default: (height / 4) * (width / 4), which is 49 for 28x28.",
)
flags.DEFINE_string(
    "dataset", "mnist", "mnist, fashion-mnist, or the path of an .npz file."
)
flags.DEFINE_string(
    "logdir",
    None,
    "TensorBoard's events go to LOGDIR/<run name>. Default: logs/ in the run's folder.",
)
flags.DEFINE_bool("plot_latent", True, "Draw the latent space where it has 2 axes.")

flags.DEFINE_float(
    "kl_weight", 1.0, "Weight of the KL term in the loss; 0 is the post's 'without KL'."
)
flags.DEFINE_integer("seed", 0, "Fixes weights, noise and order of the images.")
flags.DEFINE_bool("shuffle", False, "New order of the images in every epoch.")
flags.DEFINE_integer("threads", 0, "Threads of TensorFlow; 0 means all cores.")
flags.DEFINE_string("results_dir", "Results", "Where the runs' folders are made.")
flags.DEFINE_string(
    "run_name", None, "Name of the run's folder. Default: made of data set and flags."
)
flags.DEFINE_bool(
    "overwrite", False, "Delete what an earlier run of that name wrote, and begin anew."
)
flags.DEFINE_integer(
    "keep_every",
    0,
    "Keep the checkpoint of every Nth epoch, besides the newest two; 0 keeps none.",
)
flags.DEFINE_string(
    "run_dir", None, "A run's folder. Default: that of the newest run in RESULTS_DIR."
)
flags.DEFINE_bool(
    "quick", False, "The first 2,000 images and few epochs: under two minutes."
)
flags.DEFINE_string(
    "blog_figures",
    None,
    "Folder with the post's own figures, under the names that they have in it.",
)
flags.DEFINE_bool("help", False, "Show this text.", short_name="h")


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
    lines += ["", "train uses the flags of the first three groups;"]
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


def _validate(name, is_valid, rule):
    flags.register_validator(name, is_valid, message=f"it must be {rule}")


def _is_square(value):
    return value is None or (0 < value <= 10**6 and math.isqrt(value) ** 2 == value)


def _is_folder_name(value):
    return value is None or (
        value.strip(" .") != ""
        and value.isprintable()
        and not any(char in value for char in '/\\:*?"<>|')
    )


def _is_path(value):
    # Bytes of the command line that are no UTF-8 arrive as lone surrogates.
    return value is None or (
        value != "" and not any("\ud800" <= char <= "\udfff" for char in value)
    )


for _name in ("epochs", "batch_size", "latent_dim"):
    _validate(_name, lambda value: 1 <= value <= 10**6, "between 1 and 1000000")
_validate("test_image_number", lambda value: 1 <= value <= 100, "between 1 and 100")
_validate(
    "learning_rate",
    lambda value: 1e-30 <= value < math.inf,  # float32 ends near 1e-38
    "a finite number of at least 1e-30",
)
_validate("kl_weight", lambda value: 0 <= value <= 1e6, "between 0 and 1000000")
_validate(
    "inputs_decoder", _is_square, "a perfect square between 1 and 1000000, as 49 or 64"
)
_validate("keep_every", lambda value: value >= 0, "a whole number of at least 0")
_validate("seed", lambda value: 0 <= value < 2**31, "between 0 and 2147483647")
_validate("threads", lambda value: 0 <= value <= 1024, "between 0 and 1024")
_validate("run_name", _is_folder_name, "one folder's name, without / and the like")
for _name in ("results_dir", "logdir", "dataset", "run_dir", "blog_figures"):
    _validate(_name, _is_path, "a name or path in UTF-8")
