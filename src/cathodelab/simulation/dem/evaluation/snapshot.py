"""The particles at one time as a VTK file (legacy format, binary), for ParaView and its like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.simulation.dem.evaluation.stress_tally import work_of
from cathodelab.simulation.dem.state import State


def columns(state: State) -> Mapping[str, FloatArray]:
    """What a snapshot shows of each particle, in the order of their identities; SI units in the names."""
    order = np.argsort(state.particles.identity)
    p = state.particles
    pair, wall = work_of(state)
    table = {f"{axis}_m": p.position[order, k] for k, axis in enumerate("xyz")}
    table |= {f"v{axis}_m_s": p.velocity[order, k] for k, axis in enumerate("xyz")}
    table |= {f"w{axis}_rad_s": p.spin[order, k] for k, axis in enumerate("xyz")}
    table["radius_m"] = p.radius[order]
    table["lost_work_j"] = (pair + wall).sum(axis=1)[order]
    table["collisions"] = state.sums.ended[order].astype(float)
    return table


def write_vtk(path: Path, state: State) -> Path:
    """Write points with radius, speed, lost work and collisions."""
    table = columns(state)
    count = len(state.particles)
    points = np.column_stack([table[f"{axis}_m"] for axis in "xyz"])
    speed = np.column_stack([table[f"v{axis}_m_s"] for axis in "xyz"])
    with path.open("wb") as file:
        head = f"# vtk DataFile Version 3.0\ntime {state.time:.9g} s\nBINARY\nDATASET POLYDATA\nPOINTS {count} double\n"
        file.write(head.encode() + points.astype(">f8").tobytes())
        cells = np.column_stack([np.ones(count, int), np.arange(count)]).astype(">i4")
        file.write(f"\nVERTICES {count} {2 * count}\n".encode() + cells.tobytes())
        file.write(f"\nPOINT_DATA {count}\nVECTORS velocity_m_s double\n".encode() + speed.astype(">f8").tobytes())
        for name in ("radius_m", "lost_work_j", "collisions"):
            file.write(
                f"\nSCALARS {name} double 1\nLOOKUP_TABLE default\n".encode() + table[name].astype(">f8").tobytes()
            )
    return path
