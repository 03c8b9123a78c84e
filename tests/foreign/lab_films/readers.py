"""Two formats: a table of wavelengths, and a map of heights as a grid."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import frozen
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import Reader
from cathodelab.formats.recording import Grid, Recording
from cathodelab.formats.table import Table


def read_spectrum(content: bytes) -> Table:
    """Wavelength, nm, and absorbance."""
    lines = content.decode().splitlines()[1:]
    try:
        rows = np.array([[float(entry) for entry in line.split(";")] for line in lines])
    except ValueError as error:
        raise CathodelabError(
            "film-file", "A cell is no number", where="rows", why=str(error), what_to_do="Export the file again."
        ) from error
    return Table("absorbance", {"wavelength_nanometre": frozen(rows[:, 0]), "absorbance_ratio": frozen(rows[:, 1])})


def read_map(content: bytes) -> Recording:
    """Blocks of heights, um, each under its name."""
    parts = {}
    for block in content.decode("latin-1").split("#MAP ")[1:]:
        name, *lines = block.strip().splitlines() or [""]
        rows = [line.split() for line in lines]
        if name in parts or not rows or len({len(row) for row in rows}) > 1 or not block.endswith("\n"):
            raise _broken(f"The map {name!r} is cut off")
        try:
            values = np.array([[float(entry) for entry in row] for row in rows])
        except ValueError as error:
            raise _broken(str(error)) from error
        parts[name] = Grid("height map", values, "um", ("row", "column"), pixel_um=2.0)
    if not parts:
        raise _broken("There is no map")
    return Recording(parts)


def _broken(why: str) -> CathodelabError:
    return CathodelabError(
        "film-file", "The maps cannot be read", where="rows", why=why, what_to_do="Export them again."
    )


READERS = (
    Reader("film-spectrum", "1", lambda _, content: content.startswith(b"nm;A"), read_spectrum),
    Reader("film-map", "1", lambda _, content: content.startswith(b"#MAP"), read_map),
)
