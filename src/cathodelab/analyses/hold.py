"""Growth of the cathode resistance during a hold, from the series of spectra at one potential.

Which spectra belong to the hold, their circuit and their resistances come from the impedance of the cell, where they are
fitted together, each brought to a single moment (the resistance grows during a sweep of minutes). Here the square-root law
is fitted to them, from the moment at which the potential was reached and from the first spectrum.
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
from cathodelab.analyses.hold_shown import CARD, HoldWords, checks_of, estimates_of, figure_of
from cathodelab.analyses.hold_table import Beside, HoldRow, holds_table
from cathodelab.analyses.state_of_charge import resistance_curve
from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.checks import Check
from cathodelab.core.errors import NotInRecord, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import FigureSpec
from cathodelab.core.method import Method, Shown
from cathodelab.core.result_table import ResultTable
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult, Series
from cathodelab.techniques.impedance.resistances.roles import role_names
from cathodelab.techniques.impedance.series.evaluate import CATHODES

_FEWEST = 4
_DESCRIBED_SHARE = 0.8
_BEYOND = 0.25
"""A hold at the highest measured state delithiates out of the U-curve, which is followed this far, over its range."""
REACHED, FIRST = "potential reached", "first spectrum"


@dataclass(frozen=True)
class GrowthSettings:
    """Settings for the beginning of the time of a hold."""

    time_zero: str = knob(
        REACHED,
        "t = 0: when the record shows the potential to be reached (else the first spectrum), or the first spectrum",
        choices=(REACHED, FIRST),
    )
    hours_before_first_spectrum: float = knob(
        0.0, "t = 0 lies so long before the first spectrum; 0: as the record shows it", unit="h", low=0, high=1000
    )


@dataclass(frozen=True, eq=False)
class GrowthResult(ReadOnlyArrays):
    """Cathode resistance over time during a hold, ohm cm2.

    Args:
        hour: time since t = 0 at which the cathode's arc was measured, shape (s,).
        resistance: shape (s,).
        standard: standard uncertainty of each resistance, without that of the area, shape (s,).
        law: fit for a hold current that is entirely parasitic.
        law_of_first: the same with t = 0 at the first spectrum.
        hours_before: from t = 0 to the first spectrum.
        range_by_current: range to the other extreme, where current and U-curve are known.
        numbers: numbers of the spectra.
        role: what the resistance is: that of the cathode, or a sum.
        potential_volt: of the hold.
        beside: the first spectrum before the hold and the last one after it, where there are any.
    """

    estimates: EstimateSet
    checks: tuple[Check, ...]
    hour: FloatArray
    resistance: FloatArray
    standard: FloatArray
    law: GrowthLaw
    law_of_first: GrowthLaw
    hours_before: float
    range_by_current: GrowthRange | None
    numbers: tuple[int, ...]
    role: str
    potential_volt: float
    beside: tuple[Beside, ...]


def interface_growth(cell: Cell, impedance: ImpedanceResult, settings: GrowthSettings) -> GrowthResult:
    """Rate constant of the growth of the cathode resistance during the hold of one cell.

    Args:
        cell: for its name and active mass.
        impedance: the result of all its spectra.
        settings: see :class:`GrowthSettings`.

    Raises:
        OtherData: no series of four spectra at one potential with time stamps and a cathode resistance.
    """
    series = _hold(cell, impedance)
    before, how = _hours_before(series, settings)
    since_first = (series.moment_second - series.first_second) / 3600
    resistance = series.resistance_ohm * impedance.area_cm2
    covariance = series.covariance * impedance.area_cm2**2
    hour = since_first + before
    law = growth_law(hour, resistance, covariance)
    law_of_first = growth_law(since_first, resistance, covariance)
    by_current, why_not = _by_current(cell, impedance, series, (hour, resistance, covariance))
    adequate = series.adequate >= _DESCRIBED_SHARE * len(series.numbers)
    words = HoldWords(cell.id, series, before, how, adequate=adequate)
    area = impedance.area_standard_cm2 / impedance.area_cm2
    return GrowthResult(
        estimates=estimates_of(words, law, law_of_first, by_current, area),
        checks=checks_of(words, law, by_current, why_not),
        hour=hour,
        resistance=resistance,
        standard=np.sqrt(np.diag(covariance)),
        law=law,
        law_of_first=law_of_first,
        hours_before=before,
        range_by_current=by_current,
        numbers=series.numbers,
        role=series.role,
        potential_volt=series.potential_volt,
        beside=_beside(impedance, series),
    )


def _hold(cell: Cell, impedance: ImpedanceResult) -> Series:
    """The longest series with clocks and a cathode resistance."""
    usable = [
        one
        for one in impedance.series
        if one.names and np.isfinite(one.moment_second).all() and len(one.numbers) >= _FEWEST
    ]
    if not usable:
        raise OtherData(
            "no-hold",
            f"There are no {_FEWEST} consecutive spectra of a hold",
            where=f"cell {cell.id}",
            why="They need one potential, time stamps that run on, the same frequencies, and a cathode resistance.",
            what_to_do="Nothing, unless the cell was held; then give all spectra of the hold in order.",
        )
    return max(usable, key=lambda one: len(one.numbers))


def _hours_before(series: Series, settings: GrowthSettings) -> tuple[float, str]:
    """From t = 0 to the first spectrum, h, and how it is known."""
    if settings.time_zero == FIRST:
        return 0.0, "t = 0 is the first spectrum, as set"
    if settings.hours_before_first_spectrum > 0:
        return settings.hours_before_first_spectrum, "t = 0 as stated"
    if np.isfinite(series.reached_second):
        hours = max(series.first_second - series.reached_second, 0.0) / 3600
        return hours, "t = 0 is when the record shows the potential to be reached"
    return 0.0, "t = 0 is the first spectrum: the record does not show when the potential was reached"


def _beside(impedance: ImpedanceResult, series: Series) -> tuple[Beside, ...]:
    """Cathode resistances of the first spectrum before the hold and of the last one after it, ohm cm2."""
    numbers = [one.spectrum.number for one in impedance.spectra]
    places = [numbers.index(series.numbers[0]), numbers.index(series.numbers[-1])]
    found = []
    for when, sides in (
        ("before", impedance.spectra[: places[0]]),
        ("after", impedance.spectra[places[1] + 1 :][::-1]),
    ):
        for one in sides:
            names = [name for name, role in zip(role_names(one.roles), one.roles, strict=True) if role.role in CATHODES]
            if names:
                value = impedance.estimates.estimate(f"{names[0]}_{one.spectrum.number}")
                what = next(role.role for role in one.roles if role.role in CATHODES)
                found.append(Beside(when, one.spectrum.number, one.spectrum.potential_volt, what, value))
                break
    return tuple(found)


def _cathode_ohm(one: EvaluatedSpectrum) -> float | None:
    return next((role.resistance_ohm for role in one.roles if role.role == "cathode"), None)


def _by_current(
    cell: Cell,
    impedance: ImpedanceResult,
    series: Series,
    course: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[GrowthRange | None, str]:
    """The range due to the hold current, or ``None`` and the reason."""
    hour, resistance, covariance = course
    hold = [one for one in impedance.spectra if one.spectrum.number in series.numbers]
    if any(one.spectrum.current_ampere is None for one in hold):
        return None, "the files of the spectra hold no current"
    if any(np.isnan(one.spectrum.charge_ampere_hour) for one in hold):
        return None, "the charge of the cell at the spectra is not known"
    others = [
        (one, ohm)
        for one in impedance.spectra
        if one.spectrum.number not in series.numbers
        and (ohm := _cathode_ohm(one)) is not None
        and np.isfinite(one.spectrum.charge_ampere_hour)
    ]
    mass_g = cell.cam_mass.value * 1e-3
    current = np.array([1e3 * float(np.mean(np.asarray(one.spectrum.current_ampere))) for one in hold])
    first = 1e3 * hold[0].spectrum.charge_ampere_hour / mass_g
    try:
        charge = np.array([1e3 * one.spectrum.charge_ampere_hour / mass_g for one, _ in others] + [first])
        values = np.array([ohm * impedance.area_cm2 for _, ohm in others] + [float(resistance[0])])
        curve = resistance_curve(charge, values, np.full(values.size, 0.02))
        passed = first + passed_charge(hour, current, mass_g)
        return growth_range(hour, resistance, covariance, passed, lambda charge: curve.at(charge, _BEYOND)), ""
    except NotInRecord as error:
        return None, f"{error.what[0].lower()}{error.what[1:]} ({error.where}): {error.why[0].lower()}{error.why[1:-1]}"


def _figures(cell: Cell, result: GrowthResult) -> tuple[FigureSpec, ...]:
    return (
        figure_of(
            cell.id, result.law, result.role, result.hours_before, (result.hour, result.resistance, result.standard)
        ),
    )


def _tables(found: Sequence[tuple[Cell, GrowthResult]]) -> tuple[ResultTable, ...]:
    """A row a cell: resistances before, at both ends of and after the hold, and both rates."""
    rows = [
        HoldRow(
            cell=cell.id,
            role=one.role,
            potential_volt=one.potential_volt,
            numbers=one.numbers,
            resistance=one.resistance,
            standard=one.standard,
            estimates=one.estimates,
            beside=one.beside,
        )
        for cell, one in found
    ]
    return (holds_table(rows),)


METHOD = Method(
    id="interface_growth",
    requires=("cell", "impedance"),
    settings=GrowthSettings,
    result=GrowthResult,
    run=interface_growth,
    headline=(Shown("growth_rate", "Growth of R(cathode)", "ohm cm2 h^-0.5"),),
    figures=_figures,
    tables=_tables,
    card=CARD,
)
