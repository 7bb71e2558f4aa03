"""Every flag of the program: the post's nine with their names, then ours.

The post drives its encoder and decoder by FLAGS, and so does this program: FLAGS
is absl's object, defined here, parsed once in main.py, and changed by nobody.
This file imports absl only, so that --help and mistakes answer at once. Which command
uses which flags stands in autoencoder/usage.py.
"""

import math
import re

from absl import flags

FLAGS = flags.FLAGS

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
    "Default: height * width / 4 ** stages, which is 49 for 28x28.",
)
flags.DEFINE_string(
    "dataset",
    "mnist",
    "mnist, fashion-mnist, colored-mnist, or the path of an .npz file, or of a "
    "folder of pictures, whose sub-folders are classes, or the name of an .npz file "
    "in datasets/.",
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
flags.DEFINE_string(
    "precision",
    "float32",
    "Of a training step's products: float32, or bfloat16, which is faster where the "
    "processor has it.",
)
flags.DEFINE_string(
    "decoder",
    "dense",
    "dense, the post's code, or upsampling, the post's prose: transposed convolutions "
    "with stride 2, for larger images.",
)
flags.DEFINE_integer(
    "stages",
    2,
    "Convolutions with stride 2 in the encoder, and in --decoder upsampling.",
)
flags.DEFINE_string(
    "image_size",
    None,
    "Size to which pictures are scaled and cropped, as 64 or 64x96, height first. "
    "Default: theirs, where all have the same.",
)
flags.DEFINE_integer(
    "channels",
    0,
    "1 for grey, 3 for colour; 0: colour where one of the pictures is stored in it.",
)
flags.DEFINE_string(
    "background", "black", "Colour behind what is transparent, as white or #ff8800."
)
flags.DEFINE_float(
    "test_share", 0.1, "Share of the pictures held out, without folders train and test."
)
flags.DEFINE_string(
    "cache_dir",
    None,
    "Where converted pictures are kept. Default: cache/ in RESULTS_DIR, or beside the "
    "run that is used.",
)
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
flags.DEFINE_multi_string(
    "images",
    None,
    "A picture file, a folder of them, or an .npz file; may be given several times. "
    "Default: the run's own test images.",
)
flags.DEFINE_bool("resize", False, "Convert images of another size or colour.")
flags.DEFINE_string(
    "output", None, "Folder for results. Default: the command's name in the run's."
)
flags.DEFINE_bool("sample", False, "Take a sample of z instead of the mean.")
flags.DEFINE_integer(
    "importance_samples", 0, "K of the importance-weighted bound; 0 leaves it out."
)
flags.DEFINE_string("codes", None, "File of codes, .npz or .csv, as encode writes it.")
flags.DEFINE_integer("count", 100, "Images to be generated.")
flags.DEFINE_bool("files", False, "Write each image as a file of its own, too.")
flags.DEFINE_integer("steps", 10, "Images between one and the next, in lines of 20.")
flags.DEFINE_bool(
    "quick", False, "The first 2,000 images and few epochs: under two minutes."
)
flags.DEFINE_string(
    "blog_figures",
    None,
    "Folder with the post's own figures, under the names that they have in it.",
)
flags.DEFINE_bool("help", False, "Show this text.", short_name="h")


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


def image_size(value):
    """Returns (height, width) of a string as 64 or 64x96; None of any other."""
    match = re.fullmatch(r"(\d{1,4})(?:x(\d{1,4}))?", value or "")
    if match is None:
        return None
    size = int(match[1]), int(match[2] or match[1])
    return size if all(4 <= length <= 4096 for length in size) else None


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
_validate(
    "precision",
    lambda value: value in ("float32", "bfloat16"),
    "float32 or bfloat16",
)
_validate(
    "decoder", lambda value: value in ("dense", "upsampling"), "dense or upsampling"
)
_validate(
    "image_size",
    lambda value: value is None or image_size(value) is not None,
    "one or two numbers from 4 to 4096, as 64 or 64x96",
)
_validate("channels", lambda value: value in (0, 1, 3), "0, 1 or 3")
_validate(
    "background",
    lambda value: re.fullmatch(r"[a-z]+|#[0-9a-fA-F]{6}", value) is not None,
    "a colour, as white or #ff8800",
)
_validate("test_share", lambda value: 0 <= value <= 0.9, "between 0 and 0.9")
_validate("stages", lambda value: 1 <= value <= 8, "between 1 and 8")
_validate("run_name", _is_folder_name, "one folder's name, without / and the like")
_validate(
    "images",
    lambda values: all(map(_is_path, values or ())),
    "names or paths in UTF-8",
)
_validate(
    "importance_samples", lambda value: 0 <= value <= 10**6, "between 0 and 1000000"
)
_validate("count", lambda value: 1 <= value <= 10**7, "between 1 and 10000000")
_validate("steps", lambda value: 1 <= value <= 100, "between 1 and 100")
for _name in (
    "results_dir",
    "logdir",
    "dataset",
    "run_dir",
    "blog_figures",
    "output",
    "codes",
    "cache_dir",
):
    _validate(_name, _is_path, "a name or path in UTF-8")
