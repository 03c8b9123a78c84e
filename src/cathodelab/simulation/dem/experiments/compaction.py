"""Yield ratio from a compaction curve: heights of the bed under rising forces, within the range of the contact law.

A contact law of pairs does not know that the neighbours of a particle are deformed. A bed that is pressed to its solid
volume therefore yields to any force, and its height says nothing about the yield ratio. Larger forces are left out, and
the result says so.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.equipment.machines import Die
from cathodelab.simulation.dem.experiments.calibration import Calibration, mapped
from cathodelab.simulation.dem.experiments.drum_and_die import DieRun, Powder, die_run

DENSEST = 0.9
"""Share of grains in the bed up to which it is used: overlaps are then about a fifth of the radius, the end of the law."""

FOLLOWED = 1.5
"""Share of grains in the bed up to which the predicted curve is followed beyond the law's range, for the eye."""

_LARGEST_MISFIT = 4.0


@dataclass(frozen=True, eq=False)
class CompactionFit(Calibration):
    """A yield ratio, the curve it was found from and the curve it predicts.

    Args:
        forces: measured, N; divided by ``area`` (of the measured die, m²) they are pressures.
        strains: measured, against the first force.
        used: how many forces after the first were fitted.
        predicted: strains at ``forces``, simulated with the value found; ``nan`` if the force is not reached.
        path: force (N, scaled to the measured die), strain and share of grains in the bed along that simulation.
    """

    forces: FloatArray
    strains: FloatArray
    used: int
    area: float
    predicted: FloatArray
    path: FloatArray

    @property
    def holds_to(self) -> float:
        """Largest force (N) on the predicted curve at which the bed is within the law's range."""
        inside = self.path[self.path[:, 2] <= DENSEST, 0]
        return float(inside.max()) if len(inside) else 0.0

    def figure(self, response: str, unit: str) -> FigureSpec:
        """Strain over pressure, measured and predicted, with the forces left out; and the response at the last force used."""
        pressure, inside = 1e-6 * self.forces / self.area, self.path[:, 2] <= DENSEST
        along, strain = 1e-6 * self.path[:, 0] / self.area, self.path[:, 1]
        last = max(int(inside.sum()) - 1, 0)
        fit, rest = slice(1, self.used + 1), slice(self.used + 1, None)
        bars = np.full(self.used, self.measured[1])
        series = [
            Series("line", along[: last + 1], strain[: last + 1], "simulated with the value found", 2),
            Series("points", pressure[fit], self.strains[fit], "measured, used", 1, y_minus=bars, y_plus=bars),
        ]
        if not inside.all():
            series.append(Series("line", along[last:], strain[last:], "simulated, beyond the law's range", -2))
        if self.used + 1 < len(self.forces):
            unused = Series("points", pressure[rest], self.strains[rest], "measured, not used", -1, open_marks=True)
            series.append(unused)
        curve = Panel(Axis("pressure", "MPa", logarithmic=True), Axis(response, unit), tuple(series))
        plain = super().figure(f"{response} at {self.forces[self.used]:g} N", unit)
        caption = (
            f"{plain.caption} Strains against the first force ({self.forces[0]:g} N); bars: standard uncertainty of the "
            f"measurement. The law's range ends where grains fill {100 * DENSEST:g} % of the bed."
        )
        return replace(plain, caption=caption, panels=(curve, *plain.panels), width_cm=17.4)


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


def strains_at(pressed: DieRun, forces: FloatArray, lowest: float = 0.0) -> FloatArray:
    """Strains against the height at the first force; ``nan`` if a force was not reached or the bed is below ``lowest`` (m)."""
    height, pushed = pressed.loading.T
    reached = np.maximum.accumulate(pushed)
    at = np.interp(forces, reached, height)
    strains = 1 - at / at[0]
    strains[(forces > reached[-1]) | (at < lowest)] = np.nan
    return np.asarray(strains)


def yield_ratio_from_compaction(
    powder: Powder, die: Die, count: int, trials: Sequence[float], forces: FloatArray, strains: FloatArray, sigma: float,
    executor: Executor | None = None, area: float = 0.0,
) -> CompactionFit:  # fmt: skip
    """Yield ratio between particles from strains of the bed (against the first force) under rising forces in N.

    ``sigma`` is the standard uncertainty of each strain. ``area`` (m²) belongs to the measured die if the simulated one is
    another: the same pressures are simulated then. The middle trial is simulated with three fillings, whose scatter belongs
    to the uncertainty and is common to all forces. The curve of the value found is simulated up to the last force, also
    beyond the law's range (marked there, not fitted).

    Raises:
        CathodelabError: ``dem-calibration`` if no force keeps all trials within the law, or nothing changes.
    """
    own = math.pi * die.radius**2
    area = area or own
    pressing = forces * own / area
    lowest = count * 4 / 3 * math.pi * powder.radius**3 / (own * DENSEST)
    middle = sorted(trials)[len(trials) // 2]

    def job(yield_ratio: float, seed: int, down_to: float) -> tuple[Powder, Die, int, float, int, int, float]:
        softer = replace(powder, inside=replace(powder.inside, yield_ratio=yield_ratio))
        return softer, die, count, float(pressing[-1]), 60, seed, down_to

    jobs = [job(one, seed, lowest) for one, seed in [*((one, 1) for one in trials), (middle, 2), (middle, 3)]]
    table = np.array([strains_at(one, pressing, lowest) for one in mapped(die_run, jobs, executor)])
    kept = np.isfinite(table).all(axis=0)
    kept[0] = False
    if not kept.any():
        _refuse(powder, trials, forces[1], forces[1] / area)
    fillings = table[[trials.index(middle), len(trials), len(trials) + 1]][:, kept]
    found = fitted(trials, table[: len(trials), kept], fillings.std(axis=0, ddof=1), strains[kept], sigma)
    pressed = die_run(*job(found.value, 1, lowest * DENSEST / FOLLOWED))
    path = _path(pressed, pressing[0], lowest * DENSEST)
    path[:, 0] *= area / own
    fit = CompactionFit(
        **vars(found), forces=forces, strains=strains, used=int(kept.sum()), area=area,
        predicted=strains_at(pressed, pressing), path=path,
    )  # fmt: skip
    return replace(fit, checks=(*fit.checks, _range_check(fit)))


def _path(pressed: DieRun, first: float, solid: float) -> FloatArray:
    """Force, strain and share of grains of a simulated loading from the first force on; ``solid``: height without pores."""
    height, pushed = pressed.loading.T
    reached = np.maximum.accumulate(pushed)
    at_first = float(np.interp(first, reached, height))
    beyond = reached > first
    rows = [(first, at_first), *zip(reached[beyond], height[beyond], strict=True)]
    return np.array([(force, 1 - at / at_first, solid / at) for force, at in rows])


def _range_check(fit: CompactionFit) -> Check:
    """Which forces were used, why not the others, and how far the law would hold with the value found."""
    left_out = len(fit.forces) - 1 - fit.used
    last = float(fit.forces[fit.used])
    sentence = f"{fit.used} forces up to {last:g} N ({1e-6 * last / fit.area:.3g} MPa) are used."
    if left_out:
        sentence += (
            f" {left_out} beyond are not: under them grains would fill over {100 * DENSEST:g} % of the bed in one of the trials, "
            "where they overlap by more than a fifth of their radius and the contact law says nothing. With the value found "
            f"it holds to {fit.holds_to:.3g} N"
            + (
                "; with a higher lowest trial value more forces could be used."
                if fit.holds_to > fit.forces[fit.used + 1]
                else "."
            )
        )
    return Check("forces_within_law", left_out == 0, last, float(fit.forces[-1]), sentence)


def _refuse(powder: Powder, trials: Sequence[float], force: float, pressure: float) -> None:
    modulus = powder.material.young_modulus
    raise CathodelabError(
        "dem-calibration",
        "Every force presses the bed beyond what the contact law can say",
        where="calibration",
        why=f"From {force:g} N on ({1e-6 * pressure:.3g} MPa) grains would fill more than {100 * DENSEST:g} % "
        f"of the bed in one of the trials; their contacts yield at {1e-6 * modulus * min(trials):.3g} to "
        f"{1e-6 * modulus * max(trials):.3g} MPa.",
        what_to_do="Give smaller forces, or higher trial values; if the measured die is wider than the simulated one, give "
        "its diameter (measured_die_mm), so that the pressures are the same.",
    )


def fitted(
    trials: Sequence[float], responses: FloatArray, scatter: FloatArray, measured: FloatArray, sigma: float
) -> Calibration:
    """The value whose responses (trial, force) are the measured ones, by least squares over the logarithm of the trials.

    The covariance of the strains is σ² each, plus what they have in common: scatter of fillings and misfit of the curves.
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
    return Calibration(
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
