"""BioLogic text exports: EC-Lab ``.mpt`` and BT-Lab ``.txt``, with or without their header block.

The rows are parsed by polars straight from the bytes, only the columns that are used. What stands here finds the header
line and the decimal sign, and refuses a file that was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.biologic_columns import chosen_labels
from cathodelab.formats.biologic_table import EXPORT_AGAIN, biologic_table
from cathodelab.formats.delimited import refuse_no_text
from cathodelab.formats.table import Table

MAGIC = (b"EC-Lab ASCII FILE", b"BT-Lab ASCII FILE")
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
"""Lines of the header block that are kept, and the name they get."""


@dataclass(frozen=True)
class _Layout:
    """Where the table of a text begins, and what stood before it."""

    labels: tuple[str, ...]
    body: bytes
    first_line: int
    metadata: Mapping[str, str]


def is_biologic_text(name: str, content: bytes) -> bool:
    """Whether this is a text of EC-Lab or BT-Lab: by its first line, its column labels, or its extension ``.mpt``."""
    first = content.removeprefix(_MARK)[:8192].partition(b"\n")[0]
    return first.startswith(MAGIC) or _is_header(_labels(first)) or name.endswith(".mpt")


def read_biologic_text(content: bytes) -> Table:
    """EC-Lab or BT-Lab text -> table. Raises the one clear error for empty, cut off or non-numeric files."""
    refuse_no_text(content)
    layout = _layout(content.removeprefix(_MARK))
    rows, fields = _counted(layout, complete=content.endswith((b"\n", b"\r")))
    decimal_comma = _decimal_comma(layout)
    raw = _parsed(layout, rows, fields, decimal_comma=decimal_comma)
    return biologic_table(
        raw,
        layout.labels,
        row_name=lambda row: f"line {layout.first_line + row}: {_line(layout.body, row)[:80]!r}",
        metadata=layout.metadata,
    )


def _layout(content: bytes) -> _Layout:
    """Find the line of column labels: the last of the header block, or the first of a file without one."""
    if not content.startswith(MAGIC):
        first, _, body = content.partition(b"\n")
        labels = _labels(first)
        if not _is_header(labels):
            raise _header_broken("first line: " + repr(first[:80].decode("latin-1")), "It is none of EC-Lab or BT-Lab.")
        return _Layout(labels, body, 2, {})
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
    return _Layout(labels, content[end + 1 :], int(number) + 1, _metadata(lines[:-1]))


def _metadata(lines: list[bytes]) -> dict[str, str]:
    """Software, technique, and the lines of the header block that are kept."""
    about = {"software": _text(lines[0]).partition(" ")[0], "technique": _text(lines[3]) if len(lines) > 3 else ""}
    for line in lines[4:]:
        key, colon, value = line.partition(b" : ")
        if colon and key in _ABOUT and len(value) < 200:
            about.setdefault(_ABOUT[key], _text(value).strip())
    return about


def _counted(layout: _Layout, *, complete: bool) -> tuple[int, int]:
    """Number of rows and of fields in each; refuses rows of unequal length and a last row that was cut off."""
    body = layout.body.rstrip(b"\r\n")
    if not body:
        return 0, len(layout.labels)
    bytes_of_body = np.frombuffer(body, dtype=np.uint8)  # five times as fast as bytes.count where tabs are dense
    rows = int(np.count_nonzero(bytes_of_body == ord("\n"))) + 1
    tabs = _line(body, 0).count("\t")
    needed = len(layout.labels) - (1 if not layout.labels[-1] else 0)
    if np.count_nonzero(bytes_of_body == ord("\t")) != rows * tabs or tabs + 1 < needed:
        for row, line in enumerate(_lines(body)):
            if line.count(b"\t") != tabs or tabs + 1 < needed:
                raise _incomplete(row, line.count(b"\t") + 1, needed, layout.first_line, last=row == rows - 1)
    before_last = body.rfind(b"\n", 0, max(body.rfind(b"\n"), 0)) + 1
    if not complete and rows > 1 and len({_shape(line) for line in body[before_last:].split(b"\n")}) > 1:
        raise _incomplete(rows - 1, tabs + 1, needed, layout.first_line, last=True)
    return rows, tabs + 1


def _decimal_comma(layout: _Layout) -> bool:
    first = _line(layout.body, 0)
    comma = first.count(",") > first.count(".")
    point = layout.body.find(b".") if comma else -1
    if point >= 0:
        row = layout.body.count(b"\n", 0, point)
        raise CathodelabError(
            "value-not-a-number",
            "The file mixes decimal comma and decimal point",
            where=f"line {layout.first_line + row}: {_line(layout.body, row)[:80]!r}",
            why="The first row has decimal commas; a point may be a decimal sign or separate thousands.",
            what_to_do="Export the file again; do not edit it with a spreadsheet.",
        )
    return comma


def _parsed(layout: _Layout, rows: int, fields: int, *, decimal_comma: bool) -> dict[str, FloatArray]:
    """The columns that are used, by label; a cell that is no number is nan."""
    import polars as pl

    wanted = set(chosen_labels(layout.labels).values())
    places = {label: layout.labels.index(label) for label in layout.labels if label in wanted}
    if not rows or not places:
        return {label: np.zeros(0) for label in places}
    try:
        frame = pl.read_csv(
            layout.body,
            has_header=False,
            separator="\t",
            quote_char=None,
            schema={str(place): pl.Float64 for place in range(fields)},
            columns=sorted(places.values()),
            decimal_comma=decimal_comma,
            ignore_errors=True,  # a cell that is no number becomes null and is named below, with its line
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError as error:
        raise _header_broken("rows", f"{str(error).splitlines()[0]}.") from error
    if frame.height != rows:
        raise _header_broken("rows", f"{frame.height} of {rows} rows could be read.")
    return {label: np.asarray(frame[str(place)].to_numpy(), dtype=np.float64) for label, place in places.items()}


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


def _lines(body: bytes) -> Iterator[bytes]:
    """Lines one by one: a list of all would need many times the file's memory."""
    start = 0
    while start <= len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        yield body[start:end]
        start = end + 1


def _line(body: bytes, row: int) -> str:
    for number, line in enumerate(_lines(body)):
        if number == row:
            return line.decode("latin-1").rstrip("\r")
    return ""


def _shape(line: bytes) -> tuple[int, bool]:
    """Length of the last number without its sign, and whether it has an exponent: EC-Lab writes a fixed format."""
    number = line.rstrip(b"\t\r").rpartition(b"\t")[2].lstrip(b"-")
    return (len(number), True) if b"E" in number else (0, False)


def _incomplete(row: int, found: int, needed: int, first_line: int, *, last: bool) -> CathodelabError:
    return CathodelabError(
        "file-truncated" if last else "row-incomplete",
        f"{'The last line was cut off' if last else 'A line is incomplete'}: {found} of {needed} columns",
        where=f"line {first_line + row}",
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
