"""Synthetic titrations of known utilization from closed formulas: for demonstrations, not for judging the method.

Equilibrium: a sum of logistic steps, charge as a function of potential. Under current: equilibrium plus a resistance and
one exponential polarization; at rest the polarization decays. A cell with slow material keeps a second, long decay. Then
a measuring instrument with gain, offset, noise and resolution. Shares no code and no curve with the estimators.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from cathodelab.core.arrays import FloatArray

# potential vs. Li+/Li, V; width, V; charge, mAh/g: resembles a layered oxide with 82 % nickel, fitted to nothing
_STEPS = ((3.62, 0.045, 45.0), (3.74, 0.035, 60.0), (3.90, 0.060, 45.0), (4.03, 0.035, 32.0), (4.20, 0.016, 38.0))
_GRID = np.linspace(3.2, 4.5, 26_001)
_ZERO_VOLT = 3.50

_RELAXATION_SECOND = 800.0
_SLOW_SECOND = 36_000.0
_PULSE_SAMPLING_SECOND, _REST_SAMPLING_SECOND = 60.0, 300.0


def equilibrium_charge(potential_volt: FloatArray) -> FloatArray:
    """Charge of the connected material in mAh/g at a potential vs. Li+/Li, zero at 3.50 V."""
    return _raw_charge(potential_volt) - float(_raw_charge(np.array([_ZERO_VOLT]))[0])


def _raw_charge(potential_volt: FloatArray) -> FloatArray:
    u = np.asarray(potential_volt, dtype=float)[..., None]
    centre, width, height = (np.array(column) for column in zip(*_STEPS, strict=True))
    return np.asarray(np.sum(height / (1 + np.exp(-(u - centre) / width)), axis=-1) + 6 * (u[..., 0] - _ZERO_VOLT))


def equilibrium_potential(charge_mAh_g: FloatArray) -> FloatArray:
    """The inverse of :func:`equilibrium_charge`, on a grid of 50 µV."""
    return np.interp(charge_mAh_g, _grid_charge(), _GRID)


@cache
def _grid_charge() -> FloatArray:
    return equilibrium_charge(_GRID)


@dataclass(frozen=True)
class Truth:
    """What is set for one generated cell. Masses in mg, potentials in V, currents as C-rate of 200 mAh/g."""

    utilization: float
    cam_mass_mg: float
    c_rate: float = 0.05
    offset_volt: float = 0.0
    polarization_volt: float = 0.008
    slow_volt: float = 0.0


@dataclass(frozen=True)
class Instrument:
    """One channel: relative gains, offset and noise."""

    potential_gain: float
    potential_offset_volt: float
    current_gain: float
    noise_volt: float = 1e-4
    noise_relative_current: float = 2e-4


def drawn_instrument(random: np.random.Generator) -> Instrument:
    """A channel inside the limits that the default error budget states."""
    return Instrument(
        potential_gain=random.uniform(-1e-4, 1e-4),
        potential_offset_volt=random.uniform(-3e-4, 3e-4),
        current_gain=random.uniform(-5e-4, 5e-4),
    )


def reference_titration(truth: Truth, instrument: Instrument, random: np.random.Generator) -> dict[str, FloatArray]:
    """Pulses of 20 min with rests of 2 h from 3.55 to 4.27 V vs. Li+/Li; BDF columns."""
    stops = [("time", 1200.0)] * 62
    return _measured(_titration(truth, stops, rest_second=7200.0, last_volt=4.27), truth, instrument, random)


def cell_titration(truth: Truth, instrument: Instrument, random: np.random.Generator) -> dict[str, FloatArray]:
    """Charges to 3.1, 3.2, 3.3, 3.4 and 3.5 V vs. the counter electrode, each followed by 8 h of rest; BDF columns."""
    stops = [("potential", value + truth.offset_volt) for value in (3.1, 3.2, 3.3, 3.4, 3.5)]
    return _measured(_titration(truth, stops, rest_second=28_800.0, last_volt=np.inf), truth, instrument, random)


def _titration(
    truth: Truth, stops: list[tuple[str, float]], rest_second: float, last_volt: float
) -> dict[str, FloatArray]:
    """Noise-free record vs. Li+/Li: time s, potential V, current A, step."""
    current_mA = truth.c_rate * 200 * truth.cam_mass_mg * 1e-3
    rate = current_mA / (truth.utilization * truth.cam_mass_mg * 1e-3) / 3600  # mAh/g per second
    charge, clock, left = float(equilibrium_charge(np.array([3.545]))[0]), 0.0, 0.0
    rows: list[tuple[FloatArray, FloatArray, float, int]] = []
    step = 0
    for kind, value in stops:
        t = np.arange(0.0, 80_000.0, _PULSE_SAMPLING_SECOND) if kind == "potential" else np.arange(0.0, value + 1, 60.0)
        lag = truth.polarization_volt * (1 - np.exp(-t / _RELAXATION_SECOND)) + left * np.exp(-t / _RELAXATION_SECOND)
        u = equilibrium_potential(charge + rate * t) + 0.3 * truth.polarization_volt + lag + truth.slow_volt
        if kind == "potential":
            end = int(np.argmax(u >= value)) + 1
            t, u, lag = t[:end], u[:end], lag[:end]
        step += 1
        first = 0 if step == 1 else 1  # later pulses start at the last row of the rest
        rows.append((clock + t[first:], u[first:], current_mA * 1e-3, step))
        clock += float(t[-1])
        charge += rate * float(t[-1])
        rest = np.arange(_REST_SAMPLING_SECOND, rest_second + 1, _REST_SAMPLING_SECOND)
        decay = float(lag[-1]) * np.exp(-rest / _RELAXATION_SECOND) + truth.slow_volt * np.exp(-rest / _SLOW_SECOND)
        relaxed = float(equilibrium_potential(np.array([charge]))[0])
        step += 1
        rows.append((clock + rest, relaxed + decay, 0.0, step))
        left = float(decay[-1] - truth.slow_volt * np.exp(-rest_second / _SLOW_SECOND))
        clock += rest_second
        if relaxed > last_volt:
            break
    return {
        "test_time_second": np.concatenate([row[0] for row in rows]),
        "voltage_volt": np.concatenate([row[1] for row in rows]),
        "current_ampere": np.concatenate([np.full(row[0].size, row[2]) for row in rows]),
        "step_count": np.concatenate([np.full(row[0].size, float(row[3])) for row in rows]),
    }


def _measured(
    record: dict[str, FloatArray], truth: Truth, instrument: Instrument, random: np.random.Generator
) -> dict[str, FloatArray]:
    potential = record["voltage_volt"] - truth.offset_volt
    current = record["current_ampere"]
    noise_u = instrument.noise_volt * random.standard_normal(potential.size)
    noise_i = instrument.noise_relative_current * random.standard_normal(potential.size)
    return {
        **record,
        "voltage_volt": potential * (1 + instrument.potential_gain) + instrument.potential_offset_volt + noise_u,
        "current_ampere": current * (1 + instrument.current_gain + noise_i),
    }
