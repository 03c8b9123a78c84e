"""The relaxed points of a raw record: rests, their end potentials and slopes, and the charge between them."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import FILES, CathodelabError, Hint, NotInRecord
from cathodelab.core.records import CyclingRecord
from cathodelab.core.steps import (
    CHARGE,
    DISCHARGE,
    REST,
    Segment,
    charge_in_gaps,
    charge_of,
    row_states,
    segments_of,
    unrecorded_changes,
)
from cathodelab.techniques.utilization.model import CutOff, Titration, UtilizationSettings
from cathodelab.techniques.utilization.rest_lines import line_through, slope_at_the_end
from cathodelab.techniques.utilization.transients import end_of_relaxation

_OTHER = {"charge": "discharge", "discharge": "charge"}
_CONSTANT = 0.9  # of the largest current
_SHORTEST_TEST_SECOND, _SMALLER_DIRECTION = 3600.0, 0.1


def titration_from_record(record: CyclingRecord, settings: UtilizationSettings) -> Titration:
    """Relaxed points of a raw record: the longest branch of rests joined by charges (or discharges) only.

    Raises:
        CathodelabError: fewer than two relaxed points.
    """
    states = row_states(record)
    charge = charge_of(record, states)
    parted = unrecorded_changes(record, states)
    segments = segments_of(states, parted)
    wanted = CHARGE if settings.direction == "charge" else DISCHARGE
    rests = [i for i, segment in enumerate(segments) if segment[2] == REST and _is_rest(record, segment, settings)]
    branch = _longest_branch(segments, rests, wanted, parted)
    if len(branch) < 2:
        other = len(_longest_branch(segments, rests, -wanted, parted))
        if other < 2 and _cycles(record, states):
            raise _no_titration(record, len(rests), settings)
        raise _too_few_points(record, len(rests), other, settings)
    points = [_relaxed_point(record, segments[i], settings) for i in branch]
    time = record.test_time_second
    under_current = np.zeros(charge.size)
    if time is not None:
        under_current = np.concatenate([[0.0], np.cumsum(np.diff(time) * (states[1:] != REST))])
    last_rows = [segments[i][1] - 1 for i in branch]
    columns = np.array(points)
    pulses = _pulses(record, segments, branch)
    return Titration(
        potential_volt=columns[:, 0],
        charge_mAh=charge[last_rows] - charge[max(segments[_branch_start(segments, branch, wanted, parted)][0] - 1, 0)],
        potential_noise_volt=columns[:, 1],
        slope_volt_per_second=columns[:, 2],
        slope_noise_volt_per_second=columns[:, 3],
        rest_second=columns[:, 4],
        remaining_volt=columns[:, 5],
        remaining_standard_volt=columns[:, 6],
        end_slope_volt_per_second=columns[:, 7],
        end_slope_noise_volt_per_second=columns[:, 8],
        polarization_second=under_current[last_rows] if time is not None else np.full(len(branch), np.nan),
        direction="charge" if wanted == CHARGE else "discharge",
        elapsed_hour=None if time is None else (time[last_rows] - time[0]) / 3600,
        cut_off=_cut_off(record, charge, segments, branch, wanted, parted),
        of_cycles=len(branch) == 2 and _cycles(record, states),
        charge_disagreement=_disagreement(record, charge),
        charge_in_gaps=charge_in_gaps(record, states, charge),
        provenance=record.provenance,
        unknown_columns=record.unknown_columns,
        notes=record.notes,
        pulse_mA=pulses[0],
        pulse_second=pulses[1],
    )


def _is_rest(record: CyclingRecord, segment: Segment, settings: UtilizationSettings) -> bool:
    first, end, _ = segment
    if record.test_time_second is None:
        return end - first >= 20
    return _rest_length(record, first, end) >= settings.minimum_rest_hours * 3600


def _rest_length(record: CyclingRecord, first: int, end: int) -> float:
    """A rest starts at the last row of the step before."""
    if record.test_time_second is None:
        return float("nan")
    return float(record.test_time_second[end - 1] - record.test_time_second[max(first - 1, 0)])


def _relaxed_point(record: CyclingRecord, segment: Segment, settings: UtilizationSettings) -> tuple[float, ...]:
    """Potential, noise, slope and its noise from a line through the last part; length; rest of the relaxation; end slope."""
    first, end, _ = segment
    nan = float("nan")
    if record.test_time_second is None:
        rows = record.voltage_volt[max(first, end - 11) : end - 1]  # the last row may belong to the next pulse
        return float(np.median(rows)), float(np.std(rows)), *[nan] * 7
    length = _rest_length(record, first, end)
    time = record.test_time_second[first:end] - float(record.test_time_second[end - 1])
    volt = record.voltage_volt[first:end]
    last = length * settings.slope_window_fraction
    line = line_through(time, volt, -last, 0.0)
    if line is None:
        return float(volt[-1]), nan, nan, nan, length, *[nan] * 4
    before = line_through(time, volt, -1.5 * last, -last) if 1.5 * last < length else None
    relaxed, standard = end_of_relaxation(time, volt, length)
    return (
        line.level_volt,
        line.noise_volt,
        line.slope,
        line.slope_noise,
        length,
        relaxed - line.level_volt,
        standard,
        *slope_at_the_end(line, before),
    )


def _longest_branch(segments: list[Segment], rests: list[int], wanted: int, parted: tuple[int, ...]) -> list[int]:
    branches: list[list[int]] = []
    for rest in rests:
        if branches:
            since = segments[branches[-1][-1] + 1 : rest + 1]
            between = {state for _, _, state in since} - {REST}
            if between == {wanted} and not any(first in parted for first, _, _ in since):
                branches[-1].append(rest)
                continue
        branches.append([rest])
    return max(branches, key=len, default=[])


def _branch_start(segments: list[Segment], branch: list[int], wanted: int, parted: tuple[int, ...]) -> int:
    """Index of the first segment of the uninterrupted charge (or discharge) that the branch belongs to."""
    start = branch[0]
    while start > 0 and segments[start][0] not in parted and segments[start - 1][2] in (REST, wanted):
        start -= 1
    return start


def _cut_off(
    record: CyclingRecord,
    charge: FloatArray,
    segments: list[Segment],
    branch: list[int],
    wanted: int,
    parted: tuple[int, ...],
) -> CutOff:
    """End of the polarization before the last rest, or of the one after it that runs into its limit without a rest."""
    polarizations = [i for i in range(_end_of_branch(segments, branch, wanted, parted)) if segments[i][2] == wanted]
    first, end, _ = segments[polarizations[-1]]
    current = float("nan")
    if record.current_ampere is not None:
        current = _constant_current_mA(record.current_ampere[first:end])
    start = _branch_start(segments, branch, wanted, parted)
    return CutOff(
        potential_volt=float(record.voltage_volt[end - 1]),
        current_mA=current,
        rests_before=sum(segments[i][2] == REST for i in range(start + 1, polarizations[-1])),
        beyond=_beyond(charge, segments, start, branch[-1], end),
    )


def _constant_current_mA(ampere: FloatArray) -> float:
    """Current of the part at constant current, mA: while a potential is held it falls, and says nothing of a rate."""
    size = np.abs(ampere)
    return float(np.median(ampere[size >= _CONSTANT * size.max()])) * 1e3


def _end_of_branch(segments: list[Segment], branch: list[int], wanted: int, parted: tuple[int, ...]) -> int:
    """Index behind the last segment under current: of the branch, or of what goes on until the current turns round."""
    after = branch[-1] + 1
    while after < len(segments) and segments[after][2] in (REST, wanted) and segments[after][0] not in parted:
        after += 1
    turned = after < len(segments) and segments[after][2] == -wanted and segments[after][0] not in parted
    return after if turned else branch[-1]


def _beyond(charge: FloatArray, segments: list[Segment], start: int, last_rest: int, end: int) -> float:
    """Charge from the last relaxed point to the row before ``end``, over that of the last relaxed point."""
    last = segments[last_rest][1] - 1
    if end - 1 <= last:
        return 0.0
    held = charge[last] - charge[max(segments[start][0] - 1, 0)]
    return float((charge[end - 1] - charge[last]) / held) if held else 0.0


def _pulses(
    record: CyclingRecord, segments: list[Segment], branch: list[int]
) -> tuple[FloatArray | None, FloatArray | None]:
    if record.current_ampere is None or record.test_time_second is None:
        return None, None
    currents, seconds = [], []
    for rest in branch:
        first, end, _ = segments[max(rest - 1, 0)]
        currents.append(float(np.mean(record.current_ampere[first:end])) * 1e3 if rest else 0.0)
        seconds.append(_rest_length(record, first, end) if rest else 0.0)
    return np.array(currents), np.array(seconds)


def _disagreement(record: CyclingRecord, charge: FloatArray) -> float:
    """Largest deviation of our charge from the cycler's own, as a fraction of the charge passed."""
    own = record.net_charge_ampere_hour
    if own is None or record.current_ampere is None or np.ptp(charge) == 0:
        return float("nan")
    return float(np.max(np.abs((own - own[0]) * 1000 - charge)) / np.ptp(charge))


def _cycles(record: CyclingRecord, states: FloatArray) -> bool:
    """Whether a record of hours charges and discharges as a cycling test does: neither is less than a tenth of it."""
    time, up, down = record.test_time_second, np.count_nonzero(states > 0), np.count_nonzero(states < 0)
    long = time is not None and time[-1] - time[0] > _SHORTEST_TEST_SECOND
    return bool(long and min(up, down) > _SMALLER_DIRECTION * (up + down))


def _no_titration(record: CyclingRecord, rests: int, settings: UtilizationSettings) -> NotInRecord:
    return NotInRecord(
        "no-titration",
        "There is no titration in the record",
        where=f"{record.voltage_volt.size} rows with {rests} rest{'s' if rests != 1 else ''} of at least "
        f"{settings.minimum_rest_hours:g} h",
        why=f"It charges and discharges, and no two such rests are joined by {settings.direction} alone.",
        what_to_do="Name the file of the titration too, if there is one, or let shorter rests count.",
        hints=(FILES, Hint("setting", "utilization.minimum_rest_hours")),
    )


def _goes_with_current(record: CyclingRecord) -> bool:
    """Whether the potential rises under positive current and falls under negative current, in sum over the record."""
    states = row_states(record)
    moved = np.diff(record.voltage_volt) * states[1:] * (states[1:] == states[:-1])
    return bool(moved.sum() > 0)


def _too_few_points(record: CyclingRecord, rests: int, opposite: int, settings: UtilizationSettings) -> CathodelabError:
    time = record.test_time_second
    hours = float("nan") if time is None else float(time[-1] - time[0]) / 3600
    hint = "Are the times in hours or minutes? " if hours < 1 else ""
    if opposite > 1:
        hint = f"{opposite} rests are joined by the opposite direction: " + (
            f"the potential goes with the current, so this is a {_OTHER[settings.direction]} titration. "
            if _goes_with_current(record)
            else "is the sign of the current reversed (+ = charge)? "
        )
    return CathodelabError(
        "too-few-relaxed-points",
        f"The record holds {rests} rest{'s' if rests != 1 else ''} of at least {settings.minimum_rest_hours:g} h and no "
        f"two of them joined by {settings.direction} alone",
        where=f"{record.voltage_volt.size} rows over {hours:.3g} h",
        why=f"{hint}A utilization needs two relaxed potentials and the charge between them.",
        what_to_do="Give the complete record, or let shorter rests or the other direction count (a reference of that branch is "
        "needed, too).",
        hints=(Hint("setting", "utilization.minimum_rest_hours"), Hint("setting", "utilization.direction")),
    )
