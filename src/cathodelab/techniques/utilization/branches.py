"""Self-discharge from the two branches of a titration: charge forth, discharge back.

At the same relaxed potential the particles hold the same charge on both branches. What the record counts differs by what
self-discharge took in the time between, by hysteresis (with incomplete relaxation, whose lag has opposite signs on the
branches), and by a charge that is lost once:

    Q_dis(U) - Q_ch(U) = I (t_dis(U) - t_ch(U)) + 2 h dQ/dU + b

The time between the two visits falls from hundreds of hours at low to nothing at high potentials, which neither of the other
terms does: the three are told apart by least squares over all points of the discharge. The slopes at the ends of the rests
(Publication I, eqs. 5 and 6: self-discharge is the mean of both branches, relaxation half their difference) see the same
current a hundred times less sharply; they are the cross-check. One branch alone identifies nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.utilization.closure import FEWEST_POINTS, closure_of
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import SelfDischarge, Titration, UtilizationSettings

_TURNING = 3  # points after the reversal at which one branch still goes over into the other


def self_discharge_of(charge: Titration, discharge: Titration, settings: UtilizationSettings) -> SelfDischarge | None:
    """The self-discharge current of a cell that was titrated forth and back; ``None`` where the branches do not allow it.

    Args:
        charge: relaxed points of the charge branch, with times.
        discharge: those of the discharge that follows it; its first point is the last of the charge.
        settings: limits of the instrument.
    """
    if charge.elapsed_hour is None or discharge.elapsed_hour is None:
        return None
    if abs(float(charge.elapsed_hour[-1] - discharge.elapsed_hour[0])) > 1e-6:
        return None
    inside = (discharge.potential_volt > charge.potential_volt[0]) & (
        discharge.potential_volt < charge.potential_volt[-1]
    )
    inside[:_TURNING] = False
    if int(inside.sum()) < FEWEST_POINTS or np.any(np.diff(charge.potential_volt) <= 0):
        return None
    found = closure_of(charge, discharge, inside)
    if found is None:
        return None
    volt = discharge.potential_volt[inside]
    steepness = ReferenceCurve(charge.potential_volt, charge.charge_mAh).slope(volt)
    offset = settings.current_offset_limit_of_range * current_range_mA(charge, settings)
    polarized = _polarized_hours(charge, discharge, found.rows, discharge.potential_volt[found.rows])
    return SelfDischarge(
        current_mA=found.current_mA,
        scatter_mA=found.standard_mA,
        offset_limit_mA=float(found.solve @ (offset * polarized / found.steepness)) if np.isfinite(offset) else 0.0,
        turning_limit_mA=found.turning_limit_mA,
        gain_limit_mA=settings.current_gain_limit * found.current_mA,
        turning=found.turning,
        hysteresis_volt=found.hysteresis_volt,
        hysteresis_standard_volt=found.hysteresis_standard_volt,
        slope_current_mA=_from_slopes(charge, discharge, inside, steepness),
        points=int(found.rows.sum()),
    )


def current_range_mA(titration: Titration, settings: UtilizationSettings) -> float:
    """The stated range, or the smallest decade that holds the titration's largest current; ``nan`` if unknown."""
    if settings.current_range_mA:
        return settings.current_range_mA
    if titration.pulse_mA is None:
        return float("nan")
    largest = float(np.max(np.abs(titration.pulse_mA)))
    return float(10 ** np.ceil(np.log10(largest))) if largest > 0 else float("nan")


def lost_at_most_mAh(charge: Titration, settings: UtilizationSettings) -> FloatArray:
    """Charge that self-discharge may have taken up to each point, mAh, if all of the end-of-rest slopes come from it.

    ``I = -dU/dt dQ/dU`` over the whole time of each step, accumulated (Publication I, eqs. 7 and 10), and one standard
    uncertainty of the slopes more. Self-discharge takes charge and gives none: never negative. Zero without times.
    """
    if charge.elapsed_hour is None:
        return np.zeros(charge.potential_volt.size)
    hours = np.diff(charge.elapsed_hour, prepend=0.0)
    weight = np.gradient(charge.charge_mAh, charge.potential_volt) * hours * 3600
    limit = settings.self_discharge_slope_limit * 1e-6
    slope = np.clip(np.nan_to_num(charge.slope_volt_per_second), -limit, limit)
    noise = float(np.linalg.norm(weight * np.nan_to_num(charge.slope_noise_volt_per_second)))
    lost: FloatArray = (
        np.maximum(np.cumsum(-weight * slope), 0.0) + noise * charge.elapsed_hour / charge.elapsed_hour[-1]
    )
    return lost


def largest_self_discharge_mA(charge: Titration, settings: UtilizationSettings) -> float:
    """The mean current that goes with it, mA: one branch says no more than that the truth lies between nothing and this.

    ``nan`` without times or slopes.
    """
    if charge.elapsed_hour is None or not np.isfinite(charge.slope_volt_per_second).any():
        return float("nan")
    return float(lost_at_most_mAh(charge, settings)[-1] / charge.elapsed_hour[-1])


def without_self_discharge(titration: Titration) -> Titration:
    """The titration with the charge that is left in the particles, where two branches tell the self-discharge."""
    found = titration.self_discharge
    if found is None or titration.elapsed_hour is None:
        return titration
    charge = titration.charge_mAh - found.current_mA * titration.elapsed_hour
    if np.any(np.diff(charge) <= 0):
        return titration  # a loss as large as the pulses: the curve is refused or judged as it stands
    steepness = np.gradient(charge, titration.potential_volt)
    return replace(titration, charge_mAh=charge, self_discharge_slope=-found.current_mA / 3600 / steepness)


def _polarized_hours(charge: Titration, discharge: Titration, inside: np.ndarray, volt: FloatArray) -> FloatArray:
    """Time under current between the two visits of a potential: an offset of the current counts there."""
    forth = np.interp(volt, charge.potential_volt, charge.polarization_second)
    return np.asarray(discharge.polarization_second[inside] - forth) / 3600


def _from_slopes(charge: Titration, discharge: Titration, inside: np.ndarray, steepness: FloatArray) -> float:
    """The same current from the end-of-rest slopes, mA; ``nan`` where the record has none."""
    volt = discharge.potential_volt[inside]
    both = (
        np.interp(volt, charge.potential_volt, charge.slope_volt_per_second) + discharge.slope_volt_per_second[inside]
    )
    return float(-np.mean(both / 2 * steepness) * 3600)
