"""`python main.py`, or `python main.py train`: trains an autoencoder in a folder.

python main.py --dataset mnist --latent_dim 5
python main.py --dataset pets --image_size 64 --decoder upsampling --stages 3
"""

from autoencoder import weights
from autoencoder.cluster import tf_config
from autoencoder.datasets.load import BUILT_IN, load_dataset, locate
from autoencoder.errors import UserError
from autoencoder.flag_types import image_size
from autoencoder.machine import require_bfloat16
from autoencoder.run_folder import flags_json, resume
from autoencoder.run_folder.folder import claim
from autoencoder.run_folder.layout import REPORT
from autoencoder.run_folder.precision import settled
from autoencoder.trained.found import load_run


def run(flags):
    """Trains; where TF_CONFIG names several tasks, as one of them."""
    _require_flags_that_fit(flags)
    cluster = tf_config.from_environment()
    if cluster is None:
        is_auto = flags.precision == "auto"
        flags = settled(flags, locate(flags.dataset)[0])
        if is_auto:
            print(f"--precision auto: {flags.precision}")
        begin_or_resume(flags)
        return
    if flags.precision == "auto":
        raise UserError(
            "--precision auto is for a single machine: name float32 or bfloat16, in "
            "which all tasks of a cluster agree"
        )
    from autoencoder.cluster import tasks

    tasks.run(cluster, flags, begin_or_resume, load)


def begin_or_resume(flags, join=None):
    """Checks flags, folder and data, then trains, or goes on training.

    Args:
        flags: those of the command.
        join: function from the Dataset to the task that takes the steps, see task.py;
            None means this process alone.
    """
    name, path = locate(flags.dataset)
    with claim(flags, name) as folder:
        goes_on = folder.earlier is not None and not flags.overwrite
        checkpoint = resume.find(folder, flags) if goes_on else None
        dataset = load(flags)
        if goes_on:
            resume.require_same_data(folder, dataset)
        is_finished = checkpoint is not None and checkpoint.epoch >= flags.epochs
        if is_finished and join is None:  # other tasks wait for a chief
            epochs = checkpoint.epoch
            print(
                f"{folder.path} is finished, after epoch {epochs}: nothing to do; "
                f"--epochs {epochs + 10} goes on"
            )
            if not (folder.path / REPORT).exists():
                _report(folder, dataset, flags)
            return
        if goes_on:
            description = flags_json.describe(folder, flags, dataset)
            resume.warn_of_other_machine(folder, description)
        is_named = flags.dataset in BUILT_IN or str(path) == name
        source = "" if is_named else f" ({path})"
        _print_plan(dataset, source, folder, checkpoint)

        from autoencoder.run import train_in_folder

        task = None if join is None else join(dataset)
        train_in_folder(dataset, folder, flags, checkpoint, task)
        _report(folder, dataset, flags)


def load(flags):
    """Reads the data; refuses images that do not fit before any is converted."""

    def require_fit(shape):
        subject = f"the images of {locate(flags.dataset)[0]} are"
        _require_stages(subject, *shape[:2], flags.stages)
        weights.require_not_too_many(shape, flags)

    dataset = load_dataset(flags, require_fit)
    require_fit(dataset.image_shape)  # if they were converted earlier
    return dataset


def _require_flags_that_fit(flags):
    if flags.precision == "bfloat16":
        require_bfloat16()
    if size := image_size(flags.image_size):  # before thousands are converted
        _require_stages(f"--image_size {flags.image_size} is", *size, flags.stages)
    if flags.decoder == "upsampling" and flags.inputs_decoder is not None:
        raise UserError(
            f"--inputs_decoder {flags.inputs_decoder} is for --decoder dense; the "
            "other decoder's size follows from the images"
        )


def _require_stages(subject, height, width, stages):
    unit = 2**stages
    if height % unit or width % unit:
        raise UserError(
            f"{subject} {width} wide and {height} high, and --stages {stages} needs "
            f"multiples of {unit}: choose fewer stages, or another --image_size"
        )


def _report(folder, dataset, flags):
    from autoencoder.report import run_report

    run = load_run(folder.path, with_data=False)._replace(dataset=dataset)
    print(f"figures and numbers on one page: {run_report.write(run, flags.threads)}")


def _print_plan(dataset, source, folder, checkpoint):
    held_out = "no" if dataset.x_test is None else f"{len(dataset.x_test):,}"
    print(
        f"{dataset.name}{source}: {len(dataset.x_train):,} images to train on, "
        f"{held_out} held out; run folder {folder.path}"
    )
    if checkpoint is not None:
        print(f"goes on after epoch {checkpoint.epoch}")
