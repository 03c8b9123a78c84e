"""The end of each relaxation from its transient, with uncertainty.

The late part of a rest is ``U(t) = U_end + a exp(-t / tau)``: diffusion in particles leaves one exponential at last, and so does
charge transfer. Its time constant is not known; for each of a logarithmic grid of time constants the best amplitude and
end follow by linear least squares, and all are averaged with their likelihood, so that the uncertainty holds what the
transient does not say. Where faster decays are not over, the last half of the rest asks for another end than its last four
fifths: the difference belongs to the uncertainty. What is left of the relaxations of one cell is alike: where it does not
stand out of its noise it is drawn to zero (after James and Stein), and what was taken away is carried. Movement that goes
on for good (self-discharge, a drifting electrode, very slow particles) is no relaxation; it is what the checks look for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.utilization.model import Titration

_LATE, _LONGER = 0.5, 0.8
_TIME_CONSTANTS = np.geomspace(0.04, 4.0, 48)  # in lengths of the rest
_FEWEST_ROWS = 8


def end_of_relaxation(time_second: FloatArray, potential_volt: FloatArray, rest_second: float) -> tuple[float, float]:
    """The potential towards which a rest goes, V, and its standard uncertainty.

    Args:
        time_second: rows of one rest, any zero.
        potential_volt: the same rows.
        rest_second: length of the rest.

    Returns:
        ``nan`` twice where fewer than eight rows stand in the last half.
    """
    t = time_second - time_second[-1]
    # a row on the border belongs to it
    longer, late = (np.searchsorted(t, -share * rest_second - 1e-3) for share in (_LONGER, _LATE))
    if t.size - late < _FEWEST_ROWS or t[late] == 0:
        return float("nan"), float("nan")
    decay = np.exp(-t[longer:] / (rest_second * _TIME_CONSTANTS[:, None]))  # 1 at the end of the rest
    end, spread = _extrapolated(decay[:, late - longer :], potential_volt[late:])
    other, _ = _extrapolated(decay, potential_volt[longer:])
    return end, float(np.hypot(spread, end - other))


def _extrapolated(decay: FloatArray, u: FloatArray) -> tuple[float, float]:
    """Mean and standard deviation of the end of a rest over time constants and noise; ``decay``: (time constants, rows)."""
    rows = u.size
    centre = float(u.sum()) / rows
    centred = u - centre
    # from sums alone, not from residuals: what cancels is far below the resolution of any voltmeter, and rests are long
    level, along = (decay @ np.column_stack([np.full(rows, 1 / rows), centred])).T
    norm = np.einsum("ij,ij->i", decay, decay) - rows * level**2
    amplitude = along / norm
    end = centre - amplitude * level
    misfit = np.maximum(centred @ centred - amplitude * along, 0.0)
    noise = float(misfit.min()) / (rows - 3)
    if noise == 0:
        return float(end[int(np.argmin(misfit))]), 0.0
    weight = np.exp(-(misfit - misfit.min()) / (2 * noise))
    weight = weight / weight.sum()
    mean = float(weight @ end)
    variance = float(weight @ (noise * (1 / rows + level**2 / norm) + (end - mean) ** 2))
    return mean, float(np.sqrt(variance))


def relaxed(titration: Titration) -> Titration:
    """The titration at the ends of its relaxations; unchanged where the record has no transients."""
    remaining, standard = titration.remaining_volt, titration.remaining_standard_volt
    if remaining is None or standard is None:
        return titration
    known = np.isfinite(remaining) & np.isfinite(standard)
    if not known.any():
        return titration
    signal = max(float(np.mean(remaining[known] ** 2 - standard[known] ** 2)), 0.0)
    spread = max(signal, float(np.mean(standard[known] ** 2)) / int(known.sum()))
    kept = np.where(known, spread / (spread + np.nan_to_num(standard) ** 2), 0.0)
    moved = kept * np.nan_to_num(remaining)
    left = np.hypot(np.sqrt(kept) * np.nan_to_num(standard), (1 - kept) * np.nan_to_num(remaining))
    return replace(
        titration,
        potential_volt=titration.potential_volt + moved,
        potential_noise_volt=np.hypot(np.nan_to_num(titration.potential_noise_volt), left),
        relaxation_limit_volt=np.where(
            known, 0.0, np.nan_to_num(titration.slope_volt_per_second * titration.rest_second)
        ),
    )
