"""Circuits that users write: how often the fit without start values misses the optimum that a fit from the truth finds.

    python benchmarks/impedance/own_circuits.py 200 > benchmarks/impedance/own_circuits.md

Resistances 10-1000 ohm, time constants 3 us to 0.6 s at least a factor of ten apart, tail Q 1e-3 to 0.1 and n 0.4-0.9,
inductances 0.1-10 uH, 1 MHz to 0.1 Hz with ten points a decade, 0.2 % noise. Missed: a sum of squares above 1.05 times that
of the fit from the truth. Seeds 2070 and 2071.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted

FREQUENCIES = np.logspace(6, -1, 71)
TURN = 2j * np.pi * FREQUENCIES
NOISE = 0.002
Draw = Callable[[np.random.Generator], tuple[list[float], np.ndarray]]


def _beside(*parts: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / np.sum([1 / (part + 0 * TURN) for part in parts], axis=0))


def _power(chance: np.random.Generator, low: float, high: float) -> float:
    return float(10 ** chance.uniform(low, high))


def _arcs(chance: np.random.Generator, count: int) -> tuple[list[float], np.ndarray]:
    """(R, C, R, C, ...) and the impedance of RC in series."""
    times = sorted(_power(chance, -5.5, -0.2) for _ in range(count))
    for place in range(1, count):
        times[place] = max(times[place], 10 * times[place - 1])
    values: list[float] = []
    z = 0 * TURN
    for tau in times:
        r = _power(chance, 1, 3)
        values += [r, tau / r]
        z = z + _beside(r, 1 / (TURN * tau / r))
    return values, z


def _tail(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    q, n = _power(chance, -3, -1), float(chance.uniform(0.4, 0.9))
    return [q, n], 1 / (q * TURN**n)


def _warburg(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    r = _power(chance, 1, 3)
    a = r * _power(chance, -0.5, 0.5)
    return [r, a], _beside(r, a * (1 - 1j) / np.sqrt(TURN.imag))


def _coil(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    henry, r = _power(chance, -7, -5), _power(chance, 1, 3)
    return [henry, r], _beside(TURN * henry, r)


def _series(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    r = _power(chance, 1, 3)
    return [r], r + 0 * TURN


def _one(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    return _arcs(chance, 1)


def _two(chance: np.random.Generator) -> tuple[list[float], np.ndarray]:
    return _arcs(chance, 2)


CIRCUITS: dict[str, tuple[Draw, ...]] = {
    "(RC)Q": (_one, _tail),
    "R(RC)Q": (_series, _one, _tail),
    "R(RC)(RW)": (_series, _one, _warburg),
    "R(RC)(RC)": (_series, _two),
    "R(LR)(RC)": (_series, _coil, _one),
    "Q": (_tail,),
    "(RC)(RC)": (_two,),
}


def missed(expression: str, count: int) -> tuple[int, float, float]:
    """(how many were missed, largest ratio to the fit from the truth, ms CPU a fit)."""
    chance, noise = np.random.default_rng(2070), np.random.default_rng(2071)
    circuit = parsed(expression)
    starts, spectra = [], []
    for _ in range(count):
        parts = [part(chance) for part in CIRCUITS[expression]]
        z = np.sum([part[1] for part in parts], axis=0)
        random = noise.standard_normal(z.size) + 1j * noise.standard_normal(z.size)
        spectra.append(z + NOISE * np.abs(z) * random)
        starts.append(circuit.coordinates(np.array([value for part in parts for value in part[0]])))
    measured = np.array(spectra)
    clock = time.process_time()
    found = fitted(circuit, FREQUENCIES, measured, noise=np.full(count, NOISE))
    spent = 1e3 * (time.process_time() - clock) / count
    best = fitted(circuit, FREQUENCIES, measured, noise=np.full(count, NOISE), starts=np.array(starts))
    ratios = np.array([one.chi_square / other.chi_square for one, other in zip(found, best, strict=True)])
    return int(np.sum(ratios > 1.05)), float(ratios.max()), spent


def main() -> None:
    """The table."""
    count = int(sys.argv[1])
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    print("# Circuits that users write\n")
    print(f"`python benchmarks/impedance/own_circuits.py {count}`, commit {commit}, numpy {np.__version__}.\n")
    print(f"| circuit | missed of {count} | largest ratio of the sums of squares | ms CPU a fit |")
    print("|---|---|---|---|")
    for expression in CIRCUITS:
        number, ratio, spent = missed(expression, count)
        print(f"| `{expression}` | {number} | {ratio:.4f} | {spent:.1f} |", flush=True)


if __name__ == "__main__":
    main()
