"""The error estimate of Publication I as its published tables and script have it: mode ``published``.

Kept apart so that the method of the house stays readable. Three places where the published evaluation is not the printed
equation: cumulative self-discharge in the table is ``0.011 mAh + t_cum |I_sd(U)|`` (it can fall from step to step), both
sensitivities |A| and |B| enter with a plus sign (eq. 17 lets instrument errors cancel to negative values), and the
negative error of the reference stands in the upper error of the utilization.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.techniques.utilization.branches import current_range_mA
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings, Window


@dataclass(frozen=True)
class PublishedReferenceErrors(ReadOnlyArrays):
    """Error columns of a titration curve (SI 2.3), each of shape (points,). Charges in mAh, potentials in V."""

    instrument_potential: FloatArray
    self_discharge_potential: FloatArray
    relaxation_potential: FloatArray
    instrument_current_mA: FloatArray
    instrument_charge: FloatArray
    cumulative_charge: FloatArray
    self_discharge_charge: FloatArray

    @property
    def potential_plus(self) -> FloatArray:
        """Upper error of the potential."""
        return self.instrument_potential + self.self_discharge_potential

    @property
    def potential_minus(self) -> FloatArray:
        """Lower error of the potential."""
        return self.instrument_potential + self.relaxation_potential


def stated_reference_errors(reference: Titration) -> PublishedReferenceErrors | None:
    """The error columns that a finished table states itself; ``None`` where one is missing."""
    names = (
        "potential_error_instrument_volt",
        "potential_error_self_discharge_volt",
        "potential_error_relaxation_volt",
        "current_error_instrument_milliampere",
        "charge_error_instrument_milliampere_hour",
        "charge_error_cumulative_milliampere_hour",
        "charge_error_self_discharge_milliampere_hour",
    )
    if not all(name in reference.stated_errors for name in names):
        return None
    return PublishedReferenceErrors(*(reference.stated_errors[name] for name in names))


def published_reference_errors(reference: Titration, settings: UtilizationSettings) -> PublishedReferenceErrors:
    """The error columns computed from potential, current, time, slopes and self-discharge current.

    ``dU_instr = gain U + offset``; ``dU_sd = |sd| t_rest``; ``dU_relax = |relax| t_rest f``;
    ``dQ_0 = 0.0065 mAh + sum dI t_pol``; ``dQ_sd = 0.011 mAh + t_cum |I_sd|``. Unknown columns count as zero.
    """
    u = reference.potential_volt
    zero = np.zeros(u.size)
    known = reference.rest_second[np.isfinite(reference.rest_second)]
    rest = (
        float(np.median(known)) if known.size else 0.0
    )  # the table holds one rest, that of the protocol, for all points
    sd = zero if reference.self_discharge_slope is None else reference.self_discharge_slope
    relaxation = np.nan_to_num(reference.slope_volt_per_second) - sd
    current = zero if reference.pulse_mA is None else np.abs(reference.pulse_mA)
    current_error = settings.current_gain_limit * current + np.nan_to_num(
        settings.current_offset_limit_of_range * current_range_mA(reference, settings)
    )
    charge_error = current_error * (zero if reference.pulse_second is None else reference.pulse_second) / 3600
    lost = zero
    if reference.self_discharge_mA is not None and reference.elapsed_hour is not None:
        lost = reference.elapsed_hour * np.abs(reference.self_discharge_mA)
    return PublishedReferenceErrors(
        instrument_potential=settings.potential_gain_limit * u + settings.potential_offset_limit_volt,
        self_discharge_potential=np.abs(sd) * rest,
        relaxation_potential=np.abs(relaxation) * rest * settings.relaxation_factor_reference,
        instrument_current_mA=current_error,
        instrument_charge=charge_error,
        cumulative_charge=settings.formation_instrument_mAh + np.cumsum(charge_error),
        self_discharge_charge=settings.formation_self_discharge_mAh + lost,
    )


def published_windows(
    cell: Titration,
    cell_mass: tuple[float, float],
    reference: Titration,
    reference_mass: tuple[float, float],
    windows: tuple[Window, ...],
    settings: UtilizationSettings,
) -> FloatArray:
    """Utilization of each window with its upper and lower error, shape (windows, 3). Masses: value, error, mg.

    The error columns of the reference are those of its table where it has them.
    """
    errors = stated_reference_errors(reference) or published_reference_errors(reference, settings)
    u, q = reference.potential_volt, reference.charge_mAh
    mass, mass_error = cell_mass
    ref_mass, ref_mass_error = reference_mass
    rows = []
    for window in windows:
        ends = np.array([window.potential_1_volt, window.potential_2_volt])

        def at(column: FloatArray, ends: FloatArray = ends) -> FloatArray:
            return np.interp(ends, u, column)

        segment = np.clip(np.searchsorted(u, ends) - 1, 0, u.size - 2)
        slopes = np.abs((q[segment + 1] - q[segment]) / (u[segment + 1] - u[segment]))
        charge = float(np.diff(at(q))[0])
        from_instrument = float(np.diff(at(errors.cumulative_charge))[0])
        from_self_discharge = float(np.diff(at(errors.self_discharge_charge))[0])
        from_mass = charge * ref_mass_error / ref_mass
        plus = float(slopes @ at(errors.potential_plus)) + from_instrument + from_mass
        minus = float(slopes @ at(errors.potential_minus)) + from_instrument + from_self_discharge + from_mass
        limit = _charge_limit(cell, window.first_point, settings)
        active = window.cell_charge_mAh / charge * ref_mass
        most = (window.cell_charge_mAh + limit) / (charge - minus) * ref_mass / (mass - mass_error)
        least = (window.cell_charge_mAh - limit) / (charge + plus) * ref_mass / (mass + mass_error)
        rows.append((active / mass, most - active / mass, active / mass - least))
    return np.array(rows)


def _charge_limit(cell: Titration, first: int, settings: UtilizationSettings) -> float:
    """Sum of the errors of both charges of a window, mAh."""
    if cell.charge_limit_mAh is not None:
        return float(cell.charge_limit_mAh[first] + cell.charge_limit_mAh[first + 1])
    step = float(cell.charge_mAh[first + 1] - cell.charge_mAh[first])
    seconds = float(np.nan_to_num(cell.polarization_second[first + 1] - cell.polarization_second[first]))
    drift = settings.current_offset_limit_of_range * float(np.nan_to_num(current_range_mA(cell, settings)))
    return abs(step) * settings.current_gain_limit + drift * seconds / 3600
