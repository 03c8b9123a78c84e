"""What methods made of a cell in an earlier run from the same inputs; see decision 15.

The key holds everything that an evaluation is given: the cell's row and its reference's, the content of all its files with
their readers, the reference's measurement bit by bit, every setting, what 1C is; the program's digest names the folder. A
cell with a fault is evaluated in every run: what is missing may have been put there. Methods of plug-ins are not part of the
digest: with them nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, NotInRecord
from cathodelab.core.method import Outcome
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.study.cache import FileCache, content_hash
from cathodelab.study.methods import METHODS, all_methods
from cathodelab.study.packed import packed, unpacked

OWN_FAULT = "own-fault"
"""Code of the error where this program failed, not the data."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """All outcomes of one cell and the files they came from."""

    outcomes: tuple[Outcome, ...]
    files: tuple[Provenance, ...]


def evaluation_key(
    cell: Cell,
    files: Sequence[Provenance],
    reference_cell: Cell | None,
    reference: object,
    c_rate_basis_mAh_g: float,
    settings: Mapping[str, Mapping[str, Any]],
) -> str | None:
    """Name of an evaluation; ``None`` where it is not to be kept."""
    if len(all_methods()) > len(METHODS):
        return None
    try:
        parts = [
            asdict(cell),
            [asdict(one) for one in files],
            None if reference_cell is None else asdict(reference_cell),
            _digest(reference),
            c_rate_basis_mAh_g,
            [[method.id, settings[method.id]] for method in METHODS],
        ]
        return content_hash(json.dumps(parts).encode())[:40]
    except TypeError:  # the reference has a fault
        return None


@lru_cache(maxsize=100)
def _digest(reference: object) -> str:
    """Of a measurement bit by bit: many cells share one."""
    return content_hash(packed(reference))


class Evaluations:
    """The evaluations of one study folder."""

    def __init__(self, study: Path) -> None:
        self._cache = FileCache(study, "evaluations")

    def has(self, key: str | None) -> bool:
        """Whether there is an earlier evaluation (it may still be broken)."""
        return key is not None and self._cache.has(key)

    def get(self, key: str | None) -> Evaluated | None:
        """An earlier evaluation, or ``None``."""
        content = self._cache.get(key) if key else None
        if content is None:
            return None
        try:
            outcomes, files = unpacked(content)
            return Evaluated(tuple(_outcome(*one) for one in outcomes), files)
        except (ValueError, TypeError):
            return None  # broken: it is made anew

    def store(self, key: str | None, done: Evaluated) -> None:
        """Keep it for the next run, unless the program failed or a result would not come back as it is."""
        if key is None or any(one.error is not None and one.error.code == OWN_FAULT for one in done.outcomes):
            return
        try:
            content = packed((tuple(map(_plain, done.outcomes)), done.files))
        except TypeError:
            return
        self._cache.store(key, content)


def _plain(outcome: Outcome) -> tuple[Any, ...]:
    error = outcome.error
    kind = isinstance(error, NotInRecord)
    return (
        outcome.cell,
        outcome.method,
        outcome.status,
        outcome.result,
        kind,
        None if error is None else error.as_record(),
    )


def _outcome(cell: str, method: str, status: Any, result: Any, missing: bool, error: Any) -> Outcome:  # noqa: ANN401, FBT001
    kind = NotInRecord if missing else CathodelabError
    return Outcome(cell, method, status, result, None if error is None else kind.of(error))
