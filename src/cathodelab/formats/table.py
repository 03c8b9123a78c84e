"""A plain table with units, the result of every reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import CathodelabError

TableKind = Literal[
    "cycling", "potential against charge", "titration curve", "relaxed potentials", "impedance spectra", "intended protocol"
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Table(ReadOnlyArrays):
    """Columns by canonical name, in the unit that ends the name.

    Args:
        kind: meaning of the rows.
        columns: read-only arrays of equal length; canonical names end in their unit (``voltage_volt``).
        unknown_columns: labels of columns that were found but not understood; they are never an error.
        notes: sentences on what the reader rebuilt or found odd, shown with the results.
        metadata: further entries of the file.
        spectra: impedance spectra from among the rows of a cycling file, kept apart from them.
        settings_text: the cycler's settings as written in the file (``biologic/protocol.py`` reads them).
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
        """A required column.

        Raises:
            CathodelabError: the table lacks it.
        """
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
    """The error for a file with a header and no rows."""
    return CathodelabError(
        "file-without-rows",
        "The table has a header and no rows",
        where=where,
        why="There is nothing to evaluate.",
        what_to_do="Export the measurement again, or mark the cell as excluded with a reason.",
    )
