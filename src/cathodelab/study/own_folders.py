"""The two folders of a study that a run writes to: they lie in the study itself, and hold no links out of it."""

from __future__ import annotations

from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.study.cache import FOLDER, KINDS, RESULTS, program_digest

_WRITTEN_TO = (
    RESULTS,
    f"{RESULTS}/figures",
    f"{RESULTS}/tables",
    FOLDER,
    f"{FOLDER}/results.new",
)


def refuse_links(study: Path) -> None:
    """Nothing, or why nothing is written: what a run replaces and deletes has to be its own.

    Raises:
        CathodelabError: one of the folders is a link to another place.
    """
    home = study.resolve()
    digest = f"{FOLDER}/{program_digest()}"
    for name in (*_WRITTEN_TO, digest, *(f"{digest}/{kind}" for kind in KINDS)):
        place = study / name
        if not _is_at(place, home / name):
            raise CathodelabError(
                "folder-elsewhere",
                f"{name!r} leads to another place than the study's own folder",
                where=str(study),
                why="A run replaces and deletes files in it; through a link these would be files outside the study.",
                what_to_do=f"Remove the link {name!r}, or copy the study to where the results shall be.",
            )


def _is_at(place: Path, wanted: Path) -> bool:
    try:
        return place.resolve() == wanted
    except (OSError, RuntimeError):  # links in a circle
        return False
