"""Are resistances compared at one state of charge, and only there, however files hold their spectra?

python benchmarks/losses/same_state.py --studies 16 --cells 25 --seed 3

Studies from files: cells of one material, each charged to a state, rested, measured, charged and discharged. Half of them are
measured at the state of the first cell, the others up to 100 mAh/g apart. Masses are weighed with their stated error, the
cathode's resistance runs through a minimum over the charge. The spectra lie in files of their own: on the record's clock, on
a clock of their own, without a clock, or without one and with their charge stated in files.csv. Writes ``same_state.md``.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path

import numpy as np

from cathodelab.study.run import run_study

WAYS = ("record's clock", "own clock", "no clock", "no clock, charge stated")
MASS_MG, MASS_STANDARD_MG, CURRENT_A = 10.4, 0.06, 2.08e-4
FREQUENCY = np.geomspace(1e6, 0.1, 50)


def potential(charge_mAh_g: np.ndarray) -> np.ndarray:
    """Of this generator's material against In/InLi, V: rising, with two plateaus."""
    x = charge_mAh_g / 200
    return np.asarray(2.9 + 0.55 * x + 0.09 * np.tanh((x - 0.3) / 0.05) + 0.09 * np.tanh((x - 0.7) / 0.05))


def cathode_ohm(charge_mAh_g: float) -> float:
    """A U-curve with its minimum at 110 mAh/g."""
    return float(60 * np.exp(8e-5 * (charge_mAh_g - 110) ** 2))


def record(state: float, mass_g: float) -> tuple[str, float]:
    """Rows of a cell that is charged to a state, rests for three hours, goes on and is discharged; the spectrum's clock."""
    rate = 1e3 * CURRENT_A / mass_g  # mAh/g/h
    rows, clock, charge, began = [], 0.0, 0.0, 0.0
    for end, current in ((0.0, 0.0), (state, 1), (state, 0.0), (190.0, 1), (190.0, 0.0), (10.0, -1)):
        hours = 3.0 if current == 0 else abs(end - charge) / rate
        steps = max(int(hours * 12), 2)
        for share in np.linspace(0, 1, steps + 1)[1:]:
            q = charge + share * (end - charge)
            volt = float(potential(np.array([q]))[0]) + 0.02 * current
            rows.append(
                f"{clock + 3600 * hours * share:.2f},{volt:.5f},{current * CURRENT_A:.6g},{1e-3 * q * mass_g:.9g}"
            )
        clock += 3600 * hours
        if (end, current) == (state, 0.0):
            began = clock - 1800
        charge = end
    return "\n".join(["Test Time / s,Voltage / V,Current / A,Net Capacity / Ah", *rows]) + "\n", began


def spectrum(state: float, began: float | None, chance: np.random.Generator) -> str:
    """A file of one spectrum, with noise of 0.3 %."""
    turn = 2j * np.pi * FREQUENCY
    z = 30 + 1 / (1 / cathode_ohm(state) + 6e-6 * turn**0.9) + 6 / (1 + (turn * 0.05) ** 0.9) + 1 / (0.3 * turn**0.5)
    z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
    volt = float(potential(np.array([state]))[0])
    heads, clock = "freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,Ewe/V", np.cumsum(3 / FREQUENCY + 0.5)
    lines = [f"{f:.6g},{one.real:.6g},{one.imag:.6g},{volt:.5f}" for f, one in zip(FREQUENCY, z, strict=True)]
    if began is not None:
        heads += ",time/s"
        lines = [f"{line},{began + second:.3f}" for line, second in zip(lines, clock, strict=True)]
    return "\n".join([heads, *lines]) + "\n"


def written(folder: Path, way: str, cells: int, chance: np.random.Generator) -> dict[str, float]:
    """A study of cells; name -> true state."""
    first = float(chance.uniform(30, 80))
    states, rows, files = {}, [], []
    for number in range(cells):
        name, equal = f"c{number:02d}", number == 0 or number % 2
        state = first if equal else first + float(chance.uniform(0, 100))
        mass_g = 1e-3 * MASS_MG
        weighed = MASS_MG + MASS_STANDARD_MG * float(chance.standard_normal())
        text, began = record(state, mass_g)
        (folder / f"{name}.csv").write_text(text)
        clock = {WAYS[0]: began, WAYS[1]: 0.0}.get(way)
        (folder / f"{name}_z.csv").write_text(spectrum(state, clock, chance))
        own = "" if way == WAYS[3] else f"{name}_z.csv"
        rows.append(f"{name},cell,{weighed:.4f},{MASS_STANDARD_MG},In/InLi,{name}.csv,{own},0.785")
        files.append(f"{name},impedance,{name}_z.csv,{1e3 * 1e-3 * state * mass_g:.6f},2.5")
        states[name] = state
    heads = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,spectra_file,area_cm2"
    (folder / "cells.csv").write_text("\n".join([heads, *rows]) + "\n")
    if way == WAYS[3]:
        (folder / "files.csv").write_text("\n".join(["sample,technique,file,charge_mAh,rest_h", *files]) + "\n")
    (folder / "study.toml").write_text("schema_version = 1\n")
    return states


def counted(way: str, studies: int, cells: int, seed: int) -> list[str]:
    """A row of the table."""
    equal = comparable = apart = wrong = unknown = 0
    ratios = []
    for number in range(studies):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            states = written(folder, way, cells, np.random.default_rng([seed, WAYS.index(way), number]))
            pairs = run_study(folder).study_result("resistances_compared").pairs
        for pair in pairs:
            off = states[pair.second.cell] - states[pair.first.cell]
            said = pair.outcome.verdict == "comparable"
            unknown += np.isnan(pair.states[1].charge_mAh_g)
            spread = float(np.hypot(*(one.charge_standard_mAh_g for one in pair.states)))
            if off == 0:
                equal, comparable = equal + 1, comparable + said
                ratios += [pair.outcome.ratio] if said else []
            else:
                apart += 1
                wrong += bool(said and abs(off) > 3 * spread)
    scatter = f"{np.mean(ratios):.4f} ± {np.std(ratios):.4f}" if ratios else "–"
    return [way, *map(str, (equal, comparable, apart, wrong, unknown)), scatter]


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=4, help="of each way")
    parser.add_argument("--cells", type=int, default=26)
    parser.add_argument("--seed", type=int, default=3)
    given, begin = parser.parse_args(), time.process_time()
    rows = [f"| {' | '.join(counted(way, given.studies, given.cells, given.seed))} |" for way in WAYS]
    head = f"""# Resistances at one state of charge

`python benchmarks/losses/same_state.py --studies {given.studies} --cells {given.cells} --seed {given.seed}`; \\
{platform.machine()}, {time.process_time() - begin:.0f} s of CPU. {given.studies} studies from files of each way, every cell
against the first one. "Wrong": called comparable though the true states lie further apart than three times the stated
error.

| spectra | equal states | of these comparable | states apart | of these wrong | state unknown | ratio of equal ones |
| --- | --- | --- | --- | --- | --- | --- |
"""
    Path(__file__).with_suffix(".md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
