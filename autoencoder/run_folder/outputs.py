"""Protects files that the commands on a trained run must not replace or delete.

No TensorFlow and no drawing here: a run that starts anew needs it early.
"""

import contextlib
from pathlib import Path

from autoencoder.datasets.folder import would_hold
from autoencoder.errors import UserError
from autoencoder.files import PROGRAM, make_folder
from autoencoder.run_folder.layout import (
    COMMAND_FILES,
    COMMAND_PICTURES,
    EXPORT,
    EXPORT_FILES,
)

# Pillow writes the text right behind the header.
_MARK = b"tEXtSoftware\0" + PROGRAM.encode()
_HEADER = 100  # bytes of a PNG file, more than enough to include the text


def make_picture_folder(output, names, flags, dataset):
    """Makes the folder of single pictures in an output folder.

    Args:
        output: pathlib.Path, of the command's output folder.
        names: iterable of str, of the files that will be written or replaced.
        flags: reads images and output.
        dataset: str, the run's --dataset.

    Returns:
        pathlib.Path, of the folder.

    Raises:
        UserError: it can't be made; or a file that the command reads would be replaced;
            or --output was given, and the folder holds files that no command wrote.
    """
    folder = output / COMMAND_PICTURES
    make_folder(folder, "--output")
    if flags.output and any(not _is_ours(path) for path in folder.iterdir()):
        raise UserError(
            f"{folder} holds files that this program did not write, and they might be "
            "replaced: choose another --output"
        )
    require_not_read((folder / name for name in names), flags, dataset)
    return folder


def delete(run):
    """Deletes files that commands without --output wrote into a run's folder.

    Args:
        run: pathlib.Path, of the run's folder. Files that no command writes stay, and
            so do pictures without the mark.
    """
    for command, names in COMMAND_FILES.items():
        pictures = (run / command / COMMAND_PICTURES).glob("*.png")
        _delete(run / command / COMMAND_PICTURES, filter(_has_mark, pictures))
        _delete(run / command, (run / command / name for name in names))
    for version in (run / EXPORT).glob("*"):
        if version.name.isdigit():
            files = [version / name for name in EXPORT_FILES]
            _delete(version / "variables", files)
            _delete(version, ())
    _delete(run / EXPORT, ())


def _delete(folder, files):
    """Deletes files, and the folder, if it is empty then."""
    for file in files:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            file.unlink()
    with contextlib.suppress(OSError):  # not empty, or not there
        folder.rmdir()


def require_not_read(targets, flags, dataset):
    """Raises a UserError if an existing target is one of the files that are read.

    So it does if --output was given, and what is written there would be among the
    run's data.

    Args:
        targets: iterable of pathlib.Path, of files that will be written.
        flags: reads images and output.
        dataset: str, the run's --dataset.
    """
    read = [Path(path).resolve() for path in flags.images or ()]
    # The run's folder may be inside that of its data.
    if flags.output and Path(dataset).is_dir():
        read.append(Path(dataset).resolve())
        if would_hold(Path(dataset), Path(flags.output)):
            raise UserError(
                f"--output {flags.output} is inside the run's data, {dataset}: what is "
                "written there would be among its pictures, so choose another --output"
            )
    for target in targets if read else ():
        if target.exists() and _is_read(target, read):
            raise UserError(
                f"{target} is one of the images themselves, and would be replaced: "
                "choose another --output"
            )


def free_version(folder, step):
    """Returns the path for the export of a step; a UserError if it exists."""
    version = folder / str(step)
    if version.exists():
        raise UserError(f"{version} is there already: choose another --output")
    return version


def _is_read(target, paths):
    place = target.parent.resolve() / target.name
    is_picture = place.suffix in (".png", ".gif")
    return place in paths or (is_picture and any(map(place.is_relative_to, paths)))


def _is_ours(path):
    if path.name.startswith("."):  # a file manager's, or unfinished when killed
        return True
    return _has_mark(path)


def _has_mark(path):
    try:
        with path.open("rb") as file:
            return _MARK in file.read(_HEADER)
    except OSError:  # a folder, or unreadable
        return False
