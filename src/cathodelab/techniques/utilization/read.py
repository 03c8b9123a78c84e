"""Tables and references to titrations: only what the file knows."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import CHARGE, charge_of, row_states, segments_of
from cathodelab.formats.table import Table
from cathodelab.techniques.utilization.branches import self_discharge_of
from cathodelab.techniques.utilization.model import Titration, UtilizationSettings
from cathodelab.techniques.utilization.rests import titration_from_record

_SLOW_CHARGE_POINTS, _FEWEST_RELAXED = 200, 5
_HARDLY_ANY = 0.2  # of the charge of a typical pulse
_SAME_VOLT = 1e-6


def titration_from_table(table: Table) -> Titration:
    """A titration from a finished table: a titration curve, or pairs of relaxed potentials with cumulative charge.

    Raises:
        CathodelabError: pairs that do not follow each other.
    """
    if table.kind == "relaxed potentials":
        return _from_pairs(table)
    columns = table.columns
    potential = table.column("relaxed_potential_volt")
    charge = columns.get("corrected_charge_milliampere_hour", table.column("charge_milliampere_hour"))
    elapsed, pulse = columns.get("elapsed_time_hour"), columns.get("pulse_time_second")
    rest = np.full(potential.size, np.nan)
    if elapsed is not None and pulse is not None:
        rest = np.diff(elapsed, prepend=0.0) * 3600 - pulse
    return Titration(
        potential_volt=potential,
        charge_mAh=charge,
        potential_noise_volt=np.zeros(potential.size),
        slope_volt_per_second=columns.get("slope_volt_per_second", np.full(potential.size, np.nan)),
        slope_noise_volt_per_second=np.zeros(potential.size),
        rest_second=rest,
        polarization_second=np.cumsum(pulse) if pulse is not None else np.full(potential.size, np.nan),
        self_discharge_slope=columns.get("self_discharge_slope_volt_per_second"),
        self_discharge_mA=columns.get("self_discharge_current_milliampere"),
        pulse_mA=columns.get("pulse_current_milliampere"),
        pulse_second=pulse,
        elapsed_hour=elapsed,
        stated_errors={name: column for name, column in columns.items() if "_error_" in name},
        unknown_columns=table.unknown_columns,
        notes=table.notes,
    )


def _from_pairs(table: Table) -> Titration:
    first, second = table.column("relaxed_potential_1_volt"), table.column("relaxed_potential_2_volt")
    apart = np.abs(first[1:] - second[:-1])
    broken = np.flatnonzero(apart > _stated_between(table))
    if broken.size:
        row = int(broken[0]) + 2
        raise CathodelabError(
            "pairs-not-chained",
            f"OCV1 of row {row} ({first[row - 1]:.6f} V) is not OCV2 of the row before ({second[row - 2]:.6f} V)",
            where=f"row {row}",
            why="Charge is cumulative, so every window has to start where the one before ended, within their stated errors.",
            what_to_do="List all relaxed potentials of the cell in the order in which they were measured.",
        )
    columns = table.columns
    points = second.size + 1
    unknown = np.full(points, np.nan)
    limit = charge_limit = None
    if "potential_error_2_minus_volt" in columns and "potential_error_2_plus_volt" in columns:
        # the negative side holds instrument and incomplete relaxation, the positive side the instrument alone
        excess = columns["potential_error_2_minus_volt"] - columns["potential_error_2_plus_volt"]
        start = (
            columns.get("potential_error_1_minus_volt", np.zeros(1))[0]
            - columns.get("potential_error_1_plus_volt", np.zeros(1))[0]
        )
        limit = -np.concatenate([[start], excess])
    if "charge_error_plus_milliampere_hour" in columns:
        error = columns["charge_error_plus_milliampere_hour"]
        charge_limit = np.concatenate([error[:1], error])
    return Titration(
        potential_volt=np.concatenate([first[:1], second]),
        charge_mAh=np.concatenate([[0.0], table.column("charge_milliampere_hour")]),
        potential_noise_volt=np.zeros(points),
        slope_volt_per_second=unknown,
        slope_noise_volt_per_second=unknown,
        rest_second=unknown,
        polarization_second=unknown,
        relaxation_limit_volt=limit,
        charge_limit_mAh=charge_limit,
        unknown_columns=table.unknown_columns,
        notes=(*table.notes, *_rounded(apart)),
    )


def _stated_between(table: Table) -> FloatArray:
    """How far apart neighbours may be that are one potential: the stated errors of both, V; without any a microvolt."""
    allowed = np.full(table.rows - 1, _SAME_VOLT)
    for number, rows in ((1, slice(1, None)), (2, slice(None, -1))):
        sides = [table.columns.get(f"potential_error_{number}_{side}_volt") for side in ("plus", "minus")]
        known = [np.abs(side[rows]) for side in sides if side is not None]
        allowed += np.max(known, axis=0) if known else 0.0
    return allowed


def _rounded(apart: FloatArray) -> list[str]:
    """What is said where neighbours differ by no more than their errors."""
    if not (apart > _SAME_VOLT).any():
        return []
    rows, row = int((apart > _SAME_VOLT).sum()), int(np.argmax(apart)) + 2
    text = (
        f"In {rows} row{'s' if rows != 1 else ''} OCV1 differs from OCV2 of the row before, by {1e3 * apart.max():.2g} mV at "
        f"most (row {row}) and within the stated errors: both are one potential, and that of the row before was used."
    )
    return [text]


def slow_charge_from_record(record: CyclingRecord) -> Titration:
    """The longest single charge of a record as a quasi-equilibrium curve of at most 200 points (means of rows)."""
    states = row_states(record)
    charge = charge_of(record, states)
    runs = [segment for segment in segments_of(states) if segment[2] == CHARGE]
    if not runs:
        raise CathodelabError(
            "no-charge",
            "The reference record holds neither relaxed points nor a charge",
            where="whole file",
            why="A reference is a titration (pulses and rests), a finished titration curve, or one slow charge.",
            what_to_do="Give the file in which the reference cell was charged (+ current = charge).",
        )
    first, end, _ = max(runs, key=lambda run: charge[run[1] - 1] - charge[run[0]])
    bins = np.array_split(np.arange(first, end), min(_SLOW_CHARGE_POINTS, end - first))
    potential = np.maximum.accumulate([float(np.mean(record.voltage_volt[rows])) for rows in bins])
    binned = np.array([float(np.mean(charge[rows])) for rows in bins])
    keep = np.concatenate([[True], np.diff(potential) > 1e-6])
    size = int(keep.sum())
    current = (
        float("nan") if record.current_ampere is None else float(np.median(record.current_ampere[first:end])) * 1e3
    )
    return Titration(
        potential_volt=potential[keep],
        charge_mAh=binned[keep],
        potential_noise_volt=np.zeros(size),
        slope_volt_per_second=np.full(size, np.nan),
        slope_noise_volt_per_second=np.full(size, np.nan),
        rest_second=np.full(size, np.nan),
        polarization_second=(binned[keep] - binned[0]) / current * 3600 if current > 0 else np.full(size, np.nan),
        kind="slow charge",
        pulse_mA=np.full(size, current),
        provenance=record.provenance,
        unknown_columns=record.unknown_columns,
        notes=record.notes,
    )


def reference_from_record(record: CyclingRecord, settings: UtilizationSettings) -> Titration:
    """Pulses and rests where there are at least five, else one slow charge; with self-discharge where it went back too.

    Where discharges are evaluated (setting ``direction``), the discharge branch of the reference is taken if it has one.
    """
    try:
        titration = _without_cut_pulses(titration_from_record(record, replace(settings, direction="charge")))
    except CathodelabError:
        return slow_charge_from_record(record)
    if titration.potential_volt.size < _FEWEST_RELAXED:
        return slow_charge_from_record(record)
    try:
        back = titration_from_record(record, replace(settings, direction="discharge"))
    except CathodelabError:
        return titration
    found = self_discharge_of(titration, back, settings)
    if settings.direction == "discharge" and back.potential_volt.size >= _FEWEST_RELAXED:
        titration = _with_rising_potential(back)
    return replace(titration, self_discharge=found)


def _without_cut_pulses(titration: Titration) -> Titration:
    """Without the last points of a charge that had reached its limit: pulses that moved hardly any charge and no potential."""
    moved, rise = np.diff(titration.charge_mAh), np.diff(titration.potential_volt)
    idle = (moved < _HARDLY_ANY * np.median(moved)) & (rise <= 0)
    count = int(idle.size - 1 - np.flatnonzero(~idle)[-1]) if idle[-1] and not idle.all() else 0
    if not count:
        return titration
    points = "last point of the titration had" if count == 1 else f"{count} last points of the titration had"
    note = f"The {points} reached the limit: hardly any charge and no potential moved; left out."
    return replace(_rows(titration, slice(None, -count)), notes=(*titration.notes, note))


def _with_rising_potential(back: Titration) -> Titration:
    """The points of a discharge from the lowest potential on: times and charges stay those of the record."""
    return _rows(back, slice(None, None, -1))


def _rows(titration: Titration, chosen: slice) -> Titration:
    """Some points, in another order."""
    columns = {
        one.name: getattr(titration, one.name)[chosen]
        for one in fields(titration)
        if isinstance(getattr(titration, one.name), np.ndarray)
    }
    return replace(titration, **columns)
