"""Triangle meshes from STL files, and whether a mesh can be a wall."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.equipment.bodies import Mesh

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_FACES_TRIED = 500


def read_stl(path: Path, scale: float = 1e-3) -> Mesh:
    """A closed mesh from a binary or text STL file; ``scale`` is metres per unit of the file (millimetres).

    Raises:
        CathodelabError: ``dem-mesh-missing``, ``dem-mesh-damaged``, ``dem-mesh-open``.
    """
    if not path.is_file():
        raise CathodelabError(
            "dem-mesh-missing",
            f"There is no mesh {path.name}",
            where=str(path.parent),
            why="The run file names it.",
            what_to_do="Put the STL file there or correct the name (it is relative to the run file).",
        )
    content = path.read_bytes()
    corners = _text(content) if _is_text(content) else _binary(content)
    if corners is None or len(corners) == 0 or not np.isfinite(corners).all():
        raise CathodelabError(
            "dem-mesh-damaged",
            f"The mesh {path.name} cannot be read",
            where=str(path),
            why="It is neither a complete binary nor a complete text STL file, or holds no triangle.",
            what_to_do="Export it again as binary STL.",
        )
    return closed(Mesh(corners.astype(float) * scale), path.name)


def _is_text(content: bytes) -> bool:
    return content[:5].lower() == b"solid" and b"facet" in content[:1000]


def _binary(content: bytes) -> np.ndarray | None:
    if len(content) < 84:
        return None
    count = int.from_bytes(content[80:84], "little")
    if len(content) < 84 + 50 * count:
        return None
    return np.asarray(np.frombuffer(content, _FACET, count, 84)["corners"])


def _text(content: bytes) -> np.ndarray | None:
    words = content.split()
    places = [k for k, word in enumerate(words) if word == b"vertex"]
    try:
        corners = np.array([[float(words[k + n]) for n in (1, 2, 3)] for k in places])
    except (ValueError, IndexError):
        return None
    return corners.reshape(-1, 3, 3) if len(corners) % 3 == 0 else None


def closed(mesh: Mesh, name: str) -> Mesh:
    """The mesh, if it is closed with its faces turned one way; faces are turned over if its volume is negative.

    Raises:
        CathodelabError: ``dem-mesh-open`` with the number of edges that have no partner.
    """
    corners = mesh.corners
    size = float(np.ptp(corners.reshape(-1, 3), axis=0).max())
    points, index = np.unique(np.round(corners.reshape(-1, 3) / size, 7), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forward = edges[:, 0] * len(points) + edges[:, 1]
    backward = edges[:, 1] * len(points) + edges[:, 0]
    ways, seen = np.unique(forward, return_counts=True)
    alone = int((~np.isin(forward, backward)).sum() + (seen[seen > 1] - 1).sum())
    if alone:
        raise CathodelabError(
            "dem-mesh-open",
            f"The mesh {name} is open: {alone} of {len(ways)} edges have no partner",
            where=name,
            why="A wall is solid behind its faces; that has a meaning only for a closed surface whose faces are turned one way.",
            what_to_do="Close the surface in the program it comes from (make it watertight, unify the normals).",
        )
    return mesh if volume(mesh) > 0 else Mesh(corners[:, ::-1])


def volume(mesh: Mesh) -> float:
    """Volume in m³ enclosed by a closed mesh, positive where the normals point outwards."""
    a, b, c = np.moveaxis(mesh.corners, 1, 0)
    return float(np.sum(np.einsum("ij,ij->i", a, np.cross(b, c))) / 6)


def thinnest(mesh: Mesh) -> float:
    """Smallest thickness (m) of the solid below the middle of a face; infinite where nothing lies behind one."""
    corners = mesh.corners
    middle = corners.mean(axis=1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    fair = length > 0
    inward = -normal[fair] / length[fair, None]
    # faces that mesh programs make by the thousand are alike: some of them tell
    chosen = np.linspace(0, len(inward) - 1, min(len(inward), _FACES_TRIED)).astype(int)
    ways = [_way_through(corners, start, way) for start, way in zip(middle[fair][chosen], inward[chosen], strict=True)]
    return float(min(ways, default=np.inf))


def _way_through(corners: FloatArray, start: FloatArray, way: FloatArray) -> float:
    """Distance (m) along a ray to the next triangle (Moeller and Trumbore, J. Graphics Tools 2 (1997) 21)."""
    size = float(np.ptp(corners.reshape(-1, 3), axis=0).max())
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(way, two)
    volume = np.einsum("ij,ij->i", one, across)
    met = np.abs(volume) > 1e-9 * np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    one, two, across, volume, off = one[met], two[met], across[met], volume[met], (start - corners[:, 0])[met]
    turned = np.cross(off, one)
    u, v = np.einsum("ij,ij->i", off, across) / volume, turned @ way / volume
    distance = np.einsum("ij,ij->i", two, turned) / volume
    hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (distance > 1e-9 * size)
    return float(distance[hit].min(initial=np.inf))
