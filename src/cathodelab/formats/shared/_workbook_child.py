"""The fenced process of :mod:`cathodelab.formats.shared.workbook`: a workbook on standard input, columns on standard output.

It imports only calamine's binding and the standard library, so it starts in a few milliseconds. Its output:
one line with a Python literal, then the numbers of all columns of all sheets, column by column, as doubles.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
import sys
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_COLUMNS = 256
MOST_VALUES = 1 << 26
MOST_LINES_BEFORE = 60
MOST_WORDS = 200
_CLOCK = re.compile(r"\s*(?:(\d+)[d-]\s*)?(\d+):(\d{2}):(\d{2}(?:[.,]\d*)?)\s*")
_DATE = re.compile(r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*")
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - differences alone are used


def main() -> None:
    """Read, or end with a sentence on standard error and code 1."""
    memory, library = int(sys.argv[1]), sys.argv[2]
    expected = [frozenset(one) for one in ast.literal_eval(sys.argv[3])]
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ImportError:
        pass  # Windows has no such limits; time is bounded anyway
    sys.path.append(library)
    import python_calamine

    # a panic of the library is a BaseException: whatever it is, this process reports it in one line and ends
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        sheets = [found for name in book.sheet_names if (found := _sheet(book, name, expected))]
    except BaseException as error:  # noqa: BLE001 - see above
        sys.exit(f"{type(error).__name__}: {str(error)[:200]}")
    about = [found[:-1] for found in sheets]
    sys.stdout.buffer.write(ascii((book.sheet_names, about)).encode() + b"\n")
    for *_, columns in sheets:
        for column in columns:
            sys.stdout.buffer.write(column.tobytes())


def _sheet(
    book: Any,  # noqa: ANN401 - the binding has its types where mypy looks for it, not in this process
    name: str,
    expected: list[frozenset[str]],
) -> tuple[Any, ...] | None:
    """Labels, number of rows, odd cells, words and columns of a sheet that has one of the sets of labels.

    Odd cells: column -> row, text. Words: column -> its different words, the column holds their numbers.
    """
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    at = next((at for at, row in enumerate(rows[:MOST_LINES_BEFORE]) if _are_labels(row, expected)), None)
    if at is None:
        return None
    labels = [str(cell) for cell in rows[at][:MOST_COLUMNS]]
    while labels and not labels[-1]:
        labels.pop()
    width = len(labels)
    empty = [""] * len(rows[at])
    numbers = [number for number, row in enumerate(rows) if number > at and row != empty]
    if len(numbers) * width > MOST_VALUES:
        raise ValueError("it claims more than 67 million values")
    columns: list[array[float]] = []
    odd: dict[int, tuple[int, str]] = {}
    words: dict[int, list[str]] = {}
    for place in range(width):
        values = [rows[number][place] for number in numbers]
        if not set(map(type, values)) <= {float, int}:
            found = _times(values)
            if found is None:
                found, words_of = _words(values)
                if words_of:
                    words[place] = words_of
            if not found:
                first = next(row for row, cell in enumerate(values) if type(cell) not in {float, int})
                odd[place] = (numbers[first] + 1, ascii(values[first])[:80])
            values = found
        columns.append(array("d", values))
    return labels, at + 1, len(numbers), odd, words, columns


def _are_labels(row: list[object], expected: list[frozenset[str]]) -> bool:
    texts = {str(cell).strip() for cell in row[:MOST_COLUMNS] if isinstance(cell, str)}
    names = {re.split(r"[(\[/\uff08]", text.replace("_", " "))[0].strip().lower() for text in texts}
    return any(one <= names | texts for one in expected)


def _times(values: list[object]) -> list[float] | None:
    """Seconds of clocks, or since 1970 of dates; ``None`` where a cell is neither."""
    found = []
    for cell in values:
        if isinstance(cell, dt.datetime):
            found.append((cell - _EPOCH).total_seconds())
        elif isinstance(cell, dt.date):  # midnight
            found.append(86400.0 * (cell - _EPOCH.date()).days)
        elif isinstance(cell, dt.timedelta):
            found.append(cell.total_seconds())
        elif isinstance(cell, dt.time):
            found.append(cell.hour * 3600.0 + cell.minute * 60 + cell.second + cell.microsecond / 1e6)
        elif isinstance(cell, str) and (match := _CLOCK.fullmatch(cell)):
            day, hour, minute, second = match.groups()
            found.append(
                int(day or 0) * 86400.0 + int(hour) * 3600 + int(minute) * 60 + float(second.replace(",", "."))
            )
        elif isinstance(cell, str) and (match := _DATE.fullmatch(cell)):
            year, month, day, hour, minute, second, part = match.groups()
            moment = dt.datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))  # noqa: DTZ001
            found.append((moment - _EPOCH).total_seconds() + float(f"0.{part or 0}"))
        else:
            return None
    return found


def _words(values: list[object]) -> tuple[list[float], list[str]]:
    """Numbers of the words of a column and the words, where they are few; else empty."""
    numbers: dict[str, int] = {}
    found = []
    for cell in values:
        if not isinstance(cell, str):
            return [], []
        found.append(float(numbers.setdefault(cell, len(numbers))))
        if len(numbers) > MOST_WORDS:
            return [], []
    return found, list(numbers)


main()
