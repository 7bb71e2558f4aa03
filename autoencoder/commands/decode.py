"""`python main.py decode`: codes to images, from a file that encode has written."""

from tqdm import tqdm

from autoencoder.errors import UserError
from autoencoder.figures import png as picture_files
from autoencoder.figures import post as figures
from autoencoder.trained import codes_file
from autoencoder.trained import found as trained_run
from autoencoder.trained import open_run as use

_ON_THE_SHEET = 100


def run(flags):
    """Decodes the codes in --codes: each image as a file, and a sheet of the first."""
    if flags.codes is None:
        raise UserError("decode needs --codes FILE, an .npz or .csv as encode writes")
    path = flags.run_dir or trained_run.newest(flags.results_dir)
    latent_dim = trained_run.load(path, with_data=False).flags.latent_dim
    names, codes = codes_file.read(flags.codes, latent_dim)
    with use.opened(flags, "decode", needs_images=False) as found:
        files = picture_files.file_names(names)
        folder = found.picture_folder(files)
        with tqdm(total=len(codes), unit=" images", leave=False, disable=None) as bar:
            for start in range(0, len(codes), flags.batch_size):
                part = slice(start, start + flags.batch_size)
                decoded = found.decode(codes[part])
                for file, image in zip(files[part], decoded, strict=True):
                    picture_files.write(folder / file, image)
                bar.update(len(decoded))
        shown = codes[:_ON_THE_SHEET]
        figures.sheet(found.decode(shown), found.output / "sheet.png")
        print(
            f"{found.output}: {len(codes):,} images in images/"
            f"{picture_files.besides(folder, files)}, the first "
            f"{len(shown)} in sheet.png"
        )
