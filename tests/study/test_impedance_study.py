"""A study folder with spectra: from the files to the page."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cathodelab.operations.model import RunInput
from cathodelab.report.write import write_results
from cathodelab.study.run import run_study

HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,spectra_file,area_cm2\n"


@pytest.fixture
def study(data: Path, tmp_path: Path) -> Path:
    """One real pellet spectrum, one with its imaginary part turned around; no reference cell."""
    folder = tmp_path / "spectra"
    folder.mkdir()
    shutil.copy(data / "impedance" / "versastudio_example.par", folder / "good.par")
    turn = 2j * np.pi * np.logspace(6, -1, 50)
    z = 40 + 100 / (1 + (turn * 1.6e-4) ** 0.85) + 1 / (0.3 * turn**0.55)
    rows = "\n".join(f"{w.imag / 2 / np.pi},{one.real},{-one.imag}" for w, one in zip(turn, z, strict=True))
    (folder / "turned.csv").write_text(f"freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n{rows}\n")
    lines = [f"{name},cell,8,0.1,In/InLi,{file},{file},1.0" for name, file in (("a", "good.par"), ("b", "turned.csv"))]
    (folder / "cells.csv").write_text(HEAD + "\n".join(lines) + "\n")
    (folder / "study.toml").write_text(
        'schema_version = 1\n[methods.impedance]\nother_circuits = "R-(RQ)-(RQ)-(RQ)-Q"\n'
    )
    return folder


def test_spectra_alone_make_a_study(study: Path) -> None:
    """Resistances for the good file, one clear fault for the other; utilization is skipped; the page shows both."""
    results = run_study(RunInput(study).folder)
    found = {(one.sample, one.method): one for one in results.outcomes}
    assert found["a", "impedance"].status == "ok"
    assert found["b", "impedance"].status == "failed"
    error = found["b", "impedance"].error
    assert error is not None
    assert "imaginary part has the wrong sign" in error.what
    assert {method for name, method in found if name == "a"} == {"impedance"}, "nothing else applies"
    page = write_results(results).read_text(encoding="utf-8")
    assert "Circuits that were tried" in page
    assert "wrong sign" in page
    assert (study / "results" / "figures" / "a-impedance.svg").is_file()


def test_impedance_does_not_apply_to_cells_without_spectra(known_truth: Path) -> None:
    """No outcome, and no entry in the list of what was not evaluated."""
    results = run_study(known_truth)
    assert results.of("utilization")
    assert not [one for one in results.outcomes if one.method == "impedance"]


def _held_cell(folder: Path, start: float, rate: float) -> None:
    """Rows of a cycler until half an hour at 3.7 V, then eleven spectra of the hold, then one at 3.1 V."""
    frequencies = np.logspace(6, -1, 50)
    turn, sweep = 2j * np.pi * frequencies, np.cumsum(3 / frequencies + 0.5)
    reached = 7200.0
    clock = np.append(np.arange(0, reached + 1800, 60.0), reached + 1800)
    volts = np.interp(clock, [0, 3600, reached], [3.1, 3.1, 3.7])
    rows = [f"{t:.1f},{v:.5f},{1e-4 if 3600 < t < reached else 0.0}" for t, v in zip(clock, volts, strict=True)]
    (folder / "rows.csv").write_text("Test Time / s,Voltage / V,Current / A\n" + "\n".join(rows) + "\n")
    chance = np.random.default_rng(4)
    lines = ["freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm,time/s,Ewe/V"]
    begins = [reached + 1800 + 3600 * hour for hour in range(11)]
    for first, volt in [*((one, 3.7) for one in begins), (begins[-1] + 7200, 3.1)]:
        times = first + sweep
        cathode = start + rate * np.sqrt((times - reached) / 3600) if volt > 3.5 else np.full(times.size, 22.0)
        z = 40 + 1 / (1 / cathode + 6e-6 * turn**0.8) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        lines += [
            f"{f:.6e},{one.real:.5f},{-one.imag:.5f},{t:.2f},{volt}"
            for f, one, t in zip(frequencies, z, times, strict=True)
        ]
    (folder / "spectra.csv").write_text("\n".join(lines) + "\n")


def test_a_hold_in_files_gives_its_rate_from_when_the_record_shows_the_potential(tmp_path: Path) -> None:
    """All eleven spectra are used, t = 0 lies half an hour before the first, and the rate is the one that was set."""
    _held_cell(tmp_path, 105.0, 14.6)
    (tmp_path / "cells.csv").write_text(HEAD + "a,cell,8,0.1,In/InLi,rows.csv,spectra.csv,1.0\n")
    (tmp_path / "study.toml").write_text("schema_version = 1\n")
    results = run_study(RunInput(tmp_path).folder)
    growth = next(one.result for one in results.outcomes if one.method == "interface_growth")
    assert growth is not None
    assert growth.numbers == tuple(range(1, 12))
    assert growth.hours_before == pytest.approx(0.5, abs=0.001)
    assert abs(growth.law.rate - 14.6) < 4 * growth.law.rate_standard
    assert growth.law.rate_standard < 0.3
    assert [one.when for one in growth.beside] == ["after"]
    first = growth.estimates.estimate("growth_rate_from_first_spectrum").value
    assert first < 14.6 - 10 * growth.law.rate_standard, "from the first spectrum it is another number"
