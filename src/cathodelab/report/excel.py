"""The workbook: the same numbers as the report, to keep and to go on with."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from cathodelab.core.result_table import ResultTable
from cathodelab.report.book import Book, Chart

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

SYNTHETIC = "SYNTHETIC DATA: generated, not measured"
_LONGEST_TEXT = 32_767  # what a cell of Excel holds
HEAD_ROW = 3
"""Row of the column heads (from 0) on every sheet but the contents: above are the sheet's meaning and the way back."""


def workbook(content: Book) -> bytes:
    """An .xlsx file: contents, all sheets, and charts below those that have one.

    Texts are written as texts: none is ever a formula or a link.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False})
    book.set_properties({"title": content.title, "comments": "Made with cathodelab."})
    styles = _Styles(book)
    _write_contents(book.add_worksheet("contents"), content, styles)
    for sheet in content.sheets:
        page = book.add_worksheet(sheet.name)
        _write_sheet(page, sheet, styles, synthetic=content.synthetic)
        if sheet.name in content.charts:
            _add_chart(book, page, sheet, content.charts[sheet.name])
    book.close()
    return buffer.getvalue()


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.of = cache(self._made)

    def _made(self, **properties: Any) -> Any:  # noqa: ANN401 - xlsxwriter's own
        return self._book.add_format({"font_name": "Calibri", "font_size": 11, **properties})

    @property
    def title(self) -> Any:  # noqa: ANN401
        return self.of(bold=True, font_size=16)

    @property
    def head(self) -> Any:  # noqa: ANN401
        return self.of(bold=True, bottom=1, bg_color="#E9EBEF", text_wrap=True, valign="bottom", indent=1)

    @property
    def head_of_numbers(self) -> Any:  # noqa: ANN401
        return self.of(bold=True, bottom=1, bg_color="#E9EBEF", text_wrap=True, valign="bottom", align="right")

    @property
    def soft(self) -> Any:  # noqa: ANN401
        return self.of(italic=True, font_color="#5D6068")

    @property
    def warning(self) -> Any:  # noqa: ANN401
        return self.of(bold=True, font_color="#A3260B")

    @property
    def link(self) -> Any:  # noqa: ANN401
        return self.of(font_color="#0072B2", underline=1)


def _write_contents(page: Worksheet, content: Book, styles: _Styles) -> None:
    page.hide_gridlines(2)
    page.write_string(0, 0, content.title[:_LONGEST_TEXT], styles.title)
    page.write_string(1, 0, content.made, styles.soft)
    if content.synthetic:
        page.write_string(2, 0, SYNTHETIC, styles.warning)
    for column, title in enumerate(("sheet", "rows", "what it holds")):
        page.write_string(HEAD_ROW, column, title, styles.head)
    for number, sheet in enumerate(content.sheets, HEAD_ROW + 1):
        page.write_url(number, 0, f"internal:'{sheet.name}'!A1", styles.link, sheet.name)
        page.write_number(number, 1, len(sheet.rows))
        page.write_string(number, 2, sheet.about, styles.of(indent=1))
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 8)
    page.set_column(2, 2, 115)
    _print_well(page)


def _write_sheet(page: Worksheet, sheet: ResultTable, styles: _Styles, *, synthetic: bool) -> None:
    page.write_string(0, 0, sheet.about, styles.soft)
    page.write_url(1, 0, "internal:'contents'!A1", styles.link, "to the contents")
    if synthetic:
        page.write_string(2, 0, SYNTHETIC, styles.warning)
    page.set_row(HEAD_ROW, 32)
    for column, field in enumerate(sheet.fields):
        numbers = any(isinstance(row[column], float) for row in sheet.rows if column < len(row))
        page.write_string(HEAD_ROW, column, field.head, styles.head_of_numbers if numbers else styles.head)
    for number, row in enumerate(sheet.rows):
        for column, value in enumerate(row):
            form = sheet.fields[column].form or (sheet.forms[number] if sheet.forms else "General")
            _write_value(page, HEAD_ROW + 1 + number, column, value, styles, form)
    for column, field in enumerate(sheet.fields):
        longest = max((len(_shown(row[column], field.form)) for row in sheet.rows if column < len(row)), default=0)
        head = max(map(len, field.head.split(" "))) + 1
        width = max(longest, head, min(len(field.head), 14)) + 3
        page.set_column(column, column, min(width, field.widest))
    last = HEAD_ROW + len(sheet.rows)
    page.autofilter(HEAD_ROW, 0, last, len(sheet.fields) - 1)
    page.freeze_panes(HEAD_ROW + 1, 1)
    page.repeat_rows(HEAD_ROW)
    _print_well(page)


def _write_value(page: Worksheet, row: int, column: int, value: object, styles: _Styles, form: str) -> None:
    if isinstance(value, bool):
        page.write_string(row, column, "yes" if value else "no", styles.of(indent=1))
    elif isinstance(value, int):
        page.write_number(row, column, value)
    elif isinstance(value, float):
        page.write_number(row, column, value, styles.of(num_format=form))
    elif isinstance(value, str) and value:
        page.write_string(row, column, value[:_LONGEST_TEXT], styles.of(indent=min(column, 1)))


def _print_well(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer("&L&F, &A&RPage &P of &N")


def _add_chart(book: Workbook, page: Worksheet, sheet: ResultTable, wanted: Chart) -> None:
    """One number of every row with its asymmetric interval, as a chart of Excel's own, below the table."""
    from xlsxwriter.utility import xl_range_abs

    first, last = HEAD_ROW + 1, HEAD_ROW + len(sheet.rows)

    def cells(column: int) -> list[Any]:
        return [sheet.name, first, column, last, column]

    def side(column: int) -> str:
        return f"='{sheet.name}'!{xl_range_abs(first, column, last, column)}"

    errors = {"type": "custom", "plus_values": side(wanted.plus), "minus_values": side(wanted.minus)}
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": wanted.axis,
            "categories": cells(0),
            "values": cells(wanted.value),
            "line": {"none": True},
            "marker": {"type": "circle", "size": 6, "fill": {"color": "#0072B2"}, "border": {"color": "#0072B2"}},
            "y_error_bars": errors,
        }
    )
    chart.set_title({"name": wanted.title, "name_font": {"size": 12}})
    chart.set_y_axis({"name": wanted.axis, "major_gridlines": {"visible": True, "line": {"color": "#D9DBE0"}}})
    chart.set_legend({"none": True})
    chart.set_size({"width": max(480, 60 * len(sheet.rows)), "height": 320})
    page.insert_chart(last + 2, 0, chart)


def _shown(value: object, form: str) -> str:
    if isinstance(value, float):
        return f"{value:.5g}" if not form else f"{value:.{form.count('0') - 1}f}"
    return "" if value is None else str(value)
