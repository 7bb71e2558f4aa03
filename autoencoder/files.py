"""Writing files so that none is ever seen half-written."""

import contextlib
import os
from pathlib import Path


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
    finally:
        part.unlink(missing_ok=True)
