"""What no record can give: a mean potential outside of it, a part below nothing, a quotient of half a half cycle.

Where it comes out, a sum went wrong, and that is said as an error of ours.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.cycling.cycles import Cycles
from cathodelab.techniques.cycling.halves import HalfCycles
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


def refuse_partial_quotients(halves: HalfCycles, cycles: Cycles, sums: CycleSums) -> None:
    """Refuse efficiencies, overpotentials and retentions that would be made of half cycles that are no whole ones.

    Raises:
        CathodelabError: a cycle counts as closed, or a half as whole, whose half cycles did not go to their limits.
    """
    full, begun = (
        np.append(halves.full, [False]),
        np.append(halves.begun, [False]),
    )  # the last one: a half that is missing
    first, second = np.minimum(cycles.charge, cycles.discharge), np.maximum(cycles.charge, cycles.discharge)
    what, why = (
        "the quotient of {:.4g} and its other half was asked for",
        "One of its half cycles is partial or missing",
    )
    _refuse(sums.closed & ~((first >= 0) & begun[first] & full[second]), cycles, sums.discharge_cc_mAh, what, why)
    for whole, half in ((sums.charge_whole, cycles.charge), (sums.discharge_whole, cycles.discharge)):
        _refuse(whole & ~((half >= 0) & begun[half] & full[half]), cycles, sums.discharge_cc_mAh, what, why)
    reference = np.arange(cycles.number.size) == sums.retention_index
    why = "The cycle that retention refers to has no whole discharge"
    _refuse(
        reference & ~sums.discharge_whole,
        cycles,
        sums.discharge_cc_mAh,
        "a retention over {:.4g} mAh was asked for",
        why,
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
