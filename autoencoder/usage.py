"""The commands, which flags each uses, and the groups in which --help lists them."""

COMMANDS = {
    "train": "Train the autoencoder. The command when none is named.",
    "reproduce": "Make every figure of the post, and a page to compare them on.",
    "report": "Draw a run's figures and write its report.html again.",
    "evaluate": "Held-out numbers of a trained run, as text and JSON.",
    "reconstruct": "Images, what becomes of them, and at what loss.",
    "encode": "Images to codes, as .npz and .csv.",
    "decode": "Codes to images.",
    "generate": "Images from the prior, z ~ N(0, 1).",
    "interpolate": "From one image to another, through the latent space.",
    "class-means": "What the mean code of each class decodes to.",
    "traverse": "What each latent dimension changes, from -3 to 3.",
    "export": "The trained network as a SavedModel.",
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
    "What else changes the training": [
        *("kl_weight", "seed", "shuffle", "precision", "decoder", "stages")
    ],
    "Size and colour of the images, and folders of pictures": [
        *("image_size", "channels", "background", "test_share", "cache_dir")
    ],
    "Machine and folders": [
        "threads",
        "results_dir",
        "run_name",
        "overwrite",
        "keep_every",
    ],
    "Of other commands than train": [
        "run_dir",
        "images",
        "resize",
        "output",
        "sample",
        "importance_samples",
        "codes",
        "count",
        "files",
        "steps",
        "quick",
        "blog_figures",
    ],
}

_ON_A_RUN = ["run_dir", "results_dir", "output", "threads", "batch_size"]
_ON_IMAGES = [*_ON_A_RUN, "dataset", "images", "resize", "cache_dir"]

USED_BY = {
    "train": sum(list(GROUPS.values())[:4], []),
    "reproduce": ["quick", "blog_figures", "threads", "results_dir"],
    "report": ["run_dir", "dataset", "cache_dir", "threads", "results_dir"],
    "evaluate": [*_ON_IMAGES, "importance_samples"],
    "reconstruct": [*_ON_IMAGES, "sample"],
    "encode": [*_ON_IMAGES, "sample"],
    "decode": [*_ON_A_RUN, "codes"],
    "generate": [*_ON_A_RUN, "count", "files", "seed"],
    "interpolate": [*_ON_IMAGES, "sample", "steps"],
    "class-means": [*_ON_IMAGES, "sample"],
    "traverse": [*_ON_IMAGES, "sample"],
    "export": ["run_dir", "results_dir", "output"],
    "preview": [
        *("dataset", "batch_size", "seed", "shuffle", "threads", "results_dir"),
        *GROUPS["Size and colour of the images, and folders of pictures"],
    ],
}
