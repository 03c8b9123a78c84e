"""Do the intervals of a compaction hold the truth as often as they claim? Simulated curves, every error drawn anew.

python benchmarks/compaction.py --curves 500 --seed 20261130

Each curve is a fresh powder in a fresh press: a Heckel line after a rearrangement of one of four shapes (exponential, fading as a
power, stretched, none), or Kawakita's law; weighing, die, densities, recipe, compliance, gauge and load cell are off by what
the pellet's table states. The record is written as text and read as a user's. The generator counts volumes and shares no code
with the estimator. The committed table is ``benchmarks/compaction.md``.
"""

from __future__ import annotations

import argparse
import math
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.techniques.compaction.method import compaction_of
from cathodelab.techniques.compaction.model import CompactionResult, Part, Pellet
from cathodelab.techniques.compaction.read import curve_from_tables
from cathodelab.techniques.compaction.reader import read_compaction_text
from cathodelab.techniques.compaction.settings import CompactionSettings

PRESSURES = (
    np.array([0.5, 2, 5, 10, 20, 40, 60, 80, 100, 150, 200, 250, 300, 375.0]),
    np.array([5, 10, 20, 35, 50, 75, 100, 140, 190, 250, 320, 400.0]),
    np.geomspace(1, 380, 30),
)
MASS_MG, AREA, SHARE, ZERO_UM, COMPLIANCE, GAIN = 0.1, 1e-3, 5e-4, 1.0, 0.05, 0.01
LAWS = ("exponential", "power", "stretched", "none")
FROM_HECKEL = (
    "solid_density",
    "relative_density_in_die",
    "porosity_out_of_die",
    "elastic_recovery",
    "heckel_pressure_in_die",
    "heckel_intercept_in_die",
)
FROM_KAWAKITA = ("kawakita_a_in_die", "kawakita_b_in_die")


@dataclass(frozen=True)
class Drawn:
    """One simulated pellet: what its table and its file say, and what is true."""

    pellet: Pellet
    content: bytes
    truth: dict[str, float]


@dataclass(frozen=True)
class Powder:
    """What is true of a pellet: parts as (density g/cm3, mass mg), bore, press and instruments."""

    densities: np.ndarray
    masses_mg: np.ndarray
    area_cm2: float
    compliance_um_MPa: float
    recovery: float

    def thickness_um(self, density: np.ndarray) -> np.ndarray:
        """From the volume of the solid to the height of the cylinder."""
        solid_mm3 = float(np.sum(self.masses_mg / self.densities))
        return 1e3 * solid_mm3 / density / (100.0 * self.area_cm2)


def drawn_powder(random: np.random.Generator, *, pure: bool) -> Powder:
    """A composite of an oxide and an electrolyte, or the electrolyte alone."""
    share = 0.0 if pure else random.uniform(0.6, 0.88)
    mass = random.uniform(90, 250)
    densities = np.array([4.78, 1.64]) * random.uniform(0.97, 1.03, 2)
    masses = mass * np.array([share, 1 - share])
    kept = slice(1, 2) if pure else slice(0, 2)
    return Powder(
        densities[kept],
        masses[kept],
        0.785 * random.uniform(0.99, 1.01),
        random.uniform(0.01, 0.04),
        random.uniform(0.005, 0.03),
    )


def heckel_density(pressure: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
    """Relative density after one of the four rearrangements; at most about 0.95, where 1 % of density is no pore left."""
    heckel = random.uniform(130, 400)
    beginning, amplitude, width = random.uniform(0.35, 0.6), random.uniform(0.03, 0.12), random.uniform(4, 12)
    shape = LAWS[int(random.integers(len(LAWS)))]
    left = {
        "exponential": lambda p: np.exp(-p / width),
        "power": lambda p: (1 + p / width) ** -3.0,
        "stretched": lambda p: np.exp(-((p / width) ** 0.8)),
        "none": np.zeros_like,
    }[shape]
    logarithm = beginning + amplitude - amplitude * left(pressure) + pressure / heckel
    truth = {"heckel_pressure_in_die": heckel, "heckel_intercept_in_die": beginning + amplitude}
    return 1 - np.exp(-logarithm), truth


def kawakita_density(pressure: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
    """Relative density of a powder whose loss of volume follows Kawakita's law."""
    a, b = random.uniform(0.3, 0.6), np.exp(random.uniform(math.log(0.006), math.log(0.06)))
    end = random.uniform(0.75, 0.93)
    volume = 1 - a * b * pressure / (1 + b * pressure)  # of that of the powder
    return end * (1 - a) / volume, {"kawakita_a_in_die": a, "kawakita_b_in_die": b}


def drawn_pellet(
    random: np.random.Generator,
    law: Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]],
    density_uncertainty: float,
    *,
    pure: bool = False,
) -> Drawn:
    """A pellet, its record, and the truth."""
    powder = drawn_powder(random, pure=pure)
    pressure = PRESSURES[int(random.integers(len(PRESSURES)))]
    density, truth = law(pressure, random)
    noise = random.uniform(1.0, 4.0)
    under = powder.thickness_um(density)
    read_in = under - powder.compliance_um_MPa * pressure + random.normal(0, noise, pressure.size)
    read_out = under * (1 + powder.recovery) + random.normal(0, noise, pressure.size)
    read_in, read_out = (one + random.normal(0, ZERO_UM) for one in (read_in, read_out))
    shown = pressure * (1 + random.uniform(-GAIN, GAIN))
    mass = float(powder.masses_mg.sum())
    truth |= {
        "solid_density": mass / float(np.sum(powder.masses_mg / powder.densities)),
        "relative_density_in_die": float(density[-1]),
        "porosity_out_of_die": 1 - float(density[-1]) / (1 + powder.recovery),
        "elastic_recovery": powder.recovery,
    }
    rows = "".join(f"{p:.5f};{one:.3f};{other:.3f}\n" for p, one, other in zip(shown, read_in, read_out, strict=True))
    content = ("pressure (MPa);thickness in die (µm);thickness out of die (µm)\n" + rows).encode()
    return Drawn(_stated(powder, noise, density_uncertainty, random), content, truth)


def _stated(powder: Powder, noise_um: float, density_uncertainty: float, random: np.random.Generator) -> Pellet:
    """What the table says: true values with their errors."""

    def about(value: float, half: float, unit: str) -> Estimate:
        return Estimate(value + half * float(random.standard_normal()), half, half, unit)

    mass = float(powder.masses_mg.sum())
    shares = powder.masses_mg / mass
    shift = SHARE * float(random.standard_normal()) if shares.size > 1 else 0.0
    shares = shares + shift * np.array([1.0, -1.0])[: shares.size]
    parts = tuple(
        Part(f"part {place}", float(share), about(float(rho), density_uncertainty * float(rho), "g/cm3"))
        for place, (share, rho) in enumerate(zip(shares, powder.densities, strict=True))
    )
    return Pellet(
        "p",
        about(mass, MASS_MG, "mg"),
        about(powder.area_cm2, AREA * powder.area_cm2, "cm2"),
        parts,
        compliance=about(powder.compliance_um_MPa, COMPLIANCE * powder.compliance_um_MPa, "um/MPa"),
        thickness_standard_um=noise_um,
    )


def evaluated(one: Drawn) -> CompactionResult | CathodelabError:
    """As a user's pellet is evaluated, from its file."""
    try:
        return compaction_of(one.pellet, curve_from_tables([read_compaction_text(one.content)]), CompactionSettings())
    except CathodelabError as error:
        return error


@dataclass(frozen=True)
class Held:
    """Of one estimate: deviations from the truth relative to it, and half-widths, one entry a curve that gave it."""

    deviation: np.ndarray
    half: np.ndarray

    def share(self, sigmas: float) -> float:
        """Share of the curves whose interval of so many standard uncertainties holds the truth."""
        return float(np.mean(np.abs(self.deviation) <= sigmas * self.half))


def held(pellets: Sequence[Drawn], names: Sequence[str]) -> tuple[dict[str, Held], dict[str, int]]:
    """Every estimate against its truth, and how many curves were refused, by code."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    refused: dict[str, int] = {}
    for one in pellets:
        result = evaluated(one)
        if isinstance(result, CathodelabError):
            refused[result.code] = refused.get(result.code, 0) + 1
            continue
        for name in names:
            if name in result.estimates:
                estimate, truth = result.estimates.estimate(name), one.truth[name]
                found[name].append((estimate.value / truth - 1, estimate.plus / truth))
    arrays = {name: np.array(values).reshape(-1, 2) for name, values in found.items()}
    return {name: Held(values[:, 0], values[:, 1]) for name, values in arrays.items()}, refused


def drawn_pellets(curves: int, seed: int, law: str, density_uncertainty: float, *, pure: bool = False) -> list[Drawn]:
    """Pellets of one stream of numbers; ``law``: heckel or kawakita."""
    random = np.random.default_rng(seed)
    density = heckel_density if law == "heckel" else kawakita_density
    return [drawn_pellet(random, density, density_uncertainty, pure=pure) for _ in range(curves)]


def _table(title: str, curves: int, found: dict[str, Held], refused: dict[str, int]) -> None:
    print(f"\n{title}; refused: {refused or 'none'}\n")
    print("| estimate | curves | 68.27 % | 95.45 % | mean error / % | median error / % | median half-width / % |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, one in found.items():
        if one.half.size:
            print(
                f"| {name} | {one.half.size} of {curves} | {100 * one.share(1):.1f} | {100 * one.share(2):.1f} | "
                f"{100 * one.deviation.mean():+.2f} | {100 * np.median(one.deviation):+.2f} | {100 * np.median(one.half):.2f} |"
            )


def main() -> None:
    """The tables for a terminal."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--curves", type=int, default=500)
    asked.add_argument("--seed", type=int, default=20261130)
    given = asked.parse_args()
    for uncertainty in (0.0005, 0.005, 0.01):
        pellets = drawn_pellets(given.curves, given.seed, "heckel", uncertainty)
        title = f"Heckel, composites, densities of both parts within {100 * uncertainty:g} %"
        _table(title, given.curves, *held(pellets, FROM_HECKEL))
    pellets = drawn_pellets(given.curves, given.seed, "heckel", 0.005, pure=True)
    _table("Heckel, electrolyte alone, its density within 0.5 %", given.curves, *held(pellets, FROM_HECKEL))
    pellets = drawn_pellets(given.curves, given.seed, "kawakita", 0.005)
    _table("Kawakita, composites", given.curves, *held(pellets, FROM_KAWAKITA))
    found = [evaluated(one) for one in pellets]
    lines = sum("heckel_pressure_in_die" in one.estimates for one in found if isinstance(one, CompactionResult))
    print(f"\nHeckel pressure in die of {lines} of {given.curves} powders that follow Kawakita's law")
    print(f"\nCPU {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s")


if __name__ == "__main__":
    main()
