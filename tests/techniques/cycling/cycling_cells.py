"""Cells and records for the tests of cycling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingResult, CyclingSettings
from cathodelab_validation.cycler import CyclingTruth, Phase, Recording, cycles_of, cycling_columns


def cell(mass: float = 10.0, standard: float = 0.1, **details: str) -> Cell:
    """A cell against In/InLi with composite mass and area."""
    stated = {
        "composite_mass_mg": f"{mass / 0.7}",
        "cam_mass_fraction": "0.7",
        "area_cm2": "0.785",
        "cam_name": "NCM85",
        **details,
    }
    return Cell(
        "ssb-01",
        "cell",
        Estimate(mass, standard, standard, "mg"),
        "In/InLi",
        Estimate(0.62, 0.004, 0.004, "V"),
        ("a.csv",),
        details=stated,
    )


def record(columns: Mapping[str, FloatArray], **fields: Any) -> CyclingRecord:
    """A record of these columns."""
    return CyclingRecord(**{**columns, **fields})


def generated(
    rates: Sequence[float] = (0.1, 0.1),
    truth: CyclingTruth | None = None,
    recording: Recording | None = None,
    protocol: Sequence[Phase] | None = None,
    *,
    hold_hours: float = 0.0,
    seed: int = 1,
) -> dict[str, FloatArray]:
    """Columns of a generated test."""
    return cycling_columns(
        truth or CyclingTruth(),
        protocol or cycles_of(rates, hold_hours=hold_hours),
        recording or Recording(),
        np.random.default_rng(seed),
    )


def evaluated(columns: Mapping[str, FloatArray], mass: float = 10.0, **knobs: Any) -> CyclingResult:
    """The result of a record of these columns."""
    fields = {name: knobs.pop(name) for name in ("cycle_count", "part_rows", "spectra") if name in knobs}
    return cycling_metrics(cell(mass), record(columns, **fields), CyclingSettings(**knobs), 200.0)


def made(*steps: tuple[float, float, float, float], rest_hours: float = 0.2, rows: int = 40) -> dict[str, FloatArray]:
    """Columns of a test of constant currents: (current mA, charge mAh, first potential, last potential) of each step."""
    time, volt, current, net, number = [], [], [], [], []
    now = passed = 0.0
    for step, (flow, charge, first, last) in enumerate(steps):
        share = np.linspace(0, 1, rows)
        time += [
            now + share * charge / abs(flow) * 3600,
            now + charge / abs(flow) * 3600 + np.array([1.0, rest_hours * 3600]),
        ]
        volt += [first + share * (last - first), np.full(2, (first + last) / 2)]
        current += [np.full(rows, flow), np.zeros(2)]
        net += [passed + np.sign(flow) * share * charge, np.full(2, passed + np.sign(flow) * charge)]
        number += [np.full(rows, 2.0 * step), np.full(2, 2.0 * step + 1)]
        now, passed = float(time[-1][-1]) + 1.0, passed + float(np.sign(flow)) * charge
    columns = {"test_time_second": time, "voltage_volt": volt, "current_ampere": current, "net_charge_ampere_hour": net}
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    joined["current_ampere"] /= 1e3
    joined["net_charge_ampere_hour"] /= 1e3
    return {**joined, "step_count": np.concatenate(number)}
