"""Columns of the tables that describe samples: declared once, read by check, template, checklist, methods and documentation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Tier = Literal["", "required", "recommended"]
MISSING = frozenset({"", "n/a", "na", "nan", "?", "-", "–", "—"})
"""Entries, in lower case, that mean that nothing is known."""
TRUE, FALSE = frozenset({"true", "yes", "1", "x"}), frozenset({"false", "no", "0"})


@dataclass(frozen=True)
class Column:
    """One column of a table of samples.

    Args:
        name: head of the column; it ends in its unit where it is a number with one (``area_cm2``).
        meaning: what it holds, in a few words.
        unit: unit of its numbers, ``1`` for a fraction; empty where its entries are words.
        needed: whether a row without an entry is refused.
        tier: its place in the reporting checklist.
        low, high: numbers outside are refused.
        above: whether ``low`` itself is refused too.
        usual: numbers outside are doubted: the study runs, and the doubt is said.
        choices: words that are allowed; empty for any.
        truth: whether it is answered by yes or no.
        names: kind of the sample that it names as a companion, measured beside it; empty otherwise.
        link: kind of the sample that it names as what it was made from; empty otherwise.
        sole: whether an empty entry means the only sample of that kind, where there is one only.
        files: whether it names raw files, several separated by ``;``.
        inherited: whether a sample made from others has their entry where it has none of its own.
    """

    name: str
    meaning: str
    unit: str = ""
    needed: bool = False
    tier: Tier = ""
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    usual: tuple[float, float] = (-math.inf, math.inf)
    choices: tuple[str, ...] = ()
    truth: bool = False
    names: str = ""
    link: str = ""
    sole: bool = False
    files: bool = False
    inherited: bool = True

    @property
    def is_number(self) -> bool:
        """Whether its entries are numbers."""
        return bool(self.unit)

    @property
    def allowed(self) -> str:
        """What may stand in it, in words."""
        if self.is_number:
            return f"a number {self._range}".rstrip() + (f" ({self.unit})" if self.unit != "1" else "")
        if self.truth:
            return "true or false"
        if self.choices:
            return " or ".join(self.choices)
        return "a text"

    @property
    def _range(self) -> str:
        if math.isinf(self.low) and math.isinf(self.high):
            return ""
        if math.isinf(self.high):
            return f"{'above' if self.above else 'from'} {self.low:g}{'' if self.above else ' up'}"
        if math.isinf(self.low):
            return f"up to {self.high:g}"
        return f"{'above' if self.above else 'from'} {self.low:g} up to {self.high:g}"

    def accepts(self, value: float) -> bool:
        """Whether a number is in the range; ``nan`` never is."""
        return (self.low < value if self.above else self.low <= value) and value <= self.high


def is_missing(entry: str) -> bool:
    """Whether an entry says that nothing is known."""
    return entry.strip().lower() in MISSING


def number_of(entry: str) -> float:
    """The number that an entry states, with a point or a single decimal comma; ``nan`` where it states none.

    ``1_000``, ``inf`` and hexadecimal numbers are no entries of a lab's table.
    """
    text = entry.strip()
    if is_missing(text) or not all(sign in "0123456789+-.,eE" for sign in text):
        return math.nan
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
