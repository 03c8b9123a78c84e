"""Which law describes a whole curve: Heckel's line, the line after rearrangement, Kawakita's law, or none.

Kawakita and Luedde, Powder Technology 4 (1971) 61: ``C = (V0 - V) / V0 = a b P / (1 + b P)``, so ``P/C = P/a + 1/(a b)``. V0, the
volume before any pressure, is fitted as well: the first reading is pressed already.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from cathodelab.core.arrays import FloatArray
from cathodelab.techniques.compaction.fit import Fits, kawakita_fits, kawakita_start, solid_fits, squares_of
from cathodelab.techniques.compaction.heckel import line_design
from cathodelab.techniques.compaction.model import LawFit
from cathodelab.techniques.compaction.settings import CompactionSettings

HECKEL, REARRANGEMENT, KAWAKITA = "Heckel", "Heckel after rearrangement", "Kawakita"
_PROBABILITY = 0.01
_TRIALS = 80
_SPARE = 2
"""Fewest points beyond the parameters: without them, nothing is tested."""


def law_fits(
    thickness_um: FloatArray,
    pressure_MPa: FloatArray,
    solid_um: float,
    standard_um: FloatArray,
    common_um: FloatArray,
    settings: CompactionSettings,
) -> tuple[LawFit, ...]:
    """Every law that has enough points, fitted to all of them.

    Args:
        thickness_um: of each point, by rising pressure.
        pressure_MPa: of each point.
        solid_um: thickness without pores.
        standard_um: noise of each thickness.
        common_um: what one standard uncertainty of each common error does to each thickness, shape (points, errors).
        settings: see :class:`CompactionSettings`.
    """
    weights = standard_um**-2.0
    lost = float(np.ptp(thickness_um))
    found = (
        _heckel(thickness_um, pressure_MPa, solid_um, weights),
        _rearranged(thickness_um, pressure_MPa, solid_um, weights),
        _kawakita(thickness_um, pressure_MPa, weights),
    )
    return tuple(
        _judged(law, parameters, fits, squares_of(fits, weights, common_um), lost, settings)
        for law, parameters, fits in found
        if thickness_um.size >= len(parameters) + _SPARE and lost > 0
    )


def best_of(fits: tuple[LawFit, ...]) -> str:
    """The law with the smallest criterion of those that noise explains, else of those within the tolerance; or empty."""
    for verdict in ("within noise", "within tolerance"):
        if good := [one for one in fits if one.verdict == verdict]:
            return min(good, key=lambda one: one.criterion).law
    return ""


def rearrangement_over_MPa(fits: tuple[LawFit, ...], settings: CompactionSettings) -> float:
    """From which pressure on rearrangement changes the slope of the Heckel plot by less than the settings allow.

    ``(B / P_r) exp(-P / P_r) = limit / P_H``; ``nan`` where the law of rearrangement does not describe the curve within noise.
    """
    found = next((one for one in fits if one.law == REARRANGEMENT), None)
    if found is None or found.verdict != "within noise":
        return float("nan")
    heckel, amplitude, decay = (found.parameters[name] for name in ("P_H_MPa", "B", "P_r_MPa"))
    excess = amplitude / decay * heckel / settings.largest_slope_change
    return decay * float(np.log(max(excess, 1.0)))


_Found = tuple[str, dict[str, float], Fits]


def _heckel(h: FloatArray, p: FloatArray, solid: float, w: FloatArray) -> _Found:
    fit = solid_fits(h, np.array(solid), line_design(p), w)
    intercept, slope = fit.parameters
    return HECKEL, {"A": float(intercept), "P_H_MPa": float(1 / slope)}, fit


def _rearranged(h: FloatArray, p: FloatArray, solid: float, w: FloatArray) -> _Found:
    """``ln(1/(1-D)) = A + P / P_H - B exp(-P / P_r)``; the best of many P_r."""
    decay = np.geomspace(max(p[p > 0].min(), p.max() / 1000), p.max() / 2, _TRIALS)
    design = np.stack(
        [np.ones((_TRIALS, p.size)), np.broadcast_to(p, (_TRIALS, p.size)), -np.exp(-p / decay[:, None])], axis=-1
    )
    fits = solid_fits(h, np.array(solid), design, w)
    squares = np.where(fits.parameters[:, 2] > 0, np.sum(w * fits.misfit_um**2, axis=-1), np.inf)
    best = int(np.argmin(squares))
    intercept, slope, amplitude = fits.parameters[best]
    parameters = {
        "A": float(intercept),
        "P_H_MPa": float(1 / slope),
        "B": float(amplitude),
        "P_r_MPa": float(decay[best]),
    }
    # the fourth column: what the neighbours of the best P_r change
    near = np.clip([best - 1, best + 1], 0, _TRIALS - 1)
    fourth = (fits.misfit_um[near[0]] - fits.misfit_um[near[1]])[:, None]
    jacobian = np.concatenate([fits.jacobian[best], fourth], axis=-1)
    return REARRANGEMENT, parameters, Fits(fits.parameters[best], fits.misfit_um[best], jacobian)


def _kawakita(h: FloatArray, p: FloatArray, w: FloatArray) -> _Found:
    fit = kawakita_fits(h, p, w, kawakita_start(h, p, w))
    h0, a, b = map(float, fit.parameters)
    return KAWAKITA, {"h0_um": h0, "a": a, "b_per_MPa": b}, fit


def _judged(
    law: str,
    parameters: dict[str, float],
    fits: Fits,
    remaining: FloatArray,
    lost: float,
    settings: CompactionSettings,
) -> LawFit:
    count = len(parameters)
    misfit = fits.misfit_um
    degrees = misfit.size - count
    squares = float(remaining)
    probability = float(chdtrc(degrees, squares))
    root = float(np.sqrt(np.sum(misfit**2) / degrees)) / lost
    sound = all(np.isfinite(value) for value in parameters.values()) and _possible(law, parameters)
    if sound and probability >= _PROBABILITY:
        verdict = "within noise"
    else:
        verdict = "within tolerance" if sound and root <= settings.misfit_tolerance else "does not fit"
    spare = max(misfit.size - count - 1, 0.5)
    criterion = squares + 2 * count + 2 * count * (count + 1) / spare
    return LawFit(law, parameters, squares, degrees, probability, root, criterion, verdict)


def _possible(law: str, parameters: dict[str, float]) -> bool:
    """Whether the parameters mean anything: pressures and b above 0, a between 0 and 1."""
    if law == KAWAKITA:
        return 0 < parameters["a"] < 1 and parameters["b_per_MPa"] > 0
    return parameters["P_H_MPa"] > 0 and parameters.get("B", 1.0) > 0
