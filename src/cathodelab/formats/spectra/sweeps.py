"""From the columns of a file to spectra: real and imaginary part, and which rows belong to one sweep."""

from __future__ import annotations

import itertools

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.formats.table import Columns

_TURN = 1.5
_FEWEST = 5


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
    if blocks is None or not np.any(np.diff(blocks)):
        columns = _repeats_apart(columns, notes)
    columns["spectrum_count"] = _counted(columns, blocks)
    columns.pop("spectrum_number", None)
    clock = columns.get("test_time_second")
    if clock is not None and np.any((np.diff(clock) < 0) & (np.diff(columns["spectrum_count"]) > 0)):
        del columns["test_time_second"]
        notes.append("The clock starts anew with a spectrum: it does not say when they were measured and is left out.")
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


def _repeats_apart(columns: Columns, notes: list[str]) -> Columns:
    """Columns whose every frequency stands there equally often in succession, sorted into that many spectra."""
    frequency = columns["frequency_hertz"]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(frequency) != 0) + 1])
    lengths = np.diff(np.append(starts, frequency.size))
    repeats = int(lengths[0])
    # in a sweep down and up again, only the turning point stands there twice
    if repeats < 2 or np.any(lengths != repeats) or starts.size < _FEWEST or "spectrum_number" in columns:
        return columns
    notes.append(f"Every frequency stands in the file {repeats} times in succession; these are {repeats} spectra.")
    order = np.concatenate([starts + repeat for repeat in range(repeats)])
    return {name: values[order] for name, values in columns.items()}


def _turns(frequency_hertz: FloatArray) -> np.ndarray:
    """Whether a sweep in the other direction begins between two rows, shape (rows - 1,).

    Both sweeps must go over more than half of the range and hold five frequencies; single points out of order are none.
    """
    logarithm = np.log(frequency_hertz)
    begins = np.zeros(logarithm.size - 1, dtype=bool)
    signs = np.sign(np.diff(logarithm))
    moving = np.flatnonzero(signs)
    if not moving.size:
        return begins
    borders = np.flatnonzero(np.diff(signs[moving])) + 1
    runs = np.split(moving, borders)
    wide = 0.5 * np.ptp(logarithm)
    for before, after in itertools.pairwise(runs):
        spans = [abs(logarithm[run[-1] + 1] - logarithm[run[0]]) for run in (before, after)]
        if min(spans) > wide and min(before.size, after.size) >= _FEWEST - 1:
            # the lowest frequency may stand there once or twice; where once, it belongs to the first sweep
            gap = after[0] - before[-1]
            begins[before[-1] + 1 if gap > 1 else after[0]] = True
    return begins


def _counted(raw: Columns, blocks: np.ndarray | None) -> FloatArray:
    """Number of the spectrum of each row, from 1: blocks, the file's own number, or a sweep that starts anew."""
    begins = np.zeros(raw["frequency_hertz"].size - 1, dtype=bool) if blocks is None else np.diff(blocks) != 0
    if "spectrum_number" in raw:
        begins |= np.diff(raw["spectrum_number"]) != 0
    else:
        steps = np.diff(np.log(raw["frequency_hertz"]))
        direction = np.sign(np.median(steps)) if steps.size else 0.0
        # one point out of order is not a new sweep: it has to go back far, and the old range has to be large
        begins |= _turns(raw["frequency_hertz"])
        begins |= (steps * direction < -np.log(_TURN)) & (np.abs(steps) > 0.5 * np.ptp(np.log(raw["frequency_hertz"])))
    return 1 + np.concatenate([[0.0], np.cumsum(begins, dtype=np.float64)])
