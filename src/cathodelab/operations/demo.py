"""A generated study, labelled synthetic, with the truth beside the estimates."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.bdf import write_bdf_text
from cathodelab.simulation.twin.campaign import Plan, drawn, slow_particles
from cathodelab.simulation.twin.truth import Batch, Campaign, TruthCell, generated, written
from cathodelab.study.cache import write_atomically

_DECIMALS = {
    "test_time_second": 1,
    "voltage_volt": 6,
    "current_ampere": 10,
    "step_count": 0,
    "net_charge_ampere_hour": 10,
}
_PLAN = Plan(
    title="Demonstration: hand against machine mixing (synthetic)",
    batches=(
        Batch("hand-1", "hand grinding", mean_utilization=0.79, spread_between_cells=0.05),
        Batch("machine-1", "high-intensity mixer", mean_utilization=0.90, spread_between_cells=0.012),
        Batch("slow-1", "hand grinding", mean_utilization=0.85),
    ),
    cells_of_batch={"hand-1": 3, "machine-1": 3},
    flawed=(
        ("slow-1", "30 % of the particles diffuse a thousand times slower", slow_particles(0.3, diffusivity=1e-3)),
    ),
)

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
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    campaign = drawn(_PLAN, seed)
    methods = {batch.id: batch.mixing_method for batch in campaign.batches}
    for cell, (_, columns) in zip(campaign.cells, generated(campaign), strict=True):
        write_bdf_text(folder / "raw" / f"{cell.physics.id}.bdf.csv", columns, _DECIMALS)
    sheet = [_row(campaign, cell, methods.get(cell.batch, "")) for cell in campaign.cells]
    write_atomically(folder / "study.toml", _STUDY.encode())
    write_atomically(folder / "cells.csv", _as_csv(list(sheet[0]), [list(row.values()) for row in sheet]))
    write_atomically(folder / "truth.csv", _truth_table(campaign))
    write_atomically(folder / "truth.json", written(campaign))


def _truth_table(campaign: Campaign) -> bytes:
    """The part of the truth that a result is compared with."""
    header = ["cell", "static_utilization", "cam_mass_mg", "offset_volt", "remark"]
    rows = [
        [one.id, f"{one.utilization:.4f}", f"{one.cam_mass_mg:.4f}", f"{one.offset_volt:.4f}", cell.remark]
        for cell in campaign.cells
        for one in (cell.physics,)
    ]
    return _as_csv(header, rows)


def _row(campaign: Campaign, cell: TruthCell, method: str) -> dict[str, str]:
    """The line of the manifest: what was weighed and noted, not the truth."""
    name, solid, mass = cell.physics.id, cell.role == "cell", campaign.weighed_mg(cell)
    return {
        "cell": name,
        "role": cell.role,
        "cam_mass_mg": f"{mass:.3f}",
        "cam_mass_standard_uncertainty_mg": f"{cell.weighing_standard_mg:g}",
        "counter_electrode": "In/InLi" if solid else "Li",
        "file": f"raw/{name}.bdf.csv",
        "batch": cell.batch,
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
