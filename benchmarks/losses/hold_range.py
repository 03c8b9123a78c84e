"""Does the range that the current of a hold allows hold the growth, wherever the hold lies?

python benchmarks/losses/hold_range.py --holds 40 --seed 4

Cells from files: spectra at six states of charge, then a hold of ten hours with twelve spectra, all on the record's clock in a
file of their own. The cathode grows with the square root of time; of the hold current a share between nothing and all
delithiates and moves the resistance along its U-curve. Holds lie at the highest state, in the middle of the states, or below
the minimum of the curve, towards which they drift. Writes ``hold_range.md``.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path

import numpy as np

from cathodelab.study.run import run_study

MASS_MG, CURRENT_A, RATE_MAH_G_H = 10.4, 2.08e-4, 20.0
FREQUENCY = np.geomspace(1e6, 0.1, 50)
PLACES = {
    "highest state": ((40.0, 70.0, 100.0, 130.0, 160.0, 175.0), 180.0),
    "middle": ((40.0, 70.0, 100.0, 130.0, 190.0, 200.0), 150.0),
    "towards the minimum": ((30.0, 50.0, 80.0, 120.0, 160.0, 190.0), 60.0),
}
HOLD_HOURS = np.geomspace(0.15, 10.0, 12)


def cathode_ohm(charge_mAh_g: float) -> float:
    """A U-curve with its minimum at 110 mAh/g."""
    return float(60 * np.exp(8e-5 * (charge_mAh_g - 110) ** 2))


class Written:
    """Rows and spectra of one cell, in the order of its time; the spectra of a hold lie among its rows."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.rows: list[str] = []
        self.spectra: list[str] = []
        self.clock, self.charge, self.count, self.chance = 0.0, 0.0, 0, chance

    def row(self, hours: float, current_A: float, volt: float, share_of_charge: float = 1.0) -> None:
        """One row, after ``hours`` at this current."""
        self.clock += 3600 * hours
        self.charge += share_of_charge * 1e3 * current_A * hours / (1e-3 * MASS_MG)
        self.rows.append(f"{self.clock:.2f},{volt:.5f},{current_A:.7g},{1e-6 * self.charge * MASS_MG:.9g}")

    def spectrum(self, ohm: float, volt: float, current_A: float) -> None:
        """One sweep that begins now, with noise of 0.3 %."""
        turn = 2j * np.pi * FREQUENCY
        z = 30 + 1 / (1 / ohm + 6e-6 * turn**0.9) + 6 / (1 + (turn * 0.05) ** 0.9) + 1 / (0.3 * turn**0.5)
        noise = self.chance.standard_normal(z.size) + 1j * self.chance.standard_normal(z.size)
        z, self.count = z + 0.003 * np.abs(z) * noise, self.count + 1
        times = self.clock + 1 + np.cumsum(1 / FREQUENCY + 0.2)
        for f, one, second in zip(FREQUENCY, z, times, strict=True):
            self.spectra.append(
                f"{self.count},{f:.6g},{one.real:.6g},{one.imag:.6g},{second:.3f},{volt:.5f},{current_A:.7g}"
            )


def potential(charge_mAh_g: float) -> float:
    """Against In/InLi, V."""
    return 2.9 + 0.0042 * charge_mAh_g


def written(folder: Path, name: str, place: str, chance: np.random.Generator) -> float:
    """The files of a cell; its growth per square root of an hour, ohm."""
    states, held = PLACES[place]
    one = Written(chance)
    rate, delithiates, leak = (
        float(chance.uniform(2, 15)),
        float(chance.uniform(0, 1)),
        float(chance.uniform(2e-7, 2e-6)),
    )
    one.row(0.0, 0.0, potential(0.0))
    for state in sorted({*states, held}):
        while one.charge < state - 1e-9:
            step = min(0.1, (state - one.charge) / RATE_MAH_G_H)
            one.row(step, CURRENT_A, potential(one.charge) + 0.02)
        if state != held:
            for _ in range(8):
                one.row(0.25, 0.0, potential(state))
            one.spectrum(cathode_ohm(state), potential(state), 0.0)
            for _ in range(4):
                one.row(0.1, 0.0, potential(state))
            continue
        volt, hour, real = potential(held), 0.0, held
        for at in HOLD_HOURS:
            while hour < at - 1e-9:
                step = min(0.05, at - hour)
                current = leak + 2e-5 * np.exp(-hour / 1.5)
                one.row(step, current, volt)
                hour += step
                real += delithiates * 1e3 * current * step / (1e-3 * MASS_MG)
            one.spectrum(cathode_ohm(real) + rate * np.sqrt(hour), volt, current)
        one.charge = real if held != max(*states, held) else one.charge
    (folder / f"{name}.csv").write_text(
        "\n".join(["Test Time / s,Voltage / V,Current / A,Net Capacity / Ah", *one.rows]) + "\n"
    )
    heads = "spectrum,freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,time/s,Ewe/V,I/A"
    (folder / f"{name}_z.csv").write_text("\n".join([heads, *one.spectra]) + "\n")
    return rate


def counted(place: str, holds: int, seed: int) -> str:
    """A row of the table."""
    with tempfile.TemporaryDirectory() as at:
        folder = Path(at)
        names = [f"c{number:03d}" for number in range(holds)]
        truth = {
            name: written(folder, name, place, np.random.default_rng([seed, list(PLACES).index(place), number]))
            for number, name in enumerate(names)
        }
        heads = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,spectra_file,area_cm2"
        rows = [f"{name},cell,{MASS_MG},0.01,In/InLi,{name}.csv,{name}_z.csv,1" for name in names]
        (folder / "cells.csv").write_text("\n".join([heads, *rows]) + "\n")
        (folder / "study.toml").write_text("schema_version = 1\n")
        found = {cell.id: result for cell, result in run_study(folder).of("interface_growth")}
    ranges = {name: one.range_by_current for name, one in found.items() if one.range_by_current is not None}
    held = [one.low <= truth[name] <= one.high for name, one in ranges.items()]
    width = [(one.high - one.low) / truth[name] for name, one in ranges.items()]
    return f"| {place} | {holds} | {len(found)} | {len(ranges)} | {100 * np.mean(held):.0f} | {100 * np.median(width):.0f} |\n"


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--holds", type=int, default=40, help="at each place")
    parser.add_argument("--seed", type=int, default=4)
    given, begin = parser.parse_args(), time.process_time()
    rows = "".join(counted(place, given.holds, given.seed) for place in PLACES)
    head = f"""# Range of a hold

`python benchmarks/losses/hold_range.py --holds {given.holds} --seed {given.seed}`; {platform.machine()}, \\
{time.process_time() - begin:.0f} s of CPU. Through the study from files; the range has 1.64 standard uncertainties at both ends.

| hold | holds | with a rate | with a range | of these hold the truth / % | median width over the rate / % |
| --- | --- | --- | --- | --- | --- |
"""
    Path(__file__).with_suffix(".md").write_text(head + rows, encoding="utf-8")


if __name__ == "__main__":
    main()
