"""Any delimited table, read with a column map that the user declares in study.toml.

[columns.mylab]
time = { column = "t/h", unit = "h" }
voltage = { column = "Ewe", unit = "mV" }
current = { column = "I", unit = "mA", factor = -1 }  # factor: optional, here because + is discharge
step = { column = "Ns" }                  # counts need no unit
temperature_t1_celsius = { column = "T", unit = "°C" }  # any canonical column of the kind, by its name
kind = "cycling"                          # optional: what the rows are
delimiter = ";"                           # optional: found from the header
decimal = ","                             # optional: found from the first row
skip_rows = 0                             # lines before the header
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError, Hint, Problem
from cathodelab.core.settings import knob, knobs, settings_from
from cathodelab.core.units import Conversion, conversion, units_of
from cathodelab.formats.kinds import CYCLING, OURS
from cathodelab.formats.shared.delimited import decoded, numbers, text_table
from cathodelab.formats.table import Table, TableKind

_ENTRY = '{ column = "label in the file", unit = "..." }'


@dataclass(frozen=True)
class MapOptions:
    """How the file is written, and what its rows are."""

    kind: str = knob(CYCLING.word, "what the rows are")
    delimiter: str = knob("", "sign between the columns; empty: found from the header")
    decimal: str = knob("", "decimal sign; empty: found from the first row")
    skip_rows: int = knob(0, "lines before the header", low=0)


@dataclass(frozen=True)
class MappedColumn:
    """Where a canonical column comes from: label in the file, conversion from its unit, factor besides (a sign, a scale)."""

    label: str
    conversion: Conversion
    factor: float = 1.0


@dataclass(frozen=True)
class ColumnMap:
    """A declared map: canonical column -> where it comes from."""

    name: str
    columns: Mapping[str, MappedColumn]
    kind: TableKind = CYCLING
    delimiter: str = ""
    decimal: str = ""
    skip_rows: int = 0

    @property
    def version(self) -> str:
        """Everything that the numbers depend on, as a text."""
        return repr((self.kind.word, sorted(self.columns.items()), self.delimiter, self.decimal, self.skip_rows))

    def fits(self, head: str) -> bool:
        """Whether the header line of a text has all mapped labels."""
        lines = head.splitlines()
        return len(lines) > self.skip_rows and all(one.label in lines[self.skip_rows] for one in self.columns.values())

    def read(self, content: bytes) -> Table:
        """The file's table in canonical units."""
        table = text_table(decoded(content), delimiter=self.delimiter, decimal=self.decimal, skip_rows=self.skip_rows)
        mapped = {one.label for one in self.columns.values()}
        missing = [
            label for label in dict.fromkeys(one.label for one in self.columns.values()) if label not in table.header
        ]
        if missing:
            raise CathodelabError(
                "column-missing",
                f"The table lacks {', '.join(missing)}",
                where=f"header (line {self.skip_rows + 1}): " + ", ".join(table.header)[:200],
                why=f"The declared column map {self.name} asks for it.",
                what_to_do="Correct the labels, skip_rows or delimiter of the map.",
                hints=(Hint("meaning", self.name),),
            )
        raw = numbers(table, {name: table.header.index(one.label) for name, one in self.columns.items()})
        columns = {
            name: one.conversion(raw[name] if one.factor == 1.0 else raw[name] * one.factor)
            for name, one in self.columns.items()
        }
        notes = list(self._contradicted())
        columns = self.kind.completed(columns, notes)
        unknown = tuple(label for label in table.header if label not in mapped)
        return Table(self.kind.word, {name: frozen(values) for name, values in columns.items()}, unknown, tuple(notes))

    def _contradicted(self) -> Sequence[str]:
        """Notes on labels that state another unit than the declared one; the declaration is used."""
        said = []
        for name, one in self.columns.items():
            own = own_unit(name, one.label)
            if own is None or own == one.conversion:
                continue
            if own.offset == one.conversion.offset:
                difference = f"a unit {own.factor / one.conversion.factor:g} times that which"
            else:
                difference = "another unit than"
            said.append(
                f"The label {one.label!r} claims {difference} the column map {self.name} declares; "
                "the declaration was believed."
            )
        return said


def own_unit(name: str, label: str) -> Conversion | None:
    """Conversion from the unit that a label itself states (``U/mV``, ``I [mA]``, or a canonical name); ``None`` for none."""
    if label == name:
        return Conversion(1.0)
    text = label.strip()
    bracket = re.search(r"[(\[] ?([^()\[\]]+?)[)\]]$", text)
    written = [bracket[1]] if bracket else [text.partition("/")[2], text.rpartition("/")[2]]
    found = (conversion(unit, name) for unit in written if unit.strip())
    return next((one for one in found if one is not None), None)


def column_map(
    name: str, declared: Mapping[str, object], file: str, kinds: Sequence[TableKind] = OURS
) -> tuple[ColumnMap | None, list[Problem]]:
    """A column map from its table in the configuration, or every problem in it.

    Args:
        name: its name, from ``[columns.<name>]``.
        declared: the table.
        file: name of the configuration file.
        kinds: kinds of tables that are known.
    """
    section = f"[columns.{name}]"
    stated = {key: value for key, value in declared.items() if key in knobs(MapOptions)}
    options, problems = settings_from(MapOptions, stated, file, section.strip("[]"))
    by_word = {one.word: one for one in kinds if one.known}
    kind = by_word.get(options.kind)
    if kind is None:
        problems.append(Problem(file, section, "kind", options.kind, "one of " + ", ".join(by_word)))
        return None, problems
    columns: dict[str, MappedColumn] = {}
    for key, entry in declared.items():
        if key in stated:
            continue
        column = kind.words.get(key, key)
        if column not in kind.known:
            names = [*kind.words, *kind.known, *knobs(MapOptions)]
            problems.append(Problem.of_unknown_key((file, section, key), entry, names))
        elif column in columns:
            problems.append(Problem(file, section, key, str(entry), f"{column} once only"))
        else:
            found = _mapped(column, entry)
            if isinstance(found, MappedColumn):
                columns[column] = found
            else:
                problems.append(Problem(file, section, key, *found))
    problems += _missing(kind, declared, file, section)
    if problems:
        return None, problems
    return ColumnMap(name, columns, kind, options.delimiter, options.decimal, options.skip_rows), []


def _missing(kind: TableKind, declared: Mapping[str, object], file: str, section: str) -> list[Problem]:
    """What is needed and not declared, of the set of columns that is nearest to what is."""
    short = {column: word for word, column in kind.words.items()}
    given = {kind.words.get(key, key) for key in declared}
    nearest = min(kind.sufficient, key=lambda names: len(set(names) - given))
    return [Problem(file, section, short.get(one, one), "missing", "needed") for one in nearest if one not in given]


def _mapped(column: str, entry: object) -> MappedColumn | tuple[str, str]:
    """One entry of a map, or what is wrong with it and what is allowed."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str) or not entry["column"]:
        return str(entry), _ENTRY
    strange = [key for key in entry if key not in ("column", "unit", "factor")]
    if strange:
        return ", ".join(strange), "column, unit and factor"
    unit, factor = entry.get("unit", ""), entry.get("factor", 1.0)
    found = conversion(unit, column) if isinstance(unit, str) else None
    if found is None:
        return str(unit) or "no unit", f"unit one of {', '.join(units_of(column))}"
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < abs(factor) < float("inf"):
        return str(factor), "factor: a number other than 0"
    return MappedColumn(entry["column"], found, float(factor))
