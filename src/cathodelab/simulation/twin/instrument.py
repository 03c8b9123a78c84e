"""The measuring instrument: what a cycler writes of a twin. Every effect is a field of the truth; zero switches it off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.twin.model import TwinRecord


@dataclass(frozen=True)
class Channel:
    """One channel: systematic errors, white noise, what differs from step to step, and the smallest steps it writes."""

    potential_gain: float = 0.0
    potential_offset_volt: float = 0.0
    current_gain: float = 0.0
    current_offset_mA: float = 0.0
    potential_noise_volt: float = 0.0
    current_noise: float = 0.0
    potential_repeatability_volt: float = 0.0
    potential_resolution_volt: float = 0.0
    current_resolution_mA: float = 0.0


@dataclass(frozen=True)
class Sampling:
    """When a row is written: ``first_second`` into a step, then at equal times, at equal changes, and at its end."""

    current_second: float = 60.0
    rest_second: float = 300.0
    first_second: float = 1.0
    every_volt: float = 0.0


@dataclass(frozen=True)
class Faults:
    """What goes wrong in a laboratory.

    Args:
        missing_from_hour, missing_hours: a block of rows that is lost.
        missing_share: part of all rows lost one by one.
        clock_jump_hour, clock_jump_second: the clock is set forward (or back) once; 0 s: never.
        mass_of: the manifest holds the weighing of this cell instead of the cell's own; empty: its own.
    """

    missing_from_hour: float = 0.0
    missing_hours: float = 0.0
    missing_share: float = 0.0
    clock_jump_hour: float = 0.0
    clock_jump_second: float = 0.0
    mass_of: str = ""


@dataclass(frozen=True)
class Measurement:
    """How a cell is measured. ``weighing_error_mg`` is added to its true mass; ``own_charge``: the file has a charge column."""

    channel: Channel = Channel()
    sampling: Sampling = Sampling()
    faults: Faults = Faults()
    weighing_error_mg: float = 0.0
    own_charge: bool = True


def measured(record: TwinRecord, how: Measurement, random: np.random.Generator) -> dict[str, FloatArray]:
    """Columns of the Battery Data Format as a cycler would have written them."""
    rows = _sampled(record, how.sampling)
    channel, flows = how.channel, rows["current_mA"] != 0
    volt = rows["potential_volt"] * (1 + channel.potential_gain) + channel.potential_offset_volt
    volt = volt + channel.potential_noise_volt * random.standard_normal(volt.size)
    steps = np.unique(rows["step"], return_inverse=True)[1]
    volt = volt + channel.potential_repeatability_volt * random.standard_normal(int(steps.max()) + 1)[steps]
    noise = channel.current_noise * random.standard_normal(volt.size)
    current = rows["current_mA"] * (1 + channel.current_gain + noise) + channel.current_offset_mA * flows
    under_current = np.concatenate([[0.0], np.cumsum(np.diff(rows["time_second"]) * flows[1:])])
    charge = rows["charge_mAh"] * (1 + channel.current_gain) + channel.current_offset_mA * under_current / 3600
    columns = {
        "test_time_second": rows["time_second"] + _clock_jump(rows["time_second"], how.faults),
        "voltage_volt": _quantized(volt, channel.potential_resolution_volt),
        "current_ampere": _quantized(current, channel.current_resolution_mA) * 1e-3,
        "step_count": rows["step"],
    }
    if how.own_charge:
        columns["net_charge_ampere_hour"] = charge * 1e-3
    kept = _kept(rows["time_second"], how.faults, random)
    return {name: column[kept] for name, column in columns.items()}


def _sampled(record: TwinRecord, rule: Sampling) -> dict[str, FloatArray]:
    """Rows at the times of the sampling rule, from the solver's rows of the same step."""
    names = ("time_second", "potential_volt", "current_mA", "step", "charge_mAh")
    columns: dict[str, list[FloatArray]] = {name: [] for name in names}
    for step in np.unique(record.step):
        nodes = np.flatnonzero(record.step == step)
        nodes = nodes[nodes > 0]  # row 0 is the start, before any current
        before = int(nodes[0]) - 1
        start, time = float(record.time_second[before]), record.time_second[nodes]
        volt = record.potential_volt[nodes]
        rests = not np.any(record.current_mA[nodes])
        every = rule.rest_second if rests else rule.current_second
        at = [np.arange(start + every * (before > 0), time[-1], every), time[-1:]]
        if start + rule.first_second < time[-1]:
            at.append(np.array([start + rule.first_second]))
        if rule.every_volt > 0 and nodes.size > 1:
            way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(volt)))])
            at.append(np.interp(np.arange(rule.every_volt, way[-1], rule.every_volt), way, time))
        times = np.unique(np.concatenate(at))
        columns["time_second"].append(times)
        columns["potential_volt"].append(np.interp(times, time, volt))
        columns["current_mA"].append(np.interp(times, time, record.current_mA[nodes]))
        around = np.concatenate([[before], nodes])
        columns["charge_mAh"].append(np.interp(times, record.time_second[around], record.charge_mAh[around]))
        columns["step"].append(np.full(times.size, float(step)))
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _quantized(values: FloatArray, resolution: float) -> FloatArray:
    return np.asarray(np.round(values / resolution) * resolution if resolution > 0 else values)


def _clock_jump(time: FloatArray, faults: Faults) -> FloatArray:
    return np.where(time > faults.clock_jump_hour * 3600, faults.clock_jump_second, 0.0)


def _kept(time: FloatArray, faults: Faults, random: np.random.Generator) -> np.ndarray:
    first = faults.missing_from_hour * 3600
    lost = (time >= first) & (time < first + faults.missing_hours * 3600)
    if faults.missing_share > 0:
        lost = lost | (random.uniform(size=time.size) < faults.missing_share)
    lost[[0, -1]] = False
    return ~lost


def drawn_channel(random: np.random.Generator, *, range_mA: float) -> Channel:
    """A channel inside the limits that the makers state for a battery cycler: 0.01 % + 0.3 mV, 0.05 % + 0.015 % of range."""
    return Channel(
        potential_gain=float(random.uniform(-1e-4, 1e-4)),
        potential_offset_volt=float(random.uniform(-3e-4, 3e-4)),
        current_gain=float(random.uniform(-5e-4, 5e-4)),
        current_offset_mA=float(random.uniform(-1.5e-4, 1.5e-4)) * range_mA,
        potential_noise_volt=1e-4,
        current_noise=2e-4,
        potential_repeatability_volt=1e-4,
        potential_resolution_volt=1e-6,
        current_resolution_mA=1e-6 * range_mA,
    )
