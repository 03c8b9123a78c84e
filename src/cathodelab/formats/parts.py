"""Files of one interrupted test: their order, and rows that two of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import FILES, CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.table import Table

Part = tuple[Table, Provenance]
_MOST_PERMUTED = 6
_CLEARLY_BETTER_VOLT = 0.05
_CHARGE = "net_charge_ampere_hour"


def parts_in_order(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """The parts in the order of their clocks, without rows that two of them share, and notes on what was changed.

    Wall clocks decide where every file has one, then test clocks that do not overlap. Otherwise the order of the manifest
    is kept, and a note warns where the potentials would join better in another order.

    Raises:
        CathodelabError: the same file twice.
    """
    _refuse_twice(parts)
    ordered: list[Part] = list(parts)
    notes: list[str] = []
    if len(parts) > 1 and all("test_time_second" in table.columns for table, _ in parts):
        ordered, notes = _by_clock(ordered)
        ordered, more = _without_repeats(ordered)
        notes += more
    return ordered, notes


def _refuse_twice(parts: Sequence[Part]) -> None:
    seen: dict[str, str] = {}
    for _, source in parts:
        if source.sha256 and source.sha256 in seen:
            first = seen[source.sha256]
            raise CathodelabError(
                "file-twice",
                "The same file is given twice",
                where=f"{first}, {source.file}",
                why="Both have the same content; joined they would count every cycle twice.",
                what_to_do="Name each file of the cell once.",
                hints=(FILES,),
            )
        seen[source.sha256] = source.file


def _by_clock(parts: list[Part]) -> tuple[list[Part], list[str]]:
    for name in ("unix_time_second", "test_time_second"):
        if not all(name in table.columns for table, _ in parts):
            continue
        first = [float(table.columns[name][0]) for table, _ in parts]
        last = [float(table.columns[name][-1]) for table, _ in parts]
        order = sorted(range(len(parts)), key=lambda i: (first[i], last[i]))
        apart = all(first[b] >= last[a] for a, b in pairwise(order))
        if name == "test_time_second" and not apart:
            break
        if order == list(range(len(parts))):
            return parts, []
        clock = "wall clocks" if name == "unix_time_second" else "test clocks"
        listed = ", ".join(parts[i][1].file for i in order)
        return [parts[i] for i in order], [
            f"The files were put in the order of their {clock}: {listed}; they are named in another."
        ]
    return parts, _doubt(parts)


def _doubt(parts: list[Part]) -> list[str]:
    """If all clocks restart, warn when another order of the files joins the potentials clearly better."""
    if len(parts) > _MOST_PERMUTED:
        return []
    starts = [float(table.column("voltage_volt")[0]) for table, _ in parts]
    ends = [float(table.column("voltage_volt")[-1]) for table, _ in parts]

    def jumps(order: tuple[int, ...]) -> float:
        return sum(abs(starts[b] - ends[a]) for a, b in pairwise(order))

    given = tuple(range(len(parts)))
    best = min(permutations(given), key=jumps)
    if jumps(given) - jumps(best) <= _CLEARLY_BETTER_VOLT:
        return []
    listed = ", ".join(parts[i][1].file for i in best)
    return [
        (
            f"The files may be in the wrong order: where they join the potential jumps by {jumps(given):.2f} V in all, and by "
            f"{jumps(best):.2f} V in the order {listed}. Their clocks do not tell; the order in which they are named was kept."
        )
    ]


def _without_repeats(parts: list[Part]) -> tuple[list[Part], list[str]]:
    """A later export that begins with all rows of the one before replaces it."""
    kept, notes = [parts[0]], []
    for table, source in parts[1:]:
        before, earlier = kept[-1]
        if _begins_with(table, before):
            kept[-1] = (table, source)
            notes.append(
                f"{source.file} begins with all {before.rows} rows of {earlier.file}: a later export of the same test; "
                f"the rows count once."
            )
        elif _begins_with(before, table):
            notes.append(f"{source.file} holds only rows that {earlier.file} holds too; they count once.")
        else:
            kept.append((table, source))
    return kept, notes


def _begins_with(longer: Table, shorter: Table) -> bool:
    rows = shorter.rows
    return longer.rows >= rows and all(
        np.array_equal(longer.column(name)[:rows], shorter.column(name))
        for name in ("test_time_second", "voltage_volt", "current_ampere")
        if name in shorter.columns
    )


def without_repeated_rows(table: Table) -> tuple[Table, int]:
    """The table without rows that repeat the row before in every column, and the number of rows removed."""
    if table.rows < 2 or "test_time_second" not in table.columns:
        return table, 0
    time = table.column("test_time_second")
    again = np.concatenate([[False], np.diff(time) == 0])
    for values in table.columns.values():
        if not again.any():
            return table, 0
        again[1:] &= values[1:] == values[:-1]
    if not again.any():
        return table, 0
    columns: dict[str, FloatArray] = {name: frozen(values[~again]) for name, values in table.columns.items()}
    return replace(table, columns=columns), int(again.sum())


def rests_like_the_others(tables: Sequence[Table]) -> list[Table]:
    """Tables in which no current ever flows get the column of the net charge, unchanged, or lose it, as the others have it."""
    under_current = [one for one in tables if one.kind == "cycling" and np.any(one.columns.get("current_ampere", 0.0))]
    counted = {_CHARGE in one.columns for one in under_current}
    if len(counted) != 1:
        return list(tables)
    has = counted.pop()
    found = []
    for table in tables:
        columns = dict(table.columns)
        if table.kind == "cycling" and table not in under_current and (_CHARGE in columns) != has:
            if has:
                columns[_CHARGE] = np.zeros(table.rows)
            else:
                del columns[_CHARGE]
        found.append(table if len(columns) == len(table.columns) else replace(table, columns=columns))
    return found
