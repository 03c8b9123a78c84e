"""What a table of cycles, its charge and its dQ/dV can and cannot say, in sentences."""

from __future__ import annotations

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.techniques.cycling.chain import Chain
from cathodelab.techniques.cycling.differential import Densities
from cathodelab.techniques.cycling.intervals import Rows
from cathodelab.techniques.cycling.model import CycleSums, CycleTable, CyclingSettings, Steps

_AGREEMENT = 1e-3
_NAN = float("nan")


def table_checks(
    chain: Chain, table: CycleTable, sums: CycleSums, densities: Densities, settings: CyclingSettings
) -> tuple[Check, ...]:
    """Checks that need the table with its uncertainties."""
    return (
        _charge(chain.rows, chain.steps),
        _efficiency(table),
        _two_electrodes(table, settings),
        _differential(densities),
        _frames(sums),
    )


def _charge(rows: Rows, steps: Steps) -> Check:
    if not rows.own:
        cut = float(np.sum(steps.cut_mAh) / max(float(np.sum(np.abs(steps.charge_mAh))), 1e-12))
        text = f"Charge is the integral of the current; the spacing of the rows leaves {100 * cut:.2g} % of it open."
        return Check("charge_counted", None, cut, _NAN, text)
    amount = np.abs(steps.charge_mAh)
    if not amount.any():
        text = "The cycler's own count of charge stands still in the whole record, although current flowed: no charge is known."
        return Check("charge_counted", passed=False, value=_NAN, limit=_AGREEMENT, sentence=text)
    counted = amount > 0.01 * float(amount.max())
    beyond = np.maximum(np.abs(steps.other_mAh - steps.charge_mAh) - steps.cut_mAh, 0.0)
    worst = float(np.max(beyond[counted] / amount[counted]))
    passed = worst <= _AGREEMENT
    text = f"The cycler's own charge and the integral of the current agree within {100 * max(worst, 1e-5):.2g} % in all steps."
    if not passed:
        text = (
            f"The cycler's own charge and the integral of the current differ by up to {100 * worst:.2g} % of a step, beyond "
            "what the spacing of the rows explains; the cycler's was used and the difference is in the intervals."
        )
    return Check("charge_counted", passed, worst, _AGREEMENT, text)


def _efficiency(table: CycleTable) -> Check:
    efficiency = table.of("coulombic_efficiency")
    known = np.isfinite(efficiency) & table.charge_full & table.discharge_full
    above = np.flatnonzero(known & (efficiency > 1 + 2 * table.standard("coulombic_efficiency")))
    if not above.size:
        return Check(
            "efficiency_below_one",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence="No whole cycle returns more charge than it took.",
        )
    cumulative = table.of("cumulative_efficiency")[above]
    text = (
        f"{above.size} cycles return more charge than they took (first cycle {int(table.number[above[0]])}). That is real "
        f"where a slower cycle went before: over their blocks the cumulative efficiency is at most "
        f"{100 * float(np.max(cumulative)):.2f} %."
    )
    return Check("efficiency_below_one", None, float(above.size), 0.0, text)


def _two_electrodes(table: CycleTable, settings: CyclingSettings) -> Check:
    fastest = float(np.nanmax(table.of("discharge_c_rate"), initial=0.0))
    limit = settings.two_electrode_c_rate
    if fastest < limit:
        text = f"The fastest discharge is {fastest:.2g}C: anode and separator matter little at such rates."
        return Check("two_electrode_cell", passed=True, value=fastest, limit=limit, sentence=text)
    text = (
        f"Discharges go up to {fastest:.2g}C in a cell of two electrodes: overpotential and loss at such rates are those of "
        "anode, separator and cathode together, not of the cathode."
    )
    return Check("two_electrode_cell", None, fastest, limit, text)


def _differential(densities: Densities) -> Check:
    smoothing = densities.smoothing_volt * 1e3
    noise = float(np.nanmedian(densities.noise_volt)) * 1e3 if np.isfinite(densities.noise_volt).any() else _NAN
    sizes = dict.fromkeys((f"{smoothing.min():.1f}", f"{smoothing.max():.1f}"))
    text = (
        f"dQ/dV is smoothed by a Gaussian of {' to '.join(sizes)} mV (standard deviation; median noise of the potentials "
        f"{noise:.2g} mV); its integral is the charge at constant current."
    )
    return Check("differential_smoothing", None, float(smoothing.max()), _NAN, text)


def _frames(sums: CycleSums) -> Check:
    missing = [
        name
        for name, value in (("composite_mass_mg", sums.composite_mass_mg), ("area_cm2", sums.area_cm2))
        if not np.isfinite(value)
    ]
    if not missing:
        return Check(
            "capacity_frames",
            passed=True,
            value=0.0,
            limit=0.0,
            sentence="Capacities are given per active material, composite and area.",
        )
    text = f"Not stated: {' and '.join(missing)}. Capacities in that frame are missing."
    return Check("capacity_frames", None, float(len(missing)), 0.0, text)
