"""Fresh twins and their records, as the benchmarks draw them: from the distributions that the error budget states."""

from __future__ import annotations

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.simulation.twin.instrument import Measurement, drawn_channel, measured
from cathodelab.simulation.twin.model import Population, TwinCell, TwinRecord

REFERENCE_UNCERTAINTY_MG, CELL_UNCERTAINTY_MG, OFFSET_VOLT, OFFSET_UNCERTAINTY_V = 0.05, 0.1, 0.62, 0.004
REFERENCE_RANGE_MA, CELL_RANGE_MA = 0.1, 1.0
LARGEST_SELF_DISCHARGE_MA_G = 0.03


def _particles(random: np.random.Generator) -> tuple[Population, ...]:
    second, exchange = np.exp(random.uniform(np.log([1000.0, 20.0]), np.log([6000.0, 100.0])))
    return (Population(1.0, float(second), float(exchange)),)


def drawn_reference(random: np.random.Generator, *, self_discharge: bool = False) -> TwinCell:
    """A liquid reference cell."""
    return TwinCell(
        cam_mass_mg=float(5.6 + 0.2 * random.standard_normal()),
        populations=_particles(random),
        self_discharge_mA_g=float(random.uniform(0, LARGEST_SELF_DISCHARGE_MA_G)) if self_discharge else 0.0,
    )


def drawn_cell(random: np.random.Generator) -> TwinCell:
    """A sound solid-state cell."""
    return TwinCell(
        cam_mass_mg=float(10.4 + 0.15 * random.standard_normal()),
        utilization=float(random.uniform(0.6, 1.0)),
        populations=_particles(random),
        contact=float(random.uniform(0.4, 1.0)),
        series_ohm=float(random.uniform(20.0, 120.0)),
        offset_volt=float(OFFSET_VOLT + OFFSET_UNCERTAINTY_V * random.standard_normal()),
    )


def recorded(record: TwinRecord, random: np.random.Generator, range_mA: float, *, ideal: bool = False) -> CyclingRecord:
    """The record of a freshly drawn channel, or of an ideal one."""
    how = Measurement() if ideal else Measurement(drawn_channel(random, range_mA=range_mA))
    columns = measured(record, how, random)
    return CyclingRecord(
        voltage_volt=columns["voltage_volt"],
        test_time_second=columns["test_time_second"],
        current_ampere=columns["current_ampere"],
        step_count=columns["step_count"],
    )


def manifest(name: str, mass: float, uncertainty: float, offset: float | None) -> Cell:
    """What the manifest says of a cell; a reference has no offset."""
    half = OFFSET_UNCERTAINTY_V if offset is not None else 0.0
    return Cell(
        id=name,
        role="reference" if offset is None else "cell",
        cam_mass=Estimate(mass, uncertainty, uncertainty, "mg"),
        counter_electrode="Li" if offset is None else "In/InLi",
        offset=Estimate(offset or 0.0, half, half, "V"),
        files=("x",),
    )
