"""Quantities of a cycle, each from the cycle's sums: capacities in their frames, efficiencies, energies, potentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.cycling.model import CycleSums

PER_WEIGHED = "mass of active material weighed in (without coating)"
PER_COMPOSITE = "mass of composite"
PER_AREA = "geometric electrode area"
AGAINST = "counter electrode"


@dataclass(frozen=True)
class Quantity:
    """Name, unit and what it refers to."""

    name: str
    unit: str
    per: str = ""


QUANTITIES = (
    Quantity("charge", "mAh"),
    Quantity("discharge", "mAh"),
    Quantity("gross_charge_capacity", "mAh/g", PER_WEIGHED),
    Quantity("gross_discharge_capacity", "mAh/g", PER_WEIGHED),
    Quantity("gross_charge_capacity_cc", "mAh/g", PER_WEIGHED),
    Quantity("gross_charge_capacity_cv", "mAh/g", PER_WEIGHED),
    Quantity("gross_discharge_capacity_cc", "mAh/g", PER_WEIGHED),
    Quantity("gross_discharge_capacity_cv", "mAh/g", PER_WEIGHED),
    Quantity("composite_charge_capacity", "mAh/g", PER_COMPOSITE),
    Quantity("composite_discharge_capacity", "mAh/g", PER_COMPOSITE),
    Quantity("areal_charge_capacity", "mAh/cm2", PER_AREA),
    Quantity("areal_discharge_capacity", "mAh/cm2", PER_AREA),
    Quantity("coulombic_efficiency", "1"),
    Quantity("cumulative_efficiency", "1", "all cycles of the block so far"),
    Quantity("retention", "1", "discharge of the cycle named in the settings"),
    Quantity("charge_c_rate", "1/h", "basis capacity of all active material"),
    Quantity("discharge_c_rate", "1/h", "basis capacity of all active material"),
    Quantity("charge_current_density", "mA/cm2", PER_AREA),
    Quantity("discharge_current_density", "mA/cm2", PER_AREA),
    Quantity("mean_charge_potential", "V", AGAINST),
    Quantity("mean_discharge_potential", "V", AGAINST),
    Quantity("overpotential", "V", "half the difference of the mean potentials"),
    Quantity("charge_energy", "mWh"),
    Quantity("discharge_energy", "mWh"),
    Quantity("energy_efficiency", "1"),
    Quantity("cathode_specific_energy", "Wh/kg", PER_COMPOSITE),
    Quantity("cathode_specific_power", "W/kg", PER_COMPOSITE),
    Quantity("relaxed_after_charge", "V", AGAINST),
    Quantity("relaxed_after_discharge", "V", AGAINST),
    Quantity("late_relaxed_after_charge", "V", AGAINST),
    Quantity("late_relaxed_after_discharge", "V", AGAINST),
    Quantity("hold_end_current", "µA"),
    Quantity("shoulder_charge", "mAh/g", PER_WEIGHED),
)
NAMES = tuple(one.name for one in QUANTITIES)


@np.errstate(divide="ignore", invalid="ignore")  # cycles without a half have nan there, and are meant to
def quantities_of(sums: CycleSums) -> FloatArray:
    """All quantities of all cycles, shape (quantities, cycles), in the order of ``QUANTITIES``."""
    weighed_g, composite_g = sums.cam_mass_mg * 1e-3, sums.composite_mass_mg * 1e-3
    parts = np.array([sums.charge_cc_mAh, sums.charge_cv_mAh, sums.discharge_cc_mAh, sums.discharge_cv_mAh])
    both = parts[::2] + parts[1::2]  # of charge and discharge
    closed, whole = (
        np.where(chosen, 1.0, np.nan) for chosen in (sums.closed, sums.charge_whole & sums.discharge_whole)
    )
    discharged = np.where(sums.discharge_whole, both[1], np.nan)
    charge, discharge = both
    energy = np.array([sums.charge_energy_mWh, sums.discharge_energy_mWh])
    current = np.array([sums.charge_current_mA, sums.discharge_current_mA])
    mean = energy / both
    hours = sums.discharge_seconds / 3600
    values = np.concatenate(
        [
            both,
            both / weighed_g,
            parts / weighed_g,
            both / composite_g,
            both / sums.area_cm2,
            [
                closed * discharge / charge,
                _cumulative_efficiency(closed * both, sums.block_first),
                discharged / (discharged[sums.retention_index] if sums.retention_index >= 0 else np.nan),
            ],
            current / (weighed_g * sums.c_rate_basis_mAh_g),
            current / sums.area_cm2,
            mean,
            [whole * (mean[0] - mean[1]) / 2],
            energy,
            [
                closed * energy[1] / energy[0],
                energy[1] / composite_g,
                energy[1] / hours / composite_g,
                sums.relaxed_after_charge_volt,
                sums.relaxed_after_discharge_volt,
                sums.late_relaxed_after_charge_volt,
                sums.late_relaxed_after_discharge_volt,
                sums.hold_end_current_mA * 1e3,
                sums.shoulder_mAh / weighed_g,
            ],
        ]
    )
    values[~np.isfinite(values)] = np.nan
    return values


def _cumulative_efficiency(both: FloatArray, block_first: FloatArray) -> FloatArray:
    """Discharge over charge, both summed from the first cycle of the block; of cycles that have both."""
    whole = np.isfinite(both[0] + both[1])
    total = np.zeros((2, whole.size + 1))
    np.cumsum(np.where(whole, both, 0.0), axis=1, out=total[:, 1:])
    taken, given = total[:, 1:] - total.take(block_first.astype(np.int64), axis=1)
    return np.where(whole, given / taken, np.nan)
