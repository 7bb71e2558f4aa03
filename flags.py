"""Every flag of the program: the post's nine with their names, then ours.

The post drives its encoder and decoder by FLAGS, and so does this program: FLAGS is
absl's object, defined here, parsed once in main.py, and changed by nobody. Everything
else gets it handed on, as flags. Nothing slow is imported here, so --help and mistakes
are answered at once.

A new flag takes an entry in GROUPS, and the code that reads it.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

from absl.flags import (
    DEFINE,
    FLAGS,
    ArgumentParser,
    BooleanParser,
    DEFINE_bool,
    DEFINE_multi,
    EnumParser,
    IntegerParser,
)

from autoencoder.flag_types import (
    CHANNELS,
    COLOUR,
    FOLDER_NAME,
    IMAGE_SIZE,
    PATH,
    PRECISION,
    SQUARE,
    NumberParser,
)

_DATA_COMMANDS = ("train", "preview")
_CODE_COMMANDS = ("reconstruct", "encode", "interpolate", "class-means", "traverse")
_IMAGE_COMMANDS = ("evaluate", *_CODE_COMMANDS)
_NETWORK_COMMANDS = ("decode", "generate", *_IMAGE_COMMANDS)
_BATCH_COMMANDS = (*_DATA_COMMANDS, *_NETWORK_COMMANDS)
_DATASET_COMMANDS = (*_DATA_COMMANDS, "report", "generate", *_IMAGE_COMMANDS)
_SESSION_COMMANDS = (*_BATCH_COMMANDS, "reproduce", "report", "claims")


class Flag(NamedTuple):
    """A flag, apart from its text in --help.

    Attributes:
        name: str.
        default: its value where it isn't given.
        parser: absl's parser, which holds type and bounds.
        commands: tuple of str, the commands that use it.
        suffix: str, precedes the value in a run's name. None: the flag doesn't change
            the weights. latent_dim has None, too: its value is in every name.
        repeats: bool, whether it may be given several times; its value is a list.
    """

    name: str
    default: Any
    parser: ArgumentParser
    commands: tuple = ("train",)
    suffix: str | None = None
    repeats: bool = False


# The groups in which --help lists the flags; each Flag with its text.
GROUPS = {
    "The post's flags": {
        Flag("learning_rate", 0.0005, NumberParser(1e-30, 3e38), suffix="lr"): (
            "Adam's learning rate."
        ),
        Flag("epochs", 20, IntegerParser(1, 10**6)): "Passes over the training images.",
        Flag("batch_size", 128, IntegerParser(1, 10**6), _BATCH_COMMANDS, "batch"): (
            "Images in a batch."
        ),
        Flag("latent_dim", 2, IntegerParser(1, 4096)): (
            "Dimensions of the latent space."
        ),
        Flag("test_image_number", 5, IntegerParser(1, 100)): (
            "Images to reconstruct in each epoch's picture."
        ),
        Flag("inputs_decoder", None, SQUARE, suffix="inputs"): (
            "Units in each of the first two layers of --decoder dense, a perfect "
            "square. Default: height * width / 4 ** stages, or 49 for 28x28 images."
        ),
        Flag("dataset", "mnist", PATH, _DATASET_COMMANDS): (
            "mnist, fashion-mnist, colored-mnist, the path of an .npz file or of a "
            "folder of pictures (its sub-folders are classes), or the name of an .npz "
            "file in datasets/. For a command on a trained run: where its data is now, "
            "if it was moved."
        ),
        Flag("logdir", None, PATH): (
            "Write TensorBoard's events to LOGDIR/<run name>. Default: logs/ in the "
            "run's folder."
        ),
        Flag("plot_latent", True, BooleanParser()): (
            "Draw the latent space if it has two dimensions."
        ),
    },
    "What else changes the training": {
        Flag("kl_weight", 1.0, NumberParser(0, 10**6), suffix="kl"): (
            "Weight of the KL term in the loss. 0 is the post's 'without KL'."
        ),
        Flag("kl_warmup", 0, IntegerParser(0, 10**6), suffix="warmup"): (
            "Epochs in which that weight rises from 0 in training. Held-out losses "
            "have the whole weight."
        ),
        Flag(
            "seed",
            0,
            IntegerParser(0, 2**31 - 1),
            (*_DATA_COMMANDS, "generate"),
            "seed",
        ): ("Determines initial weights, noise and the order of shuffled images."),
        Flag("shuffle", False, BooleanParser(), _DATA_COMMANDS, "shuffle"): (
            "Put the training images in a new order in every epoch."
        ),
        Flag("precision", "float32", PRECISION, ("train", "reproduce"), suffix=""): (
            "Precision of training's convolutions and dense layers: float32 or "
            "bfloat16 (faster on processors that support it). auto: bfloat16 on "
            "those, and for a run that was begun, its own."
        ),
        Flag("decoder", "dense", EnumParser(("dense", "upsampling")), suffix=""): (
            "dense is the decoder of the post's code. upsampling is that of its text: "
            "transposed convolutions with stride 2, which suit larger images."
        ),
        Flag("stages", 2, IntegerParser(1, 8), suffix="stages"): (
            "Convolutions with stride 2 in the encoder and in --decoder upsampling."
        ),
    },
    "Size and colour of the images, and folders of pictures": {
        Flag("image_size", None, IMAGE_SIZE, _DATA_COMMANDS, ""): (
            "Scale and crop images to this size, e.g. 64 or 64x96 (height first). "
            "Default: their own size, if all are the same."
        ),
        Flag("channels", 0, CHANNELS, _DATA_COMMANDS, "channels"): (
            "1 for grey, 3 for colour. 0 keeps an array's channels, and makes a folder "
            "of pictures colour if any of them is."
        ),
        Flag("background", "black", COLOUR, _DATA_COMMANDS, ""): (
            "Colour behind transparent areas, e.g. white or #ff8800."
        ),
        Flag("test_share", 0.1, NumberParser(0, 0.9), _DATA_COMMANDS, "test"): (
            "Fraction of pictures held out when the folder has no train/ and test/."
        ),
        Flag(
            "binarize",
            "none",
            EnumParser(("none", "sampled", "threshold")),
            _DATA_COMMANDS,
            suffix="",
        ): (
            "Make pixels black or white: sampled with the probability of their "
            "brightness, anew in every epoch, or by a threshold at half of it."
        ),
        Flag("cache_dir", None, PATH, _DATASET_COMMANDS): (
            "Where converted pictures are kept. Default: cache/ in RESULTS_DIR; for a "
            "trained run, where its training kept them, or cache/ beside its folder."
        ),
    },
    "Machine and folders": {
        Flag("threads", 0, IntegerParser(0, 1024), _SESSION_COMMANDS): (
            "Threads that TensorFlow uses. 0: as many as there are cores."
        ),
        Flag("results_dir", "Results", PATH, (*_SESSION_COMMANDS, "export")): (
            "Folder that holds the runs' folders."
        ),
        Flag("run_name", None, FOLDER_NAME): (
            "Name of the run's folder. Default: made of the data set and the flags."
        ),
        Flag("overwrite", False, BooleanParser()): (
            "Delete what an earlier run of the same name wrote, and start again."
        ),
        Flag("keep_every", 0, IntegerParser(0)): (
            "Keep the checkpoint of every Nth epoch in addition to the newest. "
            "0: no others."
        ),
    },
    "For commands other than train": {
        Flag("run_dir", None, PATH, ("report", "export", *_NETWORK_COMMANDS)): (
            "Folder of a trained run. Default: the newest run in RESULTS_DIR."
        ),
        Flag("images", None, PATH, _IMAGE_COMMANDS, repeats=True): (
            "A picture file, a folder of them, or an .npz file. May be given several "
            "times. Default: the run's own test images."
        ),
        Flag("resize", False, BooleanParser(), _IMAGE_COMMANDS): (
            "Convert images of another size or colour."
        ),
        Flag("output", None, PATH, ("export", "claims", *_NETWORK_COMMANDS)): (
            "Folder for the results. Default: a folder in the run's, named after the "
            "command; for claims, RESULTS_DIR."
        ),
        Flag("sample", False, BooleanParser(), _CODE_COMMANDS): (
            "Use a sample of z instead of its mean."
        ),
        Flag("importance_samples", 0, IntegerParser(0, 10**6), ("evaluate",)): (
            "Samples per image (K) for the importance-weighted bound. 0: no bound."
        ),
        Flag("codes", None, PATH, ("decode",)): (
            "File of codes, .npz or .csv, such as encode writes."
        ),
        Flag("count", 100, IntegerParser(1, 10**7), ("generate",)): (
            "Number of images to generate."
        ),
        Flag("prior", None, EnumParser(("normal", "fitted")), ("generate",)): (
            "normal draws codes from N(0, 1), fitted from a Gaussian fitted to the "
            "codes of the training images. Default: normal, or fitted with --label."
        ),
        Flag("label", None, ArgumentParser(), ("generate",)): (
            "Draw codes from the Gaussian of one class: its name, or its number."
        ),
        Flag("files", False, BooleanParser(), ("generate",)): (
            "Also write each image to a file of its own."
        ),
        Flag("steps", 10, IntegerParser(1, 100), ("interpolate",)): (
            "Images between one and the next."
        ),
        Flag("quick", False, BooleanParser(), ("reproduce",)): (
            "Use the first 2,000 images and few epochs: under two minutes."
        ),
        Flag("blog_figures", None, PATH, ("reproduce",)): (
            "Folder with the post's own figures, under the names they have in the post."
        ),
    },
}
ALL_FLAGS = [flag for group in GROUPS.values() for flag in group]
# What precedes the values of the flags that change the weights in a run's name.
SUFFIXES = {flag.name: flag.suffix for flag in ALL_FLAGS if flag.suffix is not None}


def _define(flag, text):
    if flag.repeats:
        DEFINE_multi(flag.parser, None, flag.name, flag.default, text)
    else:
        is_bool = isinstance(flag.parser, BooleanParser)
        DEFINE(flag.parser, flag.name, flag.default, text, boolean=is_bool)


for _group in GROUPS.values():
    for _flag, _text in _group.items():
        _define(_flag, _text)
DEFINE_bool("help", False, "Show this text.", short_name="h")
DEFINE_bool("version", False, "Show versions.")


def default(name):
    """Returns a flag's value where it isn't given."""
    return FLAGS[name].default


def given(name):
    """Returns whether a flag was on the command line."""
    return FLAGS[name].present > 0


def training_flags(**changes):
    """Returns a namespace of the flags of train, with defaults for all but changes."""
    values = {flag.name: flag.default for flag in ALL_FLAGS if "train" in flag.commands}
    return SimpleNamespace(**values | changes)
