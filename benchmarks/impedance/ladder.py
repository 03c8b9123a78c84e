"""Spectra of six generating circuits: optimum without start values, verdict, and number of parameters of what is chosen.

    python benchmarks/impedance/ladder.py 2000 > benchmarks/impedance/ladder.md

0.3 % noise, 3 MHz to 0.1 Hz, 76 points. The optimum is that of a fit from the truth; the choice is that of the method with its
defaults. Parameters: the source's circuit as in ``generator.py``; else see ``CIRCUITS``. Seeds 2080 and 2081.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from generator import FREQUENCIES, drawn, measured

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum

CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a",), details={"area_cm2": "1"})
TURN = 2j * np.pi * FREQUENCIES
NOISE = 0.003
FIVE, LINE = "R-(RQ)-(RQ)-(RQ)-(RQ)-(RQ)-Q", "R-Tm{(RQ)}-(RQ)-Q"
CIRCUITS = ("R-(RQ)-(RQ)-Q", FIVE, LINE, "R-(Q[RWo])", "R-(RC)-(RC)-(RC)", "R-(RQ)-G")
Truth = tuple[list[float], np.ndarray]


def _size(chance: np.random.Generator, low: float, high: float) -> float:
    """A number with an evenly distributed logarithm."""
    return float(np.exp(chance.uniform(np.log(low), np.log(high))))


def _arc(r: float, tau: float, n: float) -> np.ndarray:
    return np.asarray(r / (1 + (TURN * tau) ** n))


def truth(expression: str, chance: np.random.Generator, row: int) -> Truth:
    """Parameters in the order of the circuit's coordinates, and the impedance, ohm."""
    r0 = float(chance.uniform(10, 80))
    if expression == "R-(RQ)-(RQ)-Q":
        values = drawn(row + 1, 2026)[row].tolist()
        r1, r2, t2, n2, r3, t3, n3, q4, n4 = values
        return values, r1 + _arc(r2, t2, n2) + _arc(r3, t3, n3) + 1 / (q4 * TURN**n4)
    if expression == FIVE:
        values, z = [r0], r0 + 0 * TURN
        for tau in 10 ** (np.array([-6.3, -4.9, -3.5, -2.1, -0.7]) + chance.uniform(-0.25, 0.25, 5)):
            own = [_size(chance, 15, 120), float(tau), float(chance.uniform(0.75, 0.95))]
            values, z = values + own, z + _arc(*own)
        return _with_tail(values, z, chance)
    if expression == LINE:
        return _line(r0, chance)
    if expression == "R-(Q[RWo])":
        q, n, r = _size(chance, 1e-6, 1e-4), float(chance.uniform(0.75, 0.95)), _size(chance, 30, 300)
        rw, tw = r * _size(chance, 0.3, 3), _size(chance, 0.3, 3)
        x = np.sqrt(TURN * tw)
        return [r0, q, n, r, rw, tw], r0 + 1 / (q * TURN**n + 1 / (r + rw / np.tanh(x) / x))
    if expression == "R-(RC)-(RC)-(RC)":
        values, z = [r0], r0 + 0 * TURN
        for tau in 10 ** (np.array([-5.0, -3.0, -1.0]) + chance.uniform(-0.6, 0.6, 3)):
            r = _size(chance, 15, 150)
            values, z = [*values, r, float(tau) / r], z + r / (1 + TURN * tau)
        return values, z
    own = [_size(chance, 15, 150), _size(chance, 3e-6, 1e-4), float(chance.uniform(0.75, 0.95))]
    r, tau = _size(chance, 30, 300), _size(chance, 0.01, 1)
    return [r0, *own, r, tau], r0 + _arc(*own) + r / np.sqrt(1 + TURN * tau)


def _line(r0: float, chance: np.random.Generator) -> Truth:
    """A composite cathode with ions on a rail of 30 to 200 ohm, electrons on one of 2 to 20, and an arc between them."""
    ions, electrons, n = _size(chance, 30, 200), _size(chance, 2, 20), float(chance.uniform(0.75, 0.95))
    r, tau = _size(chance, 30, 200), _size(chance, 1e-4, 1e-3)
    between = r / (1 + (TURN * tau) ** n)
    total = ions + electrons
    nu = np.sqrt(total / between)
    z = ions * electrons / total * (1 + 2 / (nu * np.sinh(nu))) + (ions**2 + electrons**2) / (total * nu * np.tanh(nu))
    anode = [_size(chance, 5, 30), _size(chance, 0.03, 0.2), float(chance.uniform(0.75, 0.95))]
    return _with_tail([r0, ions, electrons, r, tau, n, *anode], r0 + z + _arc(*anode), chance)


def _with_tail(values: list[float], z: np.ndarray, chance: np.random.Generator) -> Truth:
    q, n = _size(chance, 0.05, 0.5), float(chance.uniform(0.4, 0.75))
    return [*values, q, n], z + 1 / (q * TURN**n)


def row_of(expression: str, count: int) -> list[float]:
    """Per cent: optimum reached, adequate, more parameters than the generating circuit; ms CPU for a choice."""
    chance = np.random.default_rng(2080)
    circuit = parsed(expression)
    found = [truth(expression, chance, row) for row in range(count)]
    z = measured(np.array([one[1] for one in found]), NOISE, 2081)
    starts = np.array([circuit.coordinates(np.array(one[0])) for one in found])
    best = fitted(circuit, FREQUENCIES, z, noise=np.full(count, NOISE), starts=starts)
    free = fitted(circuit, FREQUENCIES, z, noise=np.full(count, NOISE))
    reached = [one.chi_square <= 1.01 * other.chi_square for one, other in zip(free, best, strict=True)]
    adequate, more = [], []
    clock = time.process_time()
    for one in z:
        chosen = resistances(CELL, [Spectrum(FREQUENCIES, one.real, one.imag)], ImpedanceSettings()).spectra[0].chosen
        adequate.append(chosen.adequate)
        more.append(len(chosen.fit.circuit.parameters) > len(circuit.parameters))
    spent = 1e3 * (time.process_time() - clock) / count
    return [100 * float(np.mean(one)) for one in (reached, adequate, more)] + [spent]


def main() -> None:
    """The table."""
    count = int(sys.argv[1])
    each = -(-count // len(CIRCUITS))
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    print("# Choice of the circuit\n")
    print(
        f"`python benchmarks/impedance/ladder.py {count}`, commit {commit}, numpy {np.__version__}; {each} spectra each.\n"
    )
    print("| generating circuit | optimum reached | adequate | more parameters than it | ms CPU a spectrum |")
    print("|---|---|---|---|---|")
    rows = []
    for expression in CIRCUITS:
        rows.append(row_of(expression, each))
        print(f"| `{expression}` | {_words(rows[-1])} |", flush=True)
    print(f"| all | {_words(np.mean(rows, axis=0).tolist())} |")


def _words(row: list[float]) -> str:
    return " | ".join([f"{one:.1f} %" for one in row[:3]] + [f"{row[3]:.0f}"])


if __name__ == "__main__":
    main()
