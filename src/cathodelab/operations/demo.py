"""A generated study, labelled synthetic, with the truth beside the estimates."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.bdf import write_bdf_text
from cathodelab.simulation.closed_form import (
    Truth,
    cell_titration,
    drawn_instrument,
    reference_titration,
)
from cathodelab.study.cache import write_atomically

_DECIMALS = {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0}
_REFERENCE_UNCERTAINTY_MG, _CELL_UNCERTAINTY_MG = 0.05, 0.1
_BATCHES = (
    ("hand-1", "hand grinding", (0.78, 0.86, 0.72)),
    ("machine-1", "high-intensity mixer", (0.90, 0.91, 0.895)),
)
_SLOW = "ssb-07"

_STUDY = """# A generated study: nothing in it was measured.
schema_version = 1
title = "Demonstration: hand against machine mixing (synthetic)"
synthetic = true

[reference_electrode]
offset_volt = 0.62
standard_uncertainty_volt = 0.004

[c_rate]
basis_mAh_g = 200
"""


def write_demo_study(folder: Path, seed: int) -> None:
    """Write a liquid reference, two batches of three cells and one cell with slow material.

    Raises:
        CathodelabError: the folder exists and is no earlier demonstration.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "truth.csv").is_file():
        raise CathodelabError(
            "folder-not-empty",
            f"The folder {folder.name!r} is not empty",
            where=str(folder),
            why="A demonstration writes its own cells.csv, study.toml and raw files and must not mix with others.",
            what_to_do="Name a new folder.",
        )
    random = np.random.default_rng(seed)
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    sheet: list[dict[str, str]] = []
    truths: list[tuple[str, float, float, float]] = []
    truth = Truth(utilization=1.0, cam_mass_mg=5.6 + 0.2 * random.standard_normal())
    columns = reference_titration(truth, drawn_instrument(random), random)
    weighed = truth.cam_mass_mg + _REFERENCE_UNCERTAINTY_MG * random.standard_normal()
    sheet.append(_row("liquid-01", "reference", weighed, _REFERENCE_UNCERTAINTY_MG, "Li", "", ""))
    truths.append(("liquid-01", 1.0, truth.cam_mass_mg, 0.0))
    write_bdf_text(folder / "raw" / "liquid-01.bdf.csv", columns, _DECIMALS)
    for name, batch, method, truth in _cells(random):
        columns = cell_titration(truth, drawn_instrument(random), random)
        weighed = truth.cam_mass_mg + _CELL_UNCERTAINTY_MG * random.standard_normal()
        sheet.append(_row(name, "cell", weighed, _CELL_UNCERTAINTY_MG, "In/InLi", batch, method))
        truths.append((name, truth.utilization, truth.cam_mass_mg, truth.offset_volt))
        write_bdf_text(folder / "raw" / f"{name}.bdf.csv", columns, _DECIMALS)
    write_atomically(folder / "study.toml", _STUDY.encode())
    write_atomically(folder / "cells.csv", _as_csv(list(sheet[0]), [list(row.values()) for row in sheet]))
    header = ["cell", "static_utilization", "cam_mass_mg", "offset_volt"]
    write_atomically(
        folder / "truth.csv", _as_csv(header, [[one[0], *(f"{x:.4f}" for x in one[1:])] for one in truths])
    )


def _cells(random: np.random.Generator) -> list[tuple[str, str, str, Truth]]:
    """Name, batch, mixing method and truth of every generated cell."""
    cells: list[tuple[str, str, str, Truth]] = []
    for batch, method, utilizations in _BATCHES:
        for utilization in utilizations:
            truth = Truth(
                utilization=utilization,
                cam_mass_mg=10.4 + 0.15 * random.standard_normal(),
                offset_volt=0.62 + 0.004 * random.standard_normal(),
                polarization_volt=0.009 / utilization,
            )
            cells.append((f"ssb-{len(cells) + 1:02d}", batch, method, truth))
    slow = Truth(utilization=0.85, cam_mass_mg=10.3, offset_volt=0.62, polarization_volt=0.012, slow_volt=0.025)
    cells.append((_SLOW, "slow-1", "hand grinding", slow))
    return cells


def _row(
    name: str, role: str, mass: float, uncertainty: float, electrode: str, batch: str, method: str
) -> dict[str, str]:
    solid = role == "cell"
    return {
        "cell": name,
        "role": role,
        "cam_mass_mg": f"{mass:.3f}",
        "cam_mass_standard_uncertainty_mg": f"{uncertainty:g}",
        "counter_electrode": electrode,
        "file": f"raw/{name}.bdf.csv",
        "batch": batch,
        "mixing_method": method,
        "composite_mass_mg": f"{mass / 0.7:.2f}" if solid else "",
        "cam_mass_fraction": "0.70" if solid else "",
        "area_cm2": "0.785" if solid else "",
        "cam_name": "synthetic layered oxide",
        "electrolyte_name": "synthetic sulfide" if solid else "synthetic liquid",
        "temperature_degC": "25",
    }


def _as_csv(header: list[str], rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()
