"""What is shown of a hold: its estimates, checks, figure and card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.growth_law import GrowthLaw, GrowthRange
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel
from cathodelab.core.figure import Series as Drawn
from cathodelab.core.method import MethodCard
from cathodelab.core.sources import Source
from cathodelab.techniques.impedance.model import Series

_ACCEPTED_PROBABILITY = 0.01
_NAN = float("nan")
_RATE = "ohm cm2 h^-0.5"


@dataclass(frozen=True, eq=False)
class HoldWords:
    """What texts about a hold need.

    Args:
        cell: its name.
        series: the spectra of the hold.
        hours_before: from t = 0 to the first spectrum.
        time_zero: how that is known.
        adequate: whether the circuit describes the hold.
    """

    cell: str
    series: Series
    hours_before: float
    time_zero: str
    adequate: bool


def estimates_of(
    words: HoldWords, law: GrowthLaw, of_first: GrowthLaw, by_current: GrowthRange | None, area: float
) -> EstimateSet:
    """Start and rate from t = 0 and from the first spectrum, and for a hold current that is all delithiation.

    Args:
        words: of the hold.
        law: from t = 0.
        of_first: from the first spectrum.
        by_current: the range, if it is known.
        area: relative standard uncertainty of the electrode area.
    """
    count = len(words.series.numbers)
    laws = [("", law, f"{words.time_zero}; hold current all parasitic")]
    laws.append(("_from_first_spectrum", of_first, f"t = 0 at the first spectrum, {words.hours_before:.3g} h later"))
    if by_current is not None:
        laws.append(("_if_delithiation", by_current.least, "hold current all delithiation, by the U-curve"))
    names, values, hows, blocks, sources = [], [], [], [], []
    for suffix, one, how in laws:
        names += [f"growth_start{suffix}", f"growth_rate{suffix}"]
        values += [one.start, one.rate]
        hows += [f"R at t = 0; {how}", f"slope of R against sqrt(t) over {count} spectra; {how}"]
        eigen, vectors = np.linalg.eigh(np.array(one.covariance))
        scatter = vectors * np.sqrt(np.maximum(eigen, 0.0))
        blocks.append(scatter if words.adequate else np.full((2, 2), _NAN))
        sources += [
            Source(f"{words.cell}/hold{suffix}/line {line}", "noise of the spectra", "standard", "more spectra")
            for line in (1, 2)
        ]
    effects = np.zeros((len(names) + 1, 1 + 2 * len(laws)))
    effects[:-1, 0] = np.array(values) * area
    for number, block in enumerate(blocks):
        effects[2 * number : 2 * number + 2, 1 + 2 * number : 3 + 2 * number] = block
    of_area = Source(f"{words.cell}/area", "electrode area", "standard", "measure the diameter of the die")
    return EstimateSet(
        (*names, "growth_hours_before_first_spectrum"),
        np.array([*values, words.hours_before]),
        (*("ohm cm2", _RATE) * len(laws), "h"),
        (*("electrode area",) * len(names), ""),
        (*hows, words.time_zero),
        (of_area, *sources),
        effects,
    )


def checks_of(words: HoldWords, law: GrowthLaw, by_current: GrowthRange | None, why_not: str = "") -> tuple[Check, ...]:
    """Whether the law holds, what was taken out, what the current allows (or why that is not known), which spectra were used."""
    series = words.series
    drift = f"Within a sweep the spectrum changes by up to {100 * series.drift:.2g} %; every sweep was brought to one moment."
    range_text = (
        f"How much of the growth is a drift of the state of charge cannot be said: {why_not}. The interval of the rate is that "
        "of its spectra alone."
    )
    if by_current is not None:
        range_text = (
            f"The hold current allows rates between {by_current.low:.3g} and {by_current.high:.3g} {_RATE} (all of it "
            "delithiation, or none)."
        )
    fits = f"The circuit describes {series.adequate} of {len(series.numbers)} spectra of the hold."
    if not words.adequate:
        fits += " The rate has no meaningful interval."
    return (
        _law_holds(law),
        Check("drift_taken_out", None, series.drift, _NAN, drift),
        Check("range_by_current", None if by_current is None else True, _NAN, _NAN, range_text),
        Check("hold_circuit_adequate", words.adequate, _NAN, _NAN, fits),
        _all_used(words),
        _begins(words),
    )


def _begins(words: HoldWords) -> Check:
    """Which moment is t = 0."""
    later = f"; the first spectrum is {words.hours_before:.3g} h later" if words.hours_before else ""
    return Check("time_zero", None, words.hours_before, _NAN, f"{words.time_zero}{later}.")


def _law_holds(law: GrowthLaw) -> Check:
    passed = law.probability >= _ACCEPTED_PROBABILITY
    best = (
        f"(p = {law.probability:.2g}); the best power of time is {law.exponent:.2f} ({law.exponent_low:.2f} to "
        f"{law.exponent_high:.2f})."
    )
    text = f"A straight line against the square root of time fits {best}"
    if not passed:
        text = f"The growth is no straight line against the square root of time {best} The rate depends on the stated t = 0."
    return Check("square_root_law", passed, law.probability, _ACCEPTED_PROBABILITY, text)


def _all_used(words: HoldWords) -> Check:
    """Every spectrum at the potential of the hold is used or named."""
    series = words.series
    first, last = series.numbers[0], series.numbers[-1]
    text = f"{len(series.numbers)} spectra at {series.potential_volt:.3f} V are the hold, {first} to {last}."
    if series.left_out:
        named = "; ".join(f"spectrum {number}, as {why}" for number, why in series.left_out)
        text += f" Not used: {named}."
    if series.interrupted:
        named = ", ".join(map(str, series.interrupted))
        text += f" The hold was interrupted: spectra {named} at the same potential are not used."
    whole = not series.left_out and not series.interrupted
    return Check("hold_complete", whole, float(len(series.left_out) + len(series.interrupted)), 0.0, text)


def figure_of(
    cell: str, law: GrowthLaw, role: str, before: float, course: tuple[FloatArray, FloatArray, FloatArray]
) -> FigureSpec:
    """Resistance against the square root of time, with the regression.

    Args:
        cell: its name.
        law: the regression.
        role: what the resistance is.
        before: hours from t = 0 to the first spectrum.
        course: hours, resistances, standard uncertainties.
    """
    hour, resistance, standard = course
    root = np.sqrt(hour)
    line = np.linspace(0, float(root.max()), 2)
    caption = (
        f"{cell}: resistance of the {role} during the hold against the square root of time since t = 0, {before:.3g} h before "
        f"the first spectrum; bars: standard uncertainty (68 %) without the area's; line: regression over {root.size} spectra, "
        f"{law.rate:.3g} ± {law.rate_standard:.2g} Ω cm² h⁻⁰·⁵. n = 1 cell."
    )
    series = (
        Drawn("points", root, resistance, "spectra", y_minus=standard, y_plus=standard),
        Drawn("line", line, law.start + law.rate * line, "regression", colour=-1),
    )
    panel = Panel(Axis("√t", "h^½"), Axis(f"R({role}) · A", "Ω cm²"), series)
    return FigureSpec(f"{cell}-growth", caption, (panel,), width_cm=8.4)


CARD = MethodCard(
    title="Growth of the cathode resistance during a hold",
    sentence="How fast the cathode resistance grows at constant potential, and how much of that a moving state of charge can be.",
    formula="R(t) = R₀ + k √(t − t₀), generalized least squares over all spectra; least growth: R(t) − [R_U(q(t)) − R_U(q₀)] "
    "with q(t) from the whole hold current, most growth: R(t).",
    source="Kissel et al., benchmark of coatings (chapter 5 of the source dissertation), Table S1; drift, range and test of the "
    "law: this project.",
    assumptions=(
        "t = 0 is when the record shows the potential to be reached, else the first spectrum or as stated.",
        "The rate from the first spectrum stands beside the one from t = 0.",
        "Which spectra belong to the hold follows from potential, clock and frequencies alone.",
        "The shape of the U-curve is that of the cell's own spectra at other states of charge.",
        "The hold current lies between all delithiation and all parasitic.",
    ),
    valid_range="Holds of at least four spectra at one potential with time stamps.",
    cannot_see="What grows: charge transfer, constriction, interphase or rock-salt layer. A self-discharge that the charger "
    "compensates passes as hold current.",
)
