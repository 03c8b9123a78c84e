"""Cells as their methods see them: masses, potentials and files of a row with their types."""

from __future__ import annotations

import math

from cathodelab.core.electrodes import INDIUM_LITHIUM, NAMES, electrode_name, electrode_of
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
    _check_electrode(row)


def _check_electrode(row: Row) -> None:
    """An electrode that is not known needs its potential; one whose potential changes makes a full cell."""
    entry, stated = row.text("counter_electrode"), row.text("reference_offset_volt")
    if not entry:
        return
    electrode = electrode_of(entry)
    if electrode is None and not (stated and row.text("reference_offset_standard_uncertainty_volt")):
        needed = "reference_offset_volt and reference_offset_standard_uncertainty_volt (its potential vs. Li+/Li)"
        row.refuse("counter_electrode", f"{NAMES}, or another one together with {needed}")
    elif electrode is not None and not electrode.steady and not stated:
        row.doubt(
            "counter_electrode",
            "an electrode that keeps its potential, or a reference electrode",
            f"The potential of {electrode.name} changes with its charge ({electrode.source}): this is a full cell, and "
            f"{electrode.volt:g} ± {electrode.standard_uncertainty_volt:g} V vs. Li+/Li is a stand-in for it.",
        )


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
        counter_electrode=electrode_name(sample.word("counter_electrode")),
        offset=_offset(sample, electrode),
        files=tuple(one.file for one in sample.files if one.column == "file"),
        reference=sample.companions.get("reference", "") if role == "cell" else "",
        batch=sample.entries.get("batch", ""),
        excluded=sample.excluded,
        column_map=sample.column_map,
        details=_details(sample, kind),
    )


def _offset(sample: Sample, electrode: ReferenceElectrode) -> Estimate:
    """Potential of the electrode: as the row states it, of the study for In/InLi, else as it is known."""
    known = electrode_of(sample.word("counter_electrode"))
    usual = (math.nan, math.nan) if known is None else (known.volt, known.standard_uncertainty_volt)
    if known is INDIUM_LITHIUM:
        usual = electrode.offset_volt, electrode.standard_uncertainty_volt
    value, half = (
        sample.number(name) for name in ("reference_offset_volt", "reference_offset_standard_uncertainty_volt")
    )
    value = usual[0] if math.isnan(value) else value
    half = usual[1] if math.isnan(half) else half
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
