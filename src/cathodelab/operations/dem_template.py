"""The commented run file that `dem init` writes: a small mixer that runs as it stands, with every entry explained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.settings import knobs, toml
from cathodelab.simulation.dem.runs.run_file_tables import (
    MACHINES,
    BallTable,
    BodyTable,
    ContactTable,
    InletTable,
    MaterialTable,
    MixerTable,
    ParticleTable,
    RunTable,
)
from cathodelab.study.cache import write_atomically

_RUN = {"duration_s": 0.012, "output_interval_s": 0.001}
_PARTICLES = {"material": "powder", "diameter_um": 400.0, "mass_g": 0.12}
_POWDER = {"density_g_cm3": 2.417, "young_modulus_gpa": 0.228, "poisson_ratio": 0.3}
_STEEL = {"density_g_cm3": 7.85, "young_modulus_gpa": 200.0, "poisson_ratio": 0.3}
_INSIDE = {"law": "thornton_ning", "static_friction": 0.46, "dynamic_friction": 0.31, "yield_ratio": 0.00756}
_WALL = {"law": "thornton_ning", "static_friction": 0.45, "dynamic_friction": 0.25, "yield_ratio": 0.0256}
_SMOOTH = {**_WALL, "static_friction": 0.0, "dynamic_friction": 0.0}
_MIXER = {
    "tip_radius_mm": 5.0,
    "gap_mm": 1.2,
    "hub_radius_mm": 2.5,
    "blades": 4,
    "blade_thickness_mm": 1.0,
    "length_mm": 1.9,
    "speed_rpm": 5000.0,
    "ramp_s": 0.001,
    "chamber_material": "steel",
    "rotor_material": "steel",
    "end_material": "ends",
}
_HEAD = """\
# A run file of discrete elements. It runs as it stands (a minute or two):  cathodelab dem run {name}
# Results go to the folder of the same name; the same command goes on where a run stopped.
# An example, not a machine anybody has: put your own numbers. The bed, thrown against the chamber, should be thicker than the gap
# (a rotor that does not reach it stirs nothing), the gap at least three grains wide. What is commented out stands at its default.
schema_version = 1
title = "Small mixer, an example"
"""


def run_file_text(name: str) -> str:
    """A whole run file: entries of the example, all others commented out with their defaults."""
    others = ", ".join(one for one in MACHINES if one != "mixer")
    parts = [
        _HEAD.format(name=name),
        _table("[run]", RunTable, _RUN),
        _table("[particles] # give mass_g or count", ParticleTable, _PARTICLES),
        _table("[materials.powder]", MaterialTable, _POWDER),
        _table("[materials.steel]", MaterialTable, _STEEL, explained=False),
        _table("[materials.ends]", MaterialTable, _STEEL, explained=False),
        _table('[[contacts]]\nbetween = ["powder", "powder"]', ContactTable, _INSIDE),
        _table('[[contacts]]\nbetween = ["powder", "steel"]', ContactTable, _WALL, explained=False),
        _table('[[contacts]]\nbetween = ["powder", "ends"]', ContactTable, _SMOOTH, explained=False),
        _table(f'[machine]\nkind = "mixer" # or {others}', MixerTable, _MIXER),
        *(_others(kind, table) for kind, table in MACHINES.items() if table is not MixerTable),
        _commented(
            _table("[[inlets]] # particles that come in later, instead of filling at the start", InletTable, {})
        ),
        _commented(_table("[balls] # grinding balls, for the mill", BallTable, {})),
        _commented(_table("[[bodies]] # closed meshes from STL files", BodyTable, {})),
    ]
    return "\n".join(parts)


def write_run_file(path: Path) -> Path:
    """Write the example; overwrites nothing.

    Raises:
        CathodelabError: ``dem-exists``.
    """
    if path.exists():
        raise CathodelabError(
            "dem-exists",
            f"{path.name} is there already",
            where=str(path.parent),
            why="An example never overwrites a run file.",
            what_to_do="Name another file, or edit the one that is there.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, run_file_text(path.name).encode())
    return path


def _table(head: str, kind: type[Any], values: Mapping[str, Any], *, explained: bool = True) -> str:
    lines = [head]
    for name, (default, about) in knobs(kind).items():
        given = values.get(name, default)
        if name not in values and not explained:
            continue
        unit = f" ({about.unit})" if about.unit and about.unit != "1" else ""
        chosen = f"; one of {', '.join(about.choices)}" if about.choices else ""
        note = f" # {about.meaning}{unit}{chosen}" if explained else ""
        lines.append(f"{'' if name in values else '# '}{name} = {toml(given)}{note}")
    return "\n".join(lines) + "\n"


def _others(kind: str, table: type[Any]) -> str:
    return _commented(_table(f'[machine]\nkind = "{kind}"', table, {}))


def _commented(text: str) -> str:
    return "".join(line if line.startswith("#") else f"# {line}" for line in text.splitlines(keepends=True))
