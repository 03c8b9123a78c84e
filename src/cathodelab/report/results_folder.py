"""The folder of results: files of one run, each whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.study.cache import write_atomically

REPORT, RECORD = "report.html", "results.json"
_OURS = ("figures/", "tables/", "interactive.html", "report.pdf", "report.xlsx")
"""Names of what an earlier run may have written and this one does not."""


def write_all(folder: Path, written: Mapping[str, bytes]) -> None:
    """Write the files of a run, by name, and remove those that only the run before wrote.

    Raises:
        CathodelabError: a file cannot be written.
    """
    before = _written_before(folder)
    for name, content in written.items():
        try:
            if not _is_there(folder / name, content):
                write_atomically(folder / name, content)
        except OSError as error:
            raise CathodelabError(
                "cannot-write",
                f"{name} cannot be written",
                where=str(folder),
                why=f"The system says: {error.strerror}.",
                what_to_do="Remove or rename that file: the results are a folder of this name."
                if folder.is_file()
                else "Close the file in other programs (Excel keeps it open) and check the folder's rights.",
            ) from error
    for name in before - set(written):
        (folder / name).unlink(missing_ok=True)


def _is_there(path: Path, content: bytes) -> bool:
    """Whether an earlier run left just this: most figures, and to look costs less than to write."""
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def _written_before(folder: Path) -> set[str]:
    """What the run before wrote, by its own list, and a run need not write."""
    try:
        names = json.loads((folder / RECORD).read_text(encoding="utf-8")).get("written", [])
    except (OSError, ValueError):
        return set()
    return {str(name) for name in names if str(name).startswith(_OURS) and ".." not in str(name)}
