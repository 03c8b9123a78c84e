"""The table of holds, as the source has it (Table S1): a row a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.estimate import Estimate, EstimateSet
from cathodelab.core.result_table import CellEntry, Field, ResultTable


@dataclass(frozen=True)
class Beside:
    """The cathode's resistance in a spectrum before or after the hold.

    Args:
        when: ``before`` or ``after``.
        number: of the spectrum.
        potential_volt: at which it was measured.
        role: what the resistance is.
        resistance: ohm cm2.
    """

    when: str
    number: int
    potential_volt: float
    role: str
    resistance: Estimate


@dataclass(frozen=True, eq=False)
class HoldRow(ReadOnlyArrays):
    """What a row is made of; see the result of the growth during a hold."""

    cell: str
    role: str
    potential_volt: float
    numbers: tuple[int, ...]
    resistance: FloatArray
    standard: FloatArray
    estimates: EstimateSet
    beside: tuple[Beside, ...]


_RATE = "ohm_cm2_per_root_hour"
_FIELDS = tuple(
    Field(key)
    for key in (
        "cell",
        "resistance_of",
        "potential_volt",
        "first_spectrum",
        "last_spectrum",
        "spectra",
        "before_volt",
        "before_of",
        "before_ohm_cm2",
        "before_standard_ohm_cm2",
        "start_ohm_cm2",
        "start_standard_ohm_cm2",
        "end_ohm_cm2",
        "end_standard_ohm_cm2",
        "after_volt",
        "after_of",
        "after_ohm_cm2",
        "after_standard_ohm_cm2",
        f"rate_{_RATE}",
        f"rate_standard_{_RATE}",
        f"rate_from_first_spectrum_{_RATE}",
        f"rate_from_first_spectrum_standard_{_RATE}",
        "time_zero_before_first_spectrum_h",
    )
)


def holds_table(rows: Sequence[HoldRow]) -> ResultTable:
    """All holds; standard uncertainties of resistances in the hold are without that of the area, all others with it."""
    about = "Resistance of the cathode before, at the start and end of, and after the hold of each cell, and its rate."
    return ResultTable("holds", about, _FIELDS, tuple(_entries(row) for row in rows))


def _entries(row: HoldRow) -> tuple[CellEntry, ...]:
    rates = [row.estimates.estimate(name) for name in ("growth_rate", "growth_rate_from_first_spectrum")]
    hours = row.estimates.estimate("growth_hours_before_first_spectrum").value
    ends = [value for place in (0, -1) for value in (row.resistance[place], row.standard[place])]
    return (
        row.cell,
        row.role,
        _finite(row.potential_volt),
        row.numbers[0],
        row.numbers[-1],
        len(row.numbers),
        *_side(row.beside, "before"),
        *map(_finite, ends),
        *_side(row.beside, "after"),
        *(entry for rate in rates for entry in (_finite(rate.value), _finite(rate.plus))),
        _finite(hours),
    )


def _side(beside: Sequence[Beside], when: str) -> tuple[CellEntry, ...]:
    one = next((one for one in beside if one.when == when), None)
    if one is None:
        return (None, "", None, None)
    return (_finite(one.potential_volt), one.role, _finite(one.resistance.value), _finite(one.resistance.plus))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
