"""A generated study with everything in it: titrations, cycles and spectra of five batches, and cells that fail."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source
from cathodelab.formats.bdf import write_bdf_text
from cathodelab.operations.demo import write_demo_study
from cathodelab.study.plan import Plan
from cathodelab.study.results import StudyResults
from cathodelab.study.study_methods import study_outcomes
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns

_DECIMALS = {
    "test_time_second": 1,
    "voltage_volt": 6,
    "current_ampere": 10,
    "step_count": 0,
    "net_charge_ampere_hour": 10,
}
_FREQUENCIES = np.logspace(5, -1, 36)
_UTILIZATION = {"ssb-01": 0.80, "ssb-02": 0.74, "ssb-04": 0.90, "ssb-05": 0.89, "ssb-06": 0.88}
_CATHODE_OHM = {"ssb-01": 105.0, "ssb-04": 55.0}
_BATCHES = {"ssb-03": "hand-2", "ssb-06": "machine-2"}
FAILING = "ssb-08"
"""A cell whose file breaks off in its first lines."""


def write_study(folder: Path) -> None:
    """The demonstration with cycles behind the titrations of its cells, spectra of two, and a file that is damaged."""
    write_demo_study(folder, seed=1)
    with (folder / "cells.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rows.append({**rows[-1], "cell": FAILING, "file": f"raw/{FAILING}.bdf.csv"})
    whole = (folder / "raw" / "ssb-07.bdf.csv").read_text(encoding="utf-8")
    (folder / "raw" / f"{FAILING}.bdf.csv").write_text(whole[:80], encoding="utf-8")
    for row in rows:
        name = row["cell"]
        row["batch"] = _BATCHES.get(name, row["batch"])
        row["spectra_file"], row["porosity"] = "", "12"  # a column that nobody knows
        row["separator_mass_mg"], row["anode_mass_mg"] = ("80", "60") if row["role"] == "cell" else ("", "")
        if name in _UTILIZATION:
            _write_cycles(folder / "raw" / f"{name}-cycles.bdf.csv", float(row["cam_mass_mg"]), _UTILIZATION[name])
            row["file"] += f";raw/{name}-cycles.bdf.csv"
        if name in _CATHODE_OHM:
            _write_spectrum(
                folder / "raw" / f"{name}-spectra.csv", _CATHODE_OHM[name], folder / "raw" / f"{name}.bdf.csv"
            )
            row["spectra_file"] = f"raw/{name}.bdf.csv;raw/{name}-spectra.csv"  # behind the titration's last rest
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(rows[1]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "cells.csv").write_text(sheet.getvalue(), encoding="utf-8")


def _write_cycles(path: Path, mass_mg: float, utilization: float) -> None:
    truth = CyclingTruth(cam_mass_mg=mass_mg, utilization=utilization)
    columns = cycling_columns(truth, cycles_of((0.1, 0.1, 0.5)), Recording(rows=60), np.random.default_rng(1))
    write_bdf_text(path, {name: columns[name] for name in _DECIMALS}, _DECIMALS)


def _write_spectrum(path: Path, cathode_ohm: float, record: Path) -> None:
    """Separator, cathode, anode, tail, with noise; on the clock of the record, in its last rest."""
    rows = list(csv.DictReader(record.read_text(encoding="utf-8").splitlines()))
    last, end = (float(rows[-1][name]) for name in ("Voltage / V", "Test Time / s"))
    turn = 2j * np.pi * _FREQUENCIES
    chance = np.random.default_rng(round(cathode_ohm))
    z = 40 + cathode_ohm / (1 + (turn * 1.6e-4) ** 0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
    z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
    volt = last + 1e-4 * cathode_ohm  # rests that differ: the charge since the cells were fresh is compared
    columns = zip(_FREQUENCIES, z, end - 3600 + np.cumsum(3 / _FREQUENCIES), strict=True)
    lines = [f"{hertz},{one.real},{one.imag},{volt},{second:.3f}" for hertz, one, second in columns]
    path.write_text("\n".join(["freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,Ewe/V,time/s", *lines]) + "\n", encoding="utf-8")


def skewed(results: StudyResults) -> StudyResults:
    """The same results, every interval one that no swap leaves as it was, and checks whose value is not their limit.

    One set claims no level, one estimate has no known half-widths. The study methods run again on what is skewed.
    """
    outcomes = []
    for outcome in results.outcomes:
        changed = outcome
        if outcome.status == "ok":
            estimates = _skewed(outcome.result.estimates, outcome.sample)
            if (outcome.sample, outcome.method) == ("ssb-05", "losses"):
                estimates = replace(estimates, combination="linear")
            if (outcome.sample, outcome.method) == ("ssb-02", "stack"):
                effects = np.array(estimates.effects)
                effects[1] = np.nan
                estimates = replace(estimates, effects=effects)
            made = [
                Check(f"made_{number}", passed, 0.25 + number, 0.75 + number, f"Made {number} for {outcome.method}.")
                for number, passed in enumerate((True, None, False) if outcome.method == "losses" else (True,))
            ]
            checks = (*outcome.result.checks, *made)
            changed = replace(outcome, result=replace(outcome.result, estimates=estimates, checks=checks))
        outcomes.append(changed)
    return study_outcomes(replace(results, outcomes=tuple(outcomes)), Plan(results.study), {})


def _skewed(estimates: EstimateSet, cell: str) -> EstimateSet:
    """With a one-sided source of error more: to larger values in every other row, to smaller ones in the rest."""
    if not estimates.names:
        return estimates
    half = [max(one.minus, one.plus) for one in estimates.as_mapping().values()]
    sizes = np.array(half) + 0.02 * np.abs(estimates.values) + 1e-4
    signs = np.where(np.arange(sizes.size) % 2 == 0, 1.0, -1.0)
    source = Source(f"{cell}/skew", "made for the test", "one-sided limit", "nothing")
    return replace(
        estimates,
        sources=(*estimates.sources, source),
        effects=np.column_stack([estimates.effects, 0.9 * signs * sizes]),
    )
