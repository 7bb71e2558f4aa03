"""Folders and files: made, written so that none is seen half-written, and summed."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from autoencoder.errors import UserError


def make_folder(path, flags="--results_dir, --run_name or --logdir"):
    """Makes a folder and those above it, where they are not there yet.

    Raises:
        UserError: that can't be done, or no file can be written in it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"folder {path} can't be made or written to ({reason}): choose another "
            f"with {flags}"
        ) from None


@contextlib.contextmanager
def replacing(path):
    """Yields a path to write to; when the block has ended well, it becomes `path`.

    Args:
        path: str or pathlib.Path. A file of that name stays whole until it is replaced.

    Yields:
        pathlib.Path, in the same folder and with the same ending.
    """
    path = Path(path)
    part = path.with_name(f".part-{path.name}")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:  # name the file that is meant; a full disk names none
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        part.unlink(missing_ok=True)


def sha256(path):
    """Returns the SHA-256 of a file's bytes, as hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def writable(name):
    """Returns a file's name as text: what of it is no UTF-8 becomes a U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")
