"""Snapshots."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.simulation.dem.evaluation.snapshot import columns, write_vtk
from cathodelab.simulation.dem.runs.run import Run


def test_a_snapshot_holds_every_particle_in_the_order_of_its_name(done: Run, tmp_path: Path) -> None:
    """The points of the VTK file are the positions, big-endian after its line."""
    state = done.state
    table = columns(state)
    order = np.argsort(state.particles.identity)
    assert np.array_equal(table["x_m"], state.particles.position[order, 0])
    content = write_vtk(tmp_path / "a.vtk", state).read_bytes()
    head, body = content.split(f"POINTS {len(order)} double\n".encode())
    assert head.startswith(b"# vtk DataFile")
    points = np.frombuffer(body[: len(order) * 24], ">f8").reshape(-1, 3)
    assert np.array_equal(points, state.particles.position[order])
    assert b"SCALARS lost_work_j double 1" in body
