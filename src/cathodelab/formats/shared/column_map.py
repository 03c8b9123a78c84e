"""Any delimited table, through a column map that the user declares in study.toml.

[columns.mylab]
time = { column = "t/h", unit = "h" }
voltage = { column = "Ewe", unit = "mV" }
current = { column = "I", unit = "mA" }
step = { column = "Ns", unit = "1" }      # optional, as is charge
delimiter = ";"                           # optional: found from the header
decimal = ","                             # optional: found from the first row
skip_rows = 0                             # lines before the header
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError, Problem
from cathodelab.formats.shared.delimited import decoded, numbers, text_table
from cathodelab.formats.shared.units import MAP_KEYS, UNITS
from cathodelab.formats.table import Table

_OPTIONS = ("delimiter", "decimal", "skip_rows")
_NEEDED = ("time", "voltage", "current")


@dataclass(frozen=True)
class ColumnMap:
    """A declared map: canonical column -> (label in the file, factor to the canonical unit)."""

    name: str
    columns: Mapping[str, tuple[str, float]]
    delimiter: str = ""
    decimal: str = ""
    skip_rows: int = 0

    def fits(self, head: str) -> bool:
        """Whether all mapped labels stand in the header line of a text."""
        lines = head.splitlines()
        return len(lines) > self.skip_rows and all(label in lines[self.skip_rows] for label, _ in self.columns.values())

    def read(self, content: bytes) -> Table:
        """The file's table in canonical units."""
        table = text_table(decoded(content), delimiter=self.delimiter, decimal=self.decimal, skip_rows=self.skip_rows)
        missing = [label for label, _ in self.columns.values() if label not in table.header]
        if missing:
            raise CathodelabError(
                "column-missing",
                f"The table lacks {', '.join(missing)}",
                where=f"header (line {self.skip_rows + 1}): " + ", ".join(table.header)[:200],
                why=f"The column map [columns.{self.name}] asks for it.",
                what_to_do="Correct the labels, skip_rows or delimiter of the map in study.toml.",
            )
        raw = numbers(table, {name: table.header.index(label) for name, (label, _) in self.columns.items()})
        columns = {name: frozen(raw[name] * factor) for name, (_, factor) in self.columns.items()}
        mapped = {label for label, _ in self.columns.values()}
        unknown = tuple(label for label in table.header if label not in mapped)
        return Table("cycling", columns, unknown, self._contradicted())

    def _contradicted(self) -> tuple[str, ...]:
        """Sentences on labels whose own unit is another than the declared one: the declaration is believed."""
        said = []
        for name, (label, factor) in self.columns.items():
            own = own_factor(name, label)
            if own is not None and abs(own / factor - 1) > 1e-6:
                said.append(
                    f"The label {label!r} claims a unit {own / factor:g} times that which the column map "
                    f"[columns.{self.name}] declares; the declaration was believed."
                )
        return tuple(said)


def own_factor(name: str, label: str) -> float | None:
    """The factor of the unit that a label itself states (``U/mV``, ``I [mA]``, or a canonical name); ``None`` for none."""
    if label == name:
        return 1.0
    unit = re.search(r"[/(\[] ?([^/()\[\]]+?)[)\]]?$", label.strip())
    return UNITS[name].get(unit[1]) if unit else None


def column_map(name: str, declared: Mapping[str, object], file: str) -> tuple[ColumnMap | None, list[Problem]]:
    """A column map from its table in the configuration, or every problem in it."""
    section = f"[columns.{name}]"
    problems: list[Problem] = []
    columns: dict[str, tuple[str, float]] = {}
    for key, entry in declared.items():
        if key in _OPTIONS:
            kind = int if key == "skip_rows" else str
            if not isinstance(entry, kind) or isinstance(entry, bool):
                problems.append(Problem(file, section, key, str(entry), "a whole number" if kind is int else "a text"))
        elif key not in MAP_KEYS:
            problems.append(Problem.of_unknown_key((file, section, key), entry, [*MAP_KEYS, *_OPTIONS]))
        elif not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str):
            problems.append(Problem(file, section, key, str(entry), '{ column = "label in the file", unit = "..." }'))
        elif entry.get("unit", "1" if key == "step" else None) not in UNITS[MAP_KEYS[key]]:
            allowed = "unit one of " + ", ".join(UNITS[MAP_KEYS[key]])
            problems.append(Problem(file, section, key, str(entry.get("unit")), allowed))
        else:
            factor = UNITS[MAP_KEYS[key]][str(entry.get("unit", "1"))]
            columns[MAP_KEYS[key]] = (str(entry["column"]), factor)
    problems += [Problem(file, section, key, "missing", "needed") for key in _NEEDED if key not in declared]
    if problems:
        return None, problems
    options = {key: declared[key] for key in _OPTIONS if key in declared}
    return ColumnMap(
        name,
        columns,
        delimiter=str(options.get("delimiter", "")),
        decimal=str(options.get("decimal", "")),
        skip_rows=int(str(options.get("skip_rows", 0))),
    ), []
