"""Staircases as text: delimited tables with time, voltage and current under labels that state their units.

Cyclers and potentiostats with formats of their own are read by their readers; this one takes tables that people write, such as
``time_s,voltage_V,current_A``, ``t/h;U/mV;I/µA`` or ``Time (s)``, ``Ewe (V)``, ``<I> (mA)``. Lines before the labels may be
comments. A label without a unit is refused: a current in mA that is taken for A makes a conductivity 1000 times too large, and
nothing shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.core.units import conversion, units_of
from cathodelab.formats.readers import HEAD_BYTES, READERS, Reader
from cathodelab.formats.shared.delimited import decoded, numbers, text_table
from cathodelab.formats.table import Table

_SEARCHED_LINES = 60
_DELIMITERS = ("\t", ";", ",")
_LABEL = re.compile(r"\s*(?P<name>.*?)\s*(?:[/_ ]\s*|[(\[])(?P<unit>[^()\[\]/_ ]+)[)\]]?\s*")
NAMES: Mapping[str, frozenset[str]] = {
    "test_time_second": frozenset({"time", "t", "test time", "elapsed time", "total time", "zeit"}),
    "voltage_volt": frozenset(
        {
            "voltage",
            "u",
            "v",
            "e",
            "ewe",
            "ecell",
            "ewe-ece",
            "potential",
            "applied voltage",
            "cell voltage",
            "spannung",
        }
    ),
    "current_ampere": frozenset({"current", "i", "<i>", "i mean", "strom"}),
}
"""Canonical column -> names that labels give it, in lower case."""
_WORDS = {
    "test_time_second": ("time", "s"),
    "voltage_volt": ("voltage", "V"),
    "current_ampere": ("current", "A"),
}


@dataclass(frozen=True)
class _Meaning:
    """What a label says: a column, and the factor of its unit; ``None`` where it states no unit that is known."""

    column: str
    unit: str
    factor: float | None


def is_staircase_text(head: str) -> bool:
    """Whether a line names time, voltage and current, with units or without."""
    return _header(head.splitlines()[:_SEARCHED_LINES]) is not None


def read_staircase_text(content: bytes) -> Table:
    """A table of time, voltage and current.

    Raises:
        CathodelabError: no line of labels, a label without a known unit, a cell that is no number, a line that was cut off.
    """
    text = decoded(content)
    found = _header(text.splitlines()[:_SEARCHED_LINES])
    if found is None:
        raise _no_labels(text)
    line, delimiter, meanings = found
    table = text_table(text, delimiter=delimiter, skip_rows=line)
    places: dict[str, int] = {}
    for position, meaning in enumerate(meanings):
        if meaning is None or meaning.column in places:
            continue
        if meaning.factor is None:
            raise _unit_unknown(table.header[position], meaning, line)
        places[meaning.column] = position
    raw = numbers(table, places)
    factors = {meaning.column: meaning.factor or 1.0 for meaning in reversed(meanings) if meaning is not None}
    columns = {name: frozen(values * factors[name]) for name, values in raw.items()}
    unknown = tuple(label for position, label in enumerate(table.header) if position not in places.values())
    return Table("cycling", columns, unknown)


def _header(lines: Sequence[str]) -> tuple[int, str, list[_Meaning | None]] | None:
    """The first line that names all three columns: its number, delimiter and what its labels mean."""
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=line.count)
        meanings = [_meaning(label) for label in line.lstrip("\ufeff").split(delimiter)]
        if {meaning.column for meaning in meanings if meaning is not None} == set(NAMES):
            return number, delimiter, meanings
    return None


def _meaning(label: str) -> _Meaning | None:
    """What a label means; ``None`` for one that is none of the three."""
    label = label.strip().strip('"')
    parted = _LABEL.fullmatch(label)
    for name, unit in ([(parted["name"], parted["unit"])] if parted else []) + [(label, "")]:
        plain = " ".join(name.replace("_", " ").lower().split())
        for column, names in NAMES.items():
            if plain in names:
                found = conversion(unit, column) if unit else None
                return _Meaning(column, unit, None if found is None else found.factor)
    return None


def _unit_unknown(label: str, meaning: _Meaning, line: int) -> CathodelabError:
    word, unit = _WORDS[meaning.column]
    return CathodelabError(
        "unit-unknown",
        f"The column {label!r} states {f'the unit {meaning.unit!r}' if meaning.unit else 'no unit'}",
        where=f"header (line {line + 1})",
        why=f"A {word} in another unit changes the conductivity by its factor, and nothing else shows it. Known are "
        f"{', '.join(units_of(meaning.column))}.",
        what_to_do=f"Write the unit into the label, as in {word}_{unit}.",
    )


def _no_labels(text: str) -> CathodelabError:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return CathodelabError(
        "column-missing",
        "No line names time, voltage and current",
        where=f"first {_SEARCHED_LINES} lines, beginning with {first[:80]!r}",
        why="A staircase needs all three, each under a label with its unit.",
        what_to_do="Export the measured time, voltage and current with a line of labels, as in time_s,voltage_V,current_A.",
    )


def _takes(name: str, content: bytes) -> bool:
    del name
    return is_staircase_text(content[:HEAD_BYTES].decode("latin-1").removeprefix("\xef\xbb\xbf"))


STAIRCASE_TEXT = Reader("staircase-text", "1", _takes, read_staircase_text)
CONDUCTION_READERS: tuple[Reader, ...] = (*READERS, STAIRCASE_TEXT)
"""Formats of cyclers and potentiostats first: they know more of their files than their labels say."""
