"""Partial conductivity of one pellet from its staircase, without its separators, with all sources of error."""

from __future__ import annotations

import math

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Companion, Method
from cathodelab.core.samples import Sample
from cathodelab.techniques.conduction.card import CARD
from cathodelab.techniques.conduction.checks import checks_of_pellet
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet, Staircase
from cathodelab.techniques.conduction.pellet import pellet_of
from cathodelab.techniques.conduction.plot import figures
from cathodelab.techniques.conduction.quantities import estimates_of
from cathodelab.techniques.conduction.resistance import resistance_of
from cathodelab.techniques.conduction.results import ConductionResult, Inputs, Resistance
from cathodelab.techniques.conduction.shown import headline, page, tables

_LARGEST_CONDUCTIVITY = 1e6


def partial_conductivity(
    pellet: Pellet,
    staircase: Staircase,
    settings: ConductionSettings,
    separator: tuple[str, Staircase] | None = None,
) -> ConductionResult:
    """Conductivity of the carrier that the electrodes do not block: thickness over area and resistance.

    Args:
        pellet: geometry, and what the electrodes block.
        staircase: its record, V and A.
        settings: see :class:`ConductionSettings`.
        separator: name and record of a cell of the same separators and electrodes without the composite.

    Raises:
        CathodelabError: no staircase; no separator resistance where there are separators; separators that make nine tenths of
            the resistance; a conductivity that no solid has.
    """
    found = resistance_of(staircase, settings)
    beside = None if separator is None else (separator[0], _of_separators(separator[0], separator[1], settings))
    inputs = _inputs(pellet, found, beside)
    _refuse_separators(inputs, pellet, found, settings)
    estimates = estimates_of(inputs, pellet, found, beside, settings)
    _refuse_impossible(estimates, pellet)
    return ConductionResult(
        estimates=estimates,
        checks=(*found.checks, *checks_of_pellet(estimates, pellet, found, inputs, settings)),
        resistance=found,
        separator=None if beside is None else beside[1],
        pellet=pellet,
        settings=settings,
    )


def _of_separators(name: str, staircase: Staircase, settings: ConductionSettings) -> Resistance:
    try:
        found = resistance_of(staircase, settings)
    except CathodelabError as error:
        raise error.at(f"separator cell {name}") from error
    if not found.is_number:
        raise CathodelabError(
            "separator-not-steady",
            "The separator cell has no resistance, but a bound",
            where=f"separator cell {name}",
            why="Its currents are not steady, or below the noise: what is subtracted has to be known.",
            what_to_do="Measure the separator cell again, with longer steps; or state separator_resistance_ohm.",
        )
    return found


def _inputs(pellet: Pellet, found: Resistance, separator: tuple[str, Resistance] | None) -> Inputs:
    relaxation = found.relaxation
    ohm = 0.0
    if pellet.blocked == "electrons":
        if separator is not None:
            ohm = pellet.separator_ratio / separator[1].relaxation.conductance_siemens
        elif pellet.separator is not None:
            ohm = pellet.separator.value
        else:
            raise CathodelabError(
                "separator-missing",
                "The resistance of the separators is not known",
                where=f"pellet {pellet.id}",
                why="Electrons are blocked by separators, and these are in series with the composite.",
                what_to_do="Name a cell of the same separators and electrodes in separator_cell, or state "
                "separator_resistance_ohm (of both together; 0 where there is none).",
            )
    return Inputs(
        conductance_siemens=relaxation.conductance_siemens,
        rising_siemens=found.line.rising_siemens,
        falling_siemens=found.line.falling_siemens,
        offset_ampere=relaxation.offset_ampere,
        separator_ohm=ohm,
        thickness_um=pellet.thickness.value,
        area_cm2=pellet.area.value,
        time_constant_second=math.nan if relaxation.law is None else relaxation.law.time_constant_second,
    )


def _refuse_separators(inputs: Inputs, pellet: Pellet, found: Resistance, settings: ConductionSettings) -> None:
    """Refuse a difference of two nearly equal resistances."""
    conductance = found.relaxation.conductance_siemens if found.is_number else found.relaxation.highest_siemens
    share = float(inputs.separator_ohm) * conductance
    if share <= settings.separator_share_limit:
        return
    total = 1 / conductance
    raise CathodelabError(
        "separators-dominate",
        f"The separators make {100 * share:.0f} % of the resistance ({float(inputs.separator_ohm):.4g} of {total:.4g} ohm)",
        where=f"pellet {pellet.id}",
        why=f"Beyond {100 * settings.separator_share_limit:g} % the composite is a small difference of two large numbers: an "
        "error "
        f"of {100 * settings.separator_relative_uncertainty:g} % in the separators would be the result.",
        what_to_do="Use a thicker composite, or thinner or better conducting separators.",
    )


def _refuse_impossible(estimates: EstimateSet, pellet: Pellet) -> None:
    name = f"{pellet.carrier}_conductivity"
    value = estimates.estimate(name).value if name in estimates else 0.0
    if not value < _LARGEST_CONDUCTIVITY:
        raise CathodelabError(
            "impossible-scale",
            f"The conductivity would be {value:.3g} S/cm",
            where=f"pellet {pellet.id}",
            why=f"No solid conducts better than {_LARGEST_CONDUCTIVITY:g} S/cm; silver has 6e5.",
            what_to_do="Check the units of current (mA for A) and voltage (mV for V), and of thickness_um and diameter_mm.",
        )


def _run(
    sample: Sample,
    staircase: Staircase,
    settings: ConductionSettings,
    separator_cell: Staircase | None = None,
    separator_cell_sample: Sample | None = None,
) -> ConductionResult:
    beside = None
    if separator_cell is not None and separator_cell_sample is not None:
        beside = separator_cell_sample.id, separator_cell
    return partial_conductivity(pellet_of(sample), staircase, settings, beside)


METHOD = Method(
    id="conduction",
    requires=("sample", "staircase"),
    settings=ConductionSettings,
    result=ConductionResult,
    run=_run,
    card=CARD,
    samples=("pellet",),
    optional=("separator_cell", "separator_cell_sample"),
    beside={"separator_cell": Companion("separator_cell", "staircase", optional=True)},
    headline=headline,
    figures=figures,
    tables=tables,
    page=page,
)
