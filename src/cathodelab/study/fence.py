"""One fence round everything that is done for one sample: whatever happens there takes nothing else with it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cathodelab.core.errors import CathodelabError

OWN_FAULT = "own-fault"
"""Code of the error where this program failed, not the data."""
TOO_LARGE = "memory-exhausted"
ENDED = "process-ended"
NOT_KEPT = frozenset({OWN_FAULT, TOO_LARGE, ENDED})
"""Codes of faults that the next run may not meet again: they are never remembered."""
Found = TypeVar("Found")
Place = tuple[str, str, str]
"""Kind and name of the sample, and the method; kind and name are empty where it is about the whole study."""


class NotShown(Exception):
    """What was found cannot be shown: in a figure, a table or a part of the page."""

    def __init__(self, place: Place, error: CathodelabError) -> None:
        super().__init__(place, error)
        self.place, self.error = place, error


def fenced(work: Callable[[], Found], name: str, where: str) -> Found | CathodelabError:
    """Result of a piece of work, or the error that ended it; includes panics of libraries, which are no ``Exception``.

    Args:
        work: what to do.
        name: what it is called, for the error of a fault of ours.
        where: the sample.
    """
    try:
        return work()
    except CathodelabError as error:
        return error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError:
        return _too_large(name, where)
    except BaseException as error:  # noqa: BLE001 - a fault of ours in one sample does not take the others with it
        return own_fault(name, where, error)


def to_show(work: Callable[[], Found], place: Place) -> Found:
    """What is to be shown.

    Raises:
        NotShown: it cannot be.
    """
    found = fenced(work, place[2], f"{place[0]} {place[1]}".strip() or "study")
    if isinstance(found, CathodelabError):
        raise NotShown(place, found)
    return found


def own_fault(name: str, where: str, error: BaseException) -> CathodelabError:
    """The error for a fault of the program, with the place in the code."""
    place = (traceback.extract_tb(error.__traceback__) or [traceback.FrameSummary(__file__, 0, "")])[-1]
    return CathodelabError(
        OWN_FAULT,
        f"{name} met what it is not made for: {type(error).__name__}, {str(error)[:200]}",
        where=f"{where}, {Path(place.filename).name} line {place.lineno}",
        why="This is a fault in cathodelab, not in your data; all other results are as they would be without it.",
        what_to_do="Please report it with this message and, if you can, the file.",
    )


def process_ended(where: str) -> CathodelabError:
    """The error where a process ended that was to evaluate or draw something, alone too."""
    return CathodelabError(
        ENDED,
        "The process ended, most likely for lack of memory",
        where=where,
        why="It was tried once more, alone in a process of its own. All other results are as they would be without it.",
        what_to_do="See whether the files are much larger than the others; run again with more memory or fewer jobs.",
    )


def _too_large(name: str, where: str) -> CathodelabError:
    return CathodelabError(
        TOO_LARGE,
        f"{name} needs more memory than there is",
        where=where,
        why="All other results are as they would be without it.",
        what_to_do="See whether the files are much larger than the others; run again with more memory or fewer jobs.",
    )
