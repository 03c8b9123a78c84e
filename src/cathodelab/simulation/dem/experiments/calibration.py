"""A parameter from a measured response: simulate at several values, fit the responses, invert the fit, with uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from cathodelab.core.arrays import FloatArray, In, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.simulation.dem.equipment.machines import Drum
from cathodelab.simulation.dem.experiments.drum_and_die import Powder, drum_run


@dataclass(frozen=True, eq=False)
class Calibration(ReadOnlyArrays):
    """The value of a parameter that gives the measured response.

    Args:
        parameter: its name.
        value: found; ``standard_uncertainty`` from the measurement and from the scatter of the simulations.
        measured: the measured response and its standard uncertainty.
        trials: simulated values, with their responses and standard errors.
        checks: whether the measured response is among the simulated ones.
    """

    parameter: str
    value: float
    standard_uncertainty: float
    measured: tuple[float, float]
    trials: Annotated[FloatArray, In("1", "trial")]
    responses: FloatArray
    errors: FloatArray
    checks: tuple[Check, ...]

    def figure(self, response: str, unit: str) -> FigureSpec:
        """Responses over the parameter, with the measured one."""
        span = np.array([self.trials.min(), self.trials.max()])
        value, sigma = self.measured
        wide = np.full(2, sigma)
        series = (
            Series("points", self.trials, self.responses, "simulated", 1, y_minus=self.errors, y_plus=self.errors),
            Series("band", span, np.full(2, value), "measured ± 1 σ", 0, y_minus=wide, y_plus=wide),
        )
        caption = f"{self.parameter} = {self.value:.4g} ± {self.standard_uncertainty:.2g} (one standard uncertainty)."
        return FigureSpec(
            f"calibration_{self.parameter}", caption, (Panel(Axis(self.parameter), Axis(response, unit), series),), 8.4
        )


def inverted_fit(
    parameter: str,
    trials: Sequence[float],
    responses: Sequence[float],
    errors: Sequence[float],
    measured: float,
    sigma: float,
) -> Calibration:
    """Weighted line (a parabola from four trials on) through the responses, inverted at the measured one.

    u² = (σ² + s²)/slope², with s the line's standard error there. ``nan`` if the measured response is outside the simulated
    ones: the value is then only the nearest end of the trials.

    Raises:
        CathodelabError: ``dem-calibration`` if the response does not change with the parameter.
    """
    x, y = np.asarray(trials, float), np.asarray(responses, float)
    e = np.maximum(np.asarray(errors, float), 1e-9 * np.abs(y).max())
    degree = 2 if len(x) > 3 else 1
    coefficients, covariance = np.polyfit(x, y, degree, w=1 / e, cov="unscaled")
    scatter = max(float(np.sum(((np.polyval(coefficients, x) - y) / e) ** 2)) / max(len(x) - degree - 1, 1), 1.0)
    axis = np.linspace(x.min(), x.max(), 4001)
    curve = np.polyval(coefficients, axis)
    at = int(np.argmin(np.abs(curve - measured)))
    slope = float(np.polyval(np.polyder(coefficients), axis[at]))
    powers = axis[at] ** np.arange(degree, -1, -1)
    error = float(np.sqrt(scatter * powers @ covariance @ powers))
    if abs(slope) * (x.max() - x.min()) < 3 * error:
        raise CathodelabError(
            "dem-calibration",
            f"The response hardly changes with {parameter}",
            where="calibration",
            why=f"Over the trials it changes by {abs(slope) * (x.max() - x.min()):.3g}, its own error is {error:.3g}.",
            what_to_do="Simulate longer, or wider apart.",
        )
    inside = bool(y.min() <= measured <= y.max())
    where = "among" if inside else "outside"
    sentence = f"The measured response {measured:.4g} lies {where} the simulated ones ({y.min():.4g} to {y.max():.4g})."
    check = Check("measured_within_trials", inside, measured, float(y.max()), sentence)
    uncertainty = float(np.hypot(sigma, error)) / abs(slope) if inside else float("nan")
    return Calibration(parameter, float(axis[at]), uncertainty, (measured, sigma), x, y, e, (check,))


def friction_from_angle(
    powder: Powder, drum: Drum, trials: Sequence[float], angle: float, sigma: float, *, fill: float = 0.45, duration: float = 1.0,
    executor: Executor | None = None,
) -> Calibration:  # fmt: skip
    """Friction between particles from a dynamic angle of repose (degrees); the ratio of dynamic to static friction is kept."""
    ratio = powder.inside.dynamic_friction / powder.inside.static_friction if powder.inside.static_friction else 1.0
    jobs = [
        (
            replace(powder, inside=replace(powder.inside, static_friction=one, dynamic_friction=one * ratio)),
            drum,
            fill,
            duration,
            24,
        )
        for one in trials
    ]
    slopes = [one.slope for one in mapped(drum_run, jobs, executor)]
    return inverted_fit(
        "static_friction", trials, [one.angle for one in slopes], [one.error for one in slopes], angle, sigma
    )


def mapped(work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], executor: Executor | None) -> list[Any]:
    """Results of all jobs, from this process or from an executor."""
    if executor is None:
        return [work(*job) for job in jobs]
    return [one.result() for one in [executor.submit(work, *job) for job in jobs]]
