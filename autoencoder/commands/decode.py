"""`python main.py decode`: codes to images, from a file that encode has written."""

from autoencoder import codes_file, figures, picture_files, trained_run, use
from autoencoder.errors import UserError
from autoencoder.files import make_folder


def run(flags):
    """Decodes the codes in --codes: each image as a file, and a sheet of the first."""
    if flags.codes is None:
        raise UserError("decode needs --codes FILE, an .npz or .csv as encode writes")
    path = flags.run_dir or trained_run.newest(flags.results_dir)
    latent_dim = trained_run.load(path, with_data=False).flags.latent_dim
    names, codes = codes_file.read(flags.codes, latent_dim)
    with use.opened(flags, "decode", needs_images=False) as found:
        folder = found.output / "images"
        make_folder(folder)
        files = picture_files.file_names(names)
        for start in range(0, len(codes), flags.batch_size):
            part = slice(start, start + flags.batch_size)
            decoded = found.decode(codes[part])
            for file, image in zip(files[part], decoded, strict=True):
                picture_files.write(folder / file, image)
            if start == 0:
                figures.sheet(decoded[:100], found.output / "sheet.png")
        print(
            f"{found.output}: {len(codes):,} images in images/, the first "
            f"{min(100, flags.batch_size, len(codes))} in sheet.png"
        )
