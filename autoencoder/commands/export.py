"""`python main.py export`: the trained network as a SavedModel."""

from pathlib import Path

from autoencoder.files import make_folder
from autoencoder.run_folder import outputs
from autoencoder.trained import found as trained_run


def run(flags):
    """Writes a SavedModel with the signatures encode, decode and reconstruct."""
    path = Path(flags.run_dir or trained_run.newest(flags.results_dir))
    run = trained_run.load(path, with_data=False)
    # TensorFlow Serving takes a folder of versions, named by numbers.
    folder = Path(flags.output) if flags.output else path / outputs.EXPORT
    outputs.free_version(folder, run.checkpoint.step)
    make_folder(folder, "--output")

    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.trained.saved_model import export

    version = export(run, folder)
    print(f"{version}: a SavedModel with the signatures encode, decode, reconstruct")
