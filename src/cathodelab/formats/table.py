"""A plain table with units: what every reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError

TableKind = Literal[
    "cycling", "potential against charge", "titration curve", "relaxed potentials", "impedance spectra", "intended protocol"
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by canonical name, in the unit that the name says.

    Args:
        kind: what the rows are.
        columns: read-only arrays of equal length; canonical names end in their unit (``voltage_volt``).
        unknown_columns: labels of columns that were found and not understood; they are never fatal.
        notes: sentences on what the reader rebuilt or found odd; they are shown with the results.
        metadata: what else the file said.
        spectra: impedance spectra that stood among the rows of a cycling file, kept apart from them.
        settings_text: the cycler's settings as the file has them (``biologic/protocol.py`` reads them).
    """

    kind: TableKind
    columns: Mapping[str, FloatArray]
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    spectra: Table | None = None
    settings_text: str = ""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(next(iter(self.columns.values())).size) if self.columns else 0

    def column(self, name: str) -> FloatArray:
        """A column that must be there."""
        try:
            return self.columns[name]
        except KeyError:
            raise CathodelabError(
                "column-missing",
                f"The table has no column {name}",
                where="header",
                why=f"It has {', '.join(self.columns)}.",
                what_to_do="Declare a column map for this file in study.toml ([columns.<name>]).",
            ) from None


def no_rows(where: str = "0 rows") -> CathodelabError:
    """The error for a file that holds nothing but its header."""
    return CathodelabError(
        "file-without-rows",
        "The table has a header and no rows",
        where=where,
        why="There is nothing to evaluate.",
        what_to_do="Export the measurement again, or mark the cell as excluded with a reason.",
    )
