r"""Cycling tests of closed form: a layered oxide whose dQ/dV is a sum of peaks, behind a resistance.

The charge at equilibrium is :math:`q(E) = \sum_j a_j / (1 + e^{-(E - E_j)/w_j})`; under current the potential is
:math:`E \pm (\eta_0 + R I)`; a hold lets the current decay exponentially; a rest relaxes exponentially. Everything that an
evaluation should find is known exactly. No physics of its own: a twin for methods, not a model of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cathodelab.core.arrays import FloatArray

_GRID = np.linspace(2.4, 4.6, 22001)


@dataclass(frozen=True)
class Peak:
    """One feature of the equilibrium curve: charge, potential vs. Li+/Li and width."""

    charge_mAh_g: float
    potential_volt: float
    width_volt: float


NCM = (
    Peak(70.0, 3.74, 0.022),
    Peak(60.0, 4.01, 0.030),
    Peak(28.0, 4.19, 0.014),
    Peak(62.0, 3.90, 0.110),
)
"""H1-M, M-H2, H2-H3 and a broad background, as nickel-rich oxides have them."""


@dataclass(frozen=True)
class Phase:
    """One part of a protocol.

    ``charge`` and ``discharge`` go at ``c_rate`` to ``limit_volt`` (against the counter electrode) and hold it for
    ``hold_hours``; ``rest`` lasts ``hours``.
    """

    kind: str
    c_rate: float = 0.0
    limit_volt: float = 0.0
    hold_hours: float = 0.0
    hours: float = 0.0


def cycles_of(rates: Sequence[float], *, low: float = 1.98, high: float = 3.68, hold_hours: float = 0.0) -> list[Phase]:
    """A rest, then charge, rest, discharge, rest for every rate (against In/InLi)."""
    protocol = [Phase("rest", hours=1.0)]
    for rate in rates:
        protocol += [
            Phase("charge", rate, high, hold_hours),
            Phase("rest", hours=1.2),
            Phase("discharge", rate, low),
            Phase("rest", hours=1.2),
        ]
    return protocol


@dataclass(frozen=True)
class CyclingTruth:
    """What a generated cell is.

    Args:
        cam_mass_mg, utilization: mass of active material and the connected part of it.
        resistance_volt_hour: overpotential per C-rate of the connected material, V at 1C; ``fixed_volt`` at any current.
        parasitic: charge that goes elsewhere, as a fraction of every charge.
        offset_volt: potential of the counter electrode vs. Li+/Li.
        basis_mAh_g: capacity that defines 1C.
        start_volt: equilibrium potential at the start, vs. Li+/Li.
        peaks: of the equilibrium curve.
    """

    cam_mass_mg: float = 10.0
    utilization: float = 0.9
    resistance_volt_hour: float = 0.12
    fixed_volt: float = 0.004
    parasitic: float = 0.0
    offset_volt: float = 0.62
    basis_mAh_g: float = 200.0
    start_volt: float = 3.0
    peaks: tuple[Peak, ...] = NCM


@dataclass(frozen=True)
class Recording:
    """What the cycler does to it: rows per half cycle, noise of the potentials (V)."""

    rows: int = 400
    noise_volt: float = 0.0
    rest_rows: int = 30


@dataclass
class _Track:
    time: list[FloatArray] = field(default_factory=list)
    volt: list[FloatArray] = field(default_factory=list)
    current: list[FloatArray] = field(default_factory=list)
    step: list[FloatArray] = field(default_factory=list)
    net: list[FloatArray] = field(default_factory=list)
    now: float = 0.0
    passed: float = 0.0

    def add(self, time: FloatArray, volt: FloatArray, current: FloatArray, net: FloatArray, step: int) -> None:
        self.time.append(self.now + time)
        self.volt.append(volt)
        self.current.append(current)
        self.net.append(self.passed + net)
        self.step.append(np.full(time.size, float(step)))
        self.now += float(time[-1])
        self.passed += float(net[-1])


def equilibrium_charge(potential_volt: FloatArray, peaks: Sequence[Peak] = NCM) -> FloatArray:
    """Charge per gram of connected material at equilibrium, mAh/g, over the potential vs. Li+/Li."""
    total = np.zeros_like(potential_volt)
    for peak in peaks:
        total += peak.charge_mAh_g / (1 + np.exp(-(potential_volt - peak.potential_volt) / peak.width_volt))
    return total


def overpotential(truth: CyclingTruth, c_rate: float) -> float:
    """Overpotential at a nominal C-rate: the connected material carries all of the current."""
    return truth.fixed_volt + truth.resistance_volt_hour * c_rate / truth.utilization


def true_feature(truth: CyclingTruth, c_rate: float, direction: int, near_volt: float) -> float:
    """Potential (vs. counter electrode) of the maximum of dQ/dV closest to a potential vs. Li+/Li."""
    density = np.gradient(equilibrium_charge(_GRID, truth.peaks), _GRID)
    maxima = np.flatnonzero((density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])) + 1
    best = maxima[np.argmin(np.abs(_GRID[maxima] - near_volt))]
    a, b, c = density[best - 1 : best + 2]
    vertex = float(_GRID[best]) + (a - c) / (2 * (a - 2 * b + c)) * float(_GRID[1] - _GRID[0])
    return float(vertex - truth.offset_volt + direction * overpotential(truth, c_rate))


def cycling_columns(
    truth: CyclingTruth, protocol: Sequence[Phase], recording: Recording, random: np.random.Generator
) -> dict[str, FloatArray]:
    """Columns of a cycling table (canonical names) that the protocol would give."""
    charge_grid = equilibrium_charge(_GRID, truth.peaks)
    mass = truth.cam_mass_mg * 1e-3 * truth.utilization
    track, potential = _Track(), truth.start_volt
    for step, phase in enumerate(protocol):
        if phase.kind == "rest":
            potential = _rest(track, truth, potential, phase, recording, step)
        else:
            potential = _polarize(track, truth, potential, phase, recording, step, charge_grid, mass)
    volt = np.concatenate(track.volt)
    return {
        "test_time_second": np.concatenate(track.time),
        "voltage_volt": volt + recording.noise_volt * random.standard_normal(volt.size),
        "current_ampere": np.concatenate(track.current) * 1e-3,
        "step_count": np.concatenate(track.step),
        "net_charge_ampere_hour": np.concatenate(track.net) * 1e-3,
    }


def _rest(track: _Track, truth: CyclingTruth, potential: float, phase: Phase, recording: Recording, step: int) -> float:
    """Relaxation from the last potential to equilibrium."""
    time = np.linspace(0, phase.hours * 3600, recording.rest_rows + 1)[1:]
    settled = potential - truth.offset_volt
    started = float(track.volt[-1][-1]) if track.volt else settled
    volt = settled + (started - settled) * np.exp(-time / 300.0)
    track.add(time, volt, np.zeros(time.size), np.zeros(time.size), step)
    return potential


def _polarize(
    track: _Track,
    truth: CyclingTruth,
    potential: float,
    phase: Phase,
    recording: Recording,
    step: int,
    charge_grid: FloatArray,
    mass: float,
) -> float:
    """Constant current to the limit, then the hold; returns the equilibrium potential reached (vs. Li+/Li)."""
    way = 1.0 if phase.kind == "charge" else -1.0
    eta = overpotential(truth, phase.c_rate)
    goal = phase.limit_volt + truth.offset_volt - way * eta
    start, end = (float(np.interp(one, _GRID, charge_grid)) for one in (potential, goal))
    current = phase.c_rate * truth.cam_mass_mg * 1e-3 * truth.basis_mAh_g  # mA
    moved = max(way * (end - start), 0.0)
    lost = 1.0 + (truth.parasitic if way > 0 else 0.0)
    hours = moved * mass * lost / current
    time = np.linspace(0, hours * 3600, recording.rows + 1)[1:]
    inside = start + way * moved * np.linspace(0, 1, recording.rows + 1)[1:]
    volt = np.interp(inside, charge_grid, _GRID) - truth.offset_volt + way * eta
    track.add(time, volt, np.full(time.size, way * current), way * current * time / 3600, step)
    reached = goal
    if phase.hold_hours:
        reached = _hold(track, phase, recording, step, way, current, goal + way * eta, goal, charge_grid, mass * lost)
    return float(reached)


def _hold(
    track: _Track,
    phase: Phase,
    recording: Recording,
    step: int,
    way: float,
    current: float,
    full: float,
    goal: float,
    charge_grid: FloatArray,
    mass: float,
) -> float:
    """A hold takes 95 % of what is left to equilibrium; its current decays from that of the step before."""
    left = 0.95 * mass * abs(float(np.interp(full, _GRID, charge_grid) - np.interp(goal, _GRID, charge_grid)))
    time = np.linspace(0, phase.hold_hours * 3600, recording.rows // 4 + 1)[1:]
    decay = max(left / current * 3600, 1.0)
    shape = np.exp(-time / decay)
    track.add(time, np.full(time.size, phase.limit_volt), way * current * shape, way * left * (1 - shape), step)
    charge = float(np.interp(goal, _GRID, charge_grid)) + way * left * (1 - float(shape[-1])) / mass
    return float(np.interp(charge, charge_grid, _GRID))
