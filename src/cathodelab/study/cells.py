"""Cells as their methods see them: masses, potentials and files of a row with their types."""

from __future__ import annotations

import math

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell, Role, Sample, SampleKind
from cathodelab.study.rows import Row
from cathodelab.study.settings import ReferenceElectrode

KINDS_OF_CELLS = ("cell", "reference")


def check_cell(row: Row) -> None:
    """Checks over several columns: an uncertainty has to be below its mass."""
    mass, half = row.number("cam_mass_mg"), row.number("cam_mass_standard_uncertainty_mg")
    if half >= mass:
        row.refuse("cam_mass_standard_uncertainty_mg", f"a number from 0 to below {mass:g} (the mass)")


def cell_of(sample: Sample, kind: SampleKind, electrode: ReferenceElectrode) -> Cell:
    """The typed view of a cell or reference.

    Args:
        sample: a sample of the kind ``cell`` or ``reference``.
        kind: its kind, with the columns that it may have.
        electrode: potential of In/InLi, which rows may overrule.
    """
    role: Role = "reference" if sample.kind == "reference" else "cell"
    coating = sample.number("coating_mass_fraction")
    share = 1.0 - (coating if math.isfinite(coating) else 0.0)
    mass = sample.number("cam_mass_mg") * share
    half = sample.number("cam_mass_standard_uncertainty_mg") * share
    return Cell(
        id=sample.id,
        role=role,
        cam_mass=Estimate(mass, half, half, "mg", how="weighed"),
        counter_electrode=sample.word("counter_electrode"),
        offset=_offset(sample, electrode),
        files=tuple(one.file for one in sample.files if one.column == "file"),
        reference=sample.companions.get("reference", "") if role == "cell" else "",
        batch=sample.entries.get("batch", ""),
        excluded=sample.excluded,
        column_map=sample.column_map,
        details=_details(sample, kind),
    )


def _offset(sample: Sample, electrode: ReferenceElectrode) -> Estimate:
    """Potential of the counter electrode: of the study for In/InLi, zero for lithium, or as the row states it."""
    lithium = sample.word("counter_electrode") == "Li"
    value, half = (
        sample.number(name) for name in ("reference_offset_volt", "reference_offset_standard_uncertainty_volt")
    )
    value = (0.0 if lithium else electrode.offset_volt) if math.isnan(value) else value
    half = (0.0 if lithium else electrode.standard_uncertainty_volt) if math.isnan(half) else half
    return Estimate(value, half, half, "V", "Li⁺/Li", how="stated")


def _details(sample: Sample, kind: SampleKind) -> dict[str, str]:
    """Entries of the cell's row, else of its composite; without those that the cells of a batch state differently."""
    details = {name: entry for name, entry in sample.entries.items() if name not in sample.unused}
    for column in kind.columns:
        if not details.get(column.name) and column.inherited and sample.parents:
            try:
                inherited = sample.word(column.name)
            except CathodelabError:
                continue  # a blend: there is no one entry
            if inherited:
                details[column.name] = inherited
    return details
