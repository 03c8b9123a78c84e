"""What the movement at the end of the rests means for the charge: the bias that no error bar shows.

A potential that still moves at dU/dt while no current flows outside says that the particles still exchange charge: with
the electrolyte (parasitic current, self-discharge), or with slower particles. The current is ``i = -dU/dt dQ/dU``. If it flowed
for as long as the titration took, the charge between the relaxed potentials would hold ``sum i t`` that the connected,
fast particles did not take. Slow particles whose exchange is smaller than what noise and limit let through stay unseen.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.model import Comparison, JointFit, Titration

LARGEST_SHARE = 0.01
_ONE_SIDED = 1.645


def charge_of_the_drift(cell: Titration, comparison: Comparison, fit: JointFit, judged: np.ndarray) -> Check:
    """Charge that the end-of-rest slopes imply, as a fraction of the charge of the titration.

    Args:
        cell: relaxed points with slopes and times.
        comparison: gives the steepness of the reference.
        fit: of the comparison.
        judged: points whose rest counts.
    """
    name, nan = "charge_of_the_drift", float("nan")
    slope, slope_noise = cell.end_slopes
    known = judged & np.isfinite(slope)
    if cell.elapsed_hour is None or int(known.sum()) < 2:
        text = (
            "The record has no times of two rests: what the drift of the potential means for the charge is not known."
        )
        return Check(name, None, nan, LARGEST_SHARE, text)
    curve = ReferenceCurve(comparison.reference_potential_volt, comparison.reference_charge_mAh)
    scale = fit.utilization * float(comparison.cam_mass_mg) / float(comparison.reference_mass_mg)
    steepness = scale * curve.slope(cell.potential_volt + fit.offset_volt)
    current = -slope * steepness * 3600
    hours, charge = cell.elapsed_hour[known], cell.charge_mAh[known]
    weights = np.zeros(hours.size)
    weights[:-1] += np.diff(hours) / 2
    weights[1:] += np.diff(hours) / 2
    passed_charge = abs(float(charge[-1] - charge[0]))
    value = abs(float(weights @ current[known])) / passed_charge
    noise = slope_noise * steepness * 3600
    spread = float(np.sqrt(np.sum((weights * noise[known]) ** 2))) / passed_charge
    return _judged(name, value, spread)


def _judged(name: str, value: float, spread: float) -> Check:
    if value - _ONE_SIDED * spread > LARGEST_SHARE:
        text = (
            f"At the ends of the rests the potential still moves as if {100 * value:.1f} % (± {100 * spread:.1f} %) of the "
            f"charge went elsewhere during the titration (limit {100 * LARGEST_SHARE:g} %): a parasitic current, or particles "
            "that are slow but connected. The utilization can be off by as much and, with slow particles, by more."
        )
        return Check(name, passed=False, value=value, limit=LARGEST_SHARE, sentence=text)
    if spread > LARGEST_SHARE:
        text = (
            f"The rests are too noisy or too short to see a drift that means {100 * LARGEST_SHARE:g} % of the charge "
            f"(uncertainty {100 * spread:.1f} %): parasitic charge and slow particles cannot be judged."
        )
        return Check(name, None, value, LARGEST_SHARE, text)
    text = (
        f"The movement at the ends of the rests means {100 * value:.2f} % of the charge at most "
        f"(limit {100 * LARGEST_SHARE:g} %)."
    )
    return Check(name, passed=True, value=value, limit=LARGEST_SHARE, sentence=text)
