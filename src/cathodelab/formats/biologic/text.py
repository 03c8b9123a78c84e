"""BioLogic text exports: EC-Lab ``.mpt`` and BT-Lab ``.txt``, with or without their header block.

polars parses the used columns straight from the bytes. This module finds the header line and the decimal sign, and refuses
truncated files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.biologic.columns import chosen_labels
from cathodelab.formats.biologic.protocol import settings_of_header
from cathodelab.formats.biologic.table import EXPORT_AGAIN, biologic_table
from cathodelab.formats.shared.delimited import count_of, refuse_no_text
from cathodelab.formats.shared.mapped_text import seconds_of_dates
from cathodelab.formats.table import Table

MAGIC = (b"EC-Lab ASCII FILE", b"BT-Lab ASCII FILE")
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} +\d{1,2}:\d{2}:\d{2}")
MOST_HEADER_LINES = 20_000
MOST_COLUMNS = 2_000
_MARK = b"\xef\xbb\xbf"
_ABOUT = {
    b"Run on channel": "channel",
    b"Device": "device",
    b"Acquisition started on": "acquisition_started",
    b"Electrode connection": "electrode_connection",
    b"Potential control": "potential_control",
    b"Mass of active material": "active_mass",
    b"Characteristic mass": "characteristic_mass",
    b"Electrode surface area": "electrode_area",
}
"""Lines of the header block that are kept -> their names in the metadata."""


@dataclass(frozen=True)
class _Layout:
    """Position of the rows in a text, and the lines before them. The bytes are never copied."""

    content: bytes
    start: int
    end: int
    labels: tuple[str, ...]
    header_lines: int
    metadata: Mapping[str, str]
    settings_text: str = ""

    def lines(self) -> Iterator[bytes]:
        """The rows one by one, as a list of all would need many times the file's memory."""
        start = self.start
        while start < self.end:
            end = self.content.find(b"\n", start, self.end)
            end = self.end if end < 0 else end
            yield self.content[start:end]
            start = end + 1

    def line(self, row: int) -> str:
        """The text of a row."""
        return next(islice(self.lines(), row, None), b"").decode("latin-1").rstrip("\r")

    def place(self, row: int) -> str:
        """Line number and beginning of a row, for an error."""
        return f"line {self.header_lines + 1 + row}: {self.line(row)[:80]!r}"

    def count(self, sign: str) -> int:
        """Number of occurrences of an ASCII character in the rows."""
        return count_of(sign, self.content, self.start, self.end)


def is_biologic_text(name: str, content: bytes) -> bool:
    """Whether this is a text of EC-Lab or BT-Lab: by its first line, its column labels, or its extension ``.mpt``."""
    first = content.removeprefix(_MARK)[:8192].partition(b"\n")[0]
    labels = tuple(label.strip() for label in _text(first).split("\t"))
    return first.startswith(MAGIC) or _is_header(labels) or name.endswith(".mpt")


def read_biologic_text(content: bytes) -> Table:
    """EC-Lab or BT-Lab text -> table. Raises a CathodelabError for empty, truncated or non-numeric files."""
    refuse_no_text(content)
    layout = _layout(content.removeprefix(_MARK))
    rows, fields = _counted(layout)
    raw = _parsed(layout, rows, fields, decimal_comma=_decimal_comma(layout))
    notes = []
    if (dated := absolute_time(layout.line(0), layout.labels)) is not None and rows:
        raw |= _dated(layout, fields, dated)
        notes.append("The file writes the time as dates (absolute time); it was counted from the first row.")
    return biologic_table(
        raw,
        layout.labels,
        row_name=layout.place,
        notes=notes,
        metadata=layout.metadata,
        settings_text=layout.settings_text,
    )


def _layout(content: bytes) -> _Layout:
    """Find the line of column labels: the last of the header block, or the first of a file without one."""
    if not content.startswith(MAGIC):
        end = content.find(b"\n")
        first = content[: end if end >= 0 else len(content)]
        labels = _labels(first)
        if not _is_header(labels):
            raise _header_broken("first line: " + repr(first[:80].decode("latin-1")), "It is none of EC-Lab or BT-Lab.")
        return _rows(content, len(first) + 1, labels, 1, {})
    head = content[:200].split(b"\n", 2)
    number = head[1].partition(b":")[2].strip() if len(head) > 1 and head[1].startswith(b"Nb header lines") else b""
    if not (number.isdigit() and len(number) <= 6 and 2 < int(number) <= MOST_HEADER_LINES):
        raise _header_broken("line 2", "It should read 'Nb header lines : ' and a number.")
    count, end = 0, -1
    while count < int(number) and (end := content.find(b"\n", end + 1)) >= 0:
        count += 1
    if count < int(number):
        raise CathodelabError(
            "file-truncated",
            f"The file ends after {count + 1} lines, inside its header of {int(number)}",
            where=f"line {count + 1}",
            why="The second line says how many lines the header has; no row of data follows.",
            what_to_do="Copy or export the file again.",
        )
    lines = content[:end].split(b"\n")
    labels = _labels(lines[-1])
    if not chosen_labels(labels):
        raise _header_broken(f"line {int(number)}", "It should name the columns, as 'time/s' and 'Ewe/V'.")
    return _rows(content, end + 1, labels, int(number), _metadata(lines[:-1]), settings_of_header(lines[:-1]))


def _rows(
    content: bytes,
    start: int,
    labels: tuple[str, ...],
    header_lines: int,
    metadata: Mapping[str, str],
    settings_text: str = "",
) -> _Layout:
    end = len(content)
    while end > start and content[end - 1] in b"\r\n":
        end -= 1
    return _Layout(content, min(start, end), end, labels, header_lines, metadata, settings_text)


def _metadata(lines: list[bytes]) -> dict[str, str]:
    """Software, technique, and the lines of the header block that are kept."""
    about = {"software": _text(lines[0]).partition(" ")[0], "technique": _text(lines[3]) if len(lines) > 3 else ""}
    for line in lines[4:]:
        key, colon, value = line.partition(b" : ")
        if colon and key in _ABOUT and len(value) < 200:
            about.setdefault(_ABOUT[key], _text(value).strip())
    return about


def _counted(layout: _Layout) -> tuple[int, int]:
    """Number of rows and of fields per row; refuses rows of unequal length and a truncated last row."""
    if layout.start == layout.end:
        return 0, len(layout.labels)
    rows = layout.count("\n") + 1
    tabs = layout.line(0).count("\t")
    needed = len(layout.labels) - (1 if not layout.labels[-1] else 0)
    if layout.count("\t") != rows * tabs or tabs + 1 < needed:
        for row, line in enumerate(layout.lines()):
            if line.count(b"\t") != tabs or tabs + 1 < needed:
                raise _incomplete(layout, row, line.count(b"\t") + 1, needed, last=row == rows - 1)
    if layout.end == len(layout.content) and rows > 1:  # no line end after the last row
        last = layout.content.rfind(b"\n", layout.start, layout.end)
        before = layout.content.rfind(b"\n", layout.start, last) + 1 or layout.start
        if len({_shape(line) for line in layout.content[before : layout.end].split(b"\n")}) > 1:
            raise _incomplete(layout, rows - 1, tabs + 1, needed, last=True)
    return rows, tabs + 1


def _decimal_comma(layout: _Layout) -> bool:
    first = layout.line(0)
    comma = first.count(",") > first.count(".")
    point = layout.content.find(b".", layout.start, layout.end) if comma else -1
    if point >= 0:
        raise CathodelabError(
            "value-not-a-number",
            "The file mixes decimal comma and decimal point",
            where=layout.place(layout.content.count(b"\n", layout.start, point)),
            why="The first row has decimal commas; a point may be a decimal sign or separate thousands.",
            what_to_do="Export the file again; do not edit it with a spreadsheet.",
        )
    return comma


def _parsed(layout: _Layout, rows: int, fields: int, *, decimal_comma: bool) -> dict[str, FloatArray]:
    """The used columns by label; cells that are no numbers are nan."""
    import polars as pl

    wanted = set(chosen_labels(layout.labels).values())
    places = {label: layout.labels.index(label) for label in layout.labels if label in wanted}
    if not rows or not places:
        return {label: np.zeros(0) for label in places}
    blank_lines_follow = len(layout.content) - layout.end > len(b"\r\n")
    try:
        frame = pl.read_csv(
            layout.content[: layout.end] if blank_lines_follow else layout.content,  # rarely a copy
            skip_rows=layout.header_lines,
            has_header=False,
            separator="\t",
            quote_char=None,
            schema={str(place): pl.Float64 for place in range(fields)},
            columns=sorted(places.values()),
            decimal_comma=decimal_comma,
            ignore_errors=True,  # cells that are no numbers become null and are reported below, with their line
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError as error:
        raise _header_broken("rows", f"{str(error).splitlines()[0]}.") from error
    if frame.height != rows:
        raise _header_broken("rows", f"{frame.height} of {rows} rows could be read.")
    return {label: np.asarray(frame[str(place)].to_numpy(), dtype=np.float64) for label, place in places.items()}


def absolute_time(first: str, labels: tuple[str, ...]) -> str | None:
    """The label of the column of time, where its first cell is a date; else ``None``."""
    cells = first.split("\t")
    label = chosen_labels(labels).get("test_time_second")
    place = labels.index(label) if label in labels else len(cells)
    return label if place < len(cells) and _DATE.match(cells[place].strip()) else None


def _dated(layout: _Layout, fields: int, label: str) -> dict[str, FloatArray]:
    """The column of time from its dates, s from the first row; ``nan`` where a cell is none."""
    import polars as pl

    place = layout.labels.index(label)
    frame = pl.read_csv(
        layout.content[: layout.end],
        skip_rows=layout.header_lines,
        has_header=False,
        separator="\t",
        quote_char=None,
        schema={str(one): pl.String for one in range(fields)},
        columns=[place],
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )
    return {label: seconds_of_dates(frame.to_series())}


def _is_header(labels: tuple[str, ...]) -> bool:
    names = chosen_labels(labels)
    timed = "test_time_second" in names and ("voltage_volt" in names or "current_ampere" in names)
    return timed or ("frequency_hertz" in names and len(names) > 2)


def _labels(line: bytes) -> tuple[str, ...]:
    if line.count(b"\t") >= MOST_COLUMNS:
        raise _header_broken("line of labels", f"It names more than {MOST_COLUMNS} columns.")
    return tuple(label.strip() for label in _text(line).split("\t"))


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").rstrip("\r\n ")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n ")


def _shape(line: bytes) -> tuple[int, bool]:
    """Length of the last number without its sign, and whether it has an exponent: EC-Lab writes a fixed format."""
    number = line.rstrip(b"\t\r").rpartition(b"\t")[2].lstrip(b"-")
    return (len(number), True) if b"E" in number else (0, False)


def _incomplete(layout: _Layout, row: int, found: int, needed: int, *, last: bool) -> CathodelabError:
    return CathodelabError(
        "file-truncated" if last else "row-incomplete",
        f"{'The last line was cut off' if last else 'A line is incomplete'}: {found} of {needed} columns",
        where=layout.place(row),
        why="A table needs every column whole in every row; a file that was cut off may lack whole steps too.",
        what_to_do="Copy or export the file again.",
    )


def _header_broken(where: str, why: str) -> CathodelabError:
    return CathodelabError(
        "header-broken",
        "The text is no readable export of EC-Lab or BT-Lab",
        where=where,
        why=why,
        what_to_do=EXPORT_AGAIN,
    )
