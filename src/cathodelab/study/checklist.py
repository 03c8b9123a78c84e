"""The reporting checklist: what a reader of the study needs to know about its cells, and how much of it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cathodelab.core.columns import Column, Tier, is_missing


@dataclass(frozen=True)
class Completeness:
    """Filled entries of all cells, in per cent, and the fields with gaps."""

    required_percent: float
    recommended_percent: float
    missing_required: tuple[str, ...]
    missing_recommended: tuple[str, ...]


def completeness(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> Completeness:
    """How much of the checklist the rows of the solid-state cells fill; words like "n/a" fill nothing."""
    gaps: dict[Tier, list[str]] = {"required": [], "recommended": []}
    filled: dict[Tier, int] = {"required": 0, "recommended": 0}
    total: dict[Tier, int] = {"required": 0, "recommended": 0}
    for one in columns:
        if not one.tier:
            continue
        present = sum(not is_missing(row.get(one.name, "")) for row in rows)
        filled[one.tier] += present
        total[one.tier] += len(rows)
        if present < len(rows):
            gaps[one.tier].append(one.name)
    return Completeness(
        100 * filled["required"] / max(total["required"], 1),
        100 * filled["recommended"] / max(total["recommended"], 1),
        tuple(gaps["required"]),
        tuple(gaps["recommended"]),
    )
