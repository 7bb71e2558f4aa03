"""`python main.py export`: writes the trained network as a SavedModel.

python main.py export --output served
"""

from pathlib import Path

from autoencoder.files import make_folder
from autoencoder.run_folder import outputs
from autoencoder.run_folder.layout import EXPORT
from autoencoder.trained.open_run import load_for


def run(flags):
    """Writes a SavedModel with the signatures encode, decode and reconstruct."""
    trained = load_for(flags, with_data=False)
    # TensorFlow Serving expects a folder of versions, named by numbers.
    folder = Path(flags.output) if flags.output else trained.path / EXPORT
    outputs.free_version(folder, trained.checkpoint.step)
    make_folder(folder, "--output")

    from autoencoder.trained.saved_model import export

    version = export(trained, folder)
    print(f"{version}: a SavedModel with the signatures encode, decode, reconstruct")
