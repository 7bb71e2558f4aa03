"""A run's name: what its weights depend on, in a few words."""

from autoencoder.datasets.load import known_image_size
from flags import SUFFIXES, default

# Every flag that changes the weights, except the data set.
WEIGHT_FLAGS = ["latent_dim", *SUFFIXES]


def weight_flags(flags, size):
    """Returns a dict of WEIGHT_FLAGS with their values.

    An --inputs_decoder that images of that size have without the flag becomes None.

    Args:
        flags: the flags of a run.
        size: (height, width) of its images, or None if not known yet.
    """
    values = {name: getattr(flags, name) for name in WEIGHT_FLAGS}
    is_square = size is not None and size[0] == size[1]
    if is_square and values["inputs_decoder"] == (size[0] >> flags.stages) ** 2:
        values["inputs_decoder"] = None
    return values


def run_name(flags, dataset_name):
    """Returns --run_name, or a name made of the data set and the flags.

    Examples: "mnist-z5" and "mnist-z2-kl0-seed1". Each flag that changes the weights
    and is not at its default adds a suffix; epochs, threads and pictures add none.
    """
    if flags.run_name is not None:
        return flags.run_name
    name = f"{dataset_name}-z{flags.latent_dim}"
    values = weight_flags(flags, known_image_size(flags))
    for flag, suffix in SUFFIXES.items():
        value = values[flag]
        if value != default(flag):
            shown = "" if value is True else str(value).removesuffix(".0")
            name += f"-{suffix}{shown}"
    return name
