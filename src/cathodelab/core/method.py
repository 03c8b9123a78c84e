"""A method and what came of applying it to a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import FigureSpec


class Result(Protocol):
    """What every result has, besides its own curves."""

    @property
    def estimates(self) -> EstimateSet:
        """Named estimates with their sources of error."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """Validity of the numbers."""


@dataclass(frozen=True)
class MethodCard:
    """One page about a method, shown in the report."""

    title: str
    sentence: str
    formula: str
    source: str
    assumptions: tuple[str, ...]
    valid_range: str
    cannot_see: str


@dataclass(frozen=True)
class Method:
    """A technique's one export.

    Args:
        id: name in ``study.toml`` and in the results.
        requires: what ``run`` is given: ``cell``, ``reference``, or the id of another method (its result).
        settings: dataclass of knobs.
        result: dataclass of what comes out.
        run: ``run(inputs, settings) -> result``; raises :class:`CathodelabError`.
        figures: ``figures(sample, result) -> specs``.
        card: the method card.
        optional: results of other methods that ``run`` is given where there are any.
    """

    id: str
    requires: tuple[str, ...]
    settings: type[Any]
    result: type[Any]
    run: Callable[[Mapping[str, Any], Any], Any]
    figures: Callable[[Any, Any], tuple[FigureSpec, ...]]
    card: MethodCard
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """Sample x method: ok, failed (with the error) or skipped (with the reason); a batch never dies of one bad file."""

    cell: str
    method: str
    status: Literal["ok", "failed", "skipped"]
    result: Any = None
    error: CathodelabError | None = None
