"""What no record can give: a mean potential outside of it, a part below nothing, a quotient of half a half cycle.

Where it comes out, a sum went wrong, and that is said as an error of ours.
"""

from __future__ import annotations

from itertools import product

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
    parts = np.array([sums.charge_cc_mAh, sums.discharge_cc_mAh, sums.charge_cv_mAh, sums.discharge_cv_mAh])
    both = parts[:2] + parts[2:]
    energy = np.array([sums.charge_energy_mWh, sums.discharge_energy_mWh])
    against = parts < -_ROUNDING * np.abs(np.concatenate([both, both]))
    # a mean potential is energy over charge; compared without dividing, as cycles without a half have neither
    outside = (energy < (lowest - _ROUNDING_VOLT) * both) | (energy > (highest + _ROUNDING_VOLT) * both)
    outside &= both > 0
    if not (against.any() or outside.any()):
        return
    for place, (way, kind) in enumerate(product(("current", "potential"), ("charge", "discharge"))):
        what, why = f"the {kind} at constant {way} is {{:.4g}} mAh", f"Charge that flows with the {kind} counts up"
        _refuse(against[place], cycles, parts[place], what, why)
    for place, way in enumerate(("charge", "discharge")):
        what, why = (
            f"the mean potential of the {way} is {{:.4f}} V",
            f"The record never leaves {lowest:.4f} to {highest:.4f} V",
        )
        _refuse(outside[place], cycles, energy[place] / np.where(both[place] > 0, both[place], 1.0), what, why)


def refuse_partial_quotients(halves: HalfCycles, cycles: Cycles, sums: CycleSums) -> None:
    """Refuse efficiencies, overpotentials and retentions that would be made of half cycles that are no whole ones.

    Raises:
        CathodelabError: a cycle counts as closed, or a half as whole, whose half cycles did not go to their limits.
    """
    missing = np.zeros(1, dtype=np.bool_)  # behind the others: the half that a cycle has not
    full, begun = (np.concatenate([one, missing]) for one in (halves.full, halves.begun))
    first, second = np.minimum(cycles.charge, cycles.discharge), np.maximum(cycles.charge, cycles.discharge)
    whole = full & begun
    wrong = (sums.closed > begun[first] & full[second]) | (sums.charge_whole > whole[cycles.charge])
    wrong |= sums.discharge_whole > whole[cycles.discharge]
    if wrong.any():
        what = "the quotient of {:.4g} mAh and its other half was asked for"
        _refuse(wrong, cycles, sums.discharge_cc_mAh, what, "One of its half cycles is partial or missing")
    place = sums.retention_index
    if place >= 0 and not sums.discharge_whole[place]:
        reference = np.arange(cycles.number.size) == place
        what, why = (
            "a retention over {:.4g} mAh was asked for",
            "The cycle that retention refers to has no whole discharge",
        )
        _refuse(reference, cycles, sums.discharge_cc_mAh, what, why)


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
