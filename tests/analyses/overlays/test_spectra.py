"""Spectra of all cells in one plane, through a study from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.analyses.overlays.spectra import SpectraOverlaid, figures
from cathodelab.study.run import run_study

FREQUENCIES = np.logspace(5, -1, 46)
AREA_CM2 = 0.785


def _written(path: Path, cathodes: tuple[float, ...], seed: int) -> None:
    turn = 2j * np.pi * FREQUENCIES
    chance = np.random.default_rng(seed)
    lines = ["freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,Ewe/V,loop_index"]
    for loop, cathode in enumerate(cathodes):
        z = 40 + cathode / (1 + turn * 1.6e-4) + 1 / (0.3 * turn**0.55)
        z = z * (1 + 0.002 * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size)))
        lines += [f"{f},{one.real},{one.imag},3.7,{loop}" for f, one in zip(FREQUENCIES, z, strict=True)]
    path.write_text("\n".join(lines) + "\n")


def test_the_chosen_spectrum_of_every_cell_stands_in_one_plane(tmp_path: Path) -> None:
    """Per area, equal scales, decades of the largest one named, states in the caption."""
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\ntitle = "coatings"\n\n[methods.spectra_overlaid]\nspectrum = "last"\n'
    )
    rows = ["cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,area_cm2"]
    for number, (name, cathodes) in enumerate({"uncoated": (105.0, 150.0), "coated": (55.0, 57.0)}.items()):
        _written(tmp_path / f"{name}.csv", cathodes, number)
        rows.append(f"{name},cell,8,0.02,In/InLi,{name}.csv,{AREA_CM2}")
    (tmp_path / "cells.csv").write_text("\n".join(rows) + "\n")
    found = run_study(tmp_path).study_result("spectra_overlaid")
    assert isinstance(found, SpectraOverlaid)
    (plane,) = figures(found)
    (panel,) = plane.panels
    assert panel.equal_scales
    lines = {one.sample: one for one in panel.series if one.kind == "line"}
    assert np.ptp(lines["uncoated"].x) > 145 * AREA_CM2
    assert np.ptp(lines["coated"].x) < 80 * AREA_CM2
    marks = panel.series[-1]
    assert marks.sample == "uncoated"
    assert "1 kHz" in marks.names
    assert "The last spectrum of every cell" in plane.caption
    assert "uncoated: 2 of 2 at 3.700 V vs. In/InLi" in plane.caption
