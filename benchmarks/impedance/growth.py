"""Rate constants of holds of known truth: in memory, through studies from files, and the range by the hold current.

    python benchmarks/impedance/growth.py memory 40 > ...
    python benchmarks/impedance/growth.py studies 20
    python benchmarks/impedance/growth.py ranges 100

Everything goes through the door of a study: ``resistances`` of all spectra of a cell, then ``interface_growth``. The cells are
those of ``holds.py``. Seeds: 7000 and up in memory, 1000 times the study's number in files, 2050, 3000 and 4000 for ranges.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from generator import FREQUENCIES, drawn, impedance, measured
from holds import AREA, SAMPLES, Hold, bound_ohm_cm2, hold, written_study

from cathodelab.analyses.growth_law import growth_range, passed_charge
from cathodelab.analyses.hold import GrowthResult, GrowthSettings, interface_growth
from cathodelab.analyses.state_of_charge import resistance_curve
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.study.run import run_study
from cathodelab.techniques.impedance.method import resistances
from cathodelab.techniques.impedance.model import ImpedanceResult, ImpedanceSettings
from cathodelab.techniques.impedance.spectrum import Spectrum

LEVELS = (0.6827, 0.9545)
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
STARTS_HOUR = np.geomspace(0.12, 10.0, 12)
MASS_G = 8e-3
CELL = Cell("c-1", "cell", Estimate(8.0), "In/InLi", Estimate(0.62), ("a",), details={"area_cm2": f"{AREA}"})


class Tally:
    """What came out of holds, beside what was set."""

    def __init__(self) -> None:
        self.away: dict[str, list[float]] = {}
        self.wrong: list[float] = []
        self.unused = 0
        self.single: list[tuple[float, float, float]] = []
        self.sums = 0
        self.failed: list[str] = []

    def add(self, name: str, truth: Hold, result: ImpedanceResult, growth: GrowthResult) -> None:
        """One hold."""
        rate = growth.estimates.estimate("growth_rate").value
        self.away.setdefault(name, []).append((rate - truth.rate) / growth.law.rate_standard)
        self.wrong.append(rate / truth.rate - 1)
        series = max(result.series, key=lambda one: len(one.numbers))
        named = len(series.numbers) + len(series.left_out) + len(series.interrupted)
        self.unused += len(truth.clock) - named
        if series.role != "cathode":
            self.sums += len(series.numbers)
            return
        bound = bound_ohm_cm2(truth)
        for place in range(len(series.numbers)):
            true = truth.start + truth.rate * np.sqrt(growth.hour[place])
            off = growth.resistance[place] - true
            self.single.append((off / true, off / growth.standard[place], bound / true))

    def printed(self, independent: int) -> None:
        """The tables.

        Args:
            independent: holds with noise of their own; those with and without inductance share it.
        """
        print(
            "| sample | holds | standard deviation of (found - set) / standard uncertainty | 68.27 % | 95.45 % | beyond 4 |"
        )
        print("|---|---|---|---|---|---|")
        pooled = np.concatenate(list(self.away.values()))
        for name, values in [*self.away.items(), ("all", pooled.tolist())]:
            z = np.abs(values)
            shares = " | ".join(f"{100 * np.mean(z < limit):.1f} %" for limit in (1, 2))
            print(f"| {name} | {len(z)} | {np.std(values):.2f} | {shares} | {np.sum(z > 4)} |")
        print(f"\nAllowed for all: {' and '.join(_allowed(independent))} (three errors of {independent} plus 1 %).")
        print(
            f"Largest error of a rate: {100 * np.max(np.abs(self.wrong)):.2f} %. Holds without a rate: {len(self.failed)}."
        )
        print(
            f"Spectra of a hold neither used nor named: {self.unused}; with a named sum for the cathode: {self.sums}.\n"
        )
        one = np.array(self.single)
        rms = 100 * np.sqrt(np.mean(one**2, axis=0))
        within = [100 * np.mean(np.abs(one[:, 1]) < limit) for limit in (1, 2)]
        print(
            f"Single arcs of the cathode in {len(one)} spectra: {rms[0]:.2f} % rms off, covered {within[0]:.1f} and "
            f"{within[1]:.1f} %; bound of theory (Cramer and Rao) for a spectrum by itself {rms[2]:.2f} % rms."
        )


def memory(draws: int) -> None:
    """Holds in memory, with and without inductance."""
    tally, clock = Tally(), time.process_time()
    for number, name in enumerate(SAMPLES):
        for draw in range(draws):
            for inductive in (False, True):
                truth = hold(name, 7000 + 100 * number + draw, inductive=inductive)
                result = _evaluated(1e4 + truth.clock, truth.impedance, 1e4)
                tally.add(name, truth, result, interface_growth(CELL, result, GrowthSettings()))
    print(f"\n## In memory: {len(SAMPLES)} samples, {draws} draws, with and without inductance\n")
    tally.printed(draws * len(SAMPLES))
    print(f"\n{time.process_time() - clock:.0f} s CPU.")


def _evaluated(clock: np.ndarray, z: np.ndarray, reached: float) -> ImpedanceResult:
    spectra = [
        Spectrum(
            FREQUENCIES,
            one.real,
            one.imag,
            time_second=times,
            voltage_volt=np.full(one.size, 3.7),
            number=number,
            reached_second=reached,
        )
        for number, (times, one) in enumerate(zip(clock, z, strict=True), 1)
    ]
    return resistances(CELL, spectra, ImpedanceSettings())


def studies(count: int) -> None:
    """Studies from files: the hold, then a spectrum at 3.1 V; the cycler's rows show when 3.7 V was reached."""
    tally, clock, low = Tally(), time.process_time(), []
    for number in range(1, count + 1):
        with tempfile.TemporaryDirectory() as folder:
            holds = written_study(Path(folder) / "study", number)
            results = run_study(Path(folder) / "study")
        found = {(one.sample, one.method): one.result for one in results.outcomes if one.status == "ok"}
        for name, truth in holds.items():
            growth, result = found.get((name, "interface_growth")), found.get((name, "impedance"))
            if not isinstance(growth, GrowthResult) or not isinstance(result, ImpedanceResult):
                tally.failed.append(f"{number} {name}")
                continue
            tally.add(name, truth, result, growth)
            last = f"cathode_resistance_{len(result.spectra)}"
            if last in result.estimates:
                one, own = result.estimates.estimate(last), SAMPLES[name][0]
                noise = np.sqrt(max(one.plus**2 - (0.01 * one.value) ** 2, 0))
                low.append((one.value / own - 1, abs(one.value - own) / noise))
    print(f"\n## From files: {count} studies of {len(SAMPLES)} cells\n")
    tally.printed(count * len(SAMPLES))
    off, away = np.array(low).T
    rms, within = 100 * np.sqrt(np.mean(off**2)), [100 * np.mean(away < limit) for limit in (1, 2)]
    print(
        f"At 3.1 V, a spectrum by itself: a single arc in {len(low)} of {count * len(SAMPLES)} cells, else a sum with its "
        f"name; {rms:.2f} % rms off, covered {within[0]:.1f} and {within[1]:.1f} %."
    )
    print(f"\n{time.process_time() - clock:.0f} s CPU.")


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


def _allowed(count: int) -> list[str]:
    slack = [3 * float(np.sqrt(level * (1 - level) / count)) + 0.01 for level in LEVELS]
    return [
        f"{100 * (level - more):.1f} to {100 * min(level + more, 1):.1f} %"
        for level, more in zip(LEVELS, slack, strict=True)
    ]


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
        series = _evaluated(3600 + clock, measured(_spectra(truth, resistance), 0.005, 4000 + draw), 3600.0).series[0]
        hour, found, covariance = series.moment_second / 3600 - 1, series.resistance_ohm, series.covariance
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
    """One part, as a page."""
    part, count = sys.argv[1], int(sys.argv[2])
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    print(
        f"`python benchmarks/impedance/growth.py {part} {count}`, commit {commit}, numpy {np.__version__}.", flush=True
    )
    {"memory": memory, "studies": studies, "ranges": ranges}[part](count)


if __name__ == "__main__":
    main()
