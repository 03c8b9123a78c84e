"""Which way the current of a row flows: from its sign, or from the state that the cycler writes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import CathodelabError

if TYPE_CHECKING:
    import polars as pl

_LETTERS = {"C": 1.0, "D": -1.0}
_DISCHARGE = ("dchg", "disch", "dch", "放电", "entlad")
_CHARGE = ("chg", "charg", "cha", "充电", "lad")


def way_of(state: str) -> float:
    """+1 for a state of charge, -1 for one of discharge, 0 for any other: letters, English, German, Chinese.

    >>> way_of("C"), way_of("CC DChg"), way_of("恒流充电"), way_of("Rest")
    (1.0, -1.0, 1.0, 0.0)
    """
    text = state.strip().strip('"')
    if len(text) == 1:
        return _LETTERS.get(text.upper(), 0.0)
    lower = text.lower()
    if any(word in lower for word in _DISCHARGE):
        return -1.0
    return 1.0 if any(word in lower for word in _CHARGE) else 0.0


def ways_of(state: pl.Series) -> FloatArray:
    """The way of every row."""
    lengths, texts = state.rle().struct.unnest().get_columns()  # a state lasts for many rows
    known: dict[str, float] = {}
    ways = [known.setdefault(text, way_of(text)) for text in (one or "" for one in texts.to_list())]
    return np.repeat(np.array(ways, dtype=np.float64), lengths.to_numpy())


def signed_current(
    current: FloatArray, directions: FloatArray | None, changed: NDArray[np.bool_], states: str
) -> tuple[FloatArray, str]:
    """The current with + for charge, and a note on the origin of its sign.

    Args:
        current: as the file has it.
        directions: +1, 0, -1 of every row by its state; ``None`` where the file has no states.
        changed: rows that begin a step.
        states: what the file calls its states: ``State``, ``Step Type``.
    """
    negative = bool((current < 0).any())
    if directions is None:
        if negative:
            return (
                current,
                "The sign of the current is the file's (+ = charge); it has no column of states to check it by.",
            )
        return current, (
            "The export has neither signs nor a column of states: all of its current was taken as charging current. "
            f"Export the column {states} if the cell was discharged as well."
        )
    if negative:
        against = int((np.sign(current) * directions < 0).sum())
        if against > 0.5 * int((directions != 0).sum()):
            return frozen(-current), "The signs of the current were turned: the file writes discharge as positive."
        if against:
            return current, f"In {against} rows the sign of the current is against the {states}; the sign was believed."
        return current, f"The sign of the current is the file's; it agrees with the {states} in every row."
    known, borrowed = _with_direction(current, directions, changed, states)
    note = f"The current has no sign in this file: rows of discharge were made negative by their {states}."
    if not (known < 0).any():
        note = f"The current has no sign in this file; by their {states} no row is one of discharge."
    if borrowed:
        note += (
            f" {borrowed} rows with current and another {states} took the direction of the row before in their step."
        )
    return frozen(current * known), note


def _with_direction(
    current: FloatArray, directions: FloatArray, changed: NDArray[np.bool_], states: str
) -> tuple[FloatArray, int]:
    """Direction of every row, and the number of rows under current that took it from the row before in their step."""
    rows = np.arange(current.size)
    last = np.maximum.accumulate(np.where((directions != 0) | changed, rows, 0))
    lacking = (directions == 0) & (current != 0)
    known = np.where(lacking, directions[last], directions)
    bad = lacking & (known == 0)
    if bad.any():
        raise CathodelabError(
            "direction-unknown",
            f"{int(bad.sum())} rows have a current and no direction",
            where=f"data row {int(np.argmax(bad)) + 1}",
            why=f"The file writes currents without sign, and the {states} of these rows is neither charge nor discharge.",
            what_to_do=f"Export the test again with signed currents, or with the column {states} as the cycler wrote it.",
        )
    return known, int(lacking.sum())
