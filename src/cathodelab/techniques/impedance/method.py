"""Resistances of a cell from its impedance spectra."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Method
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Source
from cathodelab.techniques.impedance.attempts import attempted
from cathodelab.techniques.impedance.card import CARD
from cathodelab.techniques.impedance.checks import all_checks
from cathodelab.techniques.impedance.circuits.constraints import FREE
from cathodelab.techniques.impedance.fitting.fit import CircuitFit
from cathodelab.techniques.impedance.fitting.intervals import Interval
from cathodelab.techniques.impedance.model import (
    Attempt,
    EvaluatedSpectrum,
    ImpedanceResult,
    ImpedanceSettings,
    Series,
)
from cathodelab.techniques.impedance.model_error import model_errors
from cathodelab.techniques.impedance.overview import headline
from cathodelab.techniques.impedance.page import page
from cathodelab.techniques.impedance.parameters import tables
from cathodelab.techniques.impedance.plot import figures
from cathodelab.techniques.impedance.prepare import prepared
from cathodelab.techniques.impedance.resistances.role_intervals import joint_interval, role_interval
from cathodelab.techniques.impedance.resistances.roles import (
    WINDOWS,
    Role,
    Window,
    role_names,
    roles_of,
)
from cathodelab.techniques.impedance.series.evaluate import evaluated_series
from cathodelab.techniques.impedance.series.membership import memberships
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.stated import constraints_of
from cathodelab.techniques.impedance.tikhonov import Distribution, distribution_of_relaxation_times
from cathodelab.techniques.impedance.validity.kramers_kronig import KramersKronig

ASSUMED_AREA_CM2 = 0.785
LEVELS = (0.6827, 0.9545)
PER_AREA = "electrode area"


def resistances(cell: Cell, spectra: Sequence[Spectrum], settings: ImpedanceSettings) -> ImpedanceResult:
    """Areal resistances of all spectra of a cell, with the part of the cell they belong to.

    Args:
        cell: for its name and area (column ``area_cm2`` of the manifest).
        spectra: as recorded.
        settings: see :class:`ImpedanceSettings`.

    Raises:
        CathodelabError: a spectrum cannot be used (too few points, swapped columns, wrong sign), or a circuit is none.
    """
    area, known = _area(cell)
    try:
        ready = [prepared(spectrum, settings) for spectrum in spectra]
    except CathodelabError as error:
        raise error.at(f"cell {cell.id}") from error
    evaluated, series = _evaluated(ready, settings, area)
    relative = settings.area_relative_standard_uncertainty
    return ImpedanceResult(
        estimates=_estimates(cell.id, evaluated, area, relative),
        checks=all_checks(evaluated, series, area, settings, area_known=known),
        spectra=tuple(evaluated),
        area_cm2=area,
        area_standard_cm2=area * relative,
        settings=settings,
        series=series,
    )


def _evaluated(
    ready: list[tuple[Spectrum, KramersKronig]], settings: ImpedanceSettings, area: float
) -> tuple[list[EvaluatedSpectrum], tuple[Series, ...]]:
    """Every spectrum with its circuit and its resistances; those of a series fitted together."""
    windows = _windows(settings)
    # stated parameters hold for every spectrum by itself
    free = constraints_of(settings.parameters) is FREE
    members = memberships([one for one, _ in ready], settings.same_potential_volt) if free else ()
    tried = attempted(ready, settings, [member.places for member in members])
    chosen = {place: one[1] for place, one in enumerate(tried)}
    roles: dict[int, tuple[Role, ...]] = {}
    series = []
    for member in members:
        found = evaluated_series(ready, member, [chosen[place] for place in member.places], settings, area, windows)
        series.append(found.series)
        chosen |= dict(zip(member.places, found.attempts, strict=True))
        roles |= dict(zip(member.places, found.roles, strict=True))
    evaluated = []
    for place, ((spectrum, test), (attempts, single)) in enumerate(zip(ready, tried, strict=True)):
        own = roles.get(place) or roles_of(single.fit, area, windows)
        sound = chosen[place].adequate
        drift = test.drift if test.drifts else 0.0
        errors = () if sound else model_errors(chosen[place], attempts, own, area, windows, drift)
        evaluated.append(
            EvaluatedSpectrum(
                spectrum=spectrum,
                test=test,
                attempts=tuple(chosen[place] if one is single else one for one in attempts),
                chosen=chosen[place],
                roles=own,
                intervals=_intervals(chosen[place], own, joint=place in roles),
                distribution=_distribution(spectrum, test) if settings.distribution else None,
                joint=place in roles,
                model_errors=tuple(map(float, errors)),
            )
        )
    return evaluated, tuple(series)


def _distribution(spectrum: Spectrum, test: KramersKronig) -> Distribution:
    return distribution_of_relaxation_times(spectrum.frequency_hertz, spectrum.impedance, test.noise)


def _intervals(chosen: Attempt, roles: Sequence[Role], *, joint: bool) -> dict[tuple[str, float], Interval]:
    """Intervals by name of the role and level; none where the circuit is inadequate, as they would be meaningless."""
    if not chosen.adequate:
        return {}
    of_role = joint_interval if joint else role_interval
    return {
        (name, level): interval
        for name, role in zip(role_names(roles), roles, strict=True)
        for level, interval in of_role(chosen.fit, role, LEVELS).items()
    }


def _area(cell: Cell) -> tuple[float, bool]:
    text = cell.details.get("area_cm2", "")
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return ASSUMED_AREA_CM2, False
    return (value, True) if value > 0 else (ASSUMED_AREA_CM2, False)


def _windows(settings: ImpedanceSettings) -> tuple[Window, ...]:
    separator, cathode, anode = settings.separator_from_hertz, settings.cathode_from_hertz, settings.anode_from_hertz
    limits = {"separator": (separator, np.inf), "cathode": (cathode, separator), "anode": (anode, cathode)}
    return tuple(
        Window(window.role, *limits[window.role], window.low_farad_cm2, window.high_farad_cm2) for window in WINDOWS
    )


def _estimates(cell: str, evaluated: Sequence[EvaluatedSpectrum], area: float, relative: float) -> EstimateSet:
    """Areal resistances; the covariance of each fit is represented exactly by independent sources of its own."""
    names: list[str] = []
    values: list[float] = []
    hows: list[str] = []
    sources = [Source(f"{cell}/area", "electrode area", "standard", "measure the diameter of the die")]
    blocks: list[FloatArray] = []
    for one in evaluated:
        suffix = f"_{one.spectrum.number}" if len(evaluated) > 1 else ""
        names += [name + suffix for name in role_names(one.roles)]
        values += [role.resistance_ohm * area for role in one.roles]
        hows += [f"{one.chosen.fit.circuit.expression}, {' + '.join(role.names)}: {role.reason}" for role in one.roles]
        block = _fit_effects(one) * area
        blocks.append(block)
        sources += [
            Source(
                f"{cell}/spectrum {one.spectrum.number}/fit {direction + 1}",
                "noise of the spectrum" if one.chosen.adequate else "circuit inadequate: model error, if any",
                "standard",
                "average more periods a frequency",
            )
            for direction in range(block.shape[1])
        ]
    effects = np.zeros((len(values), len(sources)))
    effects[:, 0] = np.array(values) * relative
    row, column = 0, 1
    for block in blocks:
        effects[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    count = len(values)
    return EstimateSet(
        tuple(names),
        np.array(values),
        ("ohm cm2",) * count,
        (PER_AREA,) * count,
        tuple(hows),
        tuple(sources),
        effects,
    )


def _fit_effects(one: EvaluatedSpectrum) -> FloatArray:
    """Effects (roles, directions) on the resistances in ohm; the matrix times its transpose is their covariance.

    An inadequate circuit has no meaningful covariance: each resistance has its model error, or an unknown half-width.
    """
    attempt, roles = one.chosen, one.roles
    if not roles:
        return np.zeros((0, 1))
    if not attempt.adequate:
        return _alone(np.array([role.resistance_ohm for role in roles]) * np.array(one.model_errors))
    gradient = np.array([_gradient(attempt.fit, role) for role in roles])
    matrix = gradient @ attempt.fit.covariance @ gradient.T
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _alone(halves: FloatArray) -> FloatArray:
    """Effects of a source of its own for every resistance; an unknown half-width fills its row alone."""
    effects = np.diag(np.where(np.isfinite(halves), halves, 0.0))
    effects[~np.isfinite(halves), 0] = np.nan
    return np.asarray(effects)


def _gradient(fit: CircuitFit, role: Role) -> FloatArray:
    """Gradient of a role's resistance in the coordinates of the fit."""
    gradient = np.zeros(fit.theta.size)
    for name in role.names:
        place = fit.circuit.names.index(name)
        gradient[place] = np.exp(fit.theta[place])
    return gradient


METHOD = Method(
    id="impedance",
    requires=("cell", "spectra"),
    settings=ImpedanceSettings,
    result=ImpedanceResult,
    run=resistances,
    headline=headline,
    figures=figures,
    tables=tables,
    page=page,
    card=CARD,
)
