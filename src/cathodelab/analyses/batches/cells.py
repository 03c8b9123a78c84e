"""What is known of each cell whose batch is compared, and the numbers that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cathodelab.analyses.batches.model import Member, Metric, ProcedureDifference, RateLines
from cathodelab.analyses.causes.method import CauseResult
from cathodelab.analyses.differences import Compared, difference
from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Result, is_usable
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.cycling.overview import common_rates

THETA = "static_utilization"
DIFFERING = ("static utilization", "gross capacity", "active capacity")
"""Numbers in which procedures are compared."""
_STARTS_FROM = {
    "cycling": ("cycling",),
    "utilization": ("utilization",),
    "active": ("active", "cycling", "utilization"),
    "causes": ("causes", "active", "cycling", "utilization"),
}


@dataclass(frozen=True, eq=False)
class CellData:
    """All that is known of one cell; what has no result is ``None``."""

    cell: Cell
    member: Member
    cycling: CyclingResult | None = None
    utilization: Result | None = None
    active: Result | None = None
    causes: CauseResult | None = None

    def unusable(self, method: str) -> bool:
        """Whether a fatal check failed in a method, or in one that it starts from."""
        of = (getattr(self, name) for name in _STARTS_FROM[method])
        return not all(one is None or is_usable(one.checks) for one in of)

    def estimates(self, method: str) -> EstimateSet | None:
        """Estimates of one of the methods."""
        found: Result | None = getattr(self, method)
        return None if found is None else found.estimates


def rates_of(data: Sequence[CellData]) -> list[str]:
    """C-rate labels (formation and check-ups left out) that at least two cells have, in the order of their rate."""
    cycled = [one.cycling for one in data if one.cycling is not None]
    return common_rates(cycled) if len(cycled) > 1 else []


def metrics_of(data: Sequence[CellData]) -> list[Metric]:
    """Every number that is compared, of the cells that have it."""
    return [_metric(data, *one) for one in _compared_numbers(data)]


def differences_of(data: Sequence[CellData]) -> list[ProcedureDifference]:
    """Every pair of procedures in utilization and capacities, without cells of which a fatal check failed."""
    found = []
    for name, unit, rate, method, estimate, factor in _compared_numbers(data):
        if name not in DIFFERING:
            continue
        sides: dict[str, list[Compared]] = {}
        for one in data:
            estimates = one.estimates(method)
            if estimates is not None and estimate in estimates and not one.unusable(method):
                composite = one.member.batch or one.cell.id
                sides.setdefault(one.member.procedure, []).append(Compared(composite, estimates))
        for first, second in combinations(sides, 2):
            made = difference(sides[first], sides[second], estimate, factor)
            found.append(ProcedureDifference(name, rate, unit, first, second, made))
    return found


def _compared_numbers(data: Sequence[CellData]) -> list[tuple[str, str, str, str, str, float]]:
    """Name, unit, rate, method, estimate, and factor to the unit."""
    listed = [("static utilization", "%", "", "utilization", THETA, 100.0)]
    for rate in rates_of(data):
        listed += [
            ("gross capacity", "mAh/g", rate, "cycling", f"gross_discharge_capacity_{rate}", 1.0),
            ("active capacity", "mAh/g", rate, "active", f"active_discharge_capacity_{rate}", 1.0),
            ("overpotential", "mV", rate, "cycling", f"overpotential_{rate}", 1e3),
        ]
    listed.append(("initial Coulombic efficiency", "%", "", "cycling", "initial_coulombic_efficiency", 100.0))
    listed.append(("shoulder charge", "mAh/g", "", "cycling", "initial_shoulder_charge", 1.0))
    listed += [
        (f"{part} resistance", "ohm cm2", "", "causes", f"{part}_resistance", 1.0)
        for part in ("cathode", "anode", "separator")
    ]
    return listed


def _metric(
    data: Sequence[CellData], name: str, unit: str, rate: str, method: str, estimate: str, factor: float
) -> Metric:
    rows = []
    chosen = []
    unusable = []
    places: dict[str, int] = {}
    shared: list[dict[int, float]] = []
    for one in data:
        estimates = one.estimates(method)
        if estimates is None or estimate not in estimates:
            continue
        weighing = abs(estimates.effect(estimate).get(f"{one.cell.id}/mass", 0.0))
        rows.append((estimates.estimate(estimate).value, estimates.own_half_width(estimate, one.cell.id), weighing))
        shared.append(
            {
                places.setdefault(source, len(places)): effect
                for source, effect in estimates.effect(estimate).items()
                if not source.startswith(f"{one.cell.id}/")
            }
        )
        chosen.append(one.member)
        unusable.append(one.unusable(method))
    effects = np.zeros((len(chosen), len(places)))
    for row, found in enumerate(shared):
        effects[row, list(found)] = list(found.values())
    table = factor * np.array(rows).reshape(-1, 3)
    numbers = table[:, 0], table[:, 1], table[:, 2]
    return Metric(name, unit, rate, tuple(chosen), *numbers, tuple(unusable), factor * effects)


def utilizations_of(data: Sequence[CellData]) -> dict[str, tuple[float, float]]:
    """Static utilization and its standard uncertainty from the cell's own sources, %."""
    found = {}
    for one in data:
        estimates = one.estimates("utilization")
        if estimates is not None:
            own = estimates.own_half_width(THETA, one.cell.id)
            found[one.cell.id] = 100 * estimates.estimate(THETA).value, 100 * own
    return found


def rate_lines_of(data: Sequence[CellData]) -> tuple[RateLines, ...]:
    """Gross capacity over the nominal rate, and of the connected material over the rate at which it really works."""
    found = []
    for one in data:
        nominal = _line(one, "cycling", "gross_discharge_capacity", "")
        effective = _line(one, "active", "active_discharge_capacity", "effective_c_rate")
        if nominal.size or effective.size:
            found.append(RateLines(one.member, nominal, effective))
    return tuple(found)


def _line(one: CellData, method: str, capacity: str, rate: str) -> FloatArray:
    """Rates and capacities of one cell in the order of the rates, shape (2, rates); none with fewer than two rates."""
    estimates = one.estimates(method)
    nothing = np.zeros((2, 0))
    if estimates is None or one.cycling is None:
        return nothing
    points = [
        (
            estimates.estimate(f"{rate}_{level.label}").value if rate else level.c_rate,
            estimates.estimate(f"{capacity}_{level.label}").value,
        )
        for level in one.cycling.rates
        if level.block not in ("formation", "check-up") and f"{capacity}_{level.label}" in estimates
    ]
    return np.array(sorted(points)).T if len(points) > 1 else nothing
