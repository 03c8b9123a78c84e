"""Named estimates out of the cycle table: the first cycle, the last, the mean at every rate."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.cycling.model import BLOCKS, CycleTable, CyclingSettings, IntArray, RateLevel, Selection

_MOST_LEVELS = 12
_NICE = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_NICE_WITHIN = 0.12

_FIRST = (
    ("initial_charge_capacity", "gross_charge_capacity"),
    ("initial_charge_capacity_cc", "gross_charge_capacity_cc"),
    ("initial_charge_capacity_cv", "gross_charge_capacity_cv"),
    ("initial_discharge_capacity", "gross_discharge_capacity"),
    ("initial_composite_discharge_capacity", "composite_discharge_capacity"),
    ("initial_areal_discharge_capacity", "areal_discharge_capacity"),
    ("initial_coulombic_efficiency", "coulombic_efficiency"),
    ("initial_overpotential", "overpotential"),
    ("initial_shoulder_charge", "shoulder_charge"),
    ("initial_hold_end_current", "hold_end_current"),
    ("initial_relaxed_after_charge", "relaxed_after_charge"),
    ("initial_relaxed_after_discharge", "relaxed_after_discharge"),
    ("initial_late_relaxed_after_charge", "late_relaxed_after_charge"),
    ("initial_late_relaxed_after_discharge", "late_relaxed_after_discharge"),
)
_BY_RATE = (
    ("gross_discharge_capacity", "gross_discharge_capacity"),
    ("composite_discharge_capacity", "composite_discharge_capacity"),
    ("areal_discharge_capacity", "areal_discharge_capacity"),
    ("discharge_current_density", "discharge_current_density"),
    ("overpotential", "overpotential"),
    ("cathode_specific_energy", "cathode_specific_energy"),
    ("cathode_specific_power", "cathode_specific_power"),
)


def rate_label(c_rate: float) -> str:
    """A C-rate as the field writes it: 0.1C where the mass makes it 0.098."""
    decade = 10.0 ** np.floor(np.log10(c_rate))
    nice = min(_NICE, key=lambda one: abs(np.log(c_rate / (one * decade)))) * decade
    return f"{nice if abs(c_rate / nice - 1) < _NICE_WITHIN else float(f'{c_rate:.2g}'):g}C"


def rate_levels(table: CycleTable) -> tuple[RateLevel, ...]:
    """The runs of one C-rate with at least one whole discharge, titrations left out, at most twelve."""
    rate = table.of("discharge_c_rate")
    levels: list[RateLevel] = []
    seen: dict[str, int] = {}
    for group in range(int(table.rate_group[-1]) + 1 if table.count else 0):
        chosen = np.flatnonzero((table.rate_group == group) & table.discharge_full & (rate > 0))
        if not chosen.size or len(levels) == _MOST_LEVELS:
            continue
        block = BLOCKS[int(np.bincount(table.block[chosen]).argmax())]
        label = rate_label(float(np.mean(rate[chosen])))
        if block == "formation":
            label = f"formation {label}"
        elif block == "check-up":
            label = f"check-up {label}"
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            label = f"{label} ({seen[label]})"
        levels.append(RateLevel(label, float(np.mean(rate[chosen])), block, chosen))
    return tuple(levels)


def estimates_of(table: CycleTable, rates: tuple[RateLevel, ...], settings: CyclingSettings) -> EstimateSet:
    """The named estimates with the effects of all sources."""
    chosen: list[Selection] = []
    first = table.index_of(1)
    if first >= 0:
        for name, quantity in _FIRST:
            how = "first cycle"
            if "relaxed" in name:
                hours = settings.late_relaxation_hours if "late" in name else settings.relaxation_hours
                how += f"; {hours:g} h after the current"
            chosen.append(Selection(name, quantity, np.array([first]), how))
    chosen += [
        Selection(f"{name}_{level.label}", quantity, cycles, f"mean of {_listed(table, cycles)}")
        for level in rates
        for name, quantity in _BY_RATE
        if (cycles := level.cycles[np.isfinite(table.of(quantity)[level.cycles])]).size
    ]
    whole = np.flatnonzero(np.isfinite(table.of("retention")))
    if whole.size > 1:
        last = np.array([whole[-1]])
        how = f"cycle {table.number[whole[-1]]}"
        chosen.append(Selection("last_retention", "retention", last, how))
        chosen.append(
            Selection("last_cumulative_efficiency", "cumulative_efficiency", last, f"{how}, within its block")
        )
    return _set(table, chosen)


def _listed(table: CycleTable, cycles: IntArray) -> str:
    numbers = table.number[cycles]
    if numbers.size == 1:
        return f"cycle {numbers[0]}"
    return f"{numbers.size} cycles ({numbers[0]} to {numbers[-1]})"


def _set(table: CycleTable, chosen: list[Selection]) -> EstimateSet:
    """Those selections that have a value, as a set."""
    names, values, units, pers, hows = [], [], [], [], []
    effects: list[FloatArray] = []
    for one in chosen:
        row = table.names.index(one.quantity)
        value = float(np.mean(table.values[row, one.cycles]))
        if not np.isfinite(value):
            continue
        names.append(one.name)
        values.append(value)
        units.append(table.units[row])
        pers.append(table.pers[row])
        hows.append(one.how)
        effects.append(np.mean(table.effects[row, one.cycles], axis=0))
    return EstimateSet(
        tuple(names),
        np.array(values),
        tuple(units),
        tuple(pers),
        tuple(hows),
        table.sources,
        np.array(effects).reshape(len(names), len(table.sources)),
    )
