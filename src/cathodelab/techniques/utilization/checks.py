"""Validity of a utilization, as data and in plain words."""

from __future__ import annotations

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.techniques.utilization.agreement import Agreement
from cathodelab.techniques.utilization.branches import largest_self_discharge_mA
from cathodelab.techniques.utilization.drift import charge_of_the_drift
from cathodelab.techniques.utilization.model import (
    Comparison,
    JointFit,
    Titration,
    UtilizationResult,
    UtilizationSettings,
    Window,
)

_ACCEPTED_PROBABILITY = 0.05
_CHARGE_AGREEMENT = 1e-3
_CHARGE_IN_GAPS = 5e-3
_SMALLEST_PRINTED = 1e-6
_FAR_ABOVE_ONE = 1.1


def all_checks(
    found: UtilizationResult, stated_fit: JointFit, agreement: Agreement, *, forced: bool
) -> tuple[Check, ...]:
    """Every check of one cell.

    Args:
        found: its result, without checks.
        stated_fit: the joint fit with the stated errors alone.
        agreement: the joint fit with what each rest says of its own relaxation.
        forced: whether no window met the criteria and all are used.
    """
    cell, reference, settings, estimates = found.cell, found.reference, found.settings, found.estimates
    judged = np.array([verdict.rest_judged for verdict in found.verdicts])
    return (
        end_of_rest(cell, judged, settings),
        charge_of_the_drift(cell, found.comparison, stated_fit, judged),
        windows_agree(agreement, found.windows),
        reference_offset(estimates, found.comparison),
        windows_left(found.windows, found.outside, forced=forced),
        utilization_at_most_one(estimates, cell, float(np.mean(found.comparison.offset_volt))),
        reference_relaxed(reference, settings),
        self_discharge_separated(reference, settings),
        masses_have_uncertainty(estimates),
        same_direction(cell, reference),
        charge_agrees(cell),
        record_without_gaps(cell),
        *cell.checks,
        *file_notes(cell, "cell"),
        *file_notes(reference, "reference"),
    )


def end_of_rest(cell: Titration, judged: np.ndarray, settings: UtilizationSettings) -> Check:
    """Largest |dU/dt| at the end of a rest: slow particles and parasitic currents keep it up."""
    limit = settings.end_of_rest_slope_limit
    slopes, noise = (np.abs(one) * 1e6 for one in cell.end_slopes)
    known = judged & np.isfinite(slopes)
    if not known.any():
        return Check(
            "end_of_rest",
            None,
            float("nan"),
            limit,
            "The record has no time in its rests: whether the potentials were relaxed cannot be judged.",
        )
    worst = int(np.argmax(np.where(known, slopes - 2 * noise, -np.inf)))
    value, uncertainty = float(slopes[worst]), float(noise[worst])
    if value - 2 * uncertainty > limit:
        passed: bool | None = False
        text = (
            f"At the end of a rest the potential still moves by {value:.2f} µV/s (limit {limit:g} µV/s): particles that "
            "are slow but connected, or a parasitic current. The utilization can be off by much more than its interval."
        )
    elif float(np.max(noise[known])) > limit:
        passed = None
        text = (
            f"The rests are too noisy or too short to see slopes of {limit:g} µV/s (noise {np.max(noise[known]):.2f} "
            "µV/s): whether the potentials were relaxed cannot be judged."
        )
    else:
        passed = True
        text = f"At the end of every rest the potential moves by at most {value:.2f} µV/s (limit {limit:g} µV/s)."
    return Check("end_of_rest", passed, value, limit, text)


def windows_agree(agreement: Agreement, windows: tuple[Window, ...]) -> Check:
    """Chi-square of the joint fit with each potential's own error: is one utilization enough for all windows?

    Of cells whose windows have one utilization, 5 % fail.
    """
    name, fit, probability = "windows_agree", agreement.fit, agreement.probability
    if np.isnan(probability):
        count = sum(not window.dropped for window in windows)
        plural = "window is" if count == 1 else "windows are"
        return Check(
            name,
            None,
            float("nan"),
            _ACCEPTED_PROBABILITY,
            f"{count} {plural} too few to see whether the utilization is the same in all windows.",
        )
    passed = probability >= _ACCEPTED_PROBABILITY
    likely = f"p = {probability:.2g}" if probability > _SMALLEST_PRINTED else f"p < {_SMALLEST_PRINTED:g}"
    text = (
        f"One utilization fits all used potentials: chi-square {fit.chi_square:.1f} for "
        f"{fit.degrees_of_freedom:.1f} degrees of freedom ({likely})."
    )
    if not passed:
        text = (
            f"One utilization does not fit all used potentials ({likely}). They disagree by "
            f"{agreement.scatter_volt * 1e3:.1f} mV beyond their own errors; the interval holds this scatter, but "
            "not its cause: not equilibrated, parasitic charge, or contact lost on the way."
        )
    return Check(name, passed, probability, _ACCEPTED_PROBABILITY, text)


def reference_offset(estimates: EstimateSet, comparison: Comparison) -> Check:
    """Whether the data want a counter electrode further from its stated potential than two standard uncertainties."""
    name, prior = "reference_offset", comparison.offset_standard_volt
    if not comparison.offset_free or prior == 0 or np.sum(comparison.used) < 3:
        reason = ": two relaxed potentials cannot test it" if np.sum(comparison.used) < 3 else ""
        text = f"The potential of the counter electrode is taken as stated (± {prior * 1e3:.1f} mV){reason}."
        return Check(name, None, float("nan"), 2 * prior, text)
    moved = float(estimates.estimate("reference_offset").value - comparison.offset_volt)
    passed = abs(moved) <= 2 * prior
    text = (
        f"The data place the counter electrode {moved * 1e3:+.1f} mV from its stated potential "
        f"(standard uncertainty {prior * 1e3:.1f} mV)."
    )
    if not passed:
        text += " That is more than two standard uncertainties: not equilibrated, or another counter electrode."
    return Check(name, passed, abs(moved), 2 * prior, text)


def windows_left(windows: tuple[Window, ...], outside: tuple[Window, ...], *, forced: bool) -> Check:
    """Whether the criteria leave a window; what lies outside the reference is named with its share of the charge."""
    used = sum(not window.dropped for window in windows)
    text = f"{used} of {len(windows)} windows are used."
    if forced:
        text = (
            f"No window meets the criteria; all {len(windows)} are used so that there is a number. Do not rely on it."
        )
    if outside:
        there = sum(abs(window.cell_charge_mAh) for window in outside)
        share = there / (there + sum(abs(window.cell_charge_mAh) for window in windows))
        reasons = "; ".join(dict.fromkeys(window.dropped for window in outside))
        text += (
            f" {len(outside)} more, with {100 * share:.0f} % of the charge, "
            f"{'reaches' if len(outside) == 1 else 'reach'} outside the reference and cannot be used: {reasons}."
        )
    return Check("windows_left", not forced, float(0 if forced else used), 1.0, text, fatal=True)


def utilization_at_most_one(estimates: EstimateSet, cell: Titration, offset_volt: float) -> Check:
    """A utilization above 1 is information, not an error to clip; one far above it whose interval is as wide says nothing.

    Args:
        estimates: with the utilization.
        cell: its titration.
        offset_volt: potential of the counter electrode against Li⁺/Li that was added to its potentials.
    """
    theta = estimates.estimate("static_utilization")
    low = theta.value - 2 * theta.minus
    passed = bool(low <= 1)
    text = f"The utilization of {100 * theta.value:.1f} % is compatible with at most 100 %."
    if not passed:
        text = (
            f"The utilization of {100 * theta.value:.1f} % is above 100 % by more than two standard uncertainties: "
            "parasitic charge, a wrong mass, slow particles catching up, or a reference that is itself not fully used."
        )
    elif theta.value > _FAR_ABOVE_ONE:
        text = (
            f"The utilization of {100 * theta.value:.1f} % is far above 100 %, and its interval is too wide to say that it "
            "cannot be: do not rely on it."
        )
    if theta.value > _FAR_ABOVE_ONE and offset_volt and np.isnan(cell.rest_second).all():
        text += (
            f" The potentials of the table were taken against the counter electrode ({offset_volt:+.2f} V to Li⁺/Li). Are they "
            "against Li⁺/Li already? Then state Li as the counter electrode."
        )
    verdict = None if passed and theta.value > _FAR_ABOVE_ONE else passed
    return Check("utilization_at_most_one", verdict, low, 1.0, text)


def reference_relaxed(reference: Titration, settings: UtilizationSettings) -> Check:
    """Median |dU/dt| at the end of the reference's rests."""
    limit = settings.end_of_rest_slope_limit
    if reference.kind == "slow charge":
        return Check(
            name="reference_relaxed",
            passed=False,
            value=float("nan"),
            limit=limit,
            sentence="The reference is a charge under current, not a titration: its polarization of up to "
            f"{settings.slow_charge_polarization_volt * 1e3:g} mV is carried as a one-sided error.",
        )
    slopes = np.abs(reference.end_slopes[0]) * 1e6
    if not np.isfinite(slopes).any():
        return Check("reference_relaxed", None, float("nan"), limit, "The reference states no end-of-rest slopes.")
    value = float(np.nanmedian(slopes))
    text = f"Half of the reference's rests end with less than {value:.2f} µV/s (limit {limit:g} µV/s)."
    return Check("reference_relaxed", value <= limit, value, limit, text)


def self_discharge_separated(reference: Titration, settings: UtilizationSettings) -> Check:
    """Whether the reference tells self-discharge and incomplete relaxation apart."""
    name, nan, found = "self_discharge_separated", float("nan"), reference.self_discharge
    if found is not None:
        text = (
            f"The two branches of the reference give a self-discharge of {found.current_mA * 1e3:.3f} ± "
            f"{found.half_width_mA() * 1e3:.3f} µA; its charge is corrected by it. Hysteresis and incomplete relaxation "
            f"together are {found.hysteresis_volt * 1e3:.2f} ± {found.hysteresis_standard_volt * 1e3:.2f} mV."
        )
        if found.turning:
            text += (
                f" One branch goes over into the other within about {100 * found.turning:.0f} % of the charge. That it does so "
                f"at the start of the charge too is assumed; else the current differs by {found.turning_limit_mA * 1e3:.3f} µA."
            )
        elif found.turning_limit_mA:
            text += f" The points next to the reversals are left out: they change it by {found.turning_limit_mA * 1e3:.3f} µA."
        return Check(name, passed=True, value=found.current_mA, limit=nan, sentence=text)
    if reference.self_discharge_slope is not None:
        text = "Self-discharge and incomplete relaxation of the reference are told apart by its two branches."
        return Check(name, passed=True, value=nan, limit=nan, sentence=text)
    most = largest_self_discharge_mA(reference, settings)
    text = "The self-discharge of the reference is not identifiable: it was titrated on charge only. "
    if np.isfinite(most):
        text += (
            f"Its current may be anything from 0 to {most * 1e3:.2f} µA (all of the end-of-rest slopes, and one standard "
            "uncertainty of them). The utilization is that without self-discharge; its interval covers this whole range and, "
            "beyond either end, what is uncertain otherwise. No value inside the range is more likely than another."
        )
    else:
        text += "The record does not say how large it may be."
    return Check(name, None, most, nan, text)


def masses_have_uncertainty(estimates: EstimateSet) -> Check:
    """A mass without uncertainty makes an interval that nobody should believe."""
    effects = estimates.effect("static_utilization")
    exact = [name for name, effect in effects.items() if name.endswith("/mass") and effect == 0]
    text = "Both masses carry a weighing uncertainty."
    if exact:
        text = "Taken as exact: " + ", ".join(exact) + ". Weighing usually dominates; the interval is too narrow."
    return Check("masses_have_uncertainty", not exact, float(len(exact)), 0.0, text)


def same_direction(cell: Titration, reference: Titration) -> Check:
    """A charge-only reference used for a discharge mixes hysteresis into the utilization."""
    same = cell.direction == reference.direction
    text = f"Cell and reference were titrated on {reference.direction}."
    if not same:
        text = (
            f"The cell was titrated on {cell.direction}, the reference on {reference.direction}: hysteresis and kinetic "
            "hindrance at low lithium mobility enter the utilization."
        )
    return Check("same_direction", same, float("nan"), float("nan"), text)


def charge_agrees(cell: Titration) -> Check:
    """Our charge from current and time against the cycler's own column."""
    value = cell.charge_disagreement
    if np.isnan(value):
        return Check(
            "charge_agrees",
            None,
            value,
            _CHARGE_AGREEMENT,
            "The record has no charge column of its own to compare with.",
        )
    text = f"Charge from current and time agrees with the cycler's own within {100 * value:.2g} %."
    passed = value <= _CHARGE_AGREEMENT
    if not passed:
        text = (
            f"Charge from current and time differs from the cycler's own by {100 * value:.2g} %: rows are missing, or the "
            "current was sampled too rarely."
        )
    return Check("charge_agrees", passed, value, _CHARGE_AGREEMENT, text)


def record_without_gaps(cell: Titration) -> Check:
    """Whether charge was counted across missing rows, at the current of the row after the gap."""
    value = cell.charge_in_gaps
    if np.isnan(value):
        text = "The record has no clock: missing rows cannot be seen."
        return Check("record_without_gaps", None, value, _CHARGE_IN_GAPS, text)
    passed = value <= _CHARGE_IN_GAPS
    text = "No charge was counted across missing rows."
    if value > 0:
        text = f"{100 * value:.2g} % of the charge was counted across gaps in the record."
    if not passed:
        text += " Whether the current flowed there is unknown: the utilization can be wrong by as much."
    return Check("record_without_gaps", passed, value, _CHARGE_IN_GAPS, text)


def file_notes(titration: Titration, whose: str) -> tuple[Check, ...]:
    """What the reader of the file rebuilt or found odd: neither good nor bad, but said."""
    nan = float("nan")
    return tuple(Check(f"file_of_the_{whose}", None, nan, nan, note) for note in titration.notes)
