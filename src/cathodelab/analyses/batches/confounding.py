"""Confounding: a comparison of materials is invalid if the mixing changes together with the material."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.analyses.batches.cells import CellData
from cathodelab.core.checks import Check

MATERIALS = ("cam_name", "coating", "electrolyte_name", "additive")
_PROCESS = ("mixing_method", "operator")


def confounding_checks(data: Sequence[CellData]) -> tuple[Check, ...]:
    """For each material that differs between cells: whether its effect can be separated from mixing, operator and batch."""
    return tuple(check for column in MATERIALS for check in _material(data, column))


def _material(data: Sequence[CellData], column: str) -> list[Check]:
    levels: dict[str, list[CellData]] = {}
    for one in data:
        levels.setdefault(one.cell.details.get(column, "").strip() or "(not stated)", []).append(one)
    if len(levels) < 2:
        return []
    name = column.replace("_name", "").replace("cam", "active material").replace("_", " ")
    faults = []
    for process in _PROCESS:
        used = {level: {one.cell.details.get(process, "").strip() for one in cells} for level, cells in levels.items()}
        known = [values for values in used.values() if values != {""}]
        if len(known) == len(levels) and _apart(list(used.values())):
            faults.append(f"{process.replace('_', ' ')} changes with it")
    if any(len({one.member.batch for one in cells}) == 1 for cells in levels.values()):
        single = [level for level, cells in levels.items() if len({one.member.batch for one in cells}) == 1]
        faults.append(f"{', '.join(single)} was mixed once only, so the batch's own scatter is in it")
    text = f"Cells differ in {name} ({', '.join(levels)})"
    if faults:
        text += (
            f", and {'; '.join(faults)}: a difference between them cannot be ascribed to the material. Mix every material at "
            "least twice by the same procedure, or compare active capacities."
        )
    else:
        text += ", mixed by the same procedures in at least two batches each."
    return [Check(f"not_confounded_{column}", not faults, float(len(faults)), 0.0, text)]


def _apart(used: list[set[str]]) -> bool:
    """Whether there is more than one level and no two share a value."""
    seen: set[str] = set()
    for values in used:
        if seen & values:
            return False
        seen |= values
    return len(seen) > 1
