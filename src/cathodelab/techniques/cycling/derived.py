"""Estimates of several cycles together: loadings, retention by rate, fade, efficiency over all, H2-H3 by rate.

Each is a function of values of the cycle table; its effects are those of the values, by the derivative. What scatters beyond
the sources of the table (cycles about a line, positions of a feature) adds a source of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, OwnArrays
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.differential import FeatureTable
from cathodelab.techniques.cycling.features import RESOLVED
from cathodelab.techniques.cycling.model import CycleTable, IntArray, RateLevel
from cathodelab.techniques.cycling.quantities import AGAINST, PER_AREA

FEWEST_FOR_FADE = 10
"""Cycles of one rate that a fade is told of."""
_SLOWEST = "discharge capacity at the slowest rate"


@dataclass(frozen=True, eq=False)
class Derived(OwnArrays):
    """An estimate with its effects of the table's sources, and its own standard uncertainty with the name of its cause."""

    name: str
    value: float
    unit: str
    per: str
    how: str
    effects: FloatArray
    own: float = 0.0
    cause: str = ""


def with_derived(
    estimates: EstimateSet,
    table: CycleTable,
    rates: tuple[RateLevel, ...],
    features: FeatureTable,
    hours_above: FloatArray,
    stated_volt: float,
) -> EstimateSet:
    """The estimates and the derived ones behind them.

    Args:
        estimates: of single cycles and of means, over the sources of the table.
        table: of the cycles.
        rates: runs of one C-rate.
        features: of dQ/dV.
        hours_above: time of every cycle above the stated potential, h.
        stated_volt: that potential, V against Li+/Li.
    """
    found = [
        one
        for part in (
            _loadings(table),
            _rate_retention(table, rates),
            _over_all(table),
            _fade(table, hours_above, stated_volt),
            _upper_transition(table, rates, features),
        )
        for one in part
        if np.isfinite(one.value)
    ]
    if not found:
        return estimates
    cell = table.sources[0].id.partition("/")[0]
    own = [one for one in found if one.own]
    sources = tuple(
        Source(f"{cell}/{one.cause}, {one.name}", one.cause, "standard", "record more cycles") for one in own
    )
    effects = np.zeros((len(estimates.names) + len(found), len(table.sources) + len(sources)))
    effects[: len(estimates.names), : len(table.sources)] = estimates.effects
    for row, one in enumerate(found, len(estimates.names)):
        effects[row, : len(table.sources)] = one.effects
    for column, one in enumerate(own, len(table.sources)):
        effects[len(estimates.names) + found.index(one), column] = one.own
    return EstimateSet(
        (*estimates.names, *(one.name for one in found)),
        np.concatenate([estimates.values, [one.value for one in found]]),
        (*estimates.units, *(one.unit for one in found)),
        (*estimates.pers, *(one.per for one in found)),
        (*estimates.hows, *(one.how for one in found)),
        (*table.sources, *sources),
        effects,
    )


def _ratio(
    over: tuple[float, FloatArray], under: tuple[float, FloatArray], factor: float = 1.0
) -> tuple[float, FloatArray]:
    """A quotient and its effects."""
    if not under[0]:
        return float("nan"), over[1]
    value = over[0] / under[0]
    return factor * value, factor * (over[1] - value * under[1]) / under[0]


def _mean(table: CycleTable, quantity: str, cycles: IntArray) -> tuple[float, FloatArray]:
    row = table.names.index(quantity)
    return float(np.mean(table.values[row, cycles])), np.mean(table.effects[row, cycles], axis=0)


def _loadings(table: CycleTable) -> Iterator[Derived]:
    """Mass of active material and of composite over the electrode's area: the quotient of two capacities of one charge."""
    way = "discharge" if np.isfinite(table.of("discharge")).any() else "charge"
    there = np.flatnonzero(table.of(way) > 0)[:1]
    if not there.size:
        return
    areal = _mean(table, f"areal_{way}_capacity", there)
    for name, frame in (("areal_loading", "gross"), ("composite_areal_loading", "composite")):
        value, effects = _ratio(areal, _mean(table, f"{frame}_{way}_capacity", there), 1e3)
        yield Derived(name, value, "mg/cm2", PER_AREA, "mass over electrode area", effects)


def _rate_retention(table: CycleTable, rates: tuple[RateLevel, ...]) -> Iterator[Derived]:
    """Capacity at each rate over that at the slowest; formation and check-ups left out."""
    levels = [one for one in rates if one.block not in ("formation", "check-up")]
    if len({one.label for one in levels}) < 2:
        return
    slowest = min(levels, key=lambda one: one.c_rate)
    under = _mean(table, "gross_discharge_capacity", slowest.cycles)
    for one in levels:
        if one is not slowest:
            value, effects = _ratio(_mean(table, "gross_discharge_capacity", one.cycles), under)
            how = f"mean of {one.cycles.size} cycles, over that at {slowest.label}"
            yield Derived(f"rate_retention_{one.label}", value, "1", _SLOWEST, how, effects)


def _over_all(table: CycleTable) -> Iterator[Derived]:
    """Discharge over charge of all cycles that end at the limit that they began at, check-ups included."""
    closed = np.flatnonzero(np.isfinite(table.of("coulombic_efficiency")))
    if closed.size < 2:
        return
    given, taken = (_mean(table, quantity, closed) for quantity in ("discharge", "charge"))
    value, effects = _ratio(given, taken)
    above = int(np.count_nonzero(table.of("coulombic_efficiency")[closed] > 1))
    how = f"{closed.size} cycles, check-ups included"
    if above:
        how += f"; {above} of them above 100 %, as a slower cycle after faster ones gives back what these left"
    yield Derived("overall_cumulative_efficiency", value, "1", "all whole cycles", how, effects)


def longest_run(table: CycleTable) -> IntArray:
    """Rows of the whole discharges of the longest run of one rate."""
    whole = np.isfinite(table.of("retention")) & (table.of("discharge") > 0)
    runs = [np.flatnonzero(whole & (table.rate_group == group)) for group in np.unique(table.rate_group)]
    return max(runs, key=lambda run: run.size)


def _fade(table: CycleTable, hours_above: FloatArray, stated_volt: float) -> Iterator[Derived]:
    """Loss of discharge capacity in the longest run of one rate, by a straight line, relative to its beginning.

    With y = a + b x over the cycle number or the days, the fade is -b / a at the first cycle of the run.
    """
    cycles = longest_run(table)
    if cycles.size < FEWEST_FOR_FADE:
        return
    row = table.names.index("discharge")
    numbers = table.number[cycles]
    for unit, x in (("cycle", numbers.astype(np.float64)), ("day", table.start_hour[cycles] / 24)):
        away = x - x[0]
        if not away[-1] > 0:
            continue
        design = np.stack([np.ones(away.size), away], axis=1)
        weights = np.linalg.pinv(design)
        values = table.values[row, cycles]
        start, slope = weights @ values
        moved = weights @ table.effects[row, cycles]
        left = values - design @ np.array([start, slope])
        scatter = np.sqrt(np.sum(left**2) / (away.size - 2) * np.sum(weights[1] ** 2)) / start
        value, effects = -slope / start, -(moved[1] - slope / start * moved[0]) / start
        how = f"straight line through {cycles.size} cycles ({numbers[0]} to {numbers[-1]}) of one rate"
        yield Derived(
            f"fade_per_{unit}", float(value), f"1/{unit}", "discharge at the beginning of the run", how, effects,
            float(scatter), "scatter of the cycles about the line",
        )  # fmt: skip
    begin, end = int(cycles[0]), int(cycles[-1])
    above = float(hours_above[begin : end + 1].sum())
    how = f"above {stated_volt:g} V vs. Li⁺/Li from cycle {numbers[0]} to {numbers[-1]}"
    yield Derived("time_above_stated_potential", above, "h", "", how, np.zeros(len(table.sources)))


def _upper_transition(table: CycleTable, rates: tuple[RateLevel, ...], features: FeatureTable) -> Iterator[Derived]:
    """Potential of H2-H3 on charge at each rate, mean over its cycles where dQ/dV resolves it."""
    rows = features.of("H2-H3", 1).astype(np.int64)
    rows = rows[features.status[rows] == RESOLVED]
    offset = [place for place, source in enumerate(table.sources) if source.id.endswith("/potential offset")]
    row = table.names.index("mean_charge_potential")
    for level in rates:
        of = rows[np.isin(features.cycle[rows], table.number[level.cycles])]
        if not of.size:
            continue
        effects = np.zeros(len(table.sources))
        effects[offset] = table.effects[row, level.cycles[0], offset]  # all potentials alike
        own = float(np.sqrt(np.mean(features.position_standard_volt[of] ** 2)))
        how = f"mean of {of.size} charges"
        value = float(np.mean(features.position_volt[of]))
        yield Derived(
            f"h2_h3_potential_{level.label}", value, "V", AGAINST, how, effects, own, "noise and smoothing of dQ/dV"
        )
