"""`python main.py decode`: decodes a file of codes that encode has written."""

from autoencoder.errors import UserError
from autoencoder.figures import png
from autoencoder.trained import codes_file
from autoencoder.trained.found import load_run, newest_run
from autoencoder.trained.open_run import open_run

_MOST_SHOWN = 100  # on the sheet


def run(flags):
    """Decodes the codes in --codes: each image as a file, and a sheet of the first."""
    if flags.codes is None:
        raise UserError("decode needs --codes FILE, an .npz or .csv as encode writes")
    path = flags.run_dir or newest_run(flags.results_dir)
    latent_dim = load_run(path, with_data=False).flags.latent_dim
    names, codes = codes_file.read(flags.codes, latent_dim)
    with open_run(flags, "decode", needs_images=False) as run:
        files = png.file_names(names)
        folder = run.picture_folder(files)
        for file, image in zip(files, run.decode_each(codes), strict=True):
            png.write(folder / file, image)
        shown = codes[:_MOST_SHOWN]
        png.write_sheet(run.output / "sheet.png", run.decode(shown))
        print(
            f"{run.output}: {len(codes):,} images in images/"
            f"{png.older_files(folder, len(files))}, the first "
            f"{len(shown)} in sheet.png"
        )
