"""Tables and records to titrations: only what the file knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import CyclingRecord
from cathodelab.formats.table import Table
from cathodelab.techniques.utilization.model import CutOff, Titration, UtilizationSettings

_REST, _CHARGE, _DISCHARGE = 0, 1, -1
_SLOW_CHARGE_POINTS = 200


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
    )


def _from_pairs(table: Table) -> Titration:
    first, second = table.column("relaxed_potential_1_volt"), table.column("relaxed_potential_2_volt")
    broken = np.flatnonzero(np.abs(first[1:] - second[:-1]) > 1e-6)
    if broken.size:
        row = int(broken[0]) + 2
        raise CathodelabError(
            "pairs-not-chained",
            f"OCV1 of row {row} ({first[row - 1]:.6f} V) is not OCV2 of the row before ({second[row - 2]:.6f} V)",
            where=f"row {row}",
            why="Charge is cumulative, so every window has to start where the one before ended.",
            what_to_do="List all relaxed potentials of the cell in the order in which they were measured.",
        )
    columns = table.columns
    points = second.size + 1
    unknown = np.full(points, np.nan)
    limit = charge_limit = None
    if "potential_error_2_minus_volt" in columns and "potential_error_2_plus_volt" in columns:
        # the negative side holds instrument and incomplete relaxation, the positive side the instrument alone
        excess = columns["potential_error_2_minus_volt"] - columns["potential_error_2_plus_volt"]
        start = columns.get("potential_error_1_minus_volt", np.zeros(1))[0] - columns.get(
            "potential_error_1_plus_volt", np.zeros(1)
        )[0]
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
    )


def charge_of(record: CyclingRecord, states: FloatArray) -> FloatArray:
    """Cumulative charge, mAh, from current and time.

    The interval between two rows belongs to the later row's step, at its current: a trapezoid across a step border would
    give half of a pulse's current to the rest before it. Inside a step the mean of both rows is taken.
    """
    if record.test_time_second is None or record.current_ampere is None:
        if record.net_charge_ampere_hour is None:
            raise ValueError("a record without clock needs its charge")
        return record.net_charge_ampere_hour * 1000
    current, time = record.current_ampere, record.test_time_second
    same = states[1:] == states[:-1]
    if record.step_count is not None:
        same &= record.step_count[1:] == record.step_count[:-1]
    interval = np.where(same, (current[1:] + current[:-1]) / 2, current[1:]) * np.diff(time)
    return np.concatenate([[0.0], np.cumsum(interval)]) / 3.6


def row_states(record: CyclingRecord) -> FloatArray:
    """Rest (0), charge (1) or discharge (-1) of every row. Rest: less than 1 % of the typical current."""
    if record.current_ampere is None:
        charge = record.net_charge_ampere_hour
        if charge is None:
            raise ValueError("a record without clock needs its charge")
        moved = np.diff(charge, prepend=charge[0])
        moved[0] = moved[1] if moved.size > 1 else 0.0
        return np.sign(moved)
    current = record.current_ampere
    largest = float(np.max(np.abs(current)))
    if largest == 0:
        return np.zeros(current.size)
    typical = float(np.median(np.abs(current[np.abs(current) > 1e-3 * largest])))
    return np.where(np.abs(current) <= 0.01 * typical, _REST, np.sign(current))


def _segments(states: FloatArray) -> list[tuple[int, int, int]]:
    """(first row, row after the last, state) of every run of equal state."""
    borders = np.flatnonzero(np.diff(states)) + 1
    starts = np.concatenate([[0], borders])
    ends = np.concatenate([borders, [states.size]])
    return [(int(a), int(b), int(states[a])) for a, b in zip(starts, ends, strict=True)]


def titration_from_record(record: CyclingRecord, settings: UtilizationSettings) -> Titration:
    """Relaxed points of a raw record: the longest branch of rests joined by charges (or discharges) only.

    Raises:
        CathodelabError: fewer than two relaxed points.
    """
    states = row_states(record)
    charge = charge_of(record, states)
    segments = _segments(states)
    wanted = _CHARGE if settings.direction == "charge" else _DISCHARGE
    rests = [i for i, segment in enumerate(segments) if segment[2] == _REST and _is_rest(record, segment, settings)]
    branch = _longest_branch(segments, rests, wanted)
    if len(branch) < 2:  # noqa: PLR2004 - two ends make a window
        raise _too_few_points(record, len(rests), settings)
    points = [_relaxed_point(record, segments[i], settings) for i in branch]
    time = record.test_time_second
    under_current = np.zeros(charge.size)
    if time is not None:
        under_current = np.concatenate([[0.0], np.cumsum(np.diff(time) * (states[1:] != _REST))])
    last_rows = [segments[i][1] - 1 for i in branch]
    columns = np.array(points)
    return Titration(
        potential_volt=columns[:, 0],
        charge_mAh=charge[last_rows] - charge[max(segments[_branch_start(segments, branch, wanted)][0] - 1, 0)],
        potential_noise_volt=columns[:, 1],
        slope_volt_per_second=columns[:, 2],
        slope_noise_volt_per_second=columns[:, 3],
        rest_second=columns[:, 4],
        polarization_second=under_current[last_rows] if time is not None else np.full(len(branch), np.nan),
        direction="charge" if wanted == _CHARGE else "discharge",
        elapsed_hour=None if time is None else (time[last_rows] - time[0]) / 3600,
        cut_off=_cut_off(record, segments, branch, wanted),
        charge_disagreement=_disagreement(record, charge),
        provenance=record.provenance,
        unknown_columns=record.unknown_columns,
        **_pulses(record, segments, branch),
    )


def slow_charge_from_record(record: CyclingRecord) -> Titration:
    """The longest single charge of a record as a quasi-equilibrium curve of at most 200 points (means of rows)."""
    states = row_states(record)
    charge = charge_of(record, states)
    runs = [segment for segment in _segments(states) if segment[2] == _CHARGE]
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
    current = float("nan") if record.current_ampere is None else float(np.median(record.current_ampere[first:end])) * 1e3
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
    )


def reference_from_record(record: CyclingRecord, settings: UtilizationSettings) -> Titration:
    """Pulses and rests where there are at least five, else one slow charge."""
    try:
        titration = titration_from_record(record, replace(settings, direction="charge"))
    except CathodelabError:
        return slow_charge_from_record(record)
    return titration if titration.potential_volt.size >= 5 else slow_charge_from_record(record)  # noqa: PLR2004


def _is_rest(record: CyclingRecord, segment: tuple[int, int, int], settings: UtilizationSettings) -> bool:
    first, end, _ = segment
    if record.test_time_second is None:
        return end - first >= 20  # noqa: PLR2004 - without a clock: a run of rows at constant charge
    return _rest_length(record, first, end) >= settings.minimum_rest_hours * 3600


def _rest_length(record: CyclingRecord, first: int, end: int) -> float:
    """A rest starts at the last row of the step before."""
    if record.test_time_second is None:
        return float("nan")
    return float(record.test_time_second[end - 1] - record.test_time_second[max(first - 1, 0)])


def _relaxed_point(
    record: CyclingRecord, segment: tuple[int, int, int], settings: UtilizationSettings
) -> tuple[float, float, float, float, float]:
    """Potential, its noise, slope, its noise and length of a rest, from a straight line through its last part."""
    first, end, _ = segment
    if record.test_time_second is None:
        last = record.voltage_volt[max(first, end - 11) : end - 1]  # the last row may belong to the next pulse
        return float(np.median(last)), float(np.std(last)), float("nan"), float("nan"), float("nan")
    length = _rest_length(record, first, end)
    time = record.test_time_second[first:end] - record.test_time_second[end - 1]
    rows = time >= -settings.slope_window_fraction * length
    t, u = time[rows], record.voltage_volt[first:end][rows]
    if t.size < 4 or np.ptp(t) == 0:  # noqa: PLR2004 - a line and its scatter need four rows
        return float(u[-1]), float("nan"), float("nan"), float("nan"), length
    spread = t - t.mean()
    slope = float(spread @ u / (spread @ spread))
    scatter = float(np.sqrt(np.sum((u - u.mean() - slope * spread) ** 2) / (t.size - 2)))
    noise = scatter * float(np.sqrt(1 / t.size + t.mean() ** 2 / (spread @ spread)))
    return float(u.mean() - slope * t.mean()), noise, slope, scatter / float(np.sqrt(spread @ spread)), length


def _longest_branch(segments: list[tuple[int, int, int]], rests: list[int], wanted: int) -> list[int]:
    branches: list[list[int]] = []
    for rest in rests:
        if branches:
            between = {segments[i][2] for i in range(branches[-1][-1] + 1, rest)} - {_REST}
            if between == {wanted}:
                branches[-1].append(rest)
                continue
        branches.append([rest])
    return max(branches, key=len, default=[])


def _branch_start(segments: list[tuple[int, int, int]], branch: list[int], wanted: int) -> int:
    """Index of the first segment of the uninterrupted charge (or discharge) that the branch belongs to."""
    start = branch[0]
    while start > 0 and segments[start - 1][2] in (_REST, wanted):
        start -= 1
    return start


def _cut_off(
    record: CyclingRecord, segments: list[tuple[int, int, int]], branch: list[int], wanted: int
) -> CutOff:
    """End of the polarization before the last rest."""
    polarizations = [i for i in range(branch[-1]) if segments[i][2] == wanted]
    first, end, _ = segments[polarizations[-1]]
    current = float("nan")
    if record.current_ampere is not None:
        current = abs(float(np.median(record.current_ampere[first:end]))) * 1e3
    start = _branch_start(segments, branch, wanted)
    return CutOff(
        potential_volt=float(record.voltage_volt[end - 1]),
        current_mA=current,
        rests_before=sum(segments[i][2] == _REST for i in range(start + 1, polarizations[-1])),
    )


def _pulses(
    record: CyclingRecord, segments: list[tuple[int, int, int]], branch: list[int]
) -> dict[Literal["pulse_mA", "pulse_second"], FloatArray]:
    if record.current_ampere is None or record.test_time_second is None:
        return {}
    currents, seconds = [], []
    for rest in branch:
        first, end, _ = segments[max(rest - 1, 0)]
        currents.append(float(np.mean(record.current_ampere[first:end])) * 1e3 if rest else 0.0)
        seconds.append(_rest_length(record, first, end) if rest else 0.0)
    return {"pulse_mA": np.array(currents), "pulse_second": np.array(seconds)}


def _disagreement(record: CyclingRecord, charge: FloatArray) -> float:
    """Largest deviation of our charge from the cycler's own, as a fraction of the charge passed."""
    own = record.net_charge_ampere_hour
    if own is None or record.current_ampere is None or np.ptp(charge) == 0:
        return float("nan")
    return float(np.max(np.abs((own - own[0]) * 1000 - charge)) / np.ptp(charge))


def _too_few_points(record: CyclingRecord, rests: int, settings: UtilizationSettings) -> CathodelabError:
    time = record.test_time_second
    hours = float("nan") if time is None else float(time[-1] - time[0]) / 3600
    hint = "Are the times in hours or minutes? " if hours < 1 else ""
    return CathodelabError(
        "too-few-relaxed-points",
        f"The record holds {rests} rest{'s' if rests != 1 else ''} of at least {settings.minimum_rest_hours:g} h and no "
        f"two of them joined by {settings.direction} alone",
        where=f"{record.voltage_volt.size} rows over {hours:.3g} h",
        why=f"{hint}A utilization needs two relaxed potentials and the charge between them.",
        what_to_do="Give the complete record, or adapt minimum_rest_hours or direction in [methods.utilization].",
    )
