"""What the list of contradictions (:mod:`cathodelab.formats.scale`) says of half cycles, records and finished titrations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.core.steps import current_signs, row_states
from cathodelab.formats.scale import (
    CAPACITY,
    CLOCK,
    COUNTER,
    LEAST_POTENTIAL_VOLT,
    POTENTIAL,
    RATE,
    judged,
    scales_of,
)
from cathodelab.formats.shared.dates import CLOCK_OVER_DATES
from cathodelab.formats.shared.impossible_scales import counted_and_flowed
from cathodelab.formats.table import Table

_NAN = float("nan")
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class Extent:
    """How large the numbers of a record are; ``nan`` where it does not tell.

    Args:
        most_mAh: charge of the largest half cycle at least.
        at_most_mAh: the same at most (they differ where pulses part it); ``nan`` where no whole cycle was
            recorded, and the largest tells nothing of how much there could be.
        rates_mA: smallest and largest mean current of a half cycle.
        volt: median and highest potential while current flows, as recorded (against the counter electrode).
        counted: what the cycler counted over the integral of the current, of charge and discharge.
        clock: test time over the time between the dates.
    """

    most_mAh: float
    at_most_mAh: float
    rates_mA: tuple[float, float]
    volt: tuple[float, float]
    counted: tuple[float, float]
    clock: float


def extent_of(record: CyclingRecord) -> Extent:
    """Of a record, without looking for its half cycles: runs of one direction of current, rests left out."""
    volt = middle_and_highest(record.voltage_volt, row_states(record) != 0)
    counted, clock = told_twice(record)
    time, current, net = record.test_time_second, record.current_ampere, record.net_charge_ampere_hour
    moved = np.zeros(record.voltage_volt.size)
    if net is not None:
        moved[1:] = 1e3 * np.diff(net)
    elif time is not None and current is not None:
        moved[1:] = current[1:] * np.diff(time) / 3.6
    total = np.cumsum(moved)
    way = current_signs(current) if current is not None else np.sign(moved)
    flowing = np.flatnonzero(way)
    if not flowing.size:
        return Extent(_NAN, _NAN, (_NAN, _NAN), volt, counted, clock)
    first = np.flatnonzero(np.diff(way[flowing], prepend=0))
    runs = np.abs(np.add.reduceat(moved[flowing], first))
    rates = (_NAN, _NAN)
    if time is not None and current is not None:
        seconds = np.add.reduceat(np.diff(time, prepend=time[0])[flowing], first)
        large = (runs > 0.5 * runs.max()) & (seconds > 0)
        mean = 3600 * runs[large] / seconds[large]
        rates = (float(mean.min(initial=np.inf)), float(mean.max(initial=0.0))) if mean.size else rates
    return Extent(float(runs.max()), float(np.ptp(total)), rates, volt, counted, clock)


def extent_of_titration(table: Table) -> Extent:
    """Of a finished titration table: its charge and its potentials alone."""
    potentials = [values for name, values in table.columns.items() if name.startswith("relaxed_potential")]
    charge = np.concatenate([[0.0], table.column("charge_milliampere_hour")])
    volt = np.concatenate(potentials)
    between = (float(np.median(volt)), float(volt.max()))
    return Extent(_NAN, float(np.ptp(charge)), (_NAN, _NAN), between, (_NAN, _NAN), _NAN)


def middle_and_highest(voltage: FloatArray, flowing: NDArray[np.bool_]) -> tuple[float, float]:
    """Median and highest potential of the rows under current, V; ``nan`` without any. Some rows tell the median of many."""
    under = voltage[flowing]
    if not under.size:
        return _NAN, _NAN
    return float(np.median(under[:: max(under.size // _MOST_ROWS, 1)])), float(under.max())


def told_twice(record: CyclingRecord) -> tuple[tuple[float, float], float]:
    """Counted charge over integral, of charge and discharge, and test time over dates; ``nan`` where one of two is missing."""
    time, current, net = record.test_time_second, record.current_ampere, record.net_charge_ampere_hour
    counted = (_NAN, _NAN)
    if time is not None and current is not None and net is not None:
        up, down = (a / b if b > 0 else _NAN for a, b in zip(*counted_and_flowed(time, current, net), strict=True))
        counted = (up, down)
    return counted, float(record.metadata.get(CLOCK_OVER_DATES, "nan"))


def scale_checks(cell: Cell, extent: Extent, basis_mAh_g: float) -> tuple[Check, ...]:
    """Every entry of the list that concerns a record, for a cell of stated mass and material; of those that can be judged.

    Args:
        cell: mass of active material in mg, potential of the counter electrode, name of the active material.
        extent: of its record.
        basis_mAh_g: capacity that defines 1C.
    """
    found = (
        _rates(cell, extent, basis_mAh_g),
        _potential(cell, extent, basis_mAh_g),
        *twice_checks(extent.counted, extent.clock),
    )
    return _capacity(cell, extent, basis_mAh_g), *(one for one in found if one.passed is not None)


def twice_checks(counted: Sequence[float], clock: float) -> tuple[Check, ...]:
    """What the file tells twice: charge, and time."""
    said = [
        f"{value:.4g} times on {way}" for way, value in zip(("charge", "discharge"), counted, strict=True) if value > 0
    ]
    charge = f"The cycler counted {' and '.join(said)} what the current and the time give"
    time = f"The test time goes on {clock:.4g} times as fast as the dates beside its rows"
    return judged(COUNTER, tuple(counted), charge), judged(CLOCK, (clock,), time)


def _capacity(cell: Cell, extent: Extent, basis_mAh_g: float) -> Check:
    mass_g = cell.cam_mass.value * 1e-3
    scales = scales_of(cell.word("cam_name"), basis_mAh_g)
    what = f"the theoretical capacity of a {scales.name}" if scales.name else "the capacity that defines 1C"
    most, at_most = (value / mass_g / scales.theory_mAh_g for value in (extent.most_mAh, extent.at_most_mAh))
    # what is certainly moved must not be too much, what is moved at most must not be too little
    little = at_most < CAPACITY.low
    value = at_most if math.isnan(most) or little else most
    said = (
        f"The largest half cycle moves {value * scales.theory_mAh_g:.4g} mAh per gram of active material "
        f"({cell.cam_mass.value:g} mg), {value:.3g} times {what} ({scales.theory_mAh_g:g} mAh/g)"
    )
    return judged(CAPACITY, (value,), said, low=CAPACITY.low if little else 0.0)


def _rates(cell: Cell, extent: Extent, basis_mAh_g: float) -> Check:
    slow, fast = (rate / (cell.cam_mass.value * 1e-3 * basis_mAh_g) for rate in extent.rates_mA)
    said = f"Half cycles go at {slow:.3g}C to {fast:.3g}C" if slow < fast else f"Half cycles go at {fast:.3g}C"
    return judged(RATE, (slow, fast), said)


def _potential(cell: Cell, extent: Extent, basis_mAh_g: float) -> Check:
    middle, recorded = extent.volt
    if abs(recorded) < LEAST_POTENTIAL_VOLT:
        said = f"The potential never exceeds {1e3 * recorded:.3g} mV while current flows"
        return judged(POTENTIAL, (recorded,), said, low=LEAST_POTENTIAL_VOLT)
    scales = scales_of(cell.word("cam_name"), basis_mAh_g)
    middle, highest = (volt + cell.offset.value for volt in (middle, recorded))
    of = f" of a {scales.name}" if scales.name else ""
    said = f"While current flows the potential{of} has a median of {middle:.3f} V and goes up to {highest:.3f} V vs. Li⁺/Li"
    return judged(
        POTENTIAL,
        (highest if highest < scales.low_volt else middle,),
        said,
        low=scales.low_volt if highest < scales.low_volt else -math.inf,
        high=scales.high_volt,
    )
