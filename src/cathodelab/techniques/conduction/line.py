"""Steady currents of the steps against their voltages: branches apart, and whether the line is straight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.conduction.means import Means
from cathodelab.techniques.conduction.model import Staircase, Step
from cathodelab.techniques.conduction.response import answers_of_exponentials, drive_of, left_from_before
from cathodelab.techniques.conduction.results import Line, Relaxation

_LAST_PART = 0.1
_SAME_VOLT = 1e-9
_SIGMAS = 2.0


def line_of(staircase: Staircase, steps: Sequence[Step], means: Means, relaxation: Relaxation) -> Line:
    """The line of a record, with the relaxation as it was fitted.

    Args:
        staircase: the record.
        steps: its steps.
        means: its means.
        relaxation: their fit.
    """
    used = np.unique(means.step)
    own = (means.step[:, None] == used).astype(float)
    steady, covariance = _solved(means, relaxation, own)
    volts, largest = means.volts, float(np.max(np.abs(means.voltage_volt[used])))
    one = np.ones(means.rows.size)
    back = _goes_back(means.voltage_volt[used])[np.searchsorted(used, means.step)]
    rising = falling = branch_standard = float("nan")
    if back.any() and not back.all() and _levels(volts[back]) and _levels(volts[~back]):
        branches, cov = _solved(means, relaxation, np.column_stack([one, volts * ~back, volts * back]))
        rising, falling = float(branches[1]), float(branches[2])
        branch_standard = float(np.sqrt(max(cov[1, 1] + cov[2, 2] - 2 * cov[1, 2], 0.0)))
    curvature = curvature_standard = float("nan")
    if np.unique(np.round(np.abs(means.voltage_volt[used]), 6)).size > 2:
        curved, cov = _solved(means, relaxation, np.column_stack([one, volts, volts * np.abs(volts) / largest]))
        slope = relaxation.conductance_siemens
        curvature, curvature_standard = float(curved[2] / slope), float(np.sqrt(cov[2, 2]) / abs(slope))
    conductance = abs(relaxation.conductance_siemens)
    misfit = np.hypot(
        _beyond(falling - rising, branch_standard) / 2, _beyond(curvature, curvature_standard) / 2 * conductance
    )
    first = np.exp(-means.interval_second / relaxation.tau_second) @ relaxation.amplitude_siemens
    return Line(
        step=used,
        voltage_volt=means.voltage_volt[used],
        last_ampere=np.array([_last(staircase, steps[number]) for number in used]),
        steady_ampere=steady,
        standard_ampere=np.sqrt(np.diag(covariance)),
        rising_siemens=rising,
        falling_siemens=falling,
        branch_standard_siemens=branch_standard,
        curvature=curvature,
        curvature_standard=curvature_standard,
        misfit_siemens=float(misfit),
        first_over_steady=1 + float(first) / relaxation.conductance_siemens,
    )


def _beyond(difference: float, standard: float) -> float:
    """What of a difference is beyond twice its standard uncertainty; 0 where there is none."""
    return float(np.sqrt(max(difference**2 - (_SIGMAS * standard) ** 2, 0.0))) if np.isfinite(difference) else 0.0


def _solved(means: Means, relaxation: Relaxation, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients of the columns beside the exponentials, and their covariance, by weighted least squares."""
    drive = drive_of(means, relaxation.history)
    parts = [columns, answers_of_exponentials(means, drive, relaxation.tau_second)]
    parts.append(left_from_before(means, relaxation.past_tau_second))
    weighted = relaxation.scatter.white(np.hstack(parts))
    lengths = np.linalg.norm(weighted, axis=0)
    lengths = np.where(lengths > 0, lengths, 1.0)
    inverse = np.linalg.pinv(weighted / lengths, rcond=1e-10) / lengths[:, None]
    count = columns.shape[1]
    found = inverse @ relaxation.scatter.white(means.current_ampere)
    return found[:count], (inverse @ inverse.T)[:count, :count]


def _goes_back(voltage: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether each step is nearer to 0 V than the one before it."""
    size = np.abs(voltage)
    return np.concatenate([[False], np.diff(size) < 0])


def _levels(volts: FloatArray) -> bool:
    """Whether there is a voltage other than 0."""
    return bool(np.any(np.abs(volts) > _SAME_VOLT))


def _last(staircase: Staircase, step: Step) -> float:
    """Mean current of the last tenth of a step."""
    rows = max(int(_LAST_PART * (step.last - step.first)), 1)
    return float(np.mean(staircase.current_ampere[step.last - rows : step.last]))
