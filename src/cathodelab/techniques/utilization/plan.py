"""Which potentials and how long a rest: what the error budget says about a titration that is still to be done.

A titration that would be perfect but for its sources of error is made from the reference curve; the method evaluates it
as it would evaluate a record. Relaxation is taken as exponential: after a rest of T the lag is ``lag exp(-T / time constant)``,
and the end-of-rest slope follows. The plan holds for a sound cell: slow particles need longer rests than any plan says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.branches import without_self_discharge
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings

REST_HOURS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
POINTS = (
    3,
    4,
    5,
    7,
    9,
)  # two relaxed potentials test nothing: neither the counter electrode nor whether one value is enough


@dataclass(frozen=True)
class Assumed:
    """What is assumed of the cell that will be titrated; potentials vs. Li+/Li."""

    utilization: float = 0.8
    c_rate: float = 0.05
    low_volt: float = 3.7
    high_volt: float = 4.15
    row_second: float = 300.0
    row_noise_volt: float = 1e-4
    relaxation_hour: float = 0.4
    lag_volt: float = 0.01


@dataclass(frozen=True)
class PlannedTitration:
    """One choice: relaxed potentials (as the cell's cycler shows them), rests, duration, and what comes of it.

    ``own`` is the half-width from the cell alone, without its mass: potentials, channel, relaxation. ``usable`` is false where
    the rests would be too short for the method's own criteria.
    """

    potentials_volt: tuple[float, ...]
    rest_hour: float
    hours: float
    utilization: Estimate
    own: float
    dominated_by: str
    halving: str
    usable: bool


def planned_titrations(
    cell: Cell,
    reference_cell: Cell,
    reference: Titration,
    settings: UtilizationSettings,
    c_rate_basis_mAh_g: float,
    assumed: Assumed,
) -> tuple[PlannedTitration, ...]:
    """Every choice of :data:`POINTS` and :data:`REST_HOURS`, the shortest first.

    Raises:
        CathodelabError: the reference does not cover the potentials.
    """
    curve_of = replace(without_self_discharge(reference), notes=())
    known = curve_of.potential_volt + reference_cell.offset.value
    if not known[0] < assumed.low_volt < assumed.high_volt < known[-1]:
        raise CathodelabError(
            "outside-reference",
            f"The potentials {assumed.low_volt:g} to {assumed.high_volt:g} V vs. Li⁺/Li are not inside the reference",
            where=f"reference {reference_cell.id}",
            why=f"It covers {known[0]:.3f} to {known[-1]:.3f} V and is never extrapolated.",
            what_to_do="Choose potentials inside, or titrate the reference further.",
        )
    curve = ReferenceCurve(known, curve_of.charge_mAh)
    found = []
    for points in POINTS:
        for rest in REST_HOURS:
            titration = _titration(cell, reference_cell, curve, points, rest, c_rate_basis_mAh_g, assumed)
            result = static_utilization(cell, titration, reference_cell, reference, settings, c_rate_basis_mAh_g)
            theta = result.estimates.estimate("static_utilization")
            effects = result.estimates.effect("static_utilization")
            mine = [
                one for name, one in effects.items() if name.startswith(f"{cell.id}/") and not name.endswith("/mass")
            ]
            own = float(np.linalg.norm(mine))
            largest = result.estimates.budget("static_utilization")[0]
            hours = 0.0 if titration.elapsed_hour is None else float(titration.elapsed_hour[-1])
            found.append(
                PlannedTitration(
                    potentials_volt=tuple(titration.potential_volt.tolist()),
                    rest_hour=rest,
                    hours=hours,
                    utilization=theta,
                    own=own,
                    dominated_by=largest.group,
                    halving=largest.halving,
                    usable=not any(window.dropped for window in result.windows)
                    and all(check.passed is not False for check in result.checks if check.name in _RESTS),
                )
            )
    return tuple(sorted(found, key=lambda one: one.hours))


_RESTS = ("end_of_rest", "charge_of_the_drift", "windows_left")


def shortest(plans: tuple[PlannedTitration, ...], uncertainty: float, *, own: bool = False) -> PlannedTitration | None:
    """The shortest usable plan whose (own) half-width is at most the wanted one; ``None`` where there is none."""
    for plan in plans:
        half = plan.own if own else (plan.utilization.minus + plan.utilization.plus) / 2
        if plan.usable and half <= uncertainty:
            return plan
    return None


def _titration(
    cell: Cell,
    reference_cell: Cell,
    curve: ReferenceCurve,
    points: int,
    rest_hour: float,
    c_rate_basis_mAh_g: float,
    assumed: Assumed,
) -> Titration:
    """A perfect titration at equally spaced potentials, with the lag, noise and times of the plan."""
    volt = np.linspace(assumed.low_volt, assumed.high_volt, points)
    scale = assumed.utilization * cell.cam_mass.value / reference_cell.cam_mass.value
    charge = scale * (curve.charge(volt) - curve.charge_mAh[0])
    current = assumed.c_rate * c_rate_basis_mAh_g * cell.cam_mass.value * 1e-3
    polarization = charge / current
    lag = assumed.lag_volt * float(np.exp(-rest_hour / assumed.relaxation_hour))
    rows = max(rest_hour * 1800 / assumed.row_second, 4.0)  # in the last half of the rest
    slope_noise = assumed.row_noise_volt / np.sqrt(rows) / (rest_hour * 1800 / np.sqrt(12))
    one = np.ones(points)
    return Titration(
        potential_volt=volt - cell.offset.value,
        charge_mAh=charge,
        potential_noise_volt=2 * assumed.row_noise_volt / np.sqrt(rows) * one,
        slope_volt_per_second=-lag / (assumed.relaxation_hour * 3600) * one,
        slope_noise_volt_per_second=slope_noise * one,
        rest_second=rest_hour * 3600 * one,
        polarization_second=polarization * 3600,
        pulse_mA=current * one,
        pulse_second=np.diff(polarization, prepend=0.0) * 3600,
        elapsed_hour=polarization + rest_hour * np.arange(1, points + 1),
    )
