"""The workbook: the same numbers as the report, one sheet a table."""

from __future__ import annotations

import io

from cathodelab.study.run import StudyResults
from cathodelab.study.store import TableRows, provenance_record, tables

_WIDEST = 60


def workbook(results: StudyResults, named: dict[str, TableRows] | None = None) -> bytes:
    """An .xlsx file with all tables (``named``, if they are at hand) and the provenance."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bottom": 1})
    warning = book.add_format({"italic": True, "font_color": "#B00020"})
    sheets = {**(named or tables(results)), "provenance": _provenance_rows(results)}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        first = 0
        if results.study.synthetic:
            sheet.write_string(0, 0, "SYNTHETIC DATA: generated, not measured", warning)
            first = 1
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                style = head if number == 0 else None
                if isinstance(value, str):
                    sheet.write_string(first + number, column, value, style)
                elif value is not None:
                    sheet.write(first + number, column, value, style)
        sheet.freeze_panes(first + 1, 1)
        if rows:
            for column in range(len(rows[0])):
                longest = max(len(_shown(row[column])) for row in rows if column < len(row))
                sheet.set_column(column, column, min(longest + 2, _WIDEST))
    book.close()
    return buffer.getvalue()


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _provenance_rows(results: StudyResults) -> list[list[str | float | None]]:
    rows: list[list[str | float | None]] = [["entry", "value"]]

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        elif isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
            for number, item in enumerate(value, 1):
                walk(f"{prefix}.{number}", item)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            rows.append([prefix, value])
        else:
            rows.append([prefix, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)])

    walk("", provenance_record(results))
    return rows
