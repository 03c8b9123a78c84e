"""One run at a time writes to a study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.study.cache import FOLDER
from cathodelab.study.own_folders import refuse_links


@contextmanager
def study_lock(study: Path) -> Iterator[None]:
    """Only one run at a time writes to a study; the lock ends with its process, however that ends.

    Raises:
        CathodelabError: another run is at work, or the folders of the study are links to other places.
    """
    from filelock import FileLock, Timeout

    refuse_links(study)
    path = study / FOLDER / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0)
        lock.acquire()
    except Timeout:
        raise CathodelabError(
            "study-busy",
            "Another run is at work on this study",
            where=str(study),
            why="Two runs at once would write the same files.",
            what_to_do="Wait until it has ended and run again.",
        ) from None
    except OSError as error:
        raise CathodelabError(
            "cannot-write",
            "The study folder cannot be written",
            where=str(study),
            why=f"The system says: {error.strerror}.",
            what_to_do="Copy the study to a folder that you may write to.",
        ) from error
    try:
        yield
    finally:
        lock.release()
