"""Straight lines through parts of a rest, and from two of them the slope with which the rest ends.

The last half of a rest gives the mean slope around three quarters of its length. A relaxation that is still going on moves less
at the end: relaxations by diffusion and charge transfer are sums of exponentials of one sign, whose slope falls like
``g(t)`` with ``ln g`` convex. So the slope at the end lies between that of the last half and the straight continuation of
``ln g`` from the quarter before through the last half. The continuation is what the checks judge: what surely still moves.
A drift that goes on for good (parasitic current, very slow particles) has the same slope in both parts, and keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray

_FEWEST_ROWS = 4
_BORDER_SECOND = 1e-3  # a row on the border belongs to the part, however its time was rounded
_CLEARLY = 2.0
# from the middle of the last part to the end, over the distance of the middles: the part before is half as long
_FURTHER = 0.5 / 0.75


@dataclass(frozen=True)
class RestLine:
    """Level at time 0 (the end of the rest), slope in V/s, and the standard uncertainties of both from the scatter."""

    level_volt: float
    noise_volt: float
    slope: float
    slope_noise: float


def line_through(time_second: FloatArray, potential_volt: FloatArray, low: float, high: float) -> RestLine | None:
    """Least squares through the rows from ``low`` to ``high``; ``None`` where they are too few.

    Args:
        time_second: rows of one rest, 0 at its end.
        potential_volt: the same rows.
        low: start of the part, s.
        high: its end, s.
    """
    rows = (time_second >= low - _BORDER_SECOND) & (time_second <= high + _BORDER_SECOND)
    t, u = time_second[rows], potential_volt[rows]
    if t.size < _FEWEST_ROWS or np.ptp(t) == 0:
        return None
    spread = t - t.mean()
    square = float(spread @ spread)
    slope = float(spread @ u) / square
    scatter = float(np.sqrt(np.sum((u - u.mean() - slope * spread) ** 2) / (t.size - 2)))
    noise = scatter * float(np.sqrt(1 / t.size + t.mean() ** 2 / square))
    return RestLine(float(u.mean() - slope * t.mean()), noise, slope, scatter / float(np.sqrt(square)))


def slope_at_the_end(last: RestLine, before: RestLine | None) -> tuple[float, float]:
    """dU/dt at the end of the rest and its standard uncertainty, V/s; that of the last part where it does not clearly fall.

    Args:
        last: through the last part of the rest.
        before: through the part before, half as long.
    """
    if before is None or before.slope * last.slope <= 0:
        return last.slope, last.slope_noise
    fall = abs(before.slope) - abs(last.slope)
    if fall <= _CLEARLY * float(np.hypot(before.slope_noise, last.slope_noise)):
        return last.slope, last.slope_noise
    share = (last.slope / before.slope) ** _FURTHER
    noise = np.hypot((1 + _FURTHER) * last.slope_noise, _FURTHER * last.slope / before.slope * before.slope_noise)
    return last.slope * share, float(share * noise)
