"""Density of the solid: of a mixture, from the shares of its parts in the mass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.columns import is_missing, number_of
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.model import Part

STATED = ("theoretical_density_g_cm3", "density_g_cm3")
"""Columns that state the density of a sample without pores, in the order in which they are looked for."""
_SUM_WITHIN = 0.005
_PERCENT = 100.0
_DEEPEST = 12


def mixture_density(shares: FloatArray, densities: FloatArray) -> FloatArray:
    """``1 / sum(w / rho)`` from shares of the mass and densities, g/cm3, over the last axis.

    >>> float(mixture_density(np.array([0.7, 0.3]), np.array([4.78, 1.64])).round(4))
    3.0361
    """
    density: FloatArray = 1.0 / np.sum(shares / densities, axis=-1)
    return density


def density_of_volume_shares(shares: FloatArray, densities: FloatArray) -> float:
    """``sum(phi rho)``: what the density would be if the shares were shares of the volume."""
    return float(np.sum(shares * densities))


def refuse_shares(shares: Mapping[str, float], where: str) -> dict[str, float]:
    """Shares that sum to 1; those that sum to 100 are percent.

    Raises:
        CathodelabError: ``shares-missing`` where one of several is not stated, ``shares-sum`` where they sum to something else.
    """
    if len(shares) == 1 and not math.isfinite(next(iter(shares.values()))):
        return dict.fromkeys(shares, 1.0)
    if missing := [name for name, share in shares.items() if not math.isfinite(share) or share < 0]:
        raise CathodelabError(
            "shares-missing",
            f"The share of {', '.join(missing)} is not known",
            where=where,
            why="The density of a mixture follows from the shares of all its parts in the mass.",
            what_to_do="Write them into made_from, e.g.  ncm85: 70; lpscl: 30 , or state theoretical_density_g_cm3.",
        )
    total = sum(shares.values())
    scale = _PERCENT if abs(total / _PERCENT - 1) <= _SUM_WITHIN else 1.0
    if abs(total / scale - 1) > _SUM_WITHIN:
        normal = "; ".join(f"{name}: {100 * share / total:.4g}" for name, share in shares.items()) if total > 0 else ""
        raise CathodelabError(
            "shares-sum",
            f"The shares of {', '.join(shares)} sum to {total:.4g}",
            where=where,
            why="Shares of the mass sum to 1, or to 100 in percent; a recipe such as 70:30:1 is no set of shares yet.",
            what_to_do="Correct them"
            + (f"; if they are parts of a recipe, the shares in percent are  {normal} ." if normal else "."),
        )
    return {name: share / total for name, share in shares.items()}


def parts_of(sample: Sample) -> tuple[Part, ...]:
    """What the solid of a sample is made of, down to samples whose density is stated, with their shares of the mass.

    Raises:
        CathodelabError: a density is not stated, shares are missing or sum to something else, or a sample is made of itself.
    """
    found: dict[str, Part] = {}
    for part in _parts(sample, 1.0, ()):
        before = found.get(part.name)
        found[part.name] = part if before is None else Part(part.name, before.share + part.share, part.density)
    return tuple(found.values())


def recipe_of(sample: Sample) -> str:
    """The sample whose shares make the density: the pellet itself, or the nearest ancestor that is made of several."""
    while len(sample.made_from) == 1 and len(sample.parents) == 1 and not _stated(sample):
        sample = sample.parents[0]
    return f"{sample.kind} {sample.id}"


def _parts(sample: Sample, share: float, way: tuple[tuple[str, str], ...]) -> Iterator[Part]:
    place = (sample.kind, sample.id)
    if place in way or len(way) > _DEEPEST:
        raise CathodelabError(
            "made-of-itself",
            f"{sample.id} is made of itself",
            where=f"{sample.kind} {sample.id}",
            why="Its density would have no end.",
            what_to_do="Correct made_from.",
        )
    if stated := _stated(sample):
        yield Part(sample.id, share, stated)
        return
    known = {(one.kind, one.id): one for one in sample.parents}
    if not sample.made_from or any((one.kind, one.id) not in known for one in sample.made_from):
        raise _no_density(sample)
    stated_shares = {one.id: one.share for one in sample.made_from}
    shares = refuse_shares(stated_shares, f"{sample.kind} {sample.id}")
    for one in sample.made_from:
        yield from _parts(known[one.kind, one.id], share * shares[one.id], (*way, place))


def _stated(sample: Sample) -> Estimate | None:
    """The density that its own row states; a sample never has that of what it was made from as its own."""
    for column in STATED:
        entry = sample.entries.get(column, "")
        if is_missing(entry):
            continue
        half = number_of(sample.entries.get(column.replace("_g_cm3", "_standard_uncertainty_g_cm3"), ""))
        return Estimate(number_of(entry), half, half, "g/cm3", how="stated")
    return None


def _no_density(sample: Sample) -> CathodelabError:
    return CathodelabError(
        "density-missing",
        f"The density of {sample.id} is not known",
        where=f"{sample.kind} {sample.id}",
        why="A porosity compares the pellet with its solid without pores.",
        what_to_do=f"State density_g_cm3 of {sample.id} in its table, or theoretical_density_g_cm3 of the pellet or composite.",
        hints=(Hint("column", "theoretical_density_g_cm3"),),
    )


def described(parts: Sequence[Part]) -> str:
    """The parts in words, as shares of the mass in percent."""
    return ", ".join(f"{100 * part.share:.4g} % {part.name} ({part.density.value:.4g} g/cm³)" for part in parts)
