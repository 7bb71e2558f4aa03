"""Makes folders, replaces files so that none is seen half-written, and hashes them."""

import contextlib
import errno
import hashlib
import os
import re
import tempfile
import zlib
from pathlib import Path

from autoencoder.errors import UserError

PROGRAM = "autoencoder"  # marks files as this program's
_PART = re.compile(r"\.part-(\d+)-[0-9a-f]{8}(?:\.\w+)?")


def make_folder(path, flags="--results_dir, --run_name or --logdir"):
    """Makes a folder and its parents, if they are missing.

    Returns:
        list of pathlib.Path, the folders that were missing, the innermost first.

    Raises:
        UserError: it can't be made, or no file can be written in it.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            with contextlib.suppress(PermissionError):  # writable, not readable
                sync(folder.parent)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"folder {path} can't be made or written to ({reason}): choose another "
            f"with {flags}"
        ) from None
    return missing


@contextlib.contextmanager
def replacing(path, synced=False):
    """Yields a path to write to, which becomes `path` if the block succeeds.

    Two processes may replace the same file at once: the last to end wins.

    Args:
        path: str or pathlib.Path. A file of that name stays whole until it is replaced.
        synced: bool, whether the new file has to outlive a power cut.

    Yields:
        pathlib.Path, in the same folder and with the same ending. Its name is short,
        however long the file's is.
    """
    path = Path(path)
    key = zlib.crc32(os.fsencode(path.name))
    part = path.with_name(f".part-{os.getpid()}-{key:08x}{path.suffix}")
    try:
        yield part
        if synced:
            sync(part)
        os.replace(part, path)
        if synced:
            sync(path.parent)
    except OSError as error:  # name the intended file; a full disk names none
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        part.unlink(missing_ok=True)


def sync(path):
    """Waits until a file's content, or a folder's list of names, is on the disk."""
    if os.name == "nt":  # it can't open a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # the file system has no such call
            error.filename = str(path)
            raise
    finally:
        os.close(descriptor)


def is_part(path):
    """Returns whether a file, by its name, is one that `replacing` yields."""
    return _PART.fullmatch(path.name) is not None


def delete_parts(folder):
    """Deletes the unfinished files that killed processes left in a folder."""
    for path in folder.glob(".part-*"):
        match = _PART.fullmatch(path.name)
        if match and not _is_another_process(int(match[1])):
            path.unlink(missing_ok=True)


def _is_another_process(pid):
    if os.name == "nt":  # where signal 0 is Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        return True
    return pid != os.getpid()


def sha256(path):
    """Returns the SHA-256 of a file's bytes, as hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def writable(name):
    """Returns a file's name as text; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")
