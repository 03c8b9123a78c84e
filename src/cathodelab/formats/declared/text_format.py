"""A text export of a cycler as a declaration: where its labels stand and what they mean; the rest is alike for all makers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.shared.cycler_table import NEEDED, Cycler, cycler_table
from cathodelab.formats.shared.dates import clock_over_dates
from cathodelab.formats.shared.delimited import cells_of, refuse_no_text
from cathodelab.formats.shared.instrument_text import InstrumentText, found_header, read_columns
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    import polars as pl

SEARCHED_BYTES = 1 << 20
"""Labels stand within the first megabyte: protocols may come before them."""


def as_written(label: str) -> str:
    """A label as it stands in the file."""
    return label


def as_one(content: bytes) -> list[bytes]:
    """A file that is one table."""
    return [content]


@dataclass(frozen=True)
class TextFormat:
    """A text export of a cycler.

    Args:
        id: name of its reader.
        cycler: who writes it.
        known: label without its unit (lower case) -> meaning.
        marks: labels that tell the format; all of them stand in the line of labels.
        begins: what the file begins with, one of these; empty where that differs.
        holds: a word that a file has within the first megabyte, for a quick answer.
        spelled: a label as ``name (unit)``.
        units_below: whether the line below the labels holds the units.
        parts: the tables of a file one behind the other, as after a restart.
        made_after: ``a real file`` or ``a stand-in``.
        version: increased when the same file gives other numbers.
        menu: how a person exports such a file.
    """

    id: str
    cycler: Cycler
    known: Mapping[str, Known]
    marks: frozenset[str]
    made_after: str
    menu: str
    begins: tuple[bytes, ...] = ()
    holds: bytes = b""
    spelled: Callable[[str], str] = as_written
    units_below: bool = False
    parts: Callable[[bytes], list[bytes]] = as_one
    version: str = "1"
    needed: tuple[str, ...] = field(default=NEEDED)

    def takes(self, content: bytes) -> bool:
        """Whether a file is one of this format."""
        head = content[:SEARCHED_BYTES]
        if (self.begins and not head.removeprefix(_MARK).startswith(self.begins)) or self.holds not in head:
            return False
        try:
            return self._labels_at(self.parts(content)[0]) is not None
        except IndexError:
            return False

    def read(self, content: bytes) -> Table:
        """The table of the test.

        Raises:
            CathodelabError: labels, rows or units are not those of the format.
        """
        refuse_no_text(content)
        found = [self._read_part(part) for part in self.parts(content) or [content]]
        raw, notes = _joined([one[0] for one in found])
        states = [one[1] for one in found]
        state = None if any(one is None for one in states) else _appended(states)
        text, unknown = found[0][3], dict.fromkeys(label for one in found for label in one[2])
        table = cycler_table(self.cycler, raw, state, tuple(unknown), notes)
        if len(found) > 1:
            return table
        return replace(table, metadata=clock_over_dates(text, table.columns["test_time_second"]))

    def _read_part(
        self, content: bytes
    ) -> tuple[dict[str, FloatArray], pl.Series | None, tuple[str, ...], InstrumentText]:
        at = self._labels_at(content)
        if at is None:
            raise CathodelabError(
                "column-missing",
                f"This is no table of {self.cycler.name}",
                where="first megabyte",
                why="No line has the labels " + ", ".join(sorted(self.marks)) + ".",
                what_to_do=self.menu,
                hints=(MEANING,),
            )
        text = found_header(content, *at, units_below=self.units_below)
        places, unknown = placed([self.spelled(label) for label in text.header], self.known, self.needed, at[0] + 1)
        raw, state = read_columns(text, places)
        return raw, state, unknown, text

    def _labels_at(self, content: bytes) -> tuple[int, int] | None:
        """Number of the line of labels, from 0, and the byte at which it begins."""
        head = content[:SEARCHED_BYTES]
        number, at = 0, 0
        while at < len(head):
            end = head.find(b"\n", at)
            end = len(head) if end < 0 else end
            line = head[at:end]
            if len(line) < _LONGEST_LINE and self._are_labels(line):
                return number, at
            number, at = number + 1, end + 1
            if number > _MOST_LINES:
                break
        return None

    def _are_labels(self, line: bytes) -> bool:
        lower = line.lower()
        if not all(mark.encode() in lower for mark in self.marks):  # quick, as most lines are rows
            return False
        text = line.removeprefix(_MARK).decode("utf-8", errors="replace").rstrip("\r")
        delimiter = max(("\t", ";", ","), key=text.count)
        if text.count(delimiter) < len(self.marks) - 1:
            return False
        names = {parted(self.spelled(one.strip().strip('"')))[0] for one in cells_of(text, delimiter)}
        return self.marks <= names


_LONGEST_LINE, _MOST_LINES = 20_000, 20_000
_MARK = b"\xef\xbb\xbf"


def _appended(states: Sequence[pl.Series | None]) -> pl.Series | None:
    import polars as pl

    return pl.concat([one for one in states if one is not None])


def _joined(parts: Sequence[Mapping[str, FloatArray]]) -> tuple[dict[str, FloatArray], list[str]]:
    """The columns that all parts of a file have, one part behind the other, each clock going on where it starts anew."""
    if len(parts) == 1:
        return dict(parts[0]), []
    shared = [name for name in parts[0] if all(name in part for part in parts)]
    notes = [
        f"The test was started anew {len(parts) - 1} times in this file; its parts were joined one behind the other."
    ]
    times: list[FloatArray] = []
    end = 0.0
    for part in parts:
        clock = part.get("test_time_second")
        if clock is None:
            break
        shift = end if times and clock[0] < end else 0.0
        times.append(clock + shift)
        end = float(times[-1][-1])
    if any(
        float(part["test_time_second"][0]) < float(times[0][-1]) for part in parts[1:] if "test_time_second" in part
    ):
        notes.append("Its clock starts anew there; how long the cell rested in between is not known.")
    joined = {name: frozen(np.concatenate([part[name] for part in parts])) for name in shared}
    if len(times) == len(parts):
        joined["test_time_second"] = frozen(np.concatenate(times))
    return joined, notes
