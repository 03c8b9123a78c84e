"""Cathode resistances of cells beside each other: the section and the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.analyses.resistances_compared import PairingResult, page, tables
from cathodelab.core.document import Grid, Paragraph
from cathodelab.study.run import run_study

FREQUENCIES = np.logspace(5, -1, 46)


def write(path: Path, cathodes: tuple[float, ...], seed: int) -> None:
    turn = 2j * np.pi * FREQUENCIES
    chance = np.random.default_rng(seed)
    lines = ["freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,Ewe/V,loop_index"]
    for loop, cathode in enumerate(cathodes):
        z = 40 + cathode / (1 + (turn * 1.6e-4) ** 0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
        z = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
        lines += [f"{f},{one.real},{one.imag},3.7,{loop}" for f, one in zip(FREQUENCIES, z, strict=True)]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text('schema_version = 1\ntitle = "coatings"\n')
    rows = ["cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,area_cm2"]
    for number, (name, cathodes) in enumerate({"uncoated": (105.0, 107.0), "coated": (55.0, 57.0)}.items()):
        write(tmp_path / f"{name}.csv", cathodes, number)
        rows.append(f"{name},cell,8,0.02,In/InLi,{name}.csv,0.785")
    (tmp_path / "cells.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_cells_of_unknown_state_are_not_compared_and_the_reason_stands_once(study: Path) -> None:
    """Spectra from files without charge and rest: refused, two pairs in one row."""
    results = run_study(study)
    found = results.study_result("resistances_compared")
    assert isinstance(found, PairingResult)
    assert [pair.outcome.verdict for pair in found.pairs] == ["refused", "refused"]
    head, grid, note = page(found, {})
    assert isinstance(note, Paragraph)
    assert "uncoated: In/InLi" in note.text
    assert isinstance(head, Paragraph)
    assert "2 refused" in head.text
    assert isinstance(grid, Grid)
    assert len(grid.rows) == 1
    assert grid.rows[0][0].text == "coated (1) / uncoated (1), and 1 more"
    assert "must not be compared" in grid.rows[0][-1].text
    assert grid.rows[0][4].text == "–"
    (table,) = tables(found)
    record = table.records[0]
    assert (record["cell"], record["against_cell"], record["verdict"]) == ("coated", "uncoated", "refused")
    assert record["ratio_at_one_state"] is None
    measured = found.pairs[0].second
    assert record["resistance_standard_ohm_cm2"] == pytest.approx(measured.resistance * measured.relative_standard)
