"""What was built: cells and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cathodelab.core.estimate import Estimate

Role = Literal["cell", "reference"]


@dataclass(frozen=True)
class Cell:
    """One cell of a study.

    Args:
        id: name of the cell, unique in the study.
        role: ``cell`` (solid state) or ``reference`` (liquid electrolyte).
        cam_mass: cathode active material without its coating, mg.
        counter_electrode: ``Li`` or ``In/InLi``; recorded potentials are against it.
        offset: potential of the counter electrode against Li+/Li, V, with its standard uncertainty.
        files: raw files in order, relative to the study.
        reference: id of the reference cell it is compared with (empty for a reference).
        batch: name of the composite batch, empty where not given.
        excluded: why it is left out, empty where it takes part.
        column_map: name of the declared column map for its files, empty for known formats.
        details: all other columns of the manifest as they stand there.
    """

    id: str
    role: Role
    cam_mass: Estimate
    counter_electrode: str
    offset: Estimate
    files: tuple[str, ...]
    reference: str = ""
    batch: str = ""
    excluded: str = ""
    column_map: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
