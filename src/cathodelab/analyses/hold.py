"""Growth of the cathode resistance during a hold, from the spectra of a cell over time.

The hold is the longest run of consecutive spectra at one potential. Each of its spectra is corrected to a single moment (the
resistance grows during a sweep of minutes) and fitted again; the square-root law is then fitted to the resistances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.growth_law import (
    GrowthLaw,
    GrowthRange,
    growth_law,
    growth_range,
    passed_charge,
)
from cathodelab.analyses.state_of_charge import resistance_curve
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import NotInRecord, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Method, MethodCard, Shown
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from cathodelab.techniques.impedance.circuits.circuit import Circuit
from cathodelab.techniques.impedance.fitting.sequence import SequenceFit, continued_fit, sequence_fit
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult
from cathodelab.techniques.impedance.resistances.roles import Role
from cathodelab.techniques.impedance.validity.drift import at_one_time, drift_within

_FEWEST = 4
_ACCEPTED_PROBABILITY = 0.01
_NAN = float("nan")


@dataclass(frozen=True)
class GrowthSettings:
    """Settings for finding a hold and the beginning of its time."""

    hours_before_first_spectrum: float = knob(
        0.0, "t = 0 lies so long before the first spectrum of the hold", unit="h", low=0, high=1000
    )
    continuity: bool = knob(True, "parameters that are not looked for change no faster than the data ask for")
    same_potential_volt: float = knob(
        0.005, "spectra within this range belong to one hold", unit="V", low=1e-5, high=0.1
    )


@dataclass(frozen=True, eq=False)
class GrowthResult(ReadOnlyArrays):
    """Cathode resistance over time during a hold, ohm cm2.

    Args:
        hour: time since t = 0 at which the cathode's arc was measured, shape (s,).
        resistance: shape (s,).
        standard: standard uncertainty of each resistance, without that of the area, shape (s,).
        law: fit for a hold current that is entirely parasitic.
        range_by_current: range to the other extreme, where current and U-curve are known.
        numbers: numbers of the spectra.
    """

    estimates: EstimateSet
    checks: tuple[Check, ...]
    hour: FloatArray
    resistance: FloatArray
    standard: FloatArray
    law: GrowthLaw
    range_by_current: GrowthRange | None
    numbers: tuple[int, ...]


def interface_growth(cell: Cell, impedance: ImpedanceResult, settings: GrowthSettings) -> GrowthResult:
    """Rate constant of the growth of the cathode resistance during the hold of one cell.

    Args:
        cell: for its name and active mass.
        impedance: the result of all its spectra.
        settings: see :class:`GrowthSettings`.

    Raises:
        OtherData: no four consecutive spectra at one potential with time stamps, one circuit and a cathode resistance.
    """
    hold = _hold(cell, impedance.spectra, settings)
    hour, resistance, covariance, drift = _course(hold, settings, impedance.area_cm2)
    law = growth_law(hour, resistance, covariance)
    by_current = _by_current(cell, impedance, hold, (hour, resistance, covariance))
    adequate = all(one.chosen.adequate for one in hold)
    area = impedance.area_standard_cm2 / impedance.area_cm2
    return GrowthResult(
        estimates=_estimates(cell.id, law, by_current, area, adequate=adequate),
        checks=_checks(law, by_current, drift, adequate=adequate),
        hour=hour,
        resistance=resistance,
        standard=np.sqrt(np.diag(covariance)),
        law=law,
        range_by_current=by_current,
        numbers=tuple(one.spectrum.number for one in hold),
    )


def _hold(cell: Cell, spectra: Sequence[EvaluatedSpectrum], settings: GrowthSettings) -> list[EvaluatedSpectrum]:
    """The longest run of consecutive spectra at one potential that were fitted alike."""
    best: list[EvaluatedSpectrum] = []
    run: list[EvaluatedSpectrum] = []
    for one in spectra:
        if run and not _belongs(run[0], one, settings):
            run = []
        if one.spectrum.time_second is not None and _cathode(one) is not None:
            run.append(one)
        best = max(best, run, key=len)
        best = list(best)
    if len(best) < _FEWEST:
        raise OtherData(
            "no-hold",
            f"There are no {_FEWEST} consecutive spectra of a hold",
            where=f"cell {cell.id}",
            why="They need one potential, time stamps, the same frequencies and circuit, and a cathode resistance.",
            what_to_do="Nothing, unless the cell was held; then give all spectra of the hold in order.",
        )
    return best


def _belongs(first: EvaluatedSpectrum, one: EvaluatedSpectrum, settings: GrowthSettings) -> bool:
    apart = abs(first.spectrum.potential_volt - one.spectrum.potential_volt)
    cathodes = [_cathode(each) for each in (first, one)]
    return (
        bool(apart <= settings.same_potential_volt)
        and first.chosen.fit.circuit.expression == one.chosen.fit.circuit.expression
        and np.array_equal(first.spectrum.frequency_hertz, one.spectrum.frequency_hertz)
        and None not in cathodes
        and cathodes[0] is not None
        and cathodes[1] is not None
        and cathodes[0].names == cathodes[1].names
    )


def _cathode(one: EvaluatedSpectrum) -> Role | None:
    return next((role for role in one.roles if role.role == "cathode"), None)


def _course(
    hold: list[EvaluatedSpectrum], settings: GrowthSettings, area: float
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Hours since t = 0, areal resistances, their covariance, largest drift within a sweep."""
    clock = np.array([one.spectrum.time_second for one in hold], dtype=np.float64)
    impedance = np.array([one.spectrum.impedance for one in hold])
    frequency = hold[0].spectrum.frequency_hertz
    role = _cathode(hold[0])
    assert role is not None  # noqa: S101 - the hold consists of spectra with a cathode
    fit = hold[0].chosen.fit
    place = fit.circuit.names.index(role.names[0])
    follows = place + 1 < len(fit.circuit.names) and fit.circuit.parameters[place + 1].kind == "time"
    peak = (
        float(np.exp(-fit.theta[place + 1]) / (2 * np.pi)) if follows else float(np.sqrt(frequency[0] * frequency[-1]))
    )
    moment = clock[:, int(np.argmin(np.abs(np.log(frequency / peak))))]
    start = float(clock[0].min()) - 3600 * settings.hours_before_first_spectrum
    at_once = at_one_time(clock, impedance, moment, start)
    noise = np.array([max(one.test.noise, 1e-6) for one in hold])
    starts = np.array([one.chosen.fit.theta for one in hold])
    changing = changing_parameters(fit.circuit, role.names)
    if settings.continuity:
        joint, _ = continued_fit(fit.circuit, frequency, at_once, noise, changing, starts)
    else:
        joint = sequence_fit(fit.circuit, frequency, at_once, noise, starts=starts)
    resistance, covariance = summed(joint, role.names)
    drift = float(np.max(drift_within(clock, impedance, start)))
    return (moment - start) / 3600, resistance * area, covariance * area**2, drift


def changing_parameters(circuit: Circuit, names: tuple[str, ...]) -> tuple[str, ...]:
    """The resistances, and the time constants that change with them."""
    found = []
    for name in names:
        place = circuit.names.index(name)
        found.append(name)
        if place + 1 < len(circuit.names) and circuit.parameters[place + 1].kind == "time":
            found.append(circuit.names[place + 1])
    return tuple(found)


def summed(joint: SequenceFit, names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Sum of the named resistances of every spectrum, ohm, and its covariance.

    The relative covariance is taken at the resistances of a smooth course: a fit that happens to find a low resistance
    states a low uncertainty, and weighting by it would pull the line down.
    """
    count, size = joint.theta.shape
    places = [joint.circuit.names.index(name) for name in names]
    sizes = np.exp(joint.theta[:, places])
    total = sizes.sum(axis=1)
    gradient = np.zeros((count, count * size))
    for row in range(count):
        gradient[row, [row * size + place for place in places]] = sizes[row] / total[row]
    relative = gradient @ joint.covariance @ gradient.T
    steps = np.arange(count, dtype=np.float64)
    course = np.polyval(np.polyfit(steps, total, min(2, count - 2)), steps)
    course = np.maximum(course, 0.1 * float(np.median(total)))
    return total, np.asarray(course[:, None] * relative * course)


def _by_current(
    cell: Cell,
    impedance: ImpedanceResult,
    hold: list[EvaluatedSpectrum],
    course: tuple[FloatArray, FloatArray, FloatArray],
) -> GrowthRange | None:
    """The range due to the hold current; ``None`` where current, charge or U-curve is unknown."""
    hour, resistance, covariance = course
    if any(one.spectrum.current_ampere is None or np.isnan(one.spectrum.charge_ampere_hour) for one in hold):
        return None
    inside = {one.spectrum.number for one in hold}
    others = [
        (one, role)
        for one in impedance.spectra
        if one.spectrum.number not in inside
        and (role := _cathode(one)) is not None
        and np.isfinite(one.spectrum.charge_ampere_hour)
    ]
    mass_g = cell.cam_mass.value * 1e-3
    current = np.array([1e3 * float(np.mean(np.asarray(one.spectrum.current_ampere))) for one in hold])
    first = 1e3 * hold[0].spectrum.charge_ampere_hour / mass_g
    try:
        charge = np.array([1e3 * one.spectrum.charge_ampere_hour / mass_g for one, _ in others] + [first])
        values = np.array([role.resistance_ohm * impedance.area_cm2 for _, role in others] + [float(resistance[0])])
        curve = resistance_curve(charge, values, np.full(values.size, 0.02))
        passed = first + passed_charge(hour, current, mass_g)
        return growth_range(hour, resistance, covariance, passed, curve.at)
    except NotInRecord:
        return None


def _estimates(
    cell: str, law: GrowthLaw, by_current: GrowthRange | None, area: float, *, adequate: bool
) -> EstimateSet:
    laws = [("", law, "hold current all parasitic")]
    if by_current is not None:
        laws.append(("_if_delithiation", by_current.least, "hold current all delithiation, by the U-curve"))
    names, values, hows, blocks = [], [], [], []
    for suffix, one, words in laws:
        names += [f"growth_start{suffix}", f"growth_rate{suffix}"]
        values += [one.start, one.rate]
        hows += [f"R at t = 0; {words}", f"slope of R against sqrt(t) over all spectra; {words}"]
        eigen, vectors = np.linalg.eigh(np.array(one.covariance))
        blocks.append(vectors * np.sqrt(np.maximum(eigen, 0.0)) if adequate else np.full((2, 2), _NAN))
    sources = [Source(f"{cell}/area", "electrode area", "standard", "measure the diameter of the die")]
    effects = np.zeros((len(names), 1 + 2 * len(laws)))
    effects[:, 0] = np.array(values) * area
    for number, block in enumerate(blocks):
        effects[2 * number : 2 * number + 2, 1 + 2 * number : 3 + 2 * number] = block
        sources += [
            Source(f"{cell}/hold{laws[number][0]}/line {line}", "noise of the spectra", "standard", "more spectra")
            for line in (1, 2)
        ]
    units = ("ohm cm2", "ohm cm2 h^-0.5") * len(laws)
    pers = ("electrode area",) * len(names)
    return EstimateSet(tuple(names), np.array(values), units, pers, tuple(hows), tuple(sources), effects)


def _checks(law: GrowthLaw, by_current: GrowthRange | None, drift: float, *, adequate: bool) -> tuple[Check, ...]:
    passed = law.probability >= _ACCEPTED_PROBABILITY
    text = (
        f"A straight line against the square root of time fits (p = {law.probability:.2g}); the best power of time is "
        f"{law.exponent:.2f} ({law.exponent_low:.2f} to {law.exponent_high:.2f})."
    )
    if not passed:
        text = (
            f"The growth is no straight line against the square root of time (p = {law.probability:.2g}); the best power of time "
            f"is {law.exponent:.2f} ({law.exponent_low:.2f} to {law.exponent_high:.2f}). The rate depends on the stated t = 0."
        )
    said = f"Within a sweep the spectrum changes by up to {100 * drift:.2g} %; every sweep was brought to one moment."
    range_text = (
        "The hold current, the charge or a U-curve is not known: how much of the growth is a drift of the state of charge "
        "cannot be said."
    )
    if by_current is not None:
        range_text = (
            f"The hold current allows rates between {by_current.low:.3g} and {by_current.high:.3g} ohm cm2 h^-0.5 (all of it "
            "delithiation, or none)."
        )
    fits = "The circuit describes all spectra of the hold."
    if not adequate:
        fits = "The circuit does not describe all spectra of the hold: the rate has no meaningful interval."
    return (
        Check("square_root_law", passed, law.probability, _ACCEPTED_PROBABILITY, text),
        Check("drift_taken_out", None, drift, _NAN, said),
        Check("range_by_current", None if by_current is None else True, _NAN, _NAN, range_text),
        Check("hold_circuit_adequate", adequate, _NAN, _NAN, fits),
    )


def _figures(cell: Cell, result: GrowthResult) -> tuple[FigureSpec, ...]:
    root = np.sqrt(result.hour)
    line = np.linspace(0, float(root.max()), 2)
    law = result.law
    caption = (
        f"{cell.id}: cathode resistance during the hold against the square root of time since t = 0; bars: standard "
        f"uncertainty (68 %) without the area's; line: regression over all {root.size} spectra, "
        f"{law.rate:.3g} ± {law.rate_standard:.2g} Ω cm² h⁻⁰·⁵. n = 1 cell."
    )
    series = (
        Series("points", root, result.resistance, "spectra", y_minus=result.standard, y_plus=result.standard),
        Series("line", line, law.start + law.rate * line, "regression", colour=-1),
    )
    panel = Panel(Axis("√t", "h^½"), Axis("R(cathode) · A", "Ω cm²"), series)
    return (FigureSpec(f"{cell.id}-growth", caption, (panel,), width_cm=8.4),)


CARD = MethodCard(
    title="Growth of the cathode resistance during a hold",
    sentence="How fast the cathode resistance grows at constant potential, and how much of that a moving state of charge can be.",
    formula="R(t) = R₀ + k √(t − t₀), generalized least squares over all spectra; least growth: R(t) − [R_U(q(t)) − R_U(q₀)] "
    "with q(t) from the whole hold current, most growth: R(t).",
    source="Kissel et al., benchmark of coatings (chapter 5 of the source dissertation), Table S1; drift, range and test of the "
    "law: this project.",
    assumptions=(
        "t = 0 is the first spectrum, or as long before it as the setting says.",
        "The shape of the U-curve is that of the cell's own spectra at other states of charge.",
        "The hold current lies between all delithiation and all parasitic.",
    ),
    valid_range="Holds of at least four spectra at one potential with time stamps.",
    cannot_see="What grows: charge transfer, constriction, interphase or rock-salt layer. A self-discharge that the charger "
    "compensates passes as hold current.",
)

METHOD = Method(
    id="interface_growth",
    requires=("cell", "impedance"),
    settings=GrowthSettings,
    result=GrowthResult,
    run=interface_growth,
    headline=(Shown("growth_rate", "Growth of R(cathode)", "ohm cm2 h^-0.5"),),
    figures=_figures,
    card=CARD,
)
