"""Rate constants of a hold: coverage with Table S1's values over real times, and the range with a drifting state of charge.

    python benchmarks/impedance/growth.py [draws] [samples by name, or ranges] > benchmarks/impedance/growth.md

Every sweep takes its real time (three periods a frequency and 0.5 s); the resistance grows meanwhile. Seeds 2040 and up.
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

from cathodelab.analyses.growth_law import growth_law, growth_range, passed_charge
from cathodelab.analyses.hold import summed
from cathodelab.analyses.state_of_charge import resistance_curve
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.fitting.sequence import continued_fit
from cathodelab.techniques.impedance.validity.drift import at_one_time

SAMPLES = {
    "Uncoated-Ref": (105.0, 146.2, 14.6),
    "Coating-01": (114.2, 147.1, 12.1),
    "Coating-02": (96.3, 120.2, 8.9),
    "Coating-03": (44.5, 53.6, 3.2),
    "Coating-04": (269.5, 353.6, 30.1),
    "Coating-05": (296.6, 415.7, 40.8),
    "Coating-06": (55.4, 64.1, 3.0),
}
"""Table S1 of the source at 3.7 V: first and last resistance, ohm cm2; slope, ohm cm2 h^-0.5."""
CIRCUIT, NOISE = parsed("R-(RQ)-(RQ)-Q"), 0.005
LEVELS = (0.6827, 0.9545)
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
STARTS_HOUR = np.geomspace(0.12, 10.0, 16)
MASS_G = 8e-3


def _spectra(parameters: np.ndarray, resistance: np.ndarray) -> np.ndarray:
    """Spectra (s, m) with a cathode resistance of its own at every spectrum and frequency (s, m)."""
    z = np.empty(resistance.shape, dtype=complex)
    for column in range(FREQUENCIES.size):
        now = np.repeat(parameters, resistance.shape[0], axis=0)
        # Q and n of the arc stay: its time constant grows with the resistance
        now[:, 2] *= (resistance[:, column] / now[:, 1]) ** (1 / now[:, 3])
        now[:, 1] = resistance[:, column]
        z[:, column] = impedance(now, FREQUENCIES[column : column + 1])[:, 0]
    return z


def _fitted(clock: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours, resistances and covariance from spectra with time stamps, as the method does it."""
    first = fitted(CIRCUIT, FREQUENCIES, z)
    peak = np.exp(-np.median([fit.theta[2] for fit in first])) / (2 * np.pi)
    moment = clock[:, int(np.argmin(np.abs(np.log(FREQUENCIES / peak))))]
    at_once = at_one_time(clock, z, moment, 0.0)
    starts = np.array([fit.theta for fit in first])
    noise = np.full(len(z), NOISE)
    joint, _ = continued_fit(CIRCUIT, FREQUENCIES, at_once, noise, ("R_2", "tau_2"), starts)
    return moment / 3600, *summed(joint, ("R_2",))


def rates(draws: int, wanted: list[str]) -> None:
    """Coverage of the rate constant."""
    clock = 3600 * STARTS_HOUR[:, None] + SWEEP
    print(f"\n## Rate constants, {draws} noise draws a sample, {STARTS_HOUR.size} spectra over 0.12 to 10 h\n")
    allowed = _allowed(draws)
    print(
        f"Allowed for one sample: {allowed[0]} and {allowed[1]} (three binomial standard errors plus 1 %); too wide is a fault "
        "as too narrow is.\n"
    )
    print("| sample | set / ohm cm2 h^-0.5 | mean found | standard uncertainty (median) | covered 68.27 % | 95.45 % |")
    print("|---|---|---|---|---|---|")
    inside = []
    for number, (name, (start, _, slope)) in enumerate(SAMPLES.items()):
        if name not in wanted:
            continue
        truth = drawn(1, 2040 + number)
        truth[:, 1] = start
        rows, found, widths = [], [], []
        exact = _spectra(truth, start - slope * np.sqrt(0.12) + slope * np.sqrt(clock / 3600))
        for draw in range(draws):
            law = growth_law(*_fitted(clock, measured(exact, NOISE, 100_000 * number + draw)))
            away = abs(law.rate - slope) / law.rate_standard
            rows.append((away <= 1, away <= 2))
            found.append(law.rate)
            widths.append(law.rate_standard)
        inside += rows
        share = [
            f"{100 * one:.1f} %{_verdict(one, level, draws)}"
            for one, level in zip(np.mean(rows, axis=0), LEVELS, strict=True)
        ]
        print(
            f"| {name} | {slope} | {np.mean(found):.2f} | {np.median(widths):.3f} | {share[0]} | {share[1]} |",
            flush=True,
        )
    share, allowed = 100 * np.mean(inside, axis=0), _allowed(len(inside))
    print(f"\nAll: {share[0]:.1f} % and {share[1]:.1f} % (allowed {allowed[0]} and {allowed[1]}).")


def _slack(level: float, count: int) -> float:
    return 3 * float(np.sqrt(level * (1 - level) / count)) + 0.01


def _allowed(count: int) -> list[str]:
    return [
        f"{100 * (level - _slack(level, count)):.1f} to {100 * min(level + _slack(level, count), 1):.1f} %"
        for level in LEVELS
    ]


def _verdict(share: float, level: float, count: int) -> str:
    return "" if abs(share - level) <= _slack(level, count) else " **outside**"


def ranges(draws: int) -> None:
    """The range by the hold current, with a share of the current that nobody knows."""
    chance = np.random.default_rng(2050)
    clock = 3600 * STARTS_HOUR[:, None] + SWEEP
    inside, narrow, width = [], [], []
    for draw in range(draws):
        truth = drawn(1, 3000 + draw)
        truth[:, 1] = 50.0
        growth, share = chance.uniform(2, 20), chance.uniform(0, 1)
        minimum, curvature = chance.uniform(100, 130), chance.uniform(1e-4, 3e-4)

        def by_state(charge: np.ndarray, m: float = minimum, c: float = curvature) -> np.ndarray:
            return 25 * np.exp(c * (charge - m) ** 2)

        held = 190.0
        current = 15e-3 * (clock / 3600 / 0.12) ** (-np.log(10) / np.log(10 / 0.12))  # mA: 15 to 1.5 uA
        fine = np.geomspace(1e-4, 12, 4000)
        flowing = 15e-3 * (fine / 0.12) ** (-np.log(10) / np.log(10 / 0.12))
        passed_fine = np.concatenate([[0], np.cumsum(np.diff(fine) * (flowing[1:] + flowing[:-1]) / 2)]) / MASS_G
        begun = np.interp(0.12, fine, passed_fine)
        passed = np.interp(clock / 3600, fine, passed_fine) - begun
        resistance = by_state(held + share * passed) + growth * np.sqrt(clock / 3600)
        hour, found, covariance = _fitted(clock, measured(_spectra(truth, resistance), NOISE, 4000 + draw))
        states = np.linspace(60, 215, 12)
        relative = 0.01
        points = by_state(states) * np.exp(relative * chance.standard_normal(states.size))
        curve = resistance_curve(states, points, np.full(states.size, relative))
        charge = held + passed_charge(hour, current.mean(axis=1), MASS_G)
        result = growth_range(hour, found, covariance, charge, curve.at)
        inside.append(result.low <= growth <= result.high)
        allowed = result.most.rate - result.least.rate
        # what the current allows: the whole charge along the true U-curve, as a rate
        root = np.sqrt(hour)
        true_width = np.polyfit(root, by_state(held + np.interp(hour, fine, passed_fine) - begun), 1)[0]
        narrow.append(allowed / true_width)
        width.append((result.high - result.low) / true_width)
    print(f"\n## Range by the hold current (15 to 1.5 uA, {1e3 * MASS_G:g} mg), {draws} cells\n")
    print(
        "| true growth inside the range | width over that which the current allows (median) | with standard uncertainties |"
    )
    print("|---|---|---|")
    print(f"| {100 * np.mean(inside):.1f} % | {np.median(narrow):.3f} | {np.median(width):.2f} |", flush=True)


def main() -> None:
    """Both, as a page."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    parts = sys.argv[2:] or [*SAMPLES, "ranges"]
    clock = time.process_time()
    print("# Growth during a hold\n")
    print(
        f"`python benchmarks/impedance/growth.py {' '.join(sys.argv[1:])}`, commit {commit}, numpy {np.__version__}. "
        f"Noise {100 * NOISE:g} %.",
        flush=True,
    )
    if set(parts) & set(SAMPLES):
        rates(draws, parts)
    if "ranges" in parts:
        ranges(draws)
    print(f"\n{time.process_time() - clock:.0f} s CPU.")


if __name__ == "__main__":
    main()
