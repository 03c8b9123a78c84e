"""Damaged files made from a good one, for conformance tests and benchmarks of readers.

Everything is seeded: the same seed gives the same bytes.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cathodelab.core.units import ratio

STRANGE_LABEL = "Zzyzx"
"""A column that no reader knows."""

_UNIT = re.compile(r"(?P<before>[(\[/] ?)(?P<unit>[µA-Za-z.]+)(?P<after>[)\]]?)$")
_OTHER_UNIT = {
    "s": "h", "Sec": "h", "sec": "h", "h": "s", "V": "mV", "mV": "V", "A": "mA", "mA": "A", "µA": "mA", "Ah": "mAh",
    "mAh": "Ah", "mA.h": "A.h", "A.h": "mA.h", "Pa": "kPa", "kPa": "MPa", "MPa": "kPa", "N": "kN", "kN": "N", "nm": "µm",
    "um": "mm", "µm": "mm", "mm": "µm", "mg": "g", "g": "mg", "eV": "keV", "W": "mW", "Hz": "kHz", "Ohm": "kOhm", "deg": "rad",
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """A delimited text in parts: the lines before the labels, the labels, the rows, the delimiter."""

    before: bytes
    labels: tuple[bytes, ...]
    rows: tuple[tuple[bytes, ...], ...]
    delimiter: bytes
    end: bytes

    def content(self) -> bytes:
        """The file."""
        lines = [self.delimiter.join(row) for row in (self.labels, *self.rows)]
        return self.before + self.end.join(lines) + self.end

    def relabelled(self, place: int, label: bytes) -> Grid:
        """A copy with another label at this position."""
        return replace(self, labels=(*self.labels[:place], label, *self.labels[place + 1 :]))

    def with_cell(self, row: int, place: int, text: bytes) -> Grid:
        """A copy with another text in one cell."""
        cells = self.rows[row]
        changed = (*cells[:place], text, *cells[place + 1 :])
        return replace(self, rows=(*self.rows[:row], changed, *self.rows[row + 1 :]))

    def with_decimal_commas(self, rows: slice) -> Grid:
        """A copy with decimal commas in some rows; in a comma separated text these numbers are quoted."""
        changed = [tuple(map(self._with_comma, row)) for row in self.rows[rows]]
        kept = list(self.rows)
        kept[rows] = changed
        return replace(self, rows=tuple(kept))

    def _with_comma(self, cell: bytes) -> bytes:
        if b"." not in cell or not _is_number(cell):
            return cell
        comma = cell.replace(b".", b",")
        return b'"' + comma + b'"' if self.delimiter == b"," else comma

    def says_something(self, place: int) -> bool:
        """Whether a column has any number other than zero: only then does its unit matter."""
        return any(set(row[place].partition(b"E")[0]) & set(b"123456789") for row in self.rows if place < len(row))

    def without_column(self, place: int) -> Grid:
        """A copy without one column."""
        rows = tuple((*row[:place], *row[place + 1 :]) for row in self.rows)
        return replace(self, labels=(*self.labels[:place], *self.labels[place + 1 :]), rows=rows)

    def with_strange_column(self) -> Grid:
        """A copy with a second column that no reader knows."""
        # a row of units below the labels gets no number
        rows = tuple((row[0], b"1" if any(map(_is_number, row)) else b"-", *row[1:]) for row in self.rows)
        return replace(self, labels=(self.labels[0], STRANGE_LABEL.encode(), *self.labels[1:]), rows=rows)

    def with_rows_swapped(self, row: int) -> Grid:
        """A copy with a row and the next one exchanged."""
        rows = list(self.rows)
        rows[row], rows[row + 1] = rows[row + 1], rows[row]
        return replace(self, rows=tuple(rows))


def grid_of(content: bytes) -> Grid | None:
    """The text as a grid: from the last line backwards, all lines with equally many cells; ``None`` if it is no such text.

    Also ``None`` where there are no labels or where they have another delimiter than the rows.
    """
    if b"\x00" in content or not content.strip():
        return None
    end = b"\r\n" if b"\r\n" in content else b"\n"
    lines = content.rstrip(b"\r\n").split(end)
    last = lines[-1]
    delimiter = max((b"\t", b";", b","), key=last.count)
    cells, first = last.count(delimiter), len(lines) - 1
    while first > 0 and abs(lines[first - 1].count(delimiter) - cells) <= (1 if delimiter == b"\t" else 0):
        first -= 1
    if cells < 2 or len(lines) - first < 3:
        return None
    before = b"".join(line + end for line in lines[:first])
    rows = [tuple(line.split(delimiter)) for line in lines[first:]]
    if all(map(_is_number, rows[0])):
        return None
    return Grid(before, rows[0], tuple(rows[1:]), delimiter, end)


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def other_unit(label: str) -> tuple[str, float] | None:
    """The label with another unit of the same quantity, and the factor from the old meaning of its numbers to the new one."""
    found = _UNIT.search(label.strip().strip('"'))
    if found is None or found["unit"] not in _OTHER_UNIT:
        return None
    new = _OTHER_UNIT[found["unit"]]
    factor = ratio(found["unit"], new)
    return None if factor is None else (label[: found.start("unit")] + new + label[found.end("unit") :], factor)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to eight changes, half of them in the head: bytes replaced, removed, repeated or overwritten, or the end lost."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        reach = len(changed) if chance.random() < 0.5 else min(len(changed), 4096)
        at, length = chance.randrange(max(reach, 1)), chance.choice((1, 1, 2, 4, 16, 300))
        kind = chance.randrange(5)
        if kind == 0:
            changed[at : at + length] = chance.randbytes(length)
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = changed[at : at + length]
        elif kind == 3:
            changed[at : at + length] = chance.choice((b"\0", b"\xff", b",", b"9", b"-", b"\n")) * length
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)


def mutated_inside(content: bytes, chance: random.Random) -> bytes:
    """An intact zip archive with one damaged entry, which the archive's own checksums do not reveal."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            new.writestr(name, mutated(old.read(name), chance) if name == chosen else old.read(name))
    return stream.getvalue()


def mutation(content: bytes, seed: str, index: int) -> bytes:
    """The mutation of this number of a file; of a zip archive every second one is inside an entry."""
    chance = random.Random(f"{seed} {index}")  # noqa: S311 - seeded chance makes damaged files, no secrets
    inside = content.startswith(b"PK\x03\x04") and index % 2
    return mutated_inside(content, chance) if inside else mutated(content, chance)


def mutations(content: bytes, seed: str, number: int) -> Iterator[bytes]:
    """The first mutations of a file."""
    return (mutation(content, seed, index) for index in range(number))
