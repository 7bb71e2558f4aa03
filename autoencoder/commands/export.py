"""`python main.py export`: the trained network as a SavedModel."""

from pathlib import Path

from autoencoder import trained_run
from autoencoder.errors import UserError


def run(flags):
    """Writes a SavedModel with the signatures encode, decode and reconstruct."""
    path = Path(flags.run_dir or trained_run.newest(flags.results_dir))
    run = trained_run.load(path, with_data=False)
    # TensorFlow Serving takes a folder of versions, named by numbers.
    folder = Path(flags.output) if flags.output else path / "export"
    version = folder / str(run.checkpoint.step)
    if version.exists():
        raise UserError(f"{version} is there already: choose another --output")

    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.export import export

    export(run, version)
    print(f"{version}: a SavedModel with the signatures encode, decode, reconstruct")
