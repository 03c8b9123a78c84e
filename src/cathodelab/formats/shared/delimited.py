"""Columns of numbers from delimited text, with errors that name the row.

polars parses. This module adds what a lab needs and a parser does not offer: which line was truncated, which cell is no
number, whether a decimal comma was meant.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.table import no_rows

if TYPE_CHECKING:
    import polars as pl

LARGEST_BYTES = 1 << 30
_DELIMITERS = ("\t", ";", ",")
_PIECE = 1 << 18
_SEEN_ROWS = 50
_UNIT_SEPARATOR = "\x1f"
_COMMA, _POINT = (re.compile(rf"[+-]?\d*{sign}\d+(?:[eE][+-]?\d+)?") for sign in (",", r"\."))
_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+\.\d*$"


@dataclass(frozen=True)
class TextTable:
    """Header and body of a delimited text, not yet numbers."""

    header: tuple[str, ...]
    body: str
    delimiter: str
    first_row: int
    decimal_comma: bool


def file_empty(size: int) -> CathodelabError:
    """A file of nothing, or of blanks, of this many bytes."""
    return CathodelabError(
        "file-empty",
        "The file is empty",
        where=f"{size} bytes",
        why="There is nothing to evaluate.",
        what_to_do="Export the measurement again, or mark the sample as excluded with a reason.",
    )


def refuse_no_text(content: bytes) -> None:
    """Refuse empty, very large and binary content."""
    if not content or content.isspace():
        raise file_empty(len(content))
    if len(content) > LARGEST_BYTES:
        raise CathodelabError(
            "file-too-large",
            f"The file has {len(content) / 1e9:.1f} GB",
            where="whole file",
            why=f"Text files up to {LARGEST_BYTES / 1e9:.1f} GB are read.",
            what_to_do="Export fewer rows (a record every 10 s is enough) or save it as BDF parquet.",
        )
    if b"\x00" in content[:65536]:
        raise CathodelabError(
            "file-not-text",
            "The file is not text",
            where="first 64 kB",
            why="It contains zero bytes, as binary files do.",
            what_to_do="Export it as text (UTF-8), comma, semicolon or tab separated.",
        )


def count_of(sign: str, content: bytes, start: int, end: int) -> int:
    """Number of occurrences of an ASCII character in a part of the content, counted in pieces that fit the cache."""
    part = np.frombuffer(content, dtype=np.uint8, count=end)[start:]
    return sum(int(np.count_nonzero(part[at : at + _PIECE] == ord(sign))) for at in range(0, part.size, _PIECE))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 (with or without mark) or Latin-1; refuses empty and binary content."""
    refuse_no_text(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def text_table(text: str, *, delimiter: str = "", decimal: str = "", skip_rows: int = 0) -> TextTable:
    """Find header, delimiter and decimal sign; refuse a table with rows of unequal length.

    Blank lines below the labels and at the end, a delimiter behind the last cell and quoted cells are understood.

    Args:
        text: the whole file.
        delimiter: one character; found from the header where empty.
        decimal: ``.`` or ``,``; found from the first rows where empty.
        skip_rows: lines before the header.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) <= skip_rows:
        raise no_rows(f"{len(lines)} lines")
    head = lines[skip_rows]
    delimiter = delimiter or max(_DELIMITERS, key=head.count)
    header = tuple(name.strip().strip('"').strip() for name in cells_of(head, delimiter))
    first = skip_rows + 1
    while first < len(lines) and not lines[first].strip():
        first += 1
    rows = lines[first:]
    while rows and not rows[-1].strip(delimiter + " "):
        rows.pop()
    if not rows:
        raise no_rows(f"{len(lines)} lines")
    comma = decimal == "," if decimal else delimiter != "," and has_decimal_commas(rows, delimiter)
    between = count_of_delimiters(rows, delimiter)
    if between == len(header) - 1 and '"' not in head:
        return TextTable(header, "\n".join(rows), delimiter, first + 1, comma)
    whole = _equal_rows(rows, delimiter, header, first + 1)
    return TextTable(header, "\n".join(map(_UNIT_SEPARATOR.join, whole)), _UNIT_SEPARATOR, first + 1, comma)


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a line; a delimiter inside quotes belongs to its cell."""
    if '"' in line and len(line) < csv.field_size_limit():
        return next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])
    return line.split(delimiter)


def count_of_delimiters(rows: Sequence[str], delimiter: str) -> int:
    """How many delimiters every row has; -1 where rows differ or have quotes."""
    counts = {-1 if '"' in row else row.count(delimiter) for row in rows}
    return counts.pop() if len(counts) == 1 else -1


def has_decimal_commas(rows: Sequence[str], delimiter: str) -> bool:
    """Whether the first rows hold numbers with a decimal comma and none with a point."""
    cells = [cell.strip().strip('"') for row in rows[:_SEEN_ROWS] for cell in row.split(delimiter)]
    return any(map(_COMMA.fullmatch, cells)) and not any(map(_POINT.fullmatch, cells))


def _equal_rows(rows: Sequence[str], delimiter: str, header: Sequence[str], first_row: int) -> list[list[str]]:
    """The cells of all rows, as many as there are labels; refuses other rows."""
    size, found = len(header), []
    # a delimiter behind the last cell, or behind the last label alone: in all rows or in none
    first = cells_of(rows[0], delimiter)
    more = len(first) == size + 1 and not first[-1].strip()
    width = size + 1 if more else size - 1 if len(first) == size - 1 and not header[-1] else size
    for number, row in enumerate(rows):
        cells = cells_of(row, delimiter)
        if len(cells) != width or (more and cells[-1].strip()):
            raise _unequal(row, len(cells), width, first_row + number, last=number == len(rows) - 1)
        cells = [*cells, ""][:size]
        found.append([cell.replace("\n", " ").replace(_UNIT_SEPARATOR, " ") for cell in cells])
    return found


def numbers(table: TextTable, wanted: Mapping[str, int]) -> dict[str, FloatArray]:
    """The wanted columns (name -> position) as finite numbers; errors name line, column and the text found."""
    import polars as pl

    frame = pl.read_csv(
        io.BytesIO(table.body.encode()),
        has_header=False,
        separator=table.delimiter,
        infer_schema=False,
        quote_char=None,
    )
    return {
        name: numeric(
            frame.to_series(place), table.header[place], name, table.first_row, decimal_comma=table.decimal_comma
        )
        for name, place in wanted.items()
    }


def numeric(column: pl.Series, label: str, name: str, first_row: int, *, decimal_comma: bool) -> FloatArray:
    """A column of cells as finite numbers; the error names the line and the text of the first that is none.

    Commas that part thousands (``5,577,644.47``) are understood where a decimal point follows them.
    """
    import polars as pl

    text = column.str.strip_chars().str.strip_chars('"')
    if decimal_comma:
        text = text.str.replace(",", ".", literal=True)
    elif text.str.contains(",", literal=True).any():
        plain = text.str.replace_all(",", "", literal=True)
        text = pl.select(pl.when(text.str.contains(_THOUSANDS)).then(plain).otherwise(text)).to_series()
    values = text.cast(pl.Float64, strict=False).to_numpy()
    bad = ~np.isfinite(np.asarray(values, dtype=float))
    if bad.any():
        row = int(np.argmax(bad))
        raise CathodelabError(
            "value-not-a-number",
            f"{column[row] or ''!r} is no number",
            where=f"line {first_row + row}, column {label!r}"
            + (f" (and {int(bad.sum()) - 1} more)" if bad.sum() > 1 else ""),
            why=f"Every row needs a finite {name.rpartition('_')[0].replace('_', ' ')}.",
            what_to_do="Correct or remove these rows in a copy, or state the decimal sign.",
            hints=(MEANING,),
        )
    return frozen(values)


def _unequal(row: str, found: int, columns: int, line: int, *, last: bool) -> CathodelabError:
    cut = last and found < columns
    empty = not row.strip()
    if empty:
        what = f"Line {line} is empty"
    else:
        what = f"{'The last line' if last else f'Line {line}'} has {found} of {columns} columns" + (
            ": the file was cut off" if cut else ""
        )
    return CathodelabError(
        "file-truncated" if cut else "row-incomplete",
        what,
        where=f"line {line}: {row[:60]!r}",
        why="A table needs every column in every row; a file that was cut off may lack whole steps too.",
        what_to_do="Copy or export the file again."
        if cut
        else "Look at this line: remove it in a copy where it is no record, or export the file again.",
    )
