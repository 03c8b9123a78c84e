"""Compaction of one pellet: densities, porosities, Heckel pressure, Kawakita's constants and elastic recovery with errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.sources import Source
from cathodelab.techniques.compaction.chain import (
    elastic_recovery,
    heckel_of,
    kawakita_of,
    relative_density,
    solid_thickness_um,
    thickness_um,
)
from cathodelab.techniques.compaction.checks import all_checks
from cathodelab.techniques.compaction.density import mixture_density
from cathodelab.techniques.compaction.heckel import straight_part
from cathodelab.techniques.compaction.laws import KAWAKITA, best_of, law_fits, rearrangement_over_MPa
from cathodelab.techniques.compaction.model import (
    MODES,
    WORDS,
    Branch,
    Compaction,
    CompactionCurve,
    CompactionResult,
    CompactionSettings,
    Mode,
    Pellet,
)
from cathodelab.techniques.compaction.plausible import in_die_withheld, refuse_densities
from cathodelab.techniques.compaction.prepare import Points, points_of, readings_by_mode
from cathodelab.techniques.compaction.sources import READING, Perturbations, perturbations

YIELD_OF_HECKEL = 1 / 3
_NO_POINTS = Points(np.empty(0), np.empty(0), np.empty(0), 0)


@dataclass(frozen=True)
class _Named:
    """One estimate: its name, unit, what it refers to, how it was obtained."""

    name: str
    unit: str
    per: str
    how: str


def compaction_of(pellet: Pellet, curve: CompactionCurve, settings: CompactionSettings) -> CompactionResult:
    """Everything that a compaction says about a pellet.

    ``D = m / (A h rho)``; porosity ``1 - D`` (equations 9 and 10 of Publication III, with the density of the mixture from shares of
    the mass); ``ln(1/(1-D)) = A + P/P_H`` (Heckel); ``(h0-h)/h0 = a b P/(1 + b P)`` (Kawakita).

    Args:
        pellet: what its table says.
        curve: what its files say.
        settings: see :class:`CompactionSettings`.

    Raises:
        CathodelabError: a relative density above 1, an impossible unit, pressures that only fall, thicknesses in the die
            without compliance of the press and none out of it.
    """
    readings = readings_by_mode(curve, pellet)
    points = {mode: points_of(one, mode, pellet, settings) for mode, one in readings.items()}
    withheld: tuple[Check, ...] = ()
    if "in_die" in points and pellet.compliance is None:
        withheld = (_without_compliance(),)
        if "out_of_die" not in points:
            raise _nothing_but_in_die(pellet)
        del points["in_die"]
    inputs = _inputs(pellet, points)
    refuse_densities(inputs, pellet, points)
    if zero := in_die_withheld(inputs, pellet, points, settings):
        withheld = (zero,)
        del points["in_die"]
        inputs = _inputs(pellet, points)
    sources = perturbations(inputs, pellet, points, settings)
    branches = _branches(inputs, points, sources, settings)
    estimates = _estimates(inputs, branches, points, sources, pellet)
    checks = all_checks(pellet, curve, points, branches, estimates, withheld, settings)
    return CompactionResult(estimates, checks, branches, inputs, pellet, settings)


def _without_compliance() -> Check:
    return Check(
        "in_die_compliance",
        passed=False,
        value=float("nan"),
        limit=float("nan"),
        sentence="Thicknesses in the die were left out: under load the press gives way too, and its compliance is not stated. Press "
        "without powder over the same forces and state press_compliance_um_kN (0 where the machine corrects it already).",
    )


def _nothing_but_in_die(pellet: Pellet) -> CathodelabError:
    return CathodelabError(
        "compliance-missing",
        "The thicknesses were read under load, and the compliance of the press is not stated",
        where=f"pellet {pellet.id}",
        why="Frame and punches give way by micrometres to tenths of a millimetre, which the crosshead counts as powder.",
        what_to_do="Press without powder, with closed punches, over the same forces; state the slope as press_compliance_um_kN or "
        "press_compliance_um_MPa with its standard uncertainty (0 where the machine corrects it), or give thicknesses out of "
        "the die.",
    )


def _inputs(pellet: Pellet, points: Mapping[Mode, Points]) -> Compaction:
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
        return _side_by_side([relative_density(versions, mode) for mode in modes])

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


def _estimates(
    inputs: Compaction,
    branches: Sequence[Branch],
    points: Mapping[Mode, Points],
    sources: Perturbations,
    pellet: Pellet,
) -> EstimateSet:
    """All named estimates with the effects of all sources, misfits and the choice of the window among them."""
    names = _named(branches)

    def evaluate(versions: Compaction) -> FloatArray:
        columns = [mixture_density(versions.shares, versions.densities)]
        for branch in branches:
            columns += _columns(versions, branch)
        if pair := common_pressure(branches):
            columns.append(elastic_recovery(versions, *pair))
        return _side_by_side([np.asarray(one)[..., None] for one in columns])

    values, effects = effects_at_once(evaluate, inputs, sources)
    extra, columns = _laws_themselves(inputs, branches, points, sources, names, values, effects, pellet)
    return EstimateSet(
        tuple(one.name for one in names),
        values,
        tuple(one.unit for one in names),
        tuple(one.per for one in names),
        tuple(one.how for one in names),
        (*(one.source for one in sources), *extra),
        np.concatenate([effects, columns], axis=1),
    )


def _columns(versions: Compaction, branch: Branch) -> list[FloatArray]:
    """Values of one mode, in the order of :func:`_named`."""
    density = relative_density(versions, branch.mode)[..., -1]
    columns = [density, 1.0 - density]
    if branch.window is not None:
        line = heckel_of(versions, branch.mode, branch.thickness_standard_um, branch.window)
        columns += [line[..., 1], line[..., 0], YIELD_OF_HECKEL * line[..., 1]]
    law = branch.law(KAWAKITA)
    if law is not None and law.fits:
        constants = kawakita_of(versions, branch.mode, branch.thickness_standard_um, list(law.parameters.values()))
        columns += [constants[..., 0], constants[..., 1]]
    return columns


def _named(branches: Sequence[Branch]) -> list[_Named]:
    names = [_Named("solid_density", "g/cm3", "", "1 / Σ(share of the mass / density)")]
    for branch in branches:
        mode, highest = branch.mode, branch.pressure_MPa[-1]
        at = f"under {highest:.4g} MPa in the die" if mode == "in_die" else f"ejected, after {highest:.4g} MPa"
        names += [
            _Named(f"relative_density_{mode}", "1", "solid without pores", at),
            _Named(f"porosity_{mode}", "1", "volume of the pellet", at),
        ]
        if branch.window is not None:
            how = f"weighted line, {WORDS[mode]}, {branch.window.stated}"
            names += [
                _Named(f"heckel_pressure_{mode}", "MPa", "", how),
                _Named(f"heckel_intercept_{mode}", "1", "", how),
                _Named(f"yield_strength_{mode}", "MPa", "", f"a third of the Heckel pressure (Heckel 1961), {WORDS[mode]}"),
            ]
        law = branch.law(KAWAKITA)
        if law is not None and law.fits:
            how = f"weighted fit of all points {WORDS[mode]}, h0 = {law.parameters['h0_um']:.4g} µm fitted"
            names += [_Named(f"kawakita_a_{mode}", "1", "", how), _Named(f"kawakita_b_{mode}", "1/MPa", "", how)]
    if pair := common_pressure(branches):
        at = branches[1].pressure_MPa[pair[1]]
        names.append(_Named("elastic_recovery", "1", "thickness under load", f"of the thickness, after {at:.4g} MPa"))
    return names


def common_pressure(branches: Sequence[Branch]) -> tuple[int, int] | None:
    """The points of both modes at the highest pressure that they share, within 1 %; ``None`` where they share none."""
    if len(branches) < len(MODES):
        return None
    inside, outside = (branch.pressure_MPa for branch in branches)
    near = np.abs(inside[:, None] - outside) <= 0.01 * outside
    if not near.any():
        return None
    rows, columns = np.nonzero(near)
    last = int(np.argmax(outside[columns]))
    return int(rows[last]), int(columns[last])


def _laws_themselves(
    inputs: Compaction,
    branches: Sequence[Branch],
    points: Mapping[Mode, Points],
    sources: Perturbations,
    names: Sequence[_Named],
    values: FloatArray,
    effects: FloatArray,
    pellet: Pellet,
) -> tuple[list[Source], FloatArray]:
    """Sources that are no input: where the straight part begins, and misfits that noise does not explain."""
    rows = {one.name: place for place, one in enumerate(names)}
    found: list[Source] = []
    columns: list[FloatArray] = []
    for branch in branches:
        mode, words = branch.mode, WORDS[branch.mode]
        reading = np.array([one.source.id.startswith(f"{pellet.id}/{words} ") for one in sources])
        noise = np.sqrt(np.sum(effects[:, reading] ** 2, axis=1))
        if branch.window is not None:
            line = [rows[f"heckel_pressure_{mode}"], rows[f"heckel_intercept_{mode}"], rows[f"yield_strength_{mode}"]]
            other = heckel_of(inputs, mode, points[mode].standard_um, branch.window, narrower=True)
            change = np.zeros(values.size)
            change[line] = np.array([other[1], other[0], YIELD_OF_HECKEL * other[1]]) - values[line]
            found.append(
                Source(
                    f"{pellet.id}/window {words}",
                    "where the straight part begins",
                    "limit",
                    "measure more points below and above the window",
                )
            )
            columns.append(change / np.sqrt(3.0))
            if not branch.window.within_noise:
                factor = branch.window.chi_square / branch.window.degrees
                found.append(_misfit(pellet, f"line {words}"))
                columns.append(_grown(noise, factor, line))
        law = branch.law(KAWAKITA)
        if law is not None and law.fits and law.verdict != "within noise":
            found.append(_misfit(pellet, f"Kawakita {words}"))
            columns.append(_grown(noise, law.chi_square / law.degrees, [rows[f"kawakita_{one}_{mode}"] for one in "ab"]))
    return found, np.array(columns).reshape(len(found), values.size).T


def _misfit(pellet: Pellet, name: str) -> Source:
    return Source(f"{pellet.id}/misfit of {name}", "misfit of the law", "standard", "the law holds approximately only")


def _grown(noise: FloatArray, factor: float, rows: Sequence[int]) -> FloatArray:
    """What scatter beyond the stated noise adds to the effects of the noise, for some rows."""
    grown = np.zeros(noise.size)
    grown[list(rows)] = noise[list(rows)] * np.sqrt(max(factor - 1.0, 0.0))
    return grown


def _side_by_side(columns: Sequence[FloatArray]) -> FloatArray:
    """Columns of shapes (..., n) beside each other, leading axes broadcast."""
    lead = np.broadcast_shapes(*(one.shape[:-1] for one in columns))
    return np.concatenate([np.broadcast_to(one, (*lead, one.shape[-1])) for one in columns], axis=-1)
