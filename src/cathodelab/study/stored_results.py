"""Results as an earlier run stored them: ``results.json`` of either schema, read back for comparison.

Schema 1 keeps estimates under ``cells.<id>.<method>``, schema 2 under ``samples.<kind>.<id>.<method>`` (with ``cells`` as an
alias). Both become the same mappings here, with keys of sample, method and name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cathodelab.core.errors import CathodelabError

SCHEMAS = (1, 2)
Key = tuple[str, ...]
Row = tuple[Any, ...]
_RENAMED = {
    "cell": "sample",
    "batch": "group",
    "source of error": "source",
    "share of variance": "share",
    "what would help": "halving",
}
_NOT_TABLES = {
    "study_outcomes",
    "headlines",
    "cells",
    "samples",
    "checks",
    "outcomes",
    "written",
    "provenance",
    "covariance",
}


@dataclass(frozen=True)
class StoredEstimate:
    """An estimate as it was written; ``None`` where the number is unknown."""

    value: float | None
    minus: float | None
    plus: float | None
    unit: str
    per: str
    level: float | None
    how: str


@dataclass(frozen=True)
class StoredCheck:
    """A check as it was written."""

    passed: bool | None
    value: float | None
    limit: float | None
    sentence: str


@dataclass(frozen=True)
class StoredOutcome:
    """Status of a method on a sample, with the code of its error (empty without one) and the error in words."""

    status: str
    code: str
    words: str


@dataclass(frozen=True)
class StoredTable:
    """Heads and rows of a table."""

    heads: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class StoredResults:
    """What one ``results.json`` holds.

    Args:
        schema: its version.
        estimates: by sample, method, name. A sample that is no cell has its kind before its name.
        checks: by sample, method, name, and a number where a method has several of one name.
        outcomes: by sample, method.
        tables: lists of the record (windows, scatter, ...) by name.
        inputs: what went in (versions, files, settings), as flat names and texts.
    """

    schema: int
    estimates: Mapping[Key, StoredEstimate]
    checks: Mapping[Key, StoredCheck]
    outcomes: Mapping[Key, StoredOutcome]
    tables: Mapping[str, StoredTable] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


def stored_results(record: object, where: str) -> StoredResults:
    """What a parsed ``results.json`` holds.

    Args:
        record: the parsed file.
        where: its path, for messages.

    Raises:
        CathodelabError: it is no results file (``no-results``), of another schema (``results-schema``), or parts of it have
            another shape than a run writes (``results-damaged``).
    """
    if not isinstance(record, dict) or "schema_version" not in record or "outcomes" not in record:
        raise CathodelabError(
            "no-results",
            "The file holds no results of a study",
            where=where,
            why="It has no schema_version and no outcomes, as every results.json of `cathodelab run` has.",
            what_to_do="Name a results.json, the folder that holds it, or the study folder.",
        )
    schema = record["schema_version"]
    if schema not in SCHEMAS:
        raise CathodelabError(
            "results-schema",
            f"The results have schema version {schema!r}",
            where=where,
            why=f"This cathodelab knows the versions {' and '.join(map(str, SCHEMAS))}.",
            what_to_do="Compare with the cathodelab that wrote them, or evaluate the study again.",
        )
    try:
        return StoredResults(
            schema=int(schema),
            estimates=dict(_estimates(record)),
            checks=_numbered(_checks(record)),
            outcomes={
                _of(one, "method"): _outcome(one) for one in (*record["outcomes"], *record.get("study_outcomes", ()))
            },
            tables=dict(_tables(record)),
            inputs=dict(_inputs(record)),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CathodelabError(
            "results-damaged",
            "The results are not as a run writes them",
            where=where,
            why=f"A part is missing or has another shape: {type(error).__name__}, {error}.",
            what_to_do="Evaluate the study again, or take an undamaged copy.",
        ) from error


def stored_table(heads: Row, rows: Sequence[Row]) -> StoredTable:
    """A table under the heads of schema 2: those of schema 1 had other names."""
    return StoredTable(tuple(_RENAMED.get(head, head) for head in heads), tuple(rows))


def _estimates(record: Mapping[str, Any]) -> Iterator[tuple[Key, StoredEstimate]]:
    kinds = record.get("samples") or {"cell": record["cells"]}
    for kind, samples in kinds.items():
        for sample, methods in samples.items():
            for method, found in methods.items():
                for name, one in found["estimates"].items():
                    yield (_sample(kind, sample), method, name), _estimate(one)


def _sample(kind: str, name: str) -> str:
    """Ids are unique within a kind: whatever is no cell is named with its kind."""
    return name if kind in ("", "cell", "cells", "reference") else f"{kind} {name}"


def _of(one: Mapping[str, Any], *names: str) -> Key:
    """Key of an entry: its sample (``cell`` in schema 1, empty where it is of the whole study), and what it is."""
    sample = one["sample"] if "sample" in one else one.get("cell", "")
    return (_sample(str(one.get("kind") or ""), str(sample or "")), *(str(one[name]) for name in names))


def _estimate(one: Mapping[str, Any]) -> StoredEstimate:
    return StoredEstimate(
        value=_number(one["value"]),
        minus=_number(one["minus"]),
        plus=_number(one["plus"]),
        unit=str(one["unit"]),
        per=str(one["per"]),
        level=_number(one["level"]),
        how=str(one.get("how", "")),
    )


def _checks(record: Mapping[str, Any]) -> Iterator[tuple[Key, StoredCheck]]:
    for one in record["checks"]:
        passed = one["passed"]
        if passed not in (True, False, None):
            raise ValueError(f"a check that is neither passed nor failed: {passed!r}")
        yield (
            _of(one, "method", "name"),
            StoredCheck(passed, _number(one["value"]), _number(one["limit"]), str(one["sentence"])),
        )


def _numbered(found: Iterable[tuple[Key, StoredCheck]]) -> dict[Key, StoredCheck]:
    """A method may say several things under one name: the second and further ones have a number."""
    kept: dict[Key, StoredCheck] = {}
    for key, one in found:
        number, place = 1, key
        while place in kept:
            number += 1
            place = (*key[:-1], f"{key[-1]} ({number})")
        kept[place] = one
    return kept


def _outcome(one: Mapping[str, Any]) -> StoredOutcome:
    error = one["error"]
    if error is None:
        return StoredOutcome(str(one["status"]), "", "")
    return StoredOutcome(str(one["status"]), str(error["code"]), f"{error['what']} [{error['where']}]")


def _tables(record: Mapping[str, Any]) -> Iterator[tuple[str, StoredTable]]:
    """Lists of objects at the top, and one level below it."""
    for name, part in record.items():
        if name in _NOT_TABLES:
            continue
        inner = part.items() if isinstance(part, dict) else [("", part)]
        for lower, rows in inner:
            if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
                table = stored_table(tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows])
                yield lower or name.replace("_", " "), table


def _inputs(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = record.get("provenance") or {}
    for name, number in found.get("versions", {}).items():
        yield f"version of {name}", str(number)
    for one in found.get("files", ()):
        yield f"content of {one['file']}", str(one["sha256"])
    yield from _settings("setting ", found.get("settings", {}))


def _settings(name: str, part: object) -> Iterator[tuple[str, str]]:
    """Sections and their settings as ``setting methods.utilization.mode``."""
    if isinstance(part, dict):
        dot = "" if name.endswith(" ") else "."
        for key, inner in part.items():
            yield from _settings(f"{name}{dot}{key}", inner)
    elif isinstance(part, bool):
        yield name, "yes" if part else "no"  # as settings of schema 1 were written
    elif isinstance(part, int | float):
        yield name, repr(float(part)).removesuffix(".0")  # a whole number is the same with and without a point
    else:
        yield name, str(part)


def _number(value: str | float | None) -> float | None:
    """A number of the file; ``None`` for null and for what JSON should not hold (nan, infinities)."""
    if isinstance(value, bool):
        raise TypeError(f"{value} where a number should be")
    number = float("nan") if value is None else float(value)
    return number if math.isfinite(number) else None
