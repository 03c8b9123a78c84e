"""Staircases, contacts and percolation of known truth: bias, coverage and width of what conduction says.

python benchmarks/conduction.py --staircases 500 --repeats 20 --series 200 --seed 16

The staircases are made here from three laws of relaxation (and two that are none of those that the estimator can name); nothing
is shared with the estimator. Thickness and area are drawn within their uncertainties. The committed table is
``benchmarks/conduction.md``.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.techniques.conduction.contacts import contact_line
from cathodelab.techniques.conduction.method import partial_conductivity
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet, Staircase
from cathodelab.techniques.conduction.percolation import Series, power_law, threshold_of

Array = NDArray[np.float64]
Fade = Callable[[Array], Array]
LEVELS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.04, 0.03, 0.02, 0.01, 0.0)
THICKNESS_PART, AREA_PART = 0.02, 0.005
LAWS = ("diffusion series", "stretched", "two processes")
OTHERS = ("power law", "Cole")
SETTINGS = ConductionSettings()


def fade(law: str, random: np.random.Generator) -> Fade:
    """What is left after a time in units of the time constant, 1 at the start (the series: 1 after a hundredth)."""
    if law == "diffusion series":
        n = np.arange(1, 80)
        scale = float(np.sum(np.exp(-(n**2) * 0.01)))
        return lambda t: np.exp(-np.multiply.outer(np.maximum(t, 1e-4), n**2)).sum(axis=-1) / scale
    if law == "stretched":
        exponent = random.uniform(0.5, 0.9)
        return lambda t: np.exp(-(t**exponent))
    if law == "two processes":
        share, faster = random.uniform(0.3, 0.7), random.uniform(3, 15)
        return lambda t: share * np.exp(-faster * t) + (1 - share) * np.exp(-t)
    if law == "power law":
        return lambda t: (1 + t / 0.2) ** -2.0
    return lambda t: 1 / (1 + (t / 0.3) ** 0.9)


def staircase(
    law: str, hold: float, ratio: float, noise: float, random: np.random.Generator, rows: int = 120
) -> tuple[Staircase, float]:
    """A record and its conductance: hold in time constants, first over steady current, noise in steady currents of 10 mV."""
    conductance = 10 ** random.uniform(-8, -1)
    tau = 10 ** random.uniform(1.5, 3.5)
    interval = hold * tau / rows
    time = interval * np.arange(1, rows * len(LEVELS) + 1)
    step = (np.arange(time.size) // rows).astype(int)
    volts = np.array(LEVELS)[step]
    left = fade(law, random)
    current = conductance * volts
    before = 0.0
    for number, level in enumerate(LEVELS):
        since = time - number * hold * tau
        later = since > interval / 1e3
        current[later] += conductance * (level - before) * (ratio - 1) * left(since[later] / tau)
        before = level
    scale = conductance * LEVELS[1]
    current = current + scale * random.uniform(-0.5, 0.5) + scale * noise * random.standard_normal(time.size)
    return Staircase(time, volts, current), conductance


@dataclass(frozen=True)
class One:
    """Deviation from the truth, half-width, and whether a bound was given and holds; relative to the truth."""

    law: str
    state: str
    hold: float
    ratio: float
    deviation: float
    half: float
    limit: float


def evaluated(law: str, hold: float, ratio: float, noise: float, *, geometry: bool, seed: Sequence[int]) -> One:
    """One staircase from drawing to result. ``geometry``: whether thickness and area are off by what they may be."""
    random = np.random.default_rng(seed)
    record, conductance = staircase(law, hold, ratio, noise, random)
    part = (THICKNESS_PART, AREA_PART) if geometry else (1e-9, 1e-9)
    thickness = 500 * (1 + part[0] * random.standard_normal())
    area = 0.785 * (1 + part[1] * random.standard_normal())
    pellet = Pellet(
        "pellet",
        "ions",
        Estimate(500.0, 500 * part[0], 500 * part[0]),
        Estimate(0.785, 0.785 * part[1], 0.785 * part[1]),
    )
    truth = thickness * 1e-4 / area * conductance
    try:
        result = partial_conductivity(pellet, record, SETTINGS)
    except CathodelabError as error:
        return One(law, error.code, hold, ratio, np.nan, np.nan, np.nan)
    names, state = result.estimates, result.resistance.state
    if "electronic_conductivity" in names:
        one = names.estimate("electronic_conductivity")
        return One(law, state, hold, ratio, one.value / truth - 1, one.plus / truth, np.nan)
    limit = names.estimate("electronic_conductivity_upper_limit").value / truth
    return One(law, state, hold, ratio, np.nan, np.nan, limit)


def drawn(law: str, seed: Sequence[int]) -> One:
    """A staircase with everything drawn: 1 to 8 time constants, ratios 2 to 100, noise 0.03 to 1 % of the first step."""
    random = np.random.default_rng(seed)
    hold, ratio, noise = random.uniform(1, 8), 10 ** random.uniform(0.3, 2), 10 ** random.uniform(-3.5, -2)
    return evaluated(law, hold, ratio, noise, geometry=True, seed=[*seed, 1])


def coverage(found: Sequence[One]) -> str:
    """Share within one and two half-widths, and how many gave a number."""
    numbers = [one for one in found if np.isfinite(one.deviation)]
    if not numbers:
        return f"0 of {len(found)} | – | – | –"
    sigma = np.array([abs(one.deviation) / one.half for one in numbers])
    width = 100 * float(np.median([one.half for one in numbers]))
    return f"{len(numbers)} of {len(found)} | {np.mean(sigma < 1):.1%} | {np.mean(sigma < 2):.1%} | {width:.2f} %"


def percolation_series(seed: int, number: int) -> tuple[bool, bool, float, float, float, float]:
    """(between the compositions, within the hidden part, threshold and exponent in interval at 68 and 95 %)."""
    random = np.random.default_rng([seed, 4, number])
    compositions = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15], dtype=float)
    threshold, exponent = random.uniform(2.05, 6.0), random.uniform(1.3, 2.6)
    scatter, base, factor = random.uniform(0.05, 0.3), 10 ** random.uniform(-10, -7), 10 ** random.uniform(-1, 1)
    share = np.repeat(compositions, 2)
    law = factor * (np.maximum(share - threshold, 0) / 100) ** exponent + base
    measured = law * np.exp(scatter * random.standard_normal(share.size) + 0.02 * random.standard_normal(share.size))
    series = Series(share, measured, np.zeros(share.size, dtype=bool))
    bracket = threshold_of(series, 3.0, 100.0)
    found = power_law(series, bracket)
    inside = [low < threshold < high for low, high in found.threshold_interval]
    steep = [low < exponent < high for low, high in found.exponent_interval]
    between = bracket.low <= threshold <= bracket.high
    return between, bracket.low - bracket.hidden <= threshold <= bracket.high, *map(float, (*inside, *steep))


def thickness_series(seed: int, number: int) -> tuple[float, float, float]:
    """Deviation of the contacts over their standard uncertainty, that of the conductivity, and the former's size in ohm cm2."""
    random = np.random.default_rng([seed, 5, number])
    conductivity, contact = 10 ** random.uniform(-5, -2), 0.0
    thickness = random.uniform(250, 1200, random.integers(3, 9))
    thickness[:2] = 300, 900
    contact = random.uniform(0, 1) * 300e-4 / conductivity
    alike = conductivity * np.exp(0.05 * random.standard_normal(thickness.size))
    areal = (thickness * 1e-4 / alike + contact) * (1 + 0.01 * random.standard_normal(thickness.size))
    measured = thickness * (1 + 0.02 * random.standard_normal(thickness.size))
    line = contact_line(measured, areal, 0.02 * measured, 0.01 * areal, 0.05, 1.3)
    return (
        (line.contact_ohm_cm2 - contact) / line.contact_standard_ohm_cm2,
        (line.conductivity_S_cm - conductivity) / line.conductivity_standard_S_cm,
        contact,
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--staircases", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--seed", type=int, default=16)
    given = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        _staircases(pool, given.staircases, given.seed)
        _bias(pool, given.repeats, given.seed)
    _series(given.series, given.seed)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_utime + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    print(f"\nCPU {used:.0f} s")


def _staircases(pool: ProcessPoolExecutor, count: int, seed: int) -> None:
    print(
        "| staircases | with a number | nominal 68.27 % | nominal 95.45 % | median half-width |\n| --- | --- | --- | --- | --- |"
    )
    every: list[One] = []
    for place, law in enumerate((*LAWS, *OTHERS)):
        size = -(-count // len(LAWS)) if law in LAWS else count // 5
        found = list(pool.map(partial(drawn, law), [[seed, 1, place, number] for number in range(size)], chunksize=8))
        print(f"| {law} | {coverage(found)} |", flush=True)
        every += found if law in LAWS else []
    print(f"| the three laws | {coverage(every)} |")
    for state in ("steady", "extrapolated", "not steady"):
        print(f"| of them {state} | {coverage([one for one in every if one.state == state])} |")
    limits = [one.limit for one in every if np.isfinite(one.limit)]
    print(f"\nBounds instead of numbers: {len(limits)}, of which hold the truth {sum(one >= 1 for one in limits)}.")


def _bias(pool: ProcessPoolExecutor, repeats: int, seed: int) -> None:
    print(
        "\n| law | first to steady | hold / τ | number | mean deviation | its scatter | within 68 % | within 95 % | bounds | "
        "hold |\n" + "| --- " * 10 + "|"
    )
    for place, law in enumerate(LAWS):
        for ratio in (20.0, 100.0):
            for hold in (0.4, 0.7, 1.0, 2.0, 3.0, 6.0):
                one = partial(_fixed, law, hold, ratio)
                seeds = [[seed, 2, place, int(ratio), int(10 * hold), number] for number in range(repeats)]
                found = list(pool.map(one, seeds, chunksize=2))
                numbers = [each for each in found if np.isfinite(each.deviation)]
                deviation = np.array([each.deviation for each in numbers])
                sigma = np.abs(deviation) / np.array([each.half for each in numbers])
                limits = np.array([each.limit for each in found if np.isfinite(each.limit)])
                text = (
                    f"{100 * deviation.mean():+.2f} % | {100 * deviation.std():.2f} % | {np.mean(sigma < 1):.0%} | "
                    f"{np.mean(sigma < 2):.0%}"
                    if numbers
                    else "– | – | – | –"
                )
                print(
                    f"| {law} | {ratio:g} | {hold:g} | {len(numbers)} | {text} | {limits.size} | {int(np.sum(limits >= 1))} |",
                    flush=True,
                )


def _fixed(law: str, hold: float, ratio: float, seed: Sequence[int]) -> One:
    """Noise of 0.5 % of the first step's steady current, geometry known."""
    return evaluated(law, hold, ratio, 0.005, geometry=False, seed=seed)


def _series(count: int, seed: int) -> None:
    found = np.array([percolation_series(seed, number) for number in range(count)], dtype=float)
    names = (
        "threshold between the two compositions",
        "or hidden below the lower one",
        "threshold, nominal 68.27 %",
        "threshold, nominal 95.45 %",
        "exponent, nominal 68.27 %",
        "exponent, nominal 95.45 %",
    )
    print(f"\n| {count} series of compositions | held |\n| --- | --- |")
    for name, value in zip(names, found.mean(axis=0), strict=True):
        print(f"| {name} | {value:.1%} |")
    lines = np.abs(np.array([thickness_series(seed, number)[:2] for number in range(count)]))
    print(f"\n| {count} series of thicknesses | nominal 68.27 % | nominal 95.45 % |\n| --- | --- | --- |")
    for name, values in zip(("contacts", "conductivity without contacts"), lines.T, strict=True):
        print(f"| {name} | {np.mean(values < 1):.1%} | {np.mean(values < 2):.1%} |")


if __name__ == "__main__":
    main()
