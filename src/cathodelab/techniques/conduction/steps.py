"""Where a staircase stays: its steps, found from the voltage alone, noisy or not.

The voltage is cut into pieces of constant mean (binary segmentation: the cut that takes most of the sum of squares away, again
in both parts, while it takes clearly more than noise would). Neighbours that differ by less than the smallest step are one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.conduction.model import ConductionSettings, Staircase, Step

SQRT2 = 2**0.5
_CLEAR_GAIN = 30.0
_MOST_PIECES = 500
_FEWEST_PIECE = 2
_DRIFT_SHARE = 0.25
_GAP = 3.0
_ORDINARY = 0.7
"""Part of the changes from row to row that are no steps, even where a step has four rows."""
_CLEAR_CHANGE, _HIDDEN = 6.0, 20.0

Piece = tuple[int, int]


def steps_of(staircase: Staircase, settings: ConductionSettings) -> tuple[Step, ...]:
    """The steps of a record in order; those that cannot be used are named with the reason.

    Raises:
        CathodelabError: the voltage does not stay anywhere (``not-a-staircase``), or no current ever flowed (``no-current``).
    """
    _refuse_without_current(staircase)
    voltage = staircase.voltage_volt
    noise = _noise(voltage, settings.smallest_step_volt)
    pieces = _merged(_cut(voltage, noise), voltage, noise, settings.smallest_step_volt)
    pieces = _where_the_current_jumps(pieces, staircase, noise)
    _refuse_a_sweep(pieces, voltage, noise, settings)
    trimmed = [_trimmed(piece, pieces, voltage, noise) for piece in pieces]
    return tuple(
        _step(staircase, piece, before, settings) for piece, before in zip(trimmed, [None, *trimmed], strict=False)
    )


def _noise(voltage: FloatArray, smallest_step: float) -> float:
    """Scatter of the voltage while it stays, V; at least a tenth of the smallest step."""
    jumps = np.sort(np.abs(np.diff(voltage)))
    if not jumps.size:
        return smallest_step / 10
    ordinary = jumps[: max(int(_ORDINARY * jumps.size), 1)]
    typical = 1.4826 * float(np.median(jumps)) / SQRT2
    return max(typical, float(np.sqrt(np.mean(ordinary**2))) / SQRT2, smallest_step / 10)


def _cut(voltage: FloatArray, noise: float) -> list[Piece]:
    """Pieces of constant mean, in order."""
    sums = np.concatenate([[0.0], np.cumsum(voltage - voltage[0])])
    found: list[Piece] = []
    waiting: list[Piece] = [(0, voltage.size)]
    while waiting:
        first, last = waiting.pop()
        place = _best_cut(sums, first, last, noise)
        if place is None:
            found.append((first, last))
        elif len(found) + len(waiting) > _MOST_PIECES:
            raise _no_staircase(f"it changes more than {_MOST_PIECES} times")
        else:
            waiting += [(first, place), (place, last)]
    return sorted(found)


def _best_cut(sums: FloatArray, first: int, last: int, noise: float) -> int | None:
    """Where cutting the piece in two explains most; ``None`` where that is no more than noise."""
    places = np.arange(first + _FEWEST_PIECE, last - _FEWEST_PIECE + 1)
    if not places.size:
        return None
    before, after = places - first, last - places
    difference = (sums[places] - sums[first]) / before - (sums[last] - sums[places]) / after
    gain = before * after / (before + after) * difference**2
    best = int(np.argmax(gain))
    return int(places[best]) if gain[best] > _CLEAR_GAIN * noise**2 else None


def _merged(pieces: list[Piece], voltage: FloatArray, noise: float, smallest_step: float) -> list[Piece]:
    """Neighbours that are no step apart joined, the closest first."""
    pieces = list(pieces)
    while len(pieces) > 1:
        means = np.array([np.mean(voltage[first:last]) for first, last in pieces])
        sizes = np.array([last - first for first, last in pieces])
        apart = np.maximum(smallest_step, 4 * noise / np.sqrt(np.minimum(sizes[1:], sizes[:-1])))
        closeness = np.abs(np.diff(means)) / apart
        place = int(np.argmin(closeness))
        if closeness[place] >= 1:
            break
        pieces[place : place + 2] = [(pieces[place][0], pieces[place + 1][1])]
    return pieces


def _where_the_current_jumps(pieces: list[Piece], staircase: Staircase, noise: float) -> list[Piece]:
    """Edges moved to the row at which the current jumps, where noise hides the change of the voltage."""
    voltage, jumps = staircase.voltage_volt, np.abs(np.diff(staircase.current_ampere))
    edges = [first for first, _ in pieces] + [voltage.size]
    for place in range(1, len(pieces)):
        before, edge, after = edges[place - 1 : place + 2]
        change = abs(float(np.mean(voltage[edge:after]) - np.mean(voltage[before:edge])))
        reach = int(min(np.ceil(_HIDDEN * (noise / change) ** 2), (edge - before) // 3, (after - edge) // 3))
        if change > _CLEAR_CHANGE * noise or reach < 1:
            continue
        near = jumps[edge - 1 - reach : edge + reach]
        best = int(np.argmax(near))
        if near[best] > _CLEAR_CHANGE * np.median(jumps[before : after - 1]):
            edges[place] = edge - reach + best
    return [(edges[place], edges[place + 1]) for place in range(len(pieces))]


def _refuse_a_sweep(pieces: list[Piece], voltage: FloatArray, noise: float, settings: ConductionSettings) -> None:
    """Refuse a voltage that drifts within most of its pieces, or has none of several rows."""
    span = float(np.ptp(voltage))
    staying = 0
    for first, last in pieces:
        if last - first < settings.fewest_rows:
            staying += last - first if np.ptp(voltage[first:last]) <= 4 * noise and last - first > 1 else 0
            continue
        rows = np.arange(last - first)
        drift = abs(float(np.polyfit(rows, voltage[first:last], 1)[0])) * rows.size
        tolerated = max(settings.smallest_step_volt, 4 * noise / np.sqrt(rows.size), _DRIFT_SHARE * span / len(pieces))
        staying += rows.size if drift <= tolerated else 0
    if staying < voltage.size / 2:
        raise _no_staircase(f"it stays in {staying} of {voltage.size} rows")


def _trimmed(piece: Piece, pieces: list[Piece], voltage: FloatArray, noise: float) -> Piece:
    """The piece without rows of the transition at both ends: more than a tenth of the way to the neighbour."""
    first, last = piece
    middle = float(np.median(voltage[first:last]))
    place = pieces.index(piece)
    for neighbour, at_start in ((place - 1, True), (place + 1, False)):
        if not 0 <= neighbour < len(pieces):
            continue
        way = abs(float(np.mean(voltage[slice(*pieces[neighbour])])) - middle)
        limit = max(6 * noise, way / 10)
        while last - first > 1 and abs(voltage[first if at_start else last - 1] - middle) > limit:
            first, last = (first + 1, last) if at_start else (first, last - 1)
    return first, last


def _step(staircase: Staircase, piece: Piece, before: Piece | None, settings: ConductionSettings) -> Step:
    """A step with the time at which it began: that of the last row before it, or one row's length before its first."""
    first, last = piece
    time = staircase.time_second
    interval = float(time[first + 1] - time[first]) if last - first > 1 else 0.0
    start = float(time[first]) - interval
    if before is not None:
        gap = float(time[first] - time[before[1] - 1])
        start = float(time[before[1] - 1]) if gap <= _GAP * interval else start
    skipped = 0 if before is None else first - before[1]
    step = Step(
        first, last, float(np.mean(staircase.voltage_volt[first:last])), start, float(time[last - 1]), skipped=skipped
    )
    if last - first < settings.fewest_rows:
        return replace(step, dropped=f"it has {last - first} rows")
    if not np.any(staircase.current_ampere[first:last]) and abs(step.voltage_volt) > settings.smallest_step_volt:
        return replace(step, dropped="no current flowed: the cell was at rest, or disconnected")
    return step


def _refuse_without_current(staircase: Staircase) -> None:
    if staircase.rows and not np.any(staircase.current_ampere):
        raise CathodelabError(
            "no-current",
            "Every current of the record is exactly 0",
            where=f"{staircase.rows} rows",
            why="The cell was not connected, or another column was exported as the current.",
            what_to_do="Export the measured current; a current below the noise is a bound, a column of zeros is none.",
        )


def _no_staircase(found: str) -> CathodelabError:
    return CathodelabError(
        "not-a-staircase",
        f"The voltage does not stay at levels: {found}",
        where="voltage",
        why="Steady currents need a voltage that stays until the current does; a sweep, or a constant current, has none.",
        what_to_do="Hold each voltage until the current no longer changes (chronoamperometry), and name that file.",
    )
