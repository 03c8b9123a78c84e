"""Compaction of one pellet: densities, porosities, Heckel pressure, Kawakita's constants and elastic recovery with errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.core.method import Method
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.card import CARD
from cathodelab.techniques.compaction.chain import relative_density, side_by_side, solid_thickness_um, thickness_um
from cathodelab.techniques.compaction.checks import all_checks
from cathodelab.techniques.compaction.estimates import estimates_of
from cathodelab.techniques.compaction.heckel import straight_part
from cathodelab.techniques.compaction.laws import best_of, law_fits, rearrangement_over_MPa
from cathodelab.techniques.compaction.model import (
    MODES,
    Branch,
    Compaction,
    CompactionCurve,
    CompactionResult,
    Mode,
    Pellet,
)
from cathodelab.techniques.compaction.page import HEADLINE, page, tables
from cathodelab.techniques.compaction.pellet import pellet_of
from cathodelab.techniques.compaction.plausible import in_die_withheld, refuse_densities
from cathodelab.techniques.compaction.plot import figures
from cathodelab.techniques.compaction.prepare import Points, points_of, readings_by_mode
from cathodelab.techniques.compaction.settings import CompactionSettings
from cathodelab.techniques.compaction.sources import READING, Perturbations, perturbations

_NO_POINTS = Points(np.empty(0), np.empty(0), np.empty(0), 0)


def compaction_of(pellet: Pellet, curve: CompactionCurve, settings: CompactionSettings) -> CompactionResult:
    """Everything that a compaction says about a pellet.

    ``D = m / (A h rho)``; porosity ``1 - D`` (Publication III, equations 9 and 10, with ``rho`` from shares of the mass);
    ``ln(1/(1-D)) = A + P/P_H`` (Heckel); ``(h0-h)/h0 = a b P/(1 + b P)`` (Kawakita).

    Args:
        pellet: what its table says.
        curve: what its files say.
        settings: see :class:`CompactionSettings`.

    Raises:
        CathodelabError: a relative density above 1, an impossible unit, pressures that only fall, thicknesses in the die
            without compliance of the press and none out of it.
    """
    readings, notes = readings_by_mode(curve, pellet)
    points = {mode: points_of(one, mode, pellet, settings) for mode, one in readings.items()}
    withheld: tuple[Check, ...] = ()
    if "in_die" in points and pellet.compliance is None:
        withheld = (_without_compliance(),)
        if "out_of_die" not in points:
            raise _nothing_but_in_die(pellet)
        del points["in_die"]
    inputs = inputs_of(pellet, points)
    if zero := in_die_withheld(inputs, points, settings):
        withheld = (zero,)
        del points["in_die"]
        inputs = inputs_of(pellet, points)
    refuse_densities(inputs, pellet, points)
    sources = perturbations(inputs, pellet, points, settings)
    branches = _branches(inputs, points, sources, settings)
    estimates = estimates_of(inputs, branches, points, sources, pellet)
    checks = all_checks(pellet, (*curve.notes, *notes), curve.unknown_columns, points, branches, estimates, settings)
    return CompactionResult(estimates, (*withheld, *checks), branches, inputs, pellet, settings)


def _without_compliance() -> Check:
    return Check(
        "in_die_compliance",
        passed=False,
        value=float("nan"),
        limit=float("nan"),
        sentence="Thicknesses in the die were left out: under load the press gives way too, and its compliance is not stated. "
        "Press without powder over the same forces and state press_compliance_um_kN (0 where the machine corrects it already).",
    )


def _nothing_but_in_die(pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "compliance-missing",
        "The thicknesses were read under load, and the compliance of the press is not stated",
        where=f"pellet {pellet.id}",
        why="Frame and punches give way by micrometres to tenths of a millimetre, which the crosshead counts as powder.",
        what_to_do="Press without powder, with closed punches, over the same forces; state the slope as press_compliance_um_kN "
        "or press_compliance_um_MPa with its standard uncertainty (0 where the machine corrects it), or give thicknesses out "
        "of the die.",
        hints=(Hint("column", "press_compliance_um_kN"),),
    )


def inputs_of(pellet: Pellet, points: Mapping[Mode, Points]) -> Compaction:
    """The inputs of the chain."""
    inside, outside = (points.get(mode, _NO_POINTS) for mode in MODES)
    compliance = pellet.compliance_per_MPa
    ejected = pellet.ejected_area or pellet.area
    return Compaction(
        mass_mg=pellet.mass.value,
        die_area_cm2=pellet.area.value,
        ejected_area_cm2=ejected.value,
        shares=np.array([part.share for part in pellet.parts]),
        densities=np.array([part.density.value for part in pellet.parts]),
        compliance_um_per_MPa=compliance.value if compliance is not None and inside.count else 0.0,
        in_die_MPa=inside.pressure_MPa,
        in_die_um=inside.thickness_um,
        out_of_die_MPa=outside.pressure_MPa,
        out_of_die_um=outside.thickness_um,
    )


def _branches(
    inputs: Compaction, points: Mapping[Mode, Points], sources: Perturbations, settings: CompactionSettings
) -> tuple[Branch, ...]:
    """The points of every mode with their densities, the straight part and the laws."""
    modes = [mode for mode in MODES if mode in points]

    def evaluate(versions: Compaction) -> FloatArray:
        return side_by_side([relative_density(versions, mode) for mode in modes])

    density, effects = effects_at_once(evaluate, inputs, sources)
    common = np.array([source.source.group != READING for source in sources])
    found, place = [], 0
    for mode in modes:
        rows = slice(place, place + points[mode].count)
        place = rows.stop
        thickness = thickness_um(inputs, mode)
        # what each common error does to the density, as an error of the thickness
        shift = -thickness[:, None] * effects[rows][:, common] / density[rows, None]
        standard = np.sqrt(np.sum(effects[rows] ** 2, axis=-1))
        found.append(_branch(inputs, mode, points[mode], density[rows], standard, shift, settings))
    return tuple(found)


def _branch(
    inputs: Compaction,
    mode: Mode,
    points: Points,
    density: FloatArray,
    density_standard: FloatArray,
    common_um: FloatArray,
    settings: CompactionSettings,
) -> Branch:
    thickness, pressure = thickness_um(inputs, mode), points.pressure_MPa
    solid = float(solid_thickness_um(inputs, mode))
    fits = law_fits(thickness, pressure, solid, points.standard_um, common_um, settings)
    onset = rearrangement_over_MPa(fits, settings)
    window, reason = straight_part(thickness, pressure, solid, points.standard_um, common_um, onset, settings)
    return Branch(
        mode=mode,
        pressure_MPa=pressure,
        thickness_um=thickness,
        thickness_standard_um=points.standard_um,
        relative_density=density,
        relative_density_standard=density_standard,
        window=window,
        no_window=reason,
        laws=fits,
        best=best_of(fits),
    )


def _run(sample: Sample, compaction_curve: CompactionCurve, settings: CompactionSettings) -> CompactionResult:
    return compaction_of(pellet_of(sample), compaction_curve, settings)


METHOD = Method(
    id="compaction",
    requires=("sample", "compaction_curve"),
    settings=CompactionSettings,
    result=CompactionResult,
    run=_run,
    card=CARD,
    samples=("pellet",),
    headline=HEADLINE,
    figures=figures,
    tables=tables,
    page=page,
)
