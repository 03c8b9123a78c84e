"""The sources of error of cycle quantities, each as a perturbation of the sums.

The ids of weighing and instrument are those of the utilization of the same cell: capacities and utilization share these
errors, and everything that is computed from both knows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.propagation import Perturbation, Shift
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Kind, Source
from cathodelab.techniques.cycling.model import CycleSums, CyclingSettings

Perturbations = tuple[Perturbation[CycleSums], ...]
_CHARGES = ("charge_cc_mAh", "charge_cv_mAh", "discharge_cc_mAh", "discharge_cv_mAh", "shoulder_mAh")
_ENERGIES = ("charge_energy_mWh", "discharge_energy_mWh")
_CURRENTS = ("charge_current_mA", "discharge_current_mA", "hold_end_current_mA")
_SECONDS = ("charge_seconds", "discharge_seconds")
_FULL_SCALE = 1e-6
"""A current that is its range, but for the last digits, is inside it."""


@dataclass(frozen=True, eq=False)
class Scale:
    """A perturbation that multiplies fields by ``1 + k * amount``."""

    amounts: dict[str, float]

    def __call__(self, sums: CycleSums, k: float) -> CycleSums:  # noqa: D102 - see the class
        return replace(sums, **{name: getattr(sums, name) * (1 + k * amount) for name, amount in self.amounts.items()})


def perturbations(
    sums: CycleSums, cell: Cell, counting: tuple[FloatArray, FloatArray], settings: CyclingSettings
) -> Perturbations:
    """All sources of error. ``counting``: unexplained difference of both ways of counting, charge and discharge, mAh."""
    return (*_weighing(cell, settings), *_instrument(sums, cell, settings), *_counting(cell, counting))


def _weighing(cell: Cell, settings: CyclingSettings) -> Perturbations:
    """Mass of active material: weighing of the composite and its share. The composite mass holds the weighing alone."""
    relative = cell.cam_mass.plus / cell.cam_mass.value
    known = _number(cell, "cam_mass_fraction")
    share = settings.share_standard_uncertainty / known if known else 0.0
    weighing = float(np.sqrt(max(relative**2 - share**2, 0.0)))
    return (
        Perturbation(
            Source(f"{cell.id}/mass", "weighing of the cell", "standard", "weigh a larger cathode, or more often"),
            Scale({"cam_mass_mg": relative, "composite_mass_mg": weighing}),
        ),
        Perturbation(
            Source(f"{cell.id}/area", "electrode area", "standard", "measure the die"),
            Scale({"area_cm2": settings.area_relative_uncertainty}),
        ),
    )


def _number(cell: Cell, column: str) -> float:
    text = cell.details.get(column, "").replace(",", ".")
    return float(text) if text else 0.0


def _instrument(sums: CycleSums, cell: Cell, settings: CyclingSettings) -> Perturbations:
    group, halving = "instrument of the cell", "calibrate the channel"
    drift = {
        way: settings.current_offset_limit_of_range * _range_mA(getattr(sums, f"{way}_current_mA"), settings)
        for way in ("charge", "discharge")
    }
    up = drift["charge"] * sums.charge_seconds / 3600
    down = -drift["discharge"] * sums.discharge_seconds / 3600
    mean_up, mean_down = _means(sums)
    offset = {
        "charge_cc_mAh": up,
        "discharge_cc_mAh": down,
        "charge_energy_mWh": up * mean_up,
        "discharge_energy_mWh": down * mean_down,
        "charge_current_mA": drift["charge"],
        "discharge_current_mA": -drift["discharge"],
        "hold_end_current_mA": drift["charge"],
    }
    gain = dict.fromkeys((*_CHARGES, *_ENERGIES, *_CURRENTS), settings.current_gain_limit)
    clock = dict.fromkeys((*_CHARGES, *_ENERGIES, *_SECONDS), settings.clock_gain_limit)
    moves: tuple[tuple[str, Kind, Scale | Shift], ...] = (
        ("current gain", "limit", Scale(gain)),
        ("current offset", "limit", Shift({name: np.nan_to_num(move) for name, move in offset.items()})),
        ("clock", "limit", Scale(clock)),
        (
            "potential offset",
            "limit",
            _potential(sums, *[np.full_like(mean_up, settings.potential_offset_limit_volt)] * 2),
        ),
        (
            "potential gain",
            "limit",
            _potential(sums, *(settings.potential_gain_limit * u for u in (mean_up, mean_down))),
        ),
    )
    listed = [Perturbation(Source(f"{cell.id}/{name}", group, kind, halving), move) for name, kind, move in moves]
    if cell.offset.plus:
        listed.append(
            Perturbation(
                Source(
                    f"{cell.id}/counter electrode",
                    "potential of the counter electrode",
                    "standard",
                    "titrate more potentials",
                ),
                Shift({"shoulder_mAh": np.nan_to_num(-sums.shoulder_slope * cell.offset.plus)}),
            )
        )
    return tuple(listed)


def _potential(sums: CycleSums, up: FloatArray, down: FloatArray) -> Shift:
    """What potentials change that read too high by ``up`` on charge and ``down`` on discharge."""
    charge = np.nan_to_num(sums.charge_cc_mAh + sums.charge_cv_mAh)
    discharge = np.nan_to_num(sums.discharge_cc_mAh + sums.discharge_cv_mAh)
    return Shift(
        {
            "charge_energy_mWh": charge * up,
            "discharge_energy_mWh": discharge * down,
            "relaxed_after_charge_volt": up,
            "relaxed_after_discharge_volt": down,
            "late_relaxed_after_charge_volt": up,
            "late_relaxed_after_discharge_volt": down,
            "shoulder_mAh": np.nan_to_num(-sums.shoulder_slope * up),
        }
    )


@np.errstate(divide="ignore", invalid="ignore")
def _means(sums: CycleSums) -> tuple[FloatArray, FloatArray]:
    up = sums.charge_energy_mWh / (sums.charge_cc_mAh + sums.charge_cv_mAh)
    down = sums.discharge_energy_mWh / (sums.discharge_cc_mAh + sums.discharge_cv_mAh)
    return np.nan_to_num(up), np.nan_to_num(down)


def _range_mA(current: FloatArray, settings: CyclingSettings) -> FloatArray:
    """The stated range, or the smallest decade above the current."""
    if settings.current_range_mA:
        return np.full_like(current, settings.current_range_mA)
    amount = np.abs(np.nan_to_num(current))
    exponent = np.ceil(np.log10(amount, out=np.zeros_like(amount), where=amount > 0) - _FULL_SCALE)
    return np.where(amount > 0, 10.0**exponent, 0.0)


def _counting(cell: Cell, counting: tuple[FloatArray, FloatArray]) -> Perturbations:
    up, down = (np.nan_to_num(one) for one in counting)
    if not (np.any(up) or np.any(down)):
        return ()
    source = Source(
        f"{cell.id}/charge counting",
        "the cycler's charge and the integral of the current disagree",
        "limit",
        "record more rows; check the export",
    )
    return (Perturbation(source, Shift({"charge_cc_mAh": up, "discharge_cc_mAh": down})),)
