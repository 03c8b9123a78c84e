"""Run files whose energy account is looked at: each turns on something that loses, stores or brings in energy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.equipment.bodies import Mesh, box, joined

_DRUM = """schema_version = 1
title = "{title}"
[run]
duration_s = {duration}
output_interval_s = {interval}
[particles]
diameter_um = 1500
spread = 0.1
count = 120
fill_height_share = 0.6
[materials.powder]
density_g_cm3 = 2.5
young_modulus_gpa = 0.05
[materials.chamber]
density_g_cm3 = 7.85
young_modulus_gpa = 0.05
[[contacts]]
between = ["powder", "powder"]
static_friction = 0.5
dynamic_friction = 0.5
{contact}
[[contacts]]
between = ["powder", "chamber"]
static_friction = 0.8
dynamic_friction = 0.6
{contact}
[machine]
kind = "drum"
radius_mm = 12
length_mm = 7.5
speed_rpm = 60
end_material = "chamber"
"""
_BAFFLE = '[[bodies]]\nname = "baffle"\nfile = "baffle.stl"\nmaterial = "chamber"\nspeed_rpm = 60\n'

CASES: Mapping[str, tuple[str, str]] = {
    "elastic": ('law = "hertz"', ""),
    "normal dashpot, weak": ('law = "hertz"\nrestitution = 0.9', ""),
    "normal dashpot": ('law = "hertz"\nrestitution = 0.5', ""),
    "normal dashpot, strong": ('law = "hertz"\nrestitution = 0.1', ""),
    "tangential dashpot": ('law = "hertz"\ntangential_damping = 0.3', ""),
    "tangential dashpot, strong": ('law = "hertz"\ntangential_damping = 1', ""),
    "both dashpots": ('law = "hertz"\nrestitution = 0.5\ntangential_damping = 0.3', ""),
    "rolling resistance": ('law = "hertz"\nrolling_friction = 0.1\nrestitution = 0.7', ""),
    "plastic": ('law = "thornton_ning"\nyield_ratio = 0.01', ""),
    "plastic, both dashpots": (
        'law = "thornton_ning"\nyield_ratio = 0.01\nrestitution = 0.7\ntangential_damping = 0.3',
        "",
    ),
    "linear hysteretic": (
        'law = "linear_hysteretic"\nstiffness_n_m = 2000\nrestitution = 0.6\ntangential_damping = 0.3',
        "",
    ),
    "baffle of 0.2 mm that turns": ('law = "hertz"\nrestitution = 0.7\ntangential_damping = 0.3', _BAFFLE),
}
"""Name -> entries of both contacts, further bodies."""


def write_case(name: str, folder: Path, duration: float = 0.04) -> Path:
    """Write the run file of a case, and its mesh."""
    contact, more = CASES[name]
    if more:
        plates = joined([box((8.0, 0.2, 9.0), (side * 7.0, 0.0, 3.75)) for side in (-1, 1)])
        write_stl(folder / "baffle.stl", plates)
    path = folder / "case.toml"
    path.write_text(_DRUM.format(title=name, duration=duration, interval=duration / 2, contact=contact) + more)
    return path


def write_stl(path: Path, mesh: Mesh) -> Path:
    """Write a binary STL file (in the unit of the mesh)."""
    record = np.zeros(
        len(mesh.corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    )
    record["corners"] = mesh.corners
    path.write_bytes(b"\0" * 80 + len(record).to_bytes(4, "little") + record.tobytes())
    return path
