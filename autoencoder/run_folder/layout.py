"""The one list of what a run's folder holds.

flags.json, metrics.csv      see flags_json.py and metrics.py
Train/, Test/                the post's pictures of each epoch: pictures.py
logs/                        for TensorBoard: tensorboard.py and projector.py
checkpoints/, snapshots/     of each epoch
fitted-prior.npz             made at the end: fitted_prior.py
figures/, report.html        made at the end: report/
encode/, decode/, ...        what the commands write: outputs.py

claims.json                  beside the runs, about several: claims/records.py
"""

import re

FLAGS_JSON = "flags.json"
METRICS = "metrics.csv"
REPORT = "report.html"
FITTED_PRIOR = "fitted-prior.npz"
CLAIMS_JSON = "claims.json"
LOCK = ".lock"
LOGS = "logs"
CHECKPOINTS = "checkpoints"
SNAPSHOTS = "snapshots"
FIGURES = "figures"

# Pictures of an epoch; their numbers count from 0, as the post's do.
RECONSTRUCTIONS = "Train/Epoch_{}.png"
PRIOR_IMAGE = "Test/{}.png"
LATENT_SPACE = "Test/Latent_{}.png"
SPACE = "Test/Space_{}.png"
EPOCH_PICTURES = (RECONSTRUCTIONS, PRIOR_IMAGE, LATENT_SPACE, SPACE)
SNAPSHOT = "epoch-{}.npz"  # its epoch counts from 1

# In figures/, drawn at the end by report/run_figures.py, which draws no others.
FIGURE_FILES = (
    "losses.png",
    "reconstructions.png",
    "kl-per-dimension.png",
    "latent.gif",
    "space.gif",
    "latent-and-space.gif",
)

# In logs/. The suffix keeps other programs' event files from being taken for ours.
EVENT_SUFFIX = ".autoencoder"
EVENT_FILES = f"events.out.tfevents.*{EVENT_SUFFIX}"
PROJECTOR_CONFIG = "projector_config.pbtxt"
PROJECTOR_CODES = "projector-codes.tsv"
PROJECTOR_LABELS = "projector-labels.tsv"
PROJECTOR_SPRITE = "projector-sprite.png"
PROJECTOR_FILES = (
    PROJECTOR_CONFIG,
    PROJECTOR_CODES,
    PROJECTOR_LABELS,
    PROJECTOR_SPRITE,
)

# What each command writes into the folder of its name.
COMMAND_FILES = {
    "evaluate": ("evaluate.json",),
    "reconstruct": ("losses.csv", "sheet.png"),
    "encode": ("codes.npz", "codes.csv"),
    "decode": ("sheet.png",),
    "generate": ("sheet.png", "grid.png"),
    "interpolate": ("interpolation.png", "interpolation.gif"),
    "class-means": ("class-means.png", "class-means.npz"),
    "traverse": ("traverse.png",),
}
COMMAND_PICTURES = "images"  # the folder beside those files, of single pictures
EXPORT = "export"  # the folder of exported versions, whose names are numbers
EXPORT_FILES = (
    "saved_model.pb",
    "variables/variables.index",
    "variables/variables.data-00000-of-00001",
)

# Glob patterns of the files of a run that ends before its first checkpoint.
BEFORE_FIRST_CHECKPOINT = [
    LOCK,
    FLAGS_JSON,
    METRICS,
    *(picture.format(0) for picture in EPOCH_PICTURES),
    *(f"{LOGS}/{name}" for name in (EVENT_FILES, *PROJECTOR_FILES)),
    f"{SNAPSHOTS}/{SNAPSHOT.format(1)}",
    f"{CHECKPOINTS}/epoch-1.data-*",
    f"{CHECKPOINTS}/*-1.index*",
]


def numbered(folder, template):
    """Finds the files of a template with a number in place of {}.

    Args:
        folder: pathlib.Path.
        template: str, such as RECONSTRUCTIONS.

    Returns:
        list of (number, pathlib.Path).
    """
    pattern = re.compile(re.escape(template).replace(re.escape("{}"), r"(\d+)"))
    files = []
    for path in folder.glob(template.format("*")):
        match = pattern.fullmatch(path.relative_to(folder).as_posix())
        if match:
            files.append((int(match[1]), path))
    return files
