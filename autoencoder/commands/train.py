"""`python main.py`, or `python main.py train`: trains an autoencoder in a folder."""

import json

from autoencoder import machine as processor
from autoencoder import weights
from autoencoder.cluster import tf_config as cluster
from autoencoder.datasets.load import BUILT_IN, load_dataset, locate
from autoencoder.errors import UserError
from autoencoder.flag_types import image_size
from autoencoder.run_folder import flags_json, resume
from autoencoder.run_folder import folder as run_folder
from autoencoder.run_folder.layout import WEIGHT_FLAGS
from autoencoder.trained import found as trained_run


def run(flags):
    """Trains; in a cluster, does what this task has to do."""
    tasks = cluster.from_environment()
    if tasks is None or tasks.is_chief:
        _train(flags, tasks)
    elif tasks.me.job == "worker":
        _work(flags, tasks)
    else:
        _serve(flags, tasks)


def _train(flags, tasks):
    """Checks all that can be checked at once, then trains, or goes on training."""
    name, path = locate(flags.dataset)
    _require_flags_that_fit(flags)
    with run_folder.claim(flags, name) as folder:
        goes_on = folder.earlier is not None and not flags.overwrite
        found = resume.find(folder, flags) if goes_on else None
        dataset = _load(flags)
        if goes_on:
            resume.require_same_data(folder, dataset)
        is_finished = found is not None and found.epoch >= flags.epochs
        if is_finished and tasks is None:  # others wait for a chief that ends them
            print(
                f"{folder.path} is finished, with {found.epoch} epochs: nothing to do; "
                f"--epochs {found.epoch + 10} goes on"
            )
            if not (folder.path / "report.html").exists():
                _report(folder, dataset, flags)
            return
        if goes_on:
            resume.warn_of_other_machine(
                folder, flags_json.describe(folder, flags, dataset)
            )
        says_all = flags.dataset in BUILT_IN or str(path) == name
        source = "" if says_all else f" ({path})"
        _say_what_comes(dataset, source, folder, found)
        # Importing TensorFlow takes seconds; mistakes have been told by now.
        from autoencoder import run as training_run

        if tasks is not None:
            tasks = _with_training(tasks, dataset, flags)
        training_run.train(dataset, folder, flags, found, tasks)
        _report(folder, dataset, flags)


def _serve(flags, tasks):
    from autoencoder import session

    server = session.start_server(tasks, flags.threads)
    cluster.say(f"{tasks.me} serves until training ends")
    session.serve(tasks, server)


def _work(flags, tasks):
    _require_flags_that_fit(flags)
    dataset = _load(flags)
    from autoencoder.cluster import tasks as worker

    worker.work(dataset, flags, _with_training(tasks, dataset, flags))


def _with_training(tasks, dataset, flags):
    """Returns the Cluster with what all its tasks must have alike."""
    alike = {f"--{name}": getattr(flags, name) for name in ("epochs", *WEIGHT_FLAGS)}
    alike["the data's SHA-256"] = dataset.sha256
    return tasks._replace(training=json.dumps(alike))


def _load(flags):
    """Reads the data; images that don't fit are refused before any is converted."""

    def require_fit(shape):
        whose = f"the images of {locate(flags.dataset)[0]} are"
        _require_stages(whose, *shape[:2], flags.stages)
        weights.require_not_too_many(shape, flags)

    dataset = load_dataset(flags, require_fit)
    require_fit(dataset.x_train.shape[1:])  # where they were converted before
    return dataset


def _require_flags_that_fit(flags):
    if flags.precision == "bfloat16":
        processor.require_bfloat16()
    if size := image_size(flags.image_size):  # told before thousands are converted
        _require_stages(f"--image_size {flags.image_size} is", *size, flags.stages)
    if flags.decoder == "upsampling" and flags.inputs_decoder is not None:
        raise UserError(
            f"--inputs_decoder {flags.inputs_decoder} is for --decoder dense: what the "
            "other one grows from follows from the images"
        )


def _require_stages(whose, height, width, stages):
    unit = 2**stages
    if height % unit or width % unit:
        raise UserError(
            f"{whose} {width} wide and {height} high, and --stages {stages} needs "
            f"multiples of {unit}: choose fewer stages, or another --image_size"
        )


def _report(folder, dataset, flags):
    from autoencoder.report import run_report

    run = trained_run.load(folder.path, with_data=False)._replace(dataset=dataset)
    print(f"figures and numbers on one page: {run_report.write(run, flags.threads)}")


def _say_what_comes(dataset, source, folder, checkpoint):
    held_out = "no" if dataset.x_test is None else f"{len(dataset.x_test):,}"
    print(
        f"{dataset.name}{source}: {len(dataset.x_train):,} images to train on, "
        f"{held_out} held out; run folder {folder.path}"
    )
    if checkpoint is not None:
        print(f"goes on after epoch {checkpoint.epoch}")
