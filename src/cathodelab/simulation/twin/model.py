"""What is set for a twin, and what comes out of it before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays

Kind = Literal["charge", "discharge", "hold", "rest"]


@dataclass(frozen=True)
class Population:
    """Particles of one kind.

    Args:
        share: part of the connected active material (the shares of a cell sum to 1).
        diffusion_second: R²/D. 2,700 s: 1.65 µm and 1e-15 m²/s.
        exchange_mA_g: exchange current at half extraction, per g of this population, with its whole surface in contact.
    """

    share: float = 1.0
    diffusion_second: float = 2700.0
    exchange_mA_g: float = 60.0


@dataclass(frozen=True)
class TwinCell:
    """One half-cell. Charges and currents "per g" mean per g of active material weighed in, unless said otherwise.

    Args:
        id: name of the cell.
        cam_mass_mg: active material that is really there.
        utilization: part of it that is connected at the start.
        populations: kinds of connected particles.
        contact: part of the particles' surface in contact: scales the exchange current, not the utilization.
        series_ohm: everything in series (separator, anode, leads).
        offset_volt: potential of the counter electrode vs. Li+/Li at the start.
        offset_drift_volt_per_hour: how it moves.
        self_discharge_mA_g: current that discharges the particles all the time, per g of connected material.
        oxidation_mA_g: oxidation of the electrolyte at 4 V vs. Li+/Li, same per; grows by e every ``oxidation_volt``.
        oxidation_pool_mAh_g: charge after which this oxidation has passivated to 1/e; 0: never.
        contact_loss: part of the connected material that loses contact at the start of each cycle after the first.
        hysteresis_volt: half the distance between the open-circuit potentials of charge and discharge.
        hysteresis_growth: share of itself by which it is larger when everything is extracted.
        hysteresis_fraction: extracted fraction over which one branch goes over into the other.
        start_potential_volt: relaxed potential at the start, vs. Li+/Li.
    """

    id: str = "twin"
    cam_mass_mg: float = 10.0
    utilization: float = 1.0
    populations: tuple[Population, ...] = (Population(),)
    contact: float = 1.0
    series_ohm: float = 0.0
    offset_volt: float = 0.0
    offset_drift_volt_per_hour: float = 0.0
    self_discharge_mA_g: float = 0.0
    oxidation_mA_g: float = 0.0
    oxidation_volt: float = 0.05
    oxidation_pool_mAh_g: float = 0.0
    contact_loss: float = 0.0
    hysteresis_volt: float = 0.0
    hysteresis_growth: float = 0.0
    hysteresis_fraction: float = 0.01
    start_potential_volt: float = 3.545


@dataclass(frozen=True)
class Step:
    """One step of a protocol. Potentials are those of the cell: against its own counter electrode.

    Args:
        kind: what is done. A hold keeps ``limit_volt``, or the potential at its start where there is none.
        seconds: how long at most.
        c_rate: current of a charge or discharge; 1C is 200 mA per g weighed in. A hold ends below this current.
        limit_volt: potential at which a charge or discharge ends.
        cycle: number of the cycle, from 1.
        branch: steps of one branch are left out once a limit was reached in it (after the rest that follows).
    """

    kind: Kind
    seconds: float
    c_rate: float = 0.0
    limit_volt: float | None = None
    cycle: int = 1
    branch: int = 0


C_RATE_BASIS_mA_g = 200.0


@dataclass(frozen=True, eq=False)
class TwinRecord(ReadOnlyArrays):
    """What happened in one cell, at the times of the solver; a row stands at the end of a time step.

    Args:
        time_second: since the start; the first row is time 0.
        potential_volt: of the cell, against its counter electrode.
        current_mA: positive on charge.
        step: number of the step, from 1.
        charge_mAh: passed outside since the start.
        stored_mAh: in the connected particles, since the start.
        fraction: mean extracted fraction of each population, shape (row, population).
        utilization: connected part of the weighed material.
        steps: the protocol.
        cell: its truth.
    """

    cell: TwinCell
    steps: tuple[Step, ...]
    time_second: FloatArray
    potential_volt: FloatArray
    current_mA: FloatArray
    step: FloatArray
    charge_mAh: FloatArray
    stored_mAh: FloatArray
    utilization: FloatArray
    fraction: FloatArray
