"""A run's name: what made its weights, in a word."""

from autoencoder.datasets.load import BUILT_IN
from autoencoder.flag_types import image_size
from flags import SUFFIXES, default

# Every flag that changes the weights, data set aside.
WEIGHT_FLAGS = ["latent_dim", *SUFFIXES]


def weight_flags(flags, size):
    """Returns WEIGHT_FLAGS with their values.

    An --inputs_decoder that images of that size have without it becomes None.

    Args:
        flags: the flags of a run.
        size: (height, width) of its images, or None where that is not known yet.
    """
    values = {name: getattr(flags, name) for name in WEIGHT_FLAGS}
    is_square = size is not None and size[0] == size[1]
    if is_square and values["inputs_decoder"] == (size[0] >> flags.stages) ** 2:
        values["inputs_decoder"] = None
    return values


def run_name(flags, dataset_name):
    """Returns --run_name, or a name made of the data set and the flags.

    As "mnist-z5" or "mnist-z2-kl0-seed1": a suffix for each flag that changes the
    weights and isn't at its default; none for epochs, threads, or what is drawn.
    """
    if flags.run_name is not None:
        return flags.run_name
    size = image_size(flags.image_size)
    if size is None and flags.dataset in BUILT_IN:
        size = (28, 28)
    name = f"{dataset_name}-z{flags.latent_dim}"
    values = weight_flags(flags, size)
    for flag, suffix in SUFFIXES.items():
        value = values[flag]
        if value != default(flag):
            shown = "" if value is True else str(value).removesuffix(".0")
            name += f"-{suffix}{shown}"
    return name
