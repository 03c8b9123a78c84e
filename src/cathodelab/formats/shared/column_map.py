"""Any delimited table, read with a column map that the user declares in study.toml.

[columns.mylab]
time = { column = "t/h", unit = "h" }
voltage = { column = "Ewe", unit = "mV" }
current = { column = "I", unit = "mA", factor = -1 }  # factor: optional; -1 where the file writes discharge as positive
step = { column = "Ns" }                  # counts need no unit
temperature_t1_celsius = { column = "T", unit = "°C" }  # any canonical column of the kind, by its name
kind = "cycling"                          # optional: what the rows are
delimiter = ";"                           # optional: found from the header
decimal = ","                             # optional: found from the first rows
skip_rows = 0                             # optional: lines before the labels; 0: found by the labels
skip_below = 0                            # optional: lines between the labels and the rows, as one of units

Clocks (26:03:04, 1d 02:03:04) and dates in a column of time are understood, whatever its unit; so are Excel workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError, Hint, Problem
from cathodelab.core.settings import knob, knobs, settings_from
from cathodelab.core.units import Conversion, conversion, units_of
from cathodelab.formats.kinds import CYCLING, OURS
from cathodelab.formats.shared.delimited import refuse_no_text
from cathodelab.formats.shared.labels import Place
from cathodelab.formats.shared.mapped_text import columns_below, likeliest, located
from cathodelab.formats.shared.workbook import is_workbook, sheets_of
from cathodelab.formats.table import Table, TableKind, no_rows

_NEAREST = {
    **dict.fromkeys(("sign", "direction", "invert", "polarity"), " (factor = -1 turns the sign)"),
    **dict.fromkeys(("multiply", "gain", "multiplier"), " (factor multiplies)"),
    **dict.fromkeys(("label", "name", "header", "col"), " (column is the label in the file)"),
    **dict.fromkeys(("units", "dimension"), " (unit, as mA)"),
}
"""Keys that people write -> what they mean here."""
_ENTRY = '{ column = "label in the file", unit = "..." }'


@dataclass(frozen=True)
class MapOptions:
    """How the file is written, and what its rows are."""

    kind: str = knob(CYCLING.word, "what the rows are")
    delimiter: str = knob("", "sign between the columns; empty: found from the header")
    decimal: str = knob("", "decimal sign; empty: found from the first rows")
    skip_rows: int = knob(0, "lines before the labels; 0: found by the labels", low=0)
    skip_below: int = knob(0, "lines between the labels and the rows, as one of units", low=0)


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
    skip_below: int = 0

    @property
    def version(self) -> str:
        """Everything that the numbers depend on, as a text."""
        written = (self.delimiter, self.decimal, self.skip_rows, self.skip_below)
        return repr((self.kind.word, sorted(self.columns.items()), *written))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that it asks for."""
        return tuple(dict.fromkeys(one.label for one in self.columns.values()))

    def fits(self, content: bytes) -> bool:
        """Whether a line within the first megabyte of a text, or a sheet of a workbook, has all of its labels."""
        if is_workbook(content):
            try:
                return bool(sheets_of(content, [self.labels])[1])
            except CathodelabError:
                return False
        return located(content, self.labels, self.delimiter, self.skip_rows) is not None

    def lacks(self, content: bytes) -> str:
        """What keeps it from a file: the labels that are not there, beside those of the likeliest line."""
        near = likeliest(content, self.labels, self.delimiter, self.skip_rows)
        if near is None:
            return f"[columns.{self.name}] wants {', '.join(map(repr, self.labels))}, and no line of the file has any of them."
        missing = [label for label in self.labels if label not in near.cells]
        seen = ", ".join(cell for cell in near.cells if cell)[:200]
        return (
            f"[columns.{self.name}] wants {', '.join(map(repr, missing))}; line {near.line + 1} of the file has {seen}."
        )

    def read(self, content: bytes) -> Table:
        """The file's table in canonical units."""
        if is_workbook(content):
            raw, seen, kinds = self._of_workbook(content)
        else:
            refuse_no_text(content)
            at = located(content, self.labels, self.delimiter, self.skip_rows)
            if at is None:
                raise self._missing(content)
            wanted = {name: one.label for name, one in self.columns.items()}
            raw, kinds = columns_below(content, at, wanted, decimal=self.decimal, skip_below=self.skip_below)
            seen = at.cells
        notes = [
            f"The column {self.columns[name].label!r} holds {kind}: its times are in seconds."
            for name, kind in kinds.items()
        ]
        columns = {
            name: one.conversion(raw[name] if one.factor == 1.0 else raw[name] * one.factor)
            if name not in kinds
            else raw[name]
            for name, one in self.columns.items()
        }
        notes += self._contradicted()
        columns = self.kind.completed(columns, notes)
        unknown = tuple(label for label in seen if label and label not in self.labels)
        return Table(self.kind.word, {name: frozen(values) for name, values in columns.items()}, unknown, tuple(notes))

    def _of_workbook(self, content: bytes) -> tuple[dict[str, FloatArray], tuple[str, ...], dict[str, str]]:
        """Columns of the first sheet that has the labels, its labels, and which columns are none of numbers: none here."""
        names, sheets = sheets_of(content, [self.labels])
        if not sheets:
            raise CathodelabError(
                "column-missing",
                f"No sheet of the workbook has {', '.join(self.labels)} in one row",
                where="sheets " + ", ".join(names)[:200],
                why=f"The declared column map {self.name} asks for them.",
                what_to_do="Correct the labels of the map.",
                hints=(Hint("meaning", self.name),),
            )
        sheet = sheets[0]
        if not sheet.rows:
            raise no_rows()
        labels = [label.strip() for label in sheet.labels]
        raw = {name: sheet.numbers(Place(labels.index(one.label), 1.0)) for name, one in self.columns.items()}
        return raw, tuple(labels), {}

    def _missing(self, content: bytes) -> CathodelabError:
        near = likeliest(content, self.labels, self.delimiter, self.skip_rows)
        cells = () if near is None else near.cells
        missing = [label for label in self.labels if label not in cells]
        close = [
            f"{label!r} is nearest to {one[0]!r}" for label in missing if (one := get_close_matches(label, cells, 1))
        ]
        return CathodelabError(
            "column-missing",
            f"The table lacks {', '.join(missing or self.labels)}",
            where=f"header (line {1 if near is None else near.line + 1}): " + ", ".join(cells)[:200],
            why=f"The declared column map {self.name} asks for it.{' Of the labels, ' + '; '.join(close) + '.' if close else ''}",
            what_to_do="Correct the labels, skip_rows or delimiter of the map.",
            hints=(Hint("meaning", self.name),),
        )

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
    written = (options.delimiter, options.decimal, options.skip_rows, options.skip_below)
    return ColumnMap(name, columns, kind, *written), []


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
        return ", ".join(strange), "column, unit and factor" + _NEAREST.get(strange[0].lower(), "")
    unit, factor = entry.get("unit", ""), entry.get("factor", 1.0)
    found = conversion(unit, column) if isinstance(unit, str) else None
    if found is None:
        return str(unit) or "no unit", f"unit one of {', '.join(units_of(column))}"
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < abs(factor) < float("inf"):
        return str(factor), "factor: a number other than 0"
    return MappedColumn(entry["column"], found, float(factor))
