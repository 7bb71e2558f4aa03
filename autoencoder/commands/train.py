"""`python main.py`, or `python main.py train`: trains an autoencoder in a folder."""

from autoencoder import (
    datasets,
    flags_json,
    processor,
    resume,
    run_folder,
    trained_run,
)
from autoencoder.errors import UserError


def run(flags):
    """Checks all that can be checked at once, then trains, or goes on training."""
    name, _ = datasets.locate(flags.dataset)
    if flags.precision == "bfloat16":
        processor.require_bfloat16()
    with run_folder.claim(flags, name) as folder:
        goes_on = folder.earlier is not None and not flags.overwrite
        found = resume.find(folder, flags) if goes_on else None
        dataset = datasets.load(flags.dataset, flags)
        _require_fitting(dataset, flags)
        if goes_on:
            resume.require_same_data(folder, dataset)
        if found is not None and found.epoch >= flags.epochs:
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
        _say_what_comes(dataset, folder, found)
        # Importing TensorFlow takes seconds; mistakes have been told by now.
        from autoencoder import run as training_run

        training_run.train(dataset, folder, flags, found)
        _report(folder, dataset, flags)


def _require_fitting(dataset, flags):
    height, width, _ = dataset.x_train.shape[1:]
    unit = 2**flags.stages
    if height % unit or width % unit:
        raise UserError(
            f"the images of {dataset.name} are {width} wide and {height} high, and "
            f"--stages {flags.stages} needs multiples of {unit}: choose fewer stages, "
            "or scale the images"
        )
    if flags.decoder == "upsampling" and flags.inputs_decoder is not None:
        raise UserError(
            f"--inputs_decoder {flags.inputs_decoder} is for --decoder dense: what the "
            "other one grows from follows from the images"
        )


def _report(folder, dataset, flags):
    from autoencoder.report import run_report

    run = trained_run.load(folder.path, with_data=False)._replace(dataset=dataset)
    print(f"figures and numbers on one page: {run_report.write(run, flags.threads)}")


def _say_what_comes(dataset, folder, checkpoint):
    held_out = "no" if dataset.x_test is None else f"{len(dataset.x_test):,}"
    print(
        f"{dataset.name}: {len(dataset.x_train):,} images to train on, "
        f"{held_out} held out; run folder {folder.path}"
    )
    if checkpoint is not None:
        print(f"goes on after epoch {checkpoint.epoch}")
