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
