"""`python main.py decode`: decodes a file of codes that encode has written.

python main.py decode --codes Results/mnist-z5/encode/codes.csv
"""

from autoencoder.command_line import UsageError
from autoencoder.figures import png
from autoencoder.trained import codes_file
from autoencoder.trained.open_run import load_for, open_run

_MOST_SHOWN = 100  # on the sheet


def run(flags):
    """Decodes the codes in --codes: each image as a file, and a sheet of the first."""
    if flags.codes is None:
        raise UsageError("decode needs --codes FILE, an .npz or .csv as encode writes")
    trained = load_for(flags, with_data=False)
    names, codes = codes_file.read(flags.codes, trained.flags.latent_dim)
    with open_run(flags, "decode", needs_images=False, trained=trained) as opened:
        files = png.file_names(names)
        folder = opened.picture_folder(files)
        for file, image in zip(files, opened.decode_each(codes), strict=True):
            png.write(folder / file, image)
        shown = codes[:_MOST_SHOWN]
        png.write_sheet(opened.output / "sheet.png", opened.decode(shown))
        print(
            f"{opened.output}: {len(codes):,} images in images/"
            f"{png.older_files(folder, len(files))}, the first "
            f"{len(shown)} in sheet.png"
        )
