"""A plain table with units, the result of every reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.shared.counted_ends import CountedEnds

Columns = dict[str, FloatArray]


def _as_they_are(columns: Columns, _notes: list[str]) -> Columns:
    return columns


@dataclass(frozen=True)
class TableKind:
    """What the rows of a table are: a word, and the columns that such a table has.

    Args:
        word: its name, in the tables and in the declared column maps.
        needed: canonical columns that it cannot do without.
        columns: further canonical columns that are understood.
        words: short words of a declared column map -> canonical column.
        enough: sets of columns of which one is enough in a file; by default the needed ones.
        completed: ``completed(columns, notes)``: what is computed from the columns of a file to have the needed ones; adds a
            sentence to the notes for what it does.
    """

    word: str
    needed: tuple[str, ...]
    columns: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    enough: tuple[tuple[str, ...], ...] = ()
    completed: Callable[[Columns, list[str]], Columns] = _as_they_are

    @property
    def known(self) -> tuple[str, ...]:
        """Every canonical column that a file of this kind may give."""
        return tuple(dict.fromkeys((*self.needed, *(name for one in self.enough for name in one), *self.columns)))

    @property
    def sufficient(self) -> tuple[tuple[str, ...], ...]:
        """Sets of columns of which a file has to give one."""
        return self.enough or (self.needed,)


@dataclass(frozen=True, eq=False)
class Table(ReadOnlyArrays):
    """Columns by canonical name, in the unit that ends the name.

    Args:
        kind: what the rows are: the word of a :class:`TableKind`.
        columns: read-only arrays of equal length; canonical names end in their unit (``voltage_volt``).
        unknown_columns: labels of columns that were found but not understood; they are never an error.
        notes: sentences on what the reader rebuilt or found odd, shown with the results.
        metadata: further entries of the file.
        spectra: impedance spectra from among the rows of a cycling file, kept apart from them.
        settings_text: the cycler's settings as written in the file (``biologic/protocol.py`` reads them).
        counted: what the cycler's counters of charge read at both ends of the file.
    """

    kind: str
    columns: Mapping[str, FloatArray]
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    spectra: Table | None = None
    settings_text: str = ""
    counted: CountedEnds | None = None

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
                what_to_do="Export this column, or state which column holds it.",
                hints=(MEANING,),
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
