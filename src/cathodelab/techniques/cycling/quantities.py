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
    Quantity("hold_end_current", "µA"),
    Quantity("shoulder_charge", "mAh/g", PER_WEIGHED),
)
NAMES = tuple(one.name for one in QUANTITIES)


@np.errstate(divide="ignore", invalid="ignore")  # cycles without a half have nan there, and are meant to
def quantities_of(sums: CycleSums) -> FloatArray:
    """All quantities of all cycles, shape (quantities, cycles), in the order of ``QUANTITIES``."""
    weighed_g, composite_g = sums.cam_mass_mg * 1e-3, sums.composite_mass_mg * 1e-3
    charge = sums.charge_cc_mAh + sums.charge_cv_mAh
    discharge = sums.discharge_cc_mAh + sums.discharge_cv_mAh
    up, down = sums.charge_energy_mWh / charge, sums.discharge_energy_mWh / discharge
    hours = sums.discharge_seconds / 3600
    both = np.isfinite(charge) & np.isfinite(discharge)
    taken, given = (_cumulative(np.where(both, one, 0.0), sums.block_first) for one in (charge, discharge))
    values = np.array(
        [
            charge,
            discharge,
            charge / weighed_g,
            discharge / weighed_g,
            sums.charge_cc_mAh / weighed_g,
            sums.charge_cv_mAh / weighed_g,
            sums.discharge_cc_mAh / weighed_g,
            sums.discharge_cv_mAh / weighed_g,
            charge / composite_g,
            discharge / composite_g,
            charge / sums.area_cm2,
            discharge / sums.area_cm2,
            discharge / charge,
            np.where(both, given / taken, np.nan),
            discharge / (discharge[sums.retention_index] if discharge.size else 1.0),
            sums.charge_current_mA / (weighed_g * sums.c_rate_basis_mAh_g),
            sums.discharge_current_mA / (weighed_g * sums.c_rate_basis_mAh_g),
            up,
            down,
            (up - down) / 2,
            sums.charge_energy_mWh,
            sums.discharge_energy_mWh,
            sums.discharge_energy_mWh / sums.charge_energy_mWh,
            sums.discharge_energy_mWh / composite_g,
            sums.discharge_energy_mWh / hours / composite_g,
            sums.relaxed_after_charge_volt,
            sums.relaxed_after_discharge_volt,
            sums.hold_end_current_mA * 1e3,
            sums.shoulder_mAh / weighed_g,
        ]
    )
    return np.where(np.isfinite(values), values, np.nan)


def _cumulative(values: FloatArray, block_first: FloatArray) -> FloatArray:
    """Sum from the first cycle of the block."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    start = block_first.astype(np.int64)
    return np.asarray(total[1:] - total[start])
