"""Bad points and drift: circuit, verdict and resistances beside those of the clean spectrum; level and power of the drift test.

    python benchmarks/impedance/robust.py outliers 400 > ...
    python benchmarks/impedance/robust.py drift 1000

Outliers: 1 to 4 of 76 points, 5 to 30 % off in any direction of the complex plane. Drift: the whole impedance, or the
cathode's arc alone, grows evenly over the sweep (three periods a frequency and 0.5 s). Seeds 2060 to 2069.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from generator import FREQUENCIES, drawn, impedance, measured

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum
from cathodelab.techniques.impedance.validity.kramers_kronig import kramers_kronig

CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a",), details={"area_cm2": "1"})
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
LEVELS = (0.6827, 0.9545)


def outliers(count: int) -> None:
    """Evaluate spectra with and without bad points."""
    truth = drawn(count, 2060)
    clean = measured(impedance(truth), 0.003, 2061)
    chance = np.random.default_rng(2062)
    bad = clean.copy()
    for one in bad:
        points = chance.choice(one.size, chance.integers(1, one.size // 20 + 2), replace=False)
        size = chance.uniform(0.05, 0.30, points.size) * np.exp(2j * np.pi * chance.random(points.size))
        one[points] *= 1 + size
    same, verdict, covered, before = [], [], [], []
    for row in range(count):
        first, second = _evaluated(clean[row]), _evaluated(bad[row])
        one, other = first.spectra[0], second.spectra[0]
        same.append(one.chosen.fit.circuit.expression == other.chosen.fit.circuit.expression)
        verdict.append((one.chosen.adequate, one.test.valid) == (other.chosen.adequate, other.test.valid))
        covered += _covered(other, truth[row])
        before += _covered(one, truth[row])
    print(f"\n## Outliers: {count} spectra of the source's circuit, 0.3 % noise, 1 to 4 of 76 points 5 to 30 % off\n")
    print(
        "| circuit as without them | circuit and verdict | resistances inside 68.27 % | 95.45 % | of the clean spectra |"
    )
    print("|---|---|---|---|---|")
    both = 100 * np.mean(np.logical_and(same, verdict))
    shares = [100 * np.mean(values, axis=0) for values in (covered, before)]
    print(
        f"| {100 * np.mean(same):.1f} % | {both:.1f} % | {shares[0][0]:.1f} % | {shares[0][1]:.1f} % | "
        f"{shares[1][0]:.1f} and {shares[1][1]:.1f} % |"
    )
    print(f"\n{len(covered)} resistances with an interval of {len(before)} without outliers.")


def _evaluated(z: np.ndarray) -> ImpedanceResult:
    return resistances(CELL, [Spectrum(FREQUENCIES, z.real, z.imag)], ImpedanceSettings())


def _covered(one: EvaluatedSpectrum, truth: np.ndarray) -> list[tuple[bool, bool]]:
    """Whether the intervals hold the truth, for every resistance of the source's circuit that has its own."""
    parts = {("R_1",): truth[0], ("R_2",): truth[1], ("R_3",): truth[4], ("R_2", "R_3"): truth[1] + truth[4]}
    names = {role.names: f"{role.role.replace(' ', '_')}_resistance" for role in one.roles}
    if one.chosen.fit.circuit.expression != "R-(RQ)-(RQ)-Q":
        return []
    found = []
    for arcs, name in names.items():
        intervals = [one.intervals.get((name, level)) for level in (0.6827, 0.9545)]
        if arcs in parts and all(each is not None for each in intervals):
            ends = [(each.low, each.high) for each in intervals if each is not None]
            # an end that is not a number is no limit
            found.append(tuple(not parts[arcs] < low and not parts[arcs] > high for low, high in ends))
    return [(bool(first), bool(second)) for first, second in found]


def drift(count: int) -> None:
    """Share of spectra in which a drift is found at the level of 1 %."""
    share = (SWEEP - SWEEP[0]) / (SWEEP[-1] - SWEEP[0])
    print(f"\n## Drift during a sweep: share of {count} spectra in which it is found, level 1 %\n")
    print("| what drifts | by | 0.1 % noise | 0.2 % | 0.3 % | 0.5 % |")
    print("|---|---|---|---|---|---|")
    truth = drawn(count, 2063)
    for what in ("nothing", "the impedance", "the cathode's arc"):
        for size in (0.01, 0.02, 0.03, 0.05, 0.07, 0.10) if what != "nothing" else (0.0,):
            z = np.empty((count, FREQUENCIES.size), dtype=complex)
            for place in range(FREQUENCIES.size):
                now, grown = truth.copy(), 1 + size * share[place]
                if what == "the cathode's arc":
                    now[:, 1] *= grown
                    now[:, 2] *= grown ** (1 / now[:, 3])
                z[:, place] = impedance(now, FREQUENCIES[place : place + 1])[:, 0]
                z[:, place] *= grown if what == "the impedance" else 1.0
            cells = []
            for noise in (0.001, 0.002, 0.003, 0.005):
                tests = kramers_kronig(FREQUENCIES, measured(z, noise, 2064), np.tile(SWEEP, (count, 1)))
                cells.append(f"{100 * np.mean([one.drifts or not one.valid for one in tests]):.1f} %")
            print(f"| {what} | {100 * size:g} % | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """One part, as a page."""
    part, count = sys.argv[1], int(sys.argv[2])
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    print(
        f"`python benchmarks/impedance/robust.py {part} {count}`, commit {commit}, numpy {np.__version__}.", flush=True
    )
    clock = time.process_time()
    {"outliers": outliers, "drift": drift}[part](count)
    print(f"\n{time.process_time() - clock:.0f} s CPU.")


if __name__ == "__main__":
    main()
