"""The reporting checklist: what a reader of the study needs to know about its cells, and how much of it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tier = Literal["required", "recommended"]


@dataclass(frozen=True)
class Field:
    """A column of ``cells.csv`` that belongs to a complete report."""

    name: str
    unit: str
    tier: Tier
    meaning: str


CHECKLIST: tuple[Field, ...] = (
    Field("batch", "", "required", "name of the composite batch (one mixing run)"),
    Field("cam_name", "", "required", "active material, e.g. LiNi0.82Co0.11Mn0.07O2"),
    Field("electrolyte_name", "", "required", "solid electrolyte in the cathode"),
    Field("composite_mass_mg", "mg", "required", "composite in the cell"),
    Field("cam_mass_fraction", "1", "required", "share of (coated) active material in the composite"),
    Field("area_cm2", "cm2", "required", "geometric electrode area"),
    Field("fabrication_pressure_MPa", "MPa", "required", "pressure in cell assembly"),
    Field("stack_pressure_MPa", "MPa", "required", "pressure during the test"),
    Field("temperature_degC", "degC", "required", "temperature during the test"),
    Field("mixing_method", "", "required", "hand, mill, mixer: device and media"),
    Field("cam_supplier", "", "recommended", "supplier and lot"),
    Field("cam_d50_um", "um", "recommended", "median particle size"),
    Field("coating", "", "recommended", "coating material, or none"),
    Field("coating_mass_fraction", "1", "recommended", "share of coating in the coated active material"),
    Field("electrolyte_supplier", "", "recommended", "supplier and lot"),
    Field("additive", "", "recommended", "conductive additive and binder, or none"),
    Field("mixing_speed_per_min", "1/min", "recommended", "speed or frequency of the mixing device"),
    Field("mixing_time_min", "min", "recommended", "mixing time"),
    Field("separator_mass_mg", "mg", "recommended", "separator"),
    Field("anode", "", "recommended", "foils, masses, atomic ratio"),
    Field("pressing_time_min", "min", "recommended", "time under fabrication pressure"),
    Field("instrument", "", "recommended", "cycler and channel"),
    Field("operator", "", "recommended", "who built the cell"),
    Field("assembly_date", "", "recommended", "when it was built"),
    Field("rest_before_test_h", "h", "recommended", "open circuit before the first charge"),
)


@dataclass(frozen=True)
class Completeness:
    """Filled entries of all cells, in per cent, and the fields with gaps."""

    required_percent: float
    recommended_percent: float
    missing_required: tuple[str, ...]
    missing_recommended: tuple[str, ...]


def completeness(rows: Sequence[Mapping[str, str]]) -> Completeness:
    """How much of the checklist the rows of the solid-state cells fill."""
    gaps: dict[Tier, list[str]] = {"required": [], "recommended": []}
    filled: dict[Tier, int] = {"required": 0, "recommended": 0}
    total: dict[Tier, int] = {"required": 0, "recommended": 0}
    for one in CHECKLIST:
        present = sum(bool(row.get(one.name, "").strip()) for row in rows)
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
