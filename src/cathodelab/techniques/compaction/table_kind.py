"""What the rows of a compaction table are: readings of one length, each with its load and what the length is."""

from __future__ import annotations

import numpy as np

from cathodelab.formats.table import Columns, TableKind

LENGTHS = ("in die", "out of die", "somewhere", "displacement")
"""What the column ``length_index`` counts."""
LOADS = ("pressure_megapascal", "force_kilonewton", "mass_milligram")
LENGTH, INDEX = "length_micrometre", "length_index"
_WIDE = {
    "thickness_in_die_micrometre": "in die",
    "thickness_out_of_die_micrometre": "out of die",
    "thickness_micrometre": "somewhere",
    "displacement_micrometre": "displacement",
}
"""Columns of a table that has one for each kind of length."""


def one_reading_a_row(columns: Columns, _notes: list[str]) -> Columns:
    """Rows with several lengths become several rows, all of one length after all of the other."""
    wide = [name for name in _WIDE if name in columns]
    found = {name: np.tile(columns[name], len(wide)) for name in LOADS if name in columns}
    rows = columns[wide[0]].size
    found[LENGTH] = np.concatenate([columns[name] for name in wide])
    found[INDEX] = np.repeat([float(LENGTHS.index(_WIDE[name])) for name in wide], rows)
    return found


COMPACTION = TableKind(
    "compaction",
    needed=(LENGTH, INDEX),
    columns=(*LOADS, *_WIDE),
    words={
        "pressure": "pressure_megapascal",
        "force": "force_kilonewton",
        "mass": "mass_milligram",
        "in_die": "thickness_in_die_micrometre",
        "out_of_die": "thickness_out_of_die_micrometre",
        "thickness": "thickness_micrometre",
        "displacement": "displacement_micrometre",
    },
    enough=tuple((load, length) for load in LOADS[:2] for length in _WIDE),
    completed=one_reading_a_row,
)
TABLES = (COMPACTION,)
