"""Excel workbooks of cyclers: Arbin, Neware (BTSDA and BTS), LAND. The labels of its sheets tell whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.arbin.text import HEADER_MARKS, KNOWN, NEEDED, arbin_table, is_arbin_header
from cathodelab.formats.declared.makers import LAND
from cathodelab.formats.neware.labels import KNOWN as NEWARE_KNOWN
from cathodelab.formats.neware.labels import NEWARE, RECORD, is_neware_header
from cathodelab.formats.shared.cycler_table import NEEDED as NEEDED_OF_ANY
from cathodelab.formats.shared.cycler_table import Cycler, cycler_table
from cathodelab.formats.shared.labels import Known, parted, placed
from cathodelab.formats.shared.workbook import Sheet, sheets_of
from cathodelab.formats.table import Table, no_rows

_ELECTRICAL = (("voltage", "current"), ("电压", "电流"), ("voltage", "cur"))
WANTED = (
    HEADER_MARKS,
    *(frozenset({record, *pair}) for record in sorted(RECORD) for pair in _ELECTRICAL),
    frozenset({"record", "voltage", "current", "testtime"}),
)
"""Sets of labels that mark a sheet of records."""
_DATES = "dates"


def read_workbook(content: bytes) -> Table:
    """The test of a workbook; one that continues on several sheets is joined.

    Raises:
        CathodelabError: no sheet is one of records, or a cell is no number.
    """
    names, sheets = sheets_of(content, WANTED)
    arbin = [sheet for sheet in sheets if is_arbin_header(list(sheet.labels))]
    if arbin:
        return _of_arbin(arbin)
    neware = [sheet for sheet in sheets if is_neware_header(sheet.labels)]
    if neware:
        return _of_cycler(NEWARE, NEWARE_KNOWN, neware)
    if sheets:
        return _of_cycler(LAND.cycler, LAND.known, sheets)
    raise CathodelabError(
        "column-missing",
        "No sheet of the workbook is a record of a test",
        where="sheets " + ", ".join(names)[:200],
        why="Workbooks of Arbin, Neware (BTSDA) and LAND are known by labels such as Test_Time(s), Step_Index, "
        "Charge_Capacity(Ah); DataPoint, Step Type, Current(mA), Voltage(V); Record, TestTime, Current, Voltage.",
        what_to_do="Export the records: in BTSDA tick the layer `record`, in MITS the raw data of the channel; or state what "
        "the columns mean.",
        hints=(MEANING,),
    )


def _of_arbin(sheets: Sequence[Sheet]) -> Table:
    parts: list[dict[str, FloatArray]] = []
    unknown: tuple[str, ...] = ()
    for sheet in sheets:
        places, unknown = placed(sheet.labels, KNOWN, NEEDED, sheet.label_row)
        if sheet.rows:
            parts.append({name: sheet.numbers(place) for name, place in places.items()})
    return arbin_table(_together(parts), unknown)


def _of_cycler(cycler: Cycler, known: Mapping[str, Known], sheets: Sequence[Sheet]) -> Table:
    """Sheets of records of a maker; columns of dates and states are used where they can be read."""
    import polars as pl

    parts: list[dict[str, FloatArray]] = []
    states: list[str] = []
    unknown: tuple[str, ...] = ()
    for sheet in sheets:
        spelled = sheet.labels if cycler is NEWARE else [LAND.spelled(label) for label in sheet.labels]
        places, unknown = placed(spelled, known, NEEDED_OF_ANY, sheet.label_row)
        if not sheet.rows:
            continue
        state, dates = places.pop("state", None), places.pop(_DATES, None)
        part = {name: sheet.numbers(place) for name, place in places.items()}
        if dates is not None and dates.position not in sheet.odd and dates.position not in sheet.words:
            part["unix_time_second"] = sheet.numbers(dates)
        parts.append(part)
        states += [] if state is None else sheet.texts(state.position)
    raw = _together(parts)
    rows = raw["voltage_volt"].size
    said = pl.Series(states, dtype=pl.String) if len(states) == rows else None
    kept = [one for one in unknown if parted(one)[0] not in RECORD]
    return cycler_table(cycler, raw, said, kept)


def _together(parts: Sequence[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    if not parts:
        raise no_rows()
    shared = set.intersection(*(set(part) for part in parts))
    return {name: frozen(np.concatenate([part[name] for part in parts])) for name in parts[0] if name in shared}
