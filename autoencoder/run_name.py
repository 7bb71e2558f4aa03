"""A run's name: what made its weights, in a word."""

from flags import FLAGS

# Flags other than data set and latent_dim that change the weights, as they stand in
# the name of a run's folder.
_SUFFIXES = {
    "learning_rate": "lr",
    "batch_size": "batch",
    "inputs_decoder": "inputs",
    "kl_weight": "kl",
    "seed": "seed",
    "shuffle": "shuffle",
    "precision": "",
    "decoder": "",
    "stages": "stages",
    "image_size": "",
    "channels": "channels",
    "background": "",
    "test_share": "test",
}
# Every flag that changes the weights, data set aside.
WEIGHT_FLAGS = ["latent_dim", *_SUFFIXES]


def run_name(flags, dataset_name):
    """Returns --run_name, or a name made of the data set and the flags.

    As "mnist-z5" or "mnist-z2-kl0-seed1": a suffix for each flag that changes the
    weights and isn't at its default; none for epochs, threads, or what is drawn.
    """
    if flags.run_name is not None:
        return flags.run_name
    name = f"{dataset_name}-z{flags.latent_dim}"
    for flag, suffix in _SUFFIXES.items():
        value = getattr(flags, flag)
        if value != FLAGS[flag].default:
            shown = "" if value is True else str(value).removesuffix(".0")
            name += f"-{suffix}{shown}"
    return name
