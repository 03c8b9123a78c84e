"""Holds of known rate, as spectra in memory or as studies in files; written without the product's code.

A cell of Table S1: separator 15-80 ohm cm2, anode and tail drawn, the cathode's Q and exponent drawn and kept while its
resistance grows as ``start + rate sqrt(t - t0)``, within the sweeps too. With an inductance of 0.1 to 1 uH or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SAMPLES = {
    "Uncoated-Ref": (22.0, 105.0, 14.6),
    "Coating-01": (27.5, 114.2, 12.1),
    "Coating-02": (19.4, 96.3, 8.9),
    "Coating-03": (13.3, 44.5, 3.2),
    "Coating-04": (71.4, 269.5, 30.1),
    "Coating-05": (49.5, 296.6, 40.8),
    "Coating-06": (17.5, 55.4, 3.0),
}
"""Table S1 of the source: resistance at 3.1 V, ohm cm2; at 3.7 V, ohm cm2; slope, ohm cm2 h^-0.5."""
FREQUENCIES = np.logspace(np.log10(3e6), -1, 76)
SWEEP = np.cumsum(3 / FREQUENCIES + 0.5)
AREA = 0.785
SPACINGS_MINUTE, BEFORE_HOUR = (10.0, 20.0, 30.0, 60.0), (0.0, 0.5, 3.0)


@dataclass(frozen=True)
class Hold:
    """A hold and what is true of it: clocks (s, m) in s since t = 0, impedance (s, m) in ohm, resistances at 0.1 V steps."""

    sample: str
    start: float
    rate: float
    before_hour: float
    spacing_minute: float
    clock: np.ndarray
    impedance: np.ndarray
    parameters: dict[str, float]


def hold(sample: str, seed: int, *, inductive: bool, noise: float = 0.003) -> Hold:
    """One hold of 10 h; spacing and time before the first spectrum are drawn."""
    chance = np.random.default_rng(seed)
    _, start, rate = SAMPLES[sample]
    spacing, before = float(chance.choice(SPACINGS_MINUTE)), float(chance.choice(BEFORE_HOUR))
    own = {
        "separator": chance.uniform(15, 80),
        "q": 10 ** chance.uniform(-5.2, -4.6),
        "n": chance.uniform(0.75, 0.85),
        "anode": chance.uniform(5, 10),
        "q_anode": 10 ** chance.uniform(-2.5, -2.1),
        "n_anode": 0.85,
        "tail": chance.uniform(0.1, 0.3),
        "n_tail": 0.55,
        "inductance": chance.uniform(1e-7, 1e-6) if inductive else 0.0,
    }
    count = int(600 // spacing) + 1
    clock = 3600 * before + 60 * spacing * np.arange(count)[:, None] + SWEEP
    z = impedance(own, start + rate * np.sqrt(clock / 3600))
    return Hold(sample, start, rate, before, spacing, clock, noisy(z, noise, chance), own)


def impedance(own: dict[str, float], cathode_ohm_cm2: np.ndarray) -> np.ndarray:
    """Ohm, shape of the cathode's resistances (..., m)."""
    turn = 2j * np.pi * FREQUENCIES
    r, a = cathode_ohm_cm2 / AREA, own["anode"] / AREA
    z = own["separator"] / AREA + r / (1 + r * own["q"] * turn ** own["n"])
    z = z + a / (1 + a * own["q_anode"] * turn ** own["n_anode"]) + turn * own["inductance"]
    return np.asarray(z + 1 / (own["tail"] * turn ** own["n_tail"]))


def noisy(z: np.ndarray, noise: float, chance: np.random.Generator) -> np.ndarray:
    """With independent normal noise on both parts, relative to the modulus."""
    return np.asarray(z + noise * np.abs(z) * (chance.standard_normal(z.shape) + 1j * chance.standard_normal(z.shape)))


def bound_ohm_cm2(one: Hold) -> float:
    """Least standard uncertainty of the cathode's resistance that one spectrum by itself allows (Cramer and Rao).

    From numerical slopes of the truth by the logarithms of its parameters, 0.3 % noise.
    """
    middle = np.full(FREQUENCIES.size, one.start + one.rate * np.sqrt(5.0))
    names = [name for name, value in one.parameters.items() if value > 0]
    exact = impedance(one.parameters, middle)
    columns = [(impedance(one.parameters, middle * (1 + 1e-6)) - exact) / 1e-6]
    for name in names:
        moved = {**one.parameters, name: one.parameters[name] * (1 + 1e-6)}
        columns.append((impedance(moved, middle) - exact) / 1e-6)
    slopes = np.array(columns) / (0.003 * np.abs(exact))
    information = (slopes @ slopes.conj().T).real
    return float(middle[0] * np.sqrt(np.linalg.inv(information)[0, 0]))


def written_study(folder: Path, seed: int) -> dict[str, Hold]:
    """A study of all samples: the cycler's rows, the hold at 3.7 V, and a spectrum at 3.1 V two hours after it.

    The rows (Battery Data Format) show an hour at 3.1 V, an hour of charge, and 3.7 V until the first spectrum.
    """
    (folder / "raw").mkdir(parents=True)
    head = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,spectra_file,batch,area_cm2"
    lines, holds = [head], {}
    for number, sample in enumerate(SAMPLES):
        one = hold(sample, 1000 * seed + number, inductive=bool((seed + number) % 2))
        holds[sample] = one
        chance = np.random.default_rng(500_000 + 1000 * seed + number)
        _write_rows(folder / "raw" / f"{sample}-rows.csv", one)
        _write_spectra(folder / "raw" / f"{sample}-spectra.csv", one, chance)
        lines.append(f"{sample},cell,10.4,0.06,In/InLi,raw/{sample}-rows.csv,raw/{sample}-spectra.csv,{sample},{AREA}")
    (folder / "cells.csv").write_text("\n".join(lines) + "\n")
    (folder / "study.toml").write_text("schema_version = 1\n")
    return holds


_REACHED_SECOND = 7200.0
"""On the clock of the files: an hour at 3.1 V, an hour of charge."""


def _write_rows(path: Path, one: Hold) -> None:
    end = _REACHED_SECOND + 3600 * one.before_hour
    clock = np.append(np.arange(0, end, 60.0), end)
    volt = np.interp(clock, [0, 3600, _REACHED_SECOND], [3.1, 3.1, 3.7])
    held = np.maximum(clock - _REACHED_SECOND, 60.0) / 3600
    current = np.where(clock < 3600, 0.0, np.where(clock < _REACHED_SECOND, 5e-4, 2e-6 / np.sqrt(held)))
    rows = [f"{t:.2f},{v:.5f},{i:.4e}" for t, v, i in zip(clock, volt, current, strict=True)]
    path.write_text("Test Time / s,Voltage / V,Current / A\n" + "\n".join(rows) + "\n")


def _write_spectra(path: Path, one: Hold, chance: np.random.Generator) -> None:
    low = SAMPLES[one.sample][0]
    last = noisy(impedance(one.parameters, np.full(FREQUENCIES.size, low)), 0.003, chance)
    rows = ["freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm,time/s,Ewe/V"]
    parts = [(_REACHED_SECOND + clock, z, 3.7) for clock, z in zip(one.clock, one.impedance, strict=True)]
    parts.append((_REACHED_SECOND + one.clock[-1, -1] + 7200 + SWEEP, last, 3.1))
    for clock, z, volt in parts:
        rows += [
            f"{f:.6e},{p.real:.6f},{-p.imag:.6f},{t:.3f},{volt}" for f, p, t in zip(FREQUENCIES, z, clock, strict=True)
        ]
    path.write_text("\n".join(rows) + "\n")
