"""The fenced process of :mod:`cathodelab.formats.arbin.workbook`: a workbook on standard input, columns on standard output.

It imports only calamine's binding and the standard library, so it starts in a few milliseconds. Its output:
one line with a Python literal, then the numbers of all columns of all sheets, column by column, as doubles.
"""

from __future__ import annotations

import io
import sys
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_COLUMNS = 256
MOST_VALUES = 1 << 26


def main() -> None:
    """Read, or end with a sentence on standard error and code 1."""
    memory, library, expected = int(sys.argv[1]), sys.argv[2], set(sys.argv[3:])
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
    about = [(labels, rows, odd) for labels, rows, odd, _ in sheets]
    sys.stdout.buffer.write(ascii((book.sheet_names, about)).encode() + b"\n")
    for _, _, _, columns in sheets:
        for column in columns:
            sys.stdout.buffer.write(column.tobytes())


def _sheet(
    book: Any,  # noqa: ANN401 - the binding has its types where mypy looks for it, not in this process
    name: str,
    expected: set[str],
) -> tuple[list[str], int, dict[int, tuple[int, str]], list[array[float]]] | None:
    """Labels, number of rows, odd cells (column -> row, text) and columns of a sheet with the expected labels."""
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    labels = [str(cell) for cell in rows[0][:MOST_COLUMNS]] if rows else []
    while labels and not labels[-1]:
        labels.pop()
    if not expected <= {label.replace("_", " ").partition("(")[0].strip().lower() for label in labels}:
        return None
    width = len(labels)
    empty = [""] * len(rows[0])
    numbers = [number for number, row in enumerate(rows) if number and row != empty]
    if len(numbers) * width > MOST_VALUES:
        raise ValueError("it claims more than 67 million values")
    columns: list[array[float]] = []
    odd: dict[int, tuple[int, str]] = {}
    for place in range(width):
        values = [rows[number][place] for number in numbers]
        if not set(map(type, values)) <= {float, int}:
            first = next(row for row, cell in enumerate(values) if type(cell) not in {float, int})
            odd[place] = (numbers[first] + 1, ascii(values[first])[:80])
            values = []
        columns.append(array("d", values))
    return labels, len(numbers), odd, columns


main()
