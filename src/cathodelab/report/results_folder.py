"""The folder of results: the files of one run, as one set.

All files are written beside first, in the cache's folder, where a full disk is met while the old set is whole. Then they are
moved in one after the other; where that fails (a program holds one open), those before it are put back. A run that is killed
just then leaves a file that says so, until the next run has written the whole set.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from cathodelab.core.errors import CathodelabError
from cathodelab.study.cache import FOLDER
from cathodelab.study.own_folders import refuse_links

REPORT, RECORD = "report.html", "results.json"
MIXED = "OUTDATED - run again.txt"
"""Stands in the folder while files are moved in."""
_OURS = ("figures/", "tables/", "interactive.html", "report.pdf", "report.xlsx")
"""Names of what an earlier run may have written and this one does not."""
_KINDS = (".svg", ".csv", ".pdf", ".html", ".xlsx")
_LARGEST_RECORD = 1 << 28  # bytes of an earlier results.json that is looked at
_WORDS = """A run ended while it replaced the files of this folder: some are of that run, others of the one before.
Run the study again; this file goes when the set is whole.
"""


def write_all(folder: Path, written: Mapping[str, bytes]) -> None:
    """Write the files of a run, by name, and remove those that only the run before wrote.

    Raises:
        CathodelabError: a file cannot be written, and the folder is as it was; or it is a link to somewhere else.
    """
    refuse_links(folder.parent)
    stale = sorted(name for name in _written_before(folder) - set(written) if (folder / name).is_file())
    beside = folder.parent / FOLDER / "results.new"
    at = ""
    try:
        new = []
        for at, content in written.items():
            if not _is_there(folder / at, content):
                _write(beside / "new" / at, content)
                new.append(at)
        if new or stale:
            _move_in(folder, beside, new, stale)
        with suppress(FileNotFoundError):
            (folder / MIXED).unlink()
    except OSError as error:
        named = error.filename if isinstance(error, _MovedBack) else at
        raise CathodelabError(
            "cannot-write",
            f"{named} cannot be written",
            where=str(folder),
            why=f"The system says: {error.strerror}. The results are those of the run before, all of them.",
            what_to_do="Remove or rename that file: the results are a folder of this name."
            if folder.is_file()
            else "Make room on the disk, close the file in other programs (Excel keeps it open) and check the folder's rights.",
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _MovedBack(OSError):
    """A file could not be moved in; all others are as they were. ``filename`` is its name in the folder."""


def _move_in(folder: Path, beside: Path, new: list[str], stale: list[str]) -> None:
    """New files in place of the old ones; all or none. The record comes last: it lists what the folder holds."""
    _write(folder / MIXED, _WORDS.encode())
    undo: list[tuple[Path, Path | None]] = []
    name = ""
    try:
        for name in [*stale, *sorted(new, key=lambda one: one == RECORD)]:
            place, old = folder / name, beside / "old" / name
            _refuse_folder(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(place):
                place.replace(old)
                undo.append((place, old))
            else:
                undo.append((place, None))
            if name in new:
                (beside / "new" / name).replace(place)
    except OSError as error:
        for place, before in reversed(undo):
            if before is None:
                place.unlink(missing_ok=True)
            else:
                before.replace(place)
        (folder / MIXED).unlink(missing_ok=True)
        raise _MovedBack(error.errno, error.strerror, name) from error


def _refuse_folder(place: Path) -> None:
    """A folder where a file should go is a user's."""
    if place.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _is_there(path: Path, content: bytes) -> bool:
    """Whether the file already has this content: most figures do, and comparing is cheaper than writing."""
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and path.read_bytes() == content
    )


def _written_before(folder: Path) -> set[str]:
    """What the run before wrote, by its own list, and a run need not write; a list of another making names nothing."""
    path = folder / RECORD
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_RECORD:
            return set()
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, MemoryError):
        return set()
    names = record.get("written") if isinstance(record, dict) else None
    return {name for name in names if isinstance(name, str) and _is_ours(name)} if isinstance(names, list) else set()


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = ".." not in parts and len(parts) <= 2 and "\\" not in name and "\x00" not in name
    return plain and name.startswith(_OURS) and name.endswith(_KINDS)
