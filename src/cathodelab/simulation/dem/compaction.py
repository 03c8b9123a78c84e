"""Yield ratio from a compaction curve: heights of the bed under rising forces, as far as the contact law holds.

In a contact law particles do not feel that their neighbours are deformed. A bed that is pressed to its solid volume therefore
gives way to any force, and its height says nothing about the yield ratio. Forces beyond that are left out, and it is said.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.calibration import Calibrated, mapped
from cathodelab.simulation.dem.experiments import Compacted, Powder, die_run
from cathodelab.simulation.dem.machines import Die

DENSEST = 0.9
"""Share of grains in the bed up to which it is used: overlaps are then about a fifth of the radius, the end of the law."""

_LARGEST_MISFIT = 4.0


def read_curve(path: Path) -> tuple[FloatArray, FloatArray]:
    """Forces (N, rising) and strains against the first row, from a csv file with the columns force_n and height_mm.

    Raises:
        CathodelabError: ``dem-curve``.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [(float(row["force_n"]), float(row["height_mm"])) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise _bad_curve(path, f"It cannot be read ({error}).") from error
    force, height = np.array(rows).reshape(-1, 2).T
    if len(force) < 2 or force[0] <= 0 or (np.diff(force) <= 0).any() or height.min() <= 0:
        raise _bad_curve(path, "It needs two rows at least, forces that are positive and rise, and positive heights.")
    return force, 1 - height / height[0]


def _bad_curve(path: Path, why: str) -> CathodelabError:
    what_to_do = "Give a csv file with the columns force_n and height_mm, the smallest force first."
    return CathodelabError(
        "dem-curve", "The compaction curve cannot be used", where=str(path), why=why, what_to_do=what_to_do
    )


def strains_at(pressed: Compacted, forces: FloatArray, lowest: float = 0.0) -> FloatArray:
    """Strains against the height at the first force; ``nan`` where a force was not reached or the bed is below ``lowest``."""
    height, pushed = pressed.loading.T
    reached = np.maximum.accumulate(pushed)
    at = np.interp(forces, reached, height)
    strains = 1 - at / at[0]
    strains[(forces > reached[-1]) | (at < lowest)] = np.nan
    return np.asarray(strains)


def yield_ratio_from_compaction(
    powder: Powder, die: Die, count: int, trials: Sequence[float], forces: FloatArray, strains: FloatArray, sigma: float,
    executor: Executor | None = None,
) -> Calibrated:  # fmt: skip
    """Yield ratio between particles from the strains of the bed (against the first force) under rising forces in N.

    ``sigma`` is the standard uncertainty of each strain. The middle trial is simulated with three fillings, whose scatter
    belongs to the uncertainty, the same for all forces.

    Raises:
        CathodelabError: ``dem-calibration`` where no force leaves all trials within the law, or nothing changes.
    """
    area = math.pi * die.radius**2
    lowest = count * 4 / 3 * math.pi * powder.radius**3 / (area * DENSEST)
    middle = sorted(trials)[len(trials) // 2]
    wanted = [*((one, 1) for one in trials), (middle, 2), (middle, 3)]
    jobs = [
        (
            replace(powder, inside=replace(powder.inside, yield_ratio=one)),
            die,
            count,
            float(forces[-1]),
            60,
            seed,
            lowest,
        )
        for one, seed in wanted
    ]
    table = np.array([strains_at(one, forces, lowest) for one in mapped(die_run, jobs, executor)])
    kept = np.isfinite(table).all(axis=0)
    kept[0] = False
    if not kept.any():
        modulus = powder.material.young_modulus
        raise CathodelabError(
            "dem-calibration",
            "Every force presses the bed beyond what the contact law can say",
            where="calibration",
            why=f"From {forces[1]:g} N on ({1e-6 * forces[1] / area:.3g} MPa) grains would fill more than {100 * DENSEST:g} % "
            f"of the bed in one of the trials; their contacts yield at {1e-6 * modulus * min(trials):.3g} to "
            f"{1e-6 * modulus * max(trials):.3g} MPa.",
            what_to_do="Give smaller forces or a wider die, as in the measurement, or higher trial values.",
        )
    fillings = table[[trials.index(middle), len(trials), len(trials) + 1]][:, kept]
    found = fitted(trials, table[: len(trials), kept], fillings.std(axis=0, ddof=1), strains[kept], sigma)
    used, left_out = forces[kept], int(len(forces) - 1 - kept.sum())
    sentence = (
        f"{kept.sum()} forces up to {used[-1]:g} N are used; {left_out} would press the bed beyond the law's range."
    )
    return replace(
        found,
        checks=(*found.checks, Check("forces_within_law", left_out == 0, float(used[-1]), float(forces[-1]), sentence)),
    )


def fitted(
    trials: Sequence[float], responses: FloatArray, scatter: FloatArray, measured: FloatArray, sigma: float
) -> Calibrated:
    """The value whose responses (trial, force) are the measured ones: least squares, curves over the logarithm of the trials.

    The covariance of the strains is σ² each, and what they share: scatter of fillings and misfit of the curves.
    """
    x = np.log(np.asarray(trials, float))
    degree = 2 if len(x) > 3 else 1
    coefficients = np.polyfit(x, responses, degree)
    axis = np.linspace(x.min(), x.max(), 4001)
    curves = np.vander(axis, degree + 1) @ coefficients
    misfit = np.sqrt(
        np.sum((np.vander(x, degree + 1) @ coefficients - responses) ** 2, axis=0) / max(len(x) - degree - 1, 1)
    )
    shared = np.hypot(scatter, misfit)
    weight = np.linalg.inv(np.diag(np.full(len(measured), max(sigma, 1e-6) ** 2)) + np.outer(shared, shared))
    off = curves - measured
    square = np.einsum("ak,kl,al->a", off, weight, off)
    at = int(np.argmin(square))
    slope = np.gradient(curves, axis, axis=0)[at]
    spread = max(float(square[at]) / max(len(measured) - 1, 1), 1.0)
    error = math.sqrt(spread / float(slope @ weight @ slope))
    if error > 0.5 * (axis[-1] - axis[0]):
        raise CathodelabError(
            "dem-calibration",
            "The response hardly changes with yield_ratio",
            where="calibration",
            why=f"The yield ratio would be uncertain by a factor of {math.exp(error):.2g}, the trials span "
            f"{math.exp(axis[-1] - axis[0]):.2g}.",
            what_to_do="Use more particles, or trial values that are wider apart.",
        )
    inside = 0 < at < len(axis) - 1
    value = math.exp(axis[at])
    uncertainty = value * error if inside else float("nan")
    last = (float(measured[-1]), sigma)
    return Calibrated(
        "yield_ratio",
        value,
        uncertainty,
        last,
        np.asarray(trials, float),
        responses[:, -1],
        np.full(len(x), shared[-1]),
        _checks_of_fit(value, max(trials), spread, inside=inside),
    )


def _checks_of_fit(value: float, largest: float, spread: float, *, inside: bool) -> tuple[Check, ...]:
    words = "among" if inside else "outside"
    strains = f"The measured strains lie {words} the simulated ones."
    misfit = f"Squared misfit of the curve, reduced: {spread:.3g} (1 where it fits)."
    return (
        Check("measured_within_trials", inside, value, largest, strains),
        Check("curve_fits", spread < _LARGEST_MISFIT, spread, _LARGEST_MISFIT, misfit),
    )
