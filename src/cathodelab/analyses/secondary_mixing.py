r"""Two degrees of mixing: how much takes part (the utilization), and how well what takes part is reached.

The second shows in the rate behaviour after normalization: capacity per *connected* mass, over that at a slow rate,
against the C-rate per *connected* mass. Cells of one material and loading that differ in it differ in their paths alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.active import ActiveResult
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.settings import knob
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.model import CyclingResult

RATE, CAPACITY = "secondary_mixing_rate", "secondary_mixing_capacity"
_PER_RATE = "basis capacity of the connected active material"
_PER_CAPACITY = "active capacity at the slow rate"
_NUDGE = 1e-6
_NAN = float("nan")


@dataclass(frozen=True)
class SecondaryMixingSettings:
    """Where the normalized rate behaviour is read."""

    share_left: float = knob(
        0.8,
        "the rate is given at which this share of the active capacity at the slow rate is left",
        low=0.05,
        high=0.99,
    )
    slow_c_rate: float = knob(
        0.2,
        "effective C-rate whose capacity is the whole (the slowest measured one where that is faster)",
        unit="1/h",
        low=1e-3,
        high=100,
    )
    c_rate: float = knob(
        0.5, "effective C-rate at which the capacity that is left is given", unit="1/h", low=1e-3, high=100
    )


@dataclass(frozen=True, eq=False)
class SecondaryMixingResult:
    """The rate at which a stated share is left, and the share that is left at a stated rate."""

    estimates: EstimateSet
    checks: tuple[Check, ...]


Reading = Callable[..., float]
"""``(curve, settings, logarithmic)`` -> what is read; the curve holds rates and capacities, shape (2, rates)."""


def secondary_mixing(
    cycling: CyclingResult, active: ActiveResult, settings: SecondaryMixingSettings
) -> SecondaryMixingResult:
    """The rate behaviour of the connected material, normalized in capacity and in rate.

    Raises:
        OtherData: fewer than two rates.
    """
    labels = [
        level.label
        for level in cycling.rates
        if level.block not in ("formation", "check-up")
        and "(" not in level.label
        and f"effective_c_rate_{level.label}" in active.estimates
    ]
    if len(labels) < 2:
        raise OtherData(
            "one-rate",
            "The cycles have one rate",
            where=f"{len(cycling.cycles.number)} cycles",
            why="How well the connected material is reached shows in what is left at a faster rate.",
            what_to_do="Add cycles at a faster rate.",
        )
    rates, capacities = (
        _of(active.estimates, name, labels) for name in ("effective_c_rate", "active_discharge_capacity")
    )
    order = np.argsort(rates)
    curve = np.array([rates[order], capacities[order]])
    effects = np.array(
        [_effects(active.estimates, name, labels)[order] for name in ("effective_c_rate", "active_discharge_capacity")]
    )
    cell = cycling.cycles.sources[0].id.partition("/")[0]
    return SecondaryMixingResult(_estimates(cell, curve, effects, active, settings), (_reached(curve, settings),))


def _estimates(
    cell: str, curve: FloatArray, effects: FloatArray, active: ActiveResult, settings: SecondaryMixingSettings
) -> EstimateSet:
    """What can be read from the curve, with the effects of all sources on its points, and of what lies between them."""
    asked = (
        (RATE, "1/h", _PER_RATE, f"{100 * settings.share_left:g} % left", _rate_at),
        (CAPACITY, "1", _PER_CAPACITY, f"at an effective rate of {settings.c_rate:g}C", _share_at),
    )
    slow = max(settings.slow_c_rate, float(curve[0, 0]))
    found = [one for one in asked if np.isfinite(one[4](curve, settings))]
    values = [one[4](curve, settings) for one in found]
    rows = [_moved(one[4], curve, effects, settings) for one in found]
    # between two rates the curve is straight over the rate's logarithm, or over the rate: that is what is not known
    bends = [abs(one[4](curve, settings, logarithmic=False) - value) for one, value in zip(found, values, strict=True)]
    bend = Source(f"{cell}/bend between rates", "capacity between two rates", "limit", "cycle at a rate near it")
    sources = (*active.estimates.sources, bend)
    return EstimateSet(
        tuple(one[0] for one in found),
        np.array(values),
        tuple(one[1] for one in found),
        tuple(one[2] for one in found),
        tuple(f"{one[3]} of what is given at {slow:.3g}C, both per connected mass" for one in found),
        sources,
        np.array([[*row, own / np.sqrt(3)] for row, own in zip(rows, bends, strict=True)]).reshape(-1, len(sources)),
        active.estimates.combination,
    )


def _of(estimates: EstimateSet, name: str, labels: list[str]) -> FloatArray:
    return np.array([estimates.estimate(f"{name}_{label}").value for label in labels])


def _effects(estimates: EstimateSet, name: str, labels: list[str]) -> FloatArray:
    """Effects of all sources, shape (rates, sources)."""
    return estimates.effects[[estimates.names.index(f"{name}_{label}") for label in labels]]


def _left(curve: FloatArray, settings: SecondaryMixingSettings, *, logarithmic: bool) -> tuple[FloatArray, FloatArray]:
    """Rates, or their logarithms, and what is left at them of the capacity at the slow rate; shape (rates,) each."""
    slow = max(settings.slow_c_rate, curve[0, 0])
    x, at = (np.log(curve[0]), np.log(slow)) if logarithmic else (curve[0], slow)
    return x, curve[1] / np.interp(at, x, curve[1])


def _rate_at(curve: FloatArray, settings: SecondaryMixingSettings, *, logarithmic: bool = True) -> float:
    """Effective C-rate at which the share is left; ``nan`` where no faster rate goes below it."""
    x, left = _left(curve, settings, logarithmic=logarithmic)
    below = np.flatnonzero(left <= settings.share_left)
    if not below.size or not below[0]:
        return _NAN
    pair = slice(int(below[0]) - 1, int(below[0]) + 1)
    at = float(np.interp(-settings.share_left, -left[pair], x[pair]))
    return float(np.exp(at)) if logarithmic else at


def _share_at(curve: FloatArray, settings: SecondaryMixingSettings, *, logarithmic: bool = True) -> float:
    """Share that is left at the rate; ``nan`` outside of the measured rates."""
    if not curve[0, 0] <= settings.c_rate <= curve[0, -1]:
        return _NAN
    x, left = _left(curve, settings, logarithmic=logarithmic)
    return float(np.interp(np.log(settings.c_rate) if logarithmic else settings.c_rate, x, left))


def _moved(read: Reading, curve: FloatArray, effects: FloatArray, settings: SecondaryMixingSettings) -> FloatArray:
    """Effects of the sources on what is read, by its slope in every point of the curve; shape (sources,)."""
    slopes = np.zeros_like(curve)
    for place in np.ndindex(curve.shape):
        ends = []
        for way in (_NUDGE, -_NUDGE):
            other = curve.copy()
            other[place] *= 1 + way
            ends.append(read(other, settings))
        slopes[place] = (ends[0] - ends[1]) / (2 * _NUDGE * curve[place])
    return np.asarray(np.einsum("ij,ijk->k", np.nan_to_num(slopes), effects))


def _reached(curve: FloatArray, settings: SecondaryMixingSettings) -> Check:
    left = float(np.min(_left(curve, settings, logarithmic=True)[1]))
    text = f"At effective rates up to {curve[0, -1]:.3g}C at least {100 * left:.1f} % of the capacity at the slow rate are left"
    if left <= settings.share_left:
        return Check("rates_reach_the_limit", passed=True, value=left, limit=settings.share_left, sentence=f"{text}.")
    text += f": the rate at which {100 * settings.share_left:g} % are left is faster."
    return Check("rates_reach_the_limit", None, left, settings.share_left, text)


CARD = MethodCard(
    title="Secondary degree of mixing",
    sentence="How well the connected material is reached: its rate behaviour, normalized in capacity and in rate.",
    formula="q_active(r) / q_active(slow rate) over r = rate / θ, straight over log r between two rates",
    source="The two degrees of mixing of the source dissertation; capacities and rates per connected mass: Publication II.",
    assumptions=(
        "The utilization of the titration holds during the cycles.",
        "Cells that are compared have one material, loading, anode and separator: these are in the rate behaviour too.",
    ),
    valid_range="Cells with a titration and cycles at two rates or more; nothing is read beyond the measured rates.",
    cannot_see="Whether paths of ions, of electrons, or the anode of a two-electrode cell set the rate behaviour.",
)

METHOD = Method(
    id="secondary_mixing",
    requires=("cycling", "active"),
    settings=SecondaryMixingSettings,
    result=SecondaryMixingResult,
    run=secondary_mixing,
    card=CARD,
)
