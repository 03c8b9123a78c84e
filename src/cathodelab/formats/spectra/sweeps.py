"""From the columns of a file to spectra: real and imaginary part, and which rows belong to one sweep."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.table import Columns

_TURN = 1.5


def completed(raw: Columns, notes: list[str], blocks: np.ndarray | None = None) -> Columns:
    """Columns with real and imaginary part and the number of the spectrum of each row.

    Args:
        raw: columns in canonical units, with frequencies above zero.
        notes: gets a sentence where the parts were computed.
        blocks: number of the block of rows that each row stands in, where the file has blocks.

    Raises:
        CathodelabError: a phase that is none.
    """
    columns = dict(raw)
    _to_cartesian(columns, notes)
    columns["spectrum_count"] = _counted(columns, blocks)
    columns.pop("spectrum_number", None)
    return columns


def _to_cartesian(raw: Columns, notes: list[str]) -> None:
    """Real and imaginary part from modulus and phase where the file has only these."""
    if "real_impedance_ohm" in raw and "imaginary_impedance_ohm" in raw:
        raw.pop("absolute_impedance_ohm", None)
        raw.pop("phase_degree", None)
        return
    modulus, phase = raw.pop("absolute_impedance_ohm"), raw.pop("phase_degree")
    if float(np.max(np.abs(phase))) > 400:
        raise CathodelabError(
            "phase-impossible",
            f"The phase reaches {np.max(np.abs(phase)):.4g} degrees",
            where="column of the phase",
            why="A phase lies between -180 and 180 degrees; most likely degrees were named radians.",
            what_to_do="Name the column phase/deg, or give radians.",
        )
    angle = np.deg2rad(phase)
    raw["real_impedance_ohm"], raw["imaginary_impedance_ohm"] = modulus * np.cos(angle), modulus * np.sin(angle)
    notes.append("The file has no real and imaginary part; they were computed from modulus and phase.")


def _counted(raw: Columns, blocks: np.ndarray | None) -> FloatArray:
    """Number of the spectrum of each row, from 1: blocks, the file's own number, or a sweep that starts anew."""
    begins = np.zeros(raw["frequency_hertz"].size - 1, dtype=bool) if blocks is None else np.diff(blocks) != 0
    if "spectrum_number" in raw:
        begins |= np.diff(raw["spectrum_number"]) != 0
    else:
        steps = np.diff(np.log(raw["frequency_hertz"]))
        direction = np.sign(np.median(steps)) if steps.size else 0.0
        # one point out of order is not a new sweep: it has to go back far, and the old range has to be large
        begins |= (steps * direction < -np.log(_TURN)) & (np.abs(steps) > 0.5 * np.ptp(np.log(raw["frequency_hertz"])))
    return 1 + np.concatenate([[0.0], np.cumsum(begins, dtype=np.float64)])
