"""STL files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.equipment.bodies import box
from cathodelab.simulation.dem.equipment.meshes import read_stl, volume


def _write(path: Path, corners: np.ndarray, *, text: bool) -> Path:
    if text:
        faces = "".join(
            "facet normal 0 0 0\nouter loop\n"
            + "".join("vertex {} {} {}\n".format(*p) for p in tri)
            + "endloop\nendfacet\n"
            for tri in corners
        )
        path.write_text(f"solid block\n{faces}endsolid block\n")
        return path
    record = np.zeros(len(corners), np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))
    record["c"] = corners
    path.write_bytes(b"\0" * 80 + len(corners).to_bytes(4, "little") + record.tobytes())
    return path


@pytest.mark.parametrize("text", [True, False])
def test_a_block_is_read_in_millimetres(tmp_path: Path, text: bool) -> None:  # noqa: FBT001
    """Binary and text give the same volume."""
    mesh = read_stl(_write(tmp_path / "block.stl", box((1, 2, 3)).corners, text=text))
    assert volume(mesh) == pytest.approx(6e-9, rel=1e-6)


def test_a_mesh_inside_out_is_turned_over(tmp_path: Path) -> None:
    """Its volume is positive afterwards."""
    mesh = read_stl(_write(tmp_path / "block.stl", box((1, 2, 3)).corners[:, ::-1], text=False))
    assert volume(mesh) == pytest.approx(6e-9, rel=1e-6)


def test_an_open_a_damaged_and_a_missing_mesh_are_refused(tmp_path: Path) -> None:
    """Each with its own code."""
    whole = box((1, 2, 3)).corners
    cases = {"dem-mesh-open": _write(tmp_path / "open.stl", whole[:-1], text=False)}
    damaged = _write(tmp_path / "damaged.stl", whole, text=False)
    damaged.write_bytes(damaged.read_bytes()[:-20])
    cases |= {"dem-mesh-damaged": damaged, "dem-mesh-missing": tmp_path / "nothing.stl"}
    for code, path in cases.items():
        with pytest.raises(CathodelabError) as raised:
            read_stl(path)
        assert raised.value.code == code
