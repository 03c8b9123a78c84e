"""What no record can give: a mean potential outside of it, a part below nothing. Where it comes out, a sum went wrong."""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.cycling.cycles import Cycles
from cathodelab.techniques.cycling.intervals import Rows
from cathodelab.techniques.cycling.model import CycleSums

_ROUNDING = 1e-6
_ROUNDING_VOLT = 1e-6


def refuse_impossible_sums(rows: Rows, cycles: Cycles, sums: CycleSums) -> None:
    """Refuse sums that no record can have.

    Raises:
        CathodelabError: a mean potential beyond all recorded ones, or a part of a half cycle against its direction.
    """
    lowest, highest = float(rows.voltage.min()), float(rows.voltage.max())
    for way in ("charge", "discharge"):
        parts = {kind: getattr(sums, f"{way}_{kind}_mAh") for kind in ("cc", "cv")}
        both = parts["cc"] + parts["cv"]
        for kind, part in parts.items():
            _refuse(
                part < -_ROUNDING * np.abs(both),
                cycles,
                part,
                f"the {way} at constant {'current' if kind == 'cc' else 'potential'} is {{:.4g}} mAh",
                f"Charge that flows with the {way} counts up",
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = getattr(sums, f"{way}_energy_mWh") / both
        outside = (mean < lowest - _ROUNDING_VOLT) | (mean > highest + _ROUNDING_VOLT)
        _refuse(
            outside & (both > 0),
            cycles,
            mean,
            f"the mean potential of the {way} is {{:.4f}} V",
            f"The record never leaves {lowest:.4f} to {highest:.4f} V",
        )


def _refuse(wrong: np.ndarray, cycles: Cycles, values: FloatArray, what: str, why: str) -> None:
    found = np.flatnonzero(wrong)
    if not found.size:
        return
    first = int(found[0])
    raise CathodelabError(
        "impossible-sums",
        f"In cycle {int(cycles.number[first])} {what.format(float(values[first]))}",
        where=f"{found.size} of {cycles.number.size} cycles",
        why=f"{why}: the cycles were not told apart rightly, or the file's count of charge is not what it was taken for. "
        "This is a fault in cathodelab.",
        what_to_do="Do not use numbers of this test before it is mended; please report it. The integral of the current leaves "
        "the file's count of charge aside.",
        hints=(Hint("setting", "cycling.charge_source"),),
    )
