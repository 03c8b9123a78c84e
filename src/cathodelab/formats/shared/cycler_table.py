"""The table of a cycler's test from its columns: what text exports and workbooks of all makers have in common.

Makers differ in labels and units, which a reader declares. Then all is alike: the current gets its sign, steps that repeat are
counted on, clocks of steps are put one behind the other, counters that start anew are continued.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.shared.counted_ends import CountedEnds, counted_ends, ends_of_counter
from cathodelab.formats.shared.directions import signed_current, ways_of
from cathodelab.formats.shared.rebuild import (
    STEP_NOTE,
    agreement_note,
    anew_note,
    counted,
    net_of_counter,
    net_of_pair,
    step_changes,
)
from cathodelab.formats.table import Table

if TYPE_CHECKING:
    import polars as pl

NEEDED = ("voltage_volt", "current_ampere")
"""What every file has; a clock is looked for in several columns."""
COUNTERS = ("charging_capacity_ampere_hour", "discharging_capacity_ampere_hour")
"""Counters of either direction."""
_SINGLE = "counter_ampere_hour"
_EITHER = "counted_ampere_hour"
"""A count of charge of which the maker does not say whether it is one of the step or a balance: the current tells."""
_KEPT = ("step_time_second", "step_id", "cycle_count", "temperature_t1_celsius", "counter_electrode_potential_volt")
_BALANCED = 0.2
"""Share of the charge that may differ from the current's in a balance."""


@dataclass(frozen=True)
class Cycler:
    """How a maker writes tests.

    Args:
        name: the maker, or maker and software.
        states: what it calls the state of a row, for messages.
        turned: whether its positive current discharges the cell.
        signed: whether it always writes discharge as negative: then a current that is nowhere negative only charges.
        every_step: whether a counter starts at zero in each step; ``None``: found from the rows.
    """

    name: str
    states: str = "step type"
    turned: bool = False
    signed: bool = False
    every_step: bool | None = None


def cycler_table(
    cycler: Cycler,
    raw: Mapping[str, FloatArray],
    state: pl.Series | None,
    unknown: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Table:
    """The table of a test.

    Args:
        cycler: who wrote it.
        raw: columns in canonical units: potential, current, and a clock of the test, of the step or dates
            (``unix_time_second``); steps, cycles, one counter of charge or two.
        state: word or letter of the state of each row.
        unknown: labels that are not known.
        notes: what the reader found odd.

    Raises:
        CathodelabError: there is no clock, or a current without direction.
    """
    said = list(notes)
    steps, described = _step_ids(raw, state)
    clock = raw.get("step_time_second")
    changed = np.zeros(raw["voltage_volt"].size, bool) if steps is None else step_changes(steps, clock)
    columns = {"test_time_second": _test_time(cycler, raw, changed, said), "voltage_volt": raw["voltage_volt"]}
    directions = None if state is None else ways_of(state)
    current = -raw["current_ampere"] if cycler.turned else raw["current_ampere"]
    if directions is None and all(name in raw for name in COUNTERS) and not (current < 0).any():
        directions = _ways_of_counters(raw, changed)
    discharges = directions is not None and bool(((directions < 0) & (current != 0)).any())
    if cycler.signed and not discharges and not (current < 0).any():
        columns["current_ampere"] = frozen(current)
    else:
        columns["current_ampere"], note = signed_current(frozen(current), directions, changed, cycler.states)
        said.append(note)
    if steps is not None:
        columns["step_count"] = counted(changed)
        said.append(described)
    ends = _net_charge(cycler, raw, columns, directions, changed, said)
    columns |= {name: frozen(raw[name]) for name in _KEPT if name in raw}
    return Table("cycling", columns, tuple(unknown), tuple(note for note in said if note), counted=ends)


def _step_ids(raw: Mapping[str, FloatArray], state: pl.Series | None) -> tuple[FloatArray | None, str]:
    """Numbers of the steps, and how they were found; ``None`` where nothing tells."""
    if "step_id" in raw:
        return raw["step_id"], STEP_NOTE
    if state is None and "step_time_second" not in raw:
        return None, ""
    words = np.zeros(raw["voltage_volt"].size)
    if state is not None:
        words = state.rle_id().to_numpy().astype(np.float64)
    what = "its states and the clock of the step" if state is not None else "the clock of the step"
    return words, f"The file has no step number; steps were rebuilt from {what}."


def _test_time(
    cycler: Cycler, raw: Mapping[str, FloatArray], changed: NDArray[np.bool_], said: list[str]
) -> FloatArray:
    """The clock of the test; where it is missing, dates of the steps and their clocks, or these alone, put together."""
    if "test_time_second" in raw:
        return raw["test_time_second"]
    clock, dates = raw.get("step_time_second"), raw.get("unix_time_second")
    if clock is None:
        if dates is None:
            raise _no_clock(cycler)
        said.append("The file has no clock of the test; it was made from its dates.")
        return frozen(dates - dates[0])
    begins = np.flatnonzero(changed)
    starts = np.concatenate([[0], begins])
    of_step = np.cumsum(changed)
    if dates is not None:
        at = dates[starts] - clock[starts] - (dates[0] - clock[0])
        said.append("The file has no clock of the test; it was made from the dates of the steps and their clocks.")
    else:
        lengths = clock[begins - 1] - 0.0
        at = np.concatenate([[0.0], np.cumsum(lengths)])
        said.append(
            "The file has no clock of the test; those of the steps were put one behind the other, so that pauses between "
            "steps are not in it."
        )
    # dates are whole seconds: a step may not begin before the one before it ends
    return frozen(np.maximum.accumulate(at[of_step] + clock))


def _no_clock(cycler: Cycler) -> CathodelabError:
    return CathodelabError(
        "column-missing",
        f"The {cycler.name} export has no clock",
        where="header",
        why="Neither a time of the test nor one of the step nor dates are among its columns.",
        what_to_do="Export it again with the time of the test, or state which column holds it.",
        hints=(MEANING,),
    )


def _ways_of_counters(raw: Mapping[str, FloatArray], changed: NDArray[np.bool_]) -> FloatArray:
    """-1 in steps in which only the counter of discharge moves, +1 in those of the other."""
    step = np.cumsum(changed)
    moved = []
    for name in COUNTERS:
        size = np.abs(raw[name])
        change = np.diff(size, prepend=size[0])
        change[changed] = 0.0
        moved.append(np.bincount(step, np.maximum(change, 0.0)))
    return np.asarray(np.sign(moved[0] - moved[1])[step], dtype=np.float64)


@np.errstate(all="ignore")  # numbers of a damaged file may overflow
def _is_balance(raw: Mapping[str, FloatArray], columns: Mapping[str, FloatArray]) -> bool:
    """Whether a count of charge falls in discharge and is nowhere set back: then its changes are those of the current."""
    moved = np.diff(raw[_EITHER])
    current = columns["current_ampere"]
    flowed = (current[1:] + current[:-1]) * np.diff(columns["test_time_second"]) / 7200
    steady = np.sign(current[1:]) == np.sign(current[:-1])
    # what the count does where no current flows, or flows the other way, is a reset
    against = np.abs(moved - flowed)[steady].sum() + np.abs(moved)[~steady].sum()
    return bool((current < 0).any() and against < _BALANCED * np.abs(flowed[steady]).sum())


def _net_charge(
    cycler: Cycler,
    raw: Mapping[str, FloatArray],
    columns: dict[str, FloatArray],
    directions: FloatArray | None,
    changed: NDArray[np.bool_],
    said: list[str],
) -> CountedEnds | None:
    """Add the net charge from what the cycler counted; returns what its counters read at both ends."""
    if "net_charge_ampere_hour" in raw:
        net = -raw["net_charge_ampere_hour"] if cycler.turned else raw["net_charge_ampere_hour"]
        columns["net_charge_ampere_hour"] = frozen(net - net[0])
        said.append(agreement_note(columns))
        return None
    if all(name in raw for name in COUNTERS):
        pair = (raw[COUNTERS[0]], raw[COUNTERS[1]])
        columns["net_charge_ampere_hour"] = net_of_pair(*pair, changed)
        rebuilt = "charging and discharging capacity, which start from zero at each step or cycle."
        said += [
            f"The net charge was rebuilt from the {cycler.name}'s {rebuilt}",
            anew_note(changed, *pair),
            agreement_note(columns),
        ]
        return counted_ends(*pair, changed)
    if _EITHER in raw and _is_balance(raw, columns):
        columns["net_charge_ampere_hour"] = frozen(raw[_EITHER] - raw[_EITHER][0])
        said += [
            f"The {cycler.name}'s count of charge rises in charge and falls in discharge: it was taken as the net charge.",
            agreement_note(columns),
        ]
        return None
    counted_charge = raw.get(_SINGLE, raw.get(_EITHER))
    if counted_charge is None:
        return None
    counter = np.abs(counted_charge)
    direction = np.sign(columns["current_ampere"])
    if directions is not None:
        direction = np.where(directions != 0, directions, direction)
    net = net_of_counter(counter, direction, changed, every_step=cycler.every_step)
    columns["net_charge_ampere_hour"] = net
    rebuilt = "one count of charge, which starts from zero at each step and has no direction of its own."
    said += [
        f"The net charge was rebuilt from the {cycler.name}'s {rebuilt}",
        anew_note(changed, counter),
        agreement_note(columns),
    ]
    return ends_of_counter(counter, direction, changed)
