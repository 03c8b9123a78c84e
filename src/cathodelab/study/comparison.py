"""Two results of a study beside each other: what moved, appeared or went, the most important first.

A shift is measured in half-widths of the old interval, on the side to which the value moved. Numbers without an interval
(of tables, of an estimate whose half-widths are unknown) are measured by their own size, values of checks by their limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from cathodelab.study.stored_results import (
    Key,
    StoredCheck,
    StoredEstimate,
    StoredOutcome,
    StoredResults,
    StoredTable,
)

T = TypeVar("T")
Topic = Literal["outcome", "check", "estimate", "table"]
Kind = Literal[
    "status",
    "verdict",
    "meaning",
    "went",
    "value",
    "half-width",
    "error",
    "limit",
    "rows",
    "appeared",
    "check value",
]
KINDS: tuple[Kind, ...] = (
    "status",
    "verdict",
    "meaning",
    "went",
    "value",
    "half-width",
    "error",
    "limit",
    "rows",
    "appeared",
    "check value",
)
"""The most important first."""
RELATIVE = 0.01
"""A number without an interval has moved where its relative change is beyond this part of the tolerance."""
_TO_WORDS = {True: "passed", False: "failed", None: "cannot tell"}


@dataclass(frozen=True)
class Change:
    """One thing that differs.

    Args:
        topic: what it is.
        kind: how it differs; ``meaning`` is a unit, a level, or what a number refers to.
        key: sample, method, name; or the name of a table.
        old, new: before and after, in words or numbers; empty where there was none.
        shift: in half-widths (value, half-width), in limits (value of a check), relative (number without an interval, limit);
            ``None`` where no number says how far.
        words: what the shift is measured in, or what more there is to say.
    """

    topic: Topic
    kind: Kind
    key: Key
    old: str
    new: str
    shift: float | None = None
    words: str = ""


@dataclass(frozen=True)
class ResultComparison:
    """What differs between two results.

    Args:
        tolerance: half-widths beyond which something has moved.
        changes: the most important first.
        equal: how many outcomes, checks, estimates, tables are equal.
        skipped: outcomes that are skipped on one side and not listed on the other: no number is concerned.
        described_otherwise: estimates whose words on how they were obtained differ; no change of a number.
        inputs: name, old and new of versions, file contents and settings that differ: reasons, not results.
    """

    tolerance: float
    changes: tuple[Change, ...]
    equal: Mapping[Topic, int]
    skipped: int
    described_otherwise: int
    inputs: tuple[tuple[str, str, str], ...]


def compared_results(old: StoredResults, new: StoredResults, tolerance: float = 0.01) -> ResultComparison:
    """What differs between two results.

    Args:
        old: the earlier results.
        new: the later ones.
        tolerance: shifts up to so many half-widths are no change.
    """
    outcomes = _without_skipped(old.outcomes, new.outcomes), _without_skipped(new.outcomes, old.outcomes)
    tables: list[dict[Key, StoredTable]] = [{(name,): one for name, one in side.tables.items()} for side in (old, new)]
    found: dict[Topic, list[list[Change]]] = {
        "outcome": _beside("outcome", *outcomes, _outcome_changes),
        "check": _beside("check", old.checks, new.checks, partial(_check_changes, tolerance)),
        "estimate": _beside("estimate", old.estimates, new.estimates, partial(_estimate_changes, tolerance)),
        "table": _beside("table", tables[0], tables[1], partial(_table_changes, tolerance)),
    }
    names = dict.fromkeys((*old.inputs, *new.inputs))
    inputs = ((name, old.inputs.get(name, ""), new.inputs.get(name, "")) for name in names)
    return ResultComparison(
        tolerance=tolerance,
        changes=tuple(sorted((one for each in found.values() for part in each for one in part), key=_importance)),
        equal={topic: sum(not part for part in each) for topic, each in found.items()},
        skipped=len(old.outcomes) + len(new.outcomes) - sum(map(len, outcomes)),
        described_otherwise=sum(
            one.how != new.estimates[key].how for key, one in old.estimates.items() if key in new.estimates
        ),
        inputs=tuple(one for one in inputs if one[1] != one[2]),
    )


def _without_skipped(one: Mapping[Key, StoredOutcome], other: Mapping[Key, StoredOutcome]) -> dict[Key, StoredOutcome]:
    """Schema 2 lists no method that does not apply to a sample, schema 1 listed it as skipped."""
    return {key: outcome for key, outcome in one.items() if key in other or outcome.status != "skipped"}


def _beside(
    topic: Topic, old: Mapping[Key, T], new: Mapping[Key, T], look: Callable[[Key, T, T], Iterator[Change]]
) -> list[list[Change]]:
    """The changes of each entry of either side; an empty list where it is equal on both."""
    listed = []
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            listed.append([Change(topic, "went", key, _words(old[key]), "")])
        elif key not in old:
            listed.append([Change(topic, "appeared", key, "", _words(new[key]))])
        else:
            listed.append(list(look(key, old[key], new[key])))
    return listed


def _importance(one: Change) -> tuple[int, float, Key]:
    """Kinds in their order; failures before repairs; the farthest first."""
    worse = one.new in ("failed", "skipped") or (one.kind == "appeared" and one.new.startswith("failed"))
    far = abs(one.shift) if one.shift is not None else 0.0
    return KINDS.index(one.kind), -far if not worse else -float("inf"), one.key


def _outcome_changes(key: Key, old: StoredOutcome, new: StoredOutcome) -> Iterator[Change]:
    if old.status != new.status:
        yield Change("outcome", "status", key, old.status, new.status, words=new.words or old.words)
    elif old.code != new.code:
        yield Change("outcome", "error", key, old.code, new.code, words=new.words)


def _check_changes(tolerance: float, key: Key, old: StoredCheck, new: StoredCheck) -> Iterator[Change]:
    if old.passed is not new.passed:
        yield Change("check", "verdict", key, _TO_WORDS[old.passed], _TO_WORDS[new.passed], words=new.sentence)
    shift = _relative(old.limit, new.limit)
    if shift is None or abs(shift) > RELATIVE * tolerance:
        yield Change("check", "limit", key, _shown(old.limit), _shown(new.limit), shift, "of the limit")
        return
    scale = abs(old.limit or 0.0) or max(abs(old.value or 0.0), abs(new.value or 0.0))
    apart = _apart(old.value, new.value)
    if apart is None or abs(apart) > tolerance * scale:
        shift = apart / scale if apart is not None and scale else None
        yield Change("check", "check value", key, _shown(old.value), _shown(new.value), shift, "limits")


def _estimate_changes(tolerance: float, key: Key, old: StoredEstimate, new: StoredEstimate) -> Iterator[Change]:
    for name in ("unit", "per", "level"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change("estimate", "meaning", key, _text(before), _text(after), words=name)
    if moved := _moved(tolerance, key, old, new):
        yield moved
    for side in ("minus", "plus"):
        before, after = getattr(old, side), getattr(new, side)
        shift = _relative(before, after)
        if shift is None or abs(shift) > tolerance:
            yield Change(
                "estimate", "half-width", key, _shown(before), _shown(after), shift, f"of the half-width, {side}"
            )


def _moved(tolerance: float, key: Key, old: StoredEstimate, new: StoredEstimate) -> Change | None:
    """How far the value went, in half-widths on its side; by its own size where there is none."""
    apart = _apart(old.value, new.value)
    values = _shown(old.value), _shown(new.value)
    if apart is None:
        return Change("estimate", "value", key, *values, words="there is no number on one side")
    first, second = (old.plus, old.minus) if apart > 0 else (old.minus, old.plus)
    half = first or second
    if half:
        far = abs(apart) > tolerance * half
        return Change("estimate", "value", key, *values, apart / half, "half-widths") if far else None
    shift = _relative(old.value, new.value)
    if shift is None or abs(shift) > RELATIVE * tolerance:
        return Change("estimate", "value", key, *values, shift, "of the value, which has no half-width")
    return None


def _table_changes(tolerance: float, key: Key, old: StoredTable, new: StoredTable) -> Iterator[Change]:
    """Numbers of rows, columns, and how many rows differ in the columns that both have."""
    said = []
    if old.rows and new.rows:
        gone = [str(one) for one in old.heads if one not in new.heads]
        come = [str(one) for one in new.heads if one not in old.heads]
        listed = (("columns gone", gone), ("columns new", come))
        said = [f"{word}: {', '.join(names)}" for word, names in listed if names]
    if len(old.rows) == len(new.rows):
        pairs = [(old.heads.index(one), new.heads.index(one)) for one in old.heads if one in new.heads]
        differ = sum(
            any(not _same(tolerance, before[a], after[b]) for a, b in pairs)
            for before, after in zip(old.rows, new.rows, strict=True)
        )
        said += [f"{differ} of them differ"] if differ else []
    if said or len(old.rows) != len(new.rows):
        yield Change("table", "rows", key, f"{len(old.rows)} rows", f"{len(new.rows)} rows", words="; ".join(said))


def _same(tolerance: float, old: object, new: object) -> bool:
    """Whether two entries of a table are equal, numbers within the tolerance of those that have no interval."""
    if isinstance(old, int | float) and isinstance(new, int | float) and not isinstance(old, bool):
        shift = _relative(float(old), float(new))
        return shift is not None and abs(shift) <= RELATIVE * tolerance
    return old == new


def _apart(old: float | None, new: float | None) -> float | None:
    """New minus old; 0 where both are unknown, ``None`` where one is."""
    if old is None and new is None:
        return 0.0
    return None if old is None or new is None else new - old


def _relative(old: float | None, new: float | None) -> float | None:
    """Relative to the old number (to the new one where that was 0); ``None`` where only one is known."""
    apart = _apart(old, new)
    if apart is None or apart == 0:
        return apart
    return apart / (abs(old or 0.0) or abs(new or 0.0))


def _shown(number: float | None) -> str:
    return "unknown" if number is None else f"{number:.6g}"


def _text(one: float | str | None) -> str:
    return one or "nothing" if isinstance(one, str) else _shown(one)


def _words(one: object) -> str:
    """What appeared or went, in short."""
    if isinstance(one, StoredOutcome):
        return one.status
    if isinstance(one, StoredCheck):
        return _TO_WORDS[one.passed]
    if isinstance(one, StoredEstimate):
        return f"{_shown(one.value)} (+{_shown(one.plus)} -{_shown(one.minus)}) {one.unit}"
    return f"{len(one.rows)} rows" if isinstance(one, StoredTable) else ""
