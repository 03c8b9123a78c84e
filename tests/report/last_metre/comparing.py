"""Tables that a reader meets against what they should hold, column by column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from reading import Table, number

_WORDS = {True: ("yes", "True", True), False: ("no", "False", False), None: ("", None, "cannot say")}


def same(shown: Any, wanted: Any) -> bool:
    """Whether an entry of a table shows a value: numbers to the last digits that a file keeps, nothing for nan."""
    if wanted is None or isinstance(wanted, bool | np.bool_):
        return any(shown is word or (isinstance(word, str) and shown == word) for word in _WORDS[wanted])
    if isinstance(wanted, str):
        return ("" if shown is None else str(shown).removeprefix("'")) == wanted
    if not math.isfinite(wanted):
        return shown in ("", None)
    found = number(shown)
    return found is not None and math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-300)


def assert_table(
    table: Table, wanted: Sequence[Any], getters: Mapping[str, Callable[[Any], Any]], key: Sequence[str]
) -> None:
    """Row by row in order; a column that no getter knows is a number that nobody tested."""
    missing = [head for head in key if head not in table.heads]
    assert not missing, f"{table.place}: no column {missing} among {table.heads}"
    unknown = [head for head in table.heads if head not in getters]
    assert not unknown, f"{table.place}: columns that no test compares: {unknown}"
    assert len(table.rows) == len(wanted), f"{table.place}: {len(table.rows)} rows for {len(wanted)}"
    assert wanted, f"{table.place}: nothing to compare"
    for place, (row, one) in enumerate(zip(table.records, wanted, strict=True)):
        for head, shown in row.items():
            expected = getters[head](one)
            assert same(shown, expected), f"{table.place}, row {place}, {head}: {shown!r} instead of {expected!r}"


def table_of_records(place: str, records: Sequence[Mapping[str, Any]]) -> Table:
    """A list of objects as a table."""
    assert records, f"{place}: no entry"
    heads = tuple(records[0])
    assert all(tuple(record) == heads for record in records), f"{place}: entries differ in their keys"
    return Table(place, heads, tuple(tuple(record.values()) for record in records))


def with_heads(tables: Iterable[Table], *heads: str) -> Table:
    """The only table with all these heads."""
    found = [table for table in tables if set(heads) <= set(table.heads)]
    assert len(found) == 1, f"{len(found)} tables with {heads}: {[table.place for table in found]}"
    return found[0]
