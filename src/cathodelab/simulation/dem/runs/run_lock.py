"""One run at a time in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cathodelab.core.errors import CathodelabError


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. It ends with the process, also with a killed one.

    Raises:
        CathodelabError: ``dem-running`` if another process holds it.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CathodelabError(
            "dem-running",
            "Another process runs in this folder",
            where=str(folder),
            why="Two runs would overwrite each other's restart file.",
            what_to_do="Wait until it has ended, or copy the run file under another name.",
        ) from error
    try:
        yield
    finally:
        lock.release()
