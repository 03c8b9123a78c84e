"""Columns of numbers from delimited text, with errors that name the row.

polars parses. This module adds what a lab needs and a parser does not offer: which line was truncated, which cell is no
number, whether a decimal comma was meant.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
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


@dataclass(frozen=True)
class TextTable:
    """Header and body of a delimited text, not yet numbers."""

    header: tuple[str, ...]
    body: str
    delimiter: str
    first_row: int
    decimal_comma: bool


def refuse_no_text(content: bytes) -> None:
    """Refuse empty, very large and binary content."""
    if not content or content.isspace():
        raise CathodelabError(
            "file-empty",
            "The file is empty",
            where=f"{len(content)} bytes",
            why="There is nothing to evaluate.",
            what_to_do="Export the measurement again, or mark the cell as excluded with a reason.",
        )
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
            why="It contains zero bytes, as binary files and UTF-16 do.",
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

    Args:
        text: the whole file.
        delimiter: one character; found from the header where empty.
        decimal: ``.`` or ``,``; found from the first row where empty.
        skip_rows: lines before the header.
    """
    lines = text.splitlines()
    if len(lines) <= skip_rows:
        raise no_rows(f"{len(lines)} lines")
    head = lines[skip_rows]
    delimiter = delimiter or max(_DELIMITERS, key=head.count)
    header = tuple(name.strip().strip('"') for name in head.split(delimiter))
    rows = lines[skip_rows + 1 :]
    while rows and not rows[-1].strip():
        rows.pop()
    if not rows:
        raise no_rows(f"{len(lines)} lines")
    _refuse_unequal_rows(rows, delimiter, len(header), skip_rows + 2)
    decimal = decimal or ("," if delimiter != "," and "," in rows[0] and "." not in rows[0] else ".")
    return TextTable(header, "\n".join(rows), delimiter, skip_rows + 2, decimal == ",")


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
    return {name: _numeric(frame.to_series(place), table, name, place) for name, place in wanted.items()}


def _numeric(column: pl.Series, table: TextTable, name: str, place: int) -> FloatArray:
    import polars as pl

    text = column.str.strip_chars().str.strip_chars('"')
    if table.decimal_comma:
        text = text.str.replace(",", ".", literal=True)
    values = text.cast(pl.Float64, strict=False).to_numpy()
    bad = ~np.isfinite(np.asarray(values, dtype=float))
    if bad.any():
        row = int(np.argmax(bad))
        raise CathodelabError(
            "value-not-a-number",
            f"{column[row] or ''!r} is no number",
            where=f"line {table.first_row + row}, column {table.header[place]!r}"
            + (f" (and {int(bad.sum()) - 1} more)" if bad.sum() > 1 else ""),
            why=f"Every row needs a finite {name.rpartition('_')[0].replace('_', ' ')}.",
            what_to_do="Correct or remove these rows in a copy, or state the decimal sign.",
            hints=(MEANING,),
        )
    return frozen(values)


def _refuse_unequal_rows(rows: list[str], delimiter: str, columns: int, first_row: int) -> None:
    for number, row in enumerate(rows):
        found = row.count(delimiter) + 1
        if found != columns:
            last = number == len(rows) - 1
            raise CathodelabError(
                "file-truncated" if last else "row-incomplete",
                f"{'The last line' if last else f'Line {first_row + number}'} has {found} of {columns} columns"
                + (": the file was cut off" if last else ""),
                where=f"line {first_row + number}: {row[:60]!r}",
                why="A table needs every column in every row; a file that was cut off may lack whole steps too.",
                what_to_do="Copy or export the file again.",
            )
