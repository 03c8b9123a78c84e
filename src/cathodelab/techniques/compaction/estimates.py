"""The named estimates of a compaction, with the effects of all sources of error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.sources import SQRT3, Source
from cathodelab.techniques.compaction.chain import (
    elastic_recovery,
    heckel_of,
    kawakita_of,
    relative_density,
    side_by_side,
)
from cathodelab.techniques.compaction.density import mixture_density
from cathodelab.techniques.compaction.laws import KAWAKITA
from cathodelab.techniques.compaction.model import MODES, WORDS, Branch, Compaction, Mode, Pellet
from cathodelab.techniques.compaction.prepare import Points
from cathodelab.techniques.compaction.sources import Perturbations

YIELD_OF_HECKEL = 1 / 3
HOW_DENSE = "1 / Σ(share of the mass / density)"


@dataclass(frozen=True)
class _Named:
    """One estimate: its name, unit, what it refers to, how it was obtained."""

    name: str
    unit: str
    per: str
    how: str


def estimates_of(
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
        return side_by_side([np.asarray(one)[..., None] for one in columns])

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
    names = [_Named("solid_density", "g/cm3", "", HOW_DENSE)]
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
                _Named(
                    f"yield_strength_{mode}", "MPa", "", f"a third of the Heckel pressure (Heckel 1961), {WORDS[mode]}"
                ),
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
            columns.append(change / SQRT3)
            if not branch.window.within_noise:
                factor = branch.window.chi_square / branch.window.degrees
                found.append(_misfit(pellet, f"line {words}"))
                columns.append(_grown(noise, factor, line))
        law = branch.law(KAWAKITA)
        if law is not None and law.fits and law.verdict != "within noise":
            found.append(_misfit(pellet, f"Kawakita {words}"))
            columns.append(
                _grown(noise, law.chi_square / law.degrees, [rows[f"kawakita_{one}_{mode}"] for one in "ab"])
            )
    return found, np.array(columns).reshape(len(found), values.size).T


def _misfit(pellet: Pellet, name: str) -> Source:
    return Source(f"{pellet.id}/misfit of {name}", "misfit of the law", "standard", "the law holds approximately only")


def _grown(noise: FloatArray, factor: float, rows: Sequence[int]) -> FloatArray:
    """What scatter beyond the stated noise adds to the effects of the noise, for some rows."""
    grown = np.zeros(noise.size)
    grown[list(rows)] = noise[list(rows)] * np.sqrt(max(factor - 1.0, 0.0))
    return grown
