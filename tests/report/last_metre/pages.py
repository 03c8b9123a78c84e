"""Where things stand on the page."""

from __future__ import annotations

from comparing import with_heads
from delivery import Delivered
from reading import Section, Table

VERDICTS = {True: "✓ passed", False: "✗ failed", None: "? cannot tell"}


def cell_sections(delivered: Delivered) -> dict[str, Section]:
    """The page of each cell, by the cell's name at the start of its title."""
    return {
        cell: section
        for cell in delivered.wanted.cells
        for section in delivered.page
        if section.title.split(" ")[0] == cell
    }


def of_all_cells(delivered: Delivered) -> list[tuple[str, str, Table]]:
    """(cell, subtitle, table) of every table on the pages of the cells."""
    return [
        (cell, subtitle, table)
        for cell, section in cell_sections(delivered).items()
        for subtitle, table in section.tables
    ]


def section_of(delivered: Delivered, *heads: str) -> tuple[Section, Table]:
    """The only table with these heads outside the pages of the cells, and its section."""
    pages = cell_sections(delivered).values()
    tables = [(section, table) for section in delivered.page if section not in pages for _, table in section.tables]
    found = with_heads([table for _, table in tables], *heads)
    return next(section for section, table in tables if table is found), found
