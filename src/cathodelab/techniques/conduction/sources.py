"""The sources of error of a conductivity, each as a perturbation of its inputs.

Pellets of one die share the error of its area, pellets beside one separator cell that of its resistance: the ids say so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from cathodelab.core.propagation import Perturbation, Shift
from cathodelab.core.sources import Kind, Source
from cathodelab.techniques.conduction.model import ConductionSettings, Pellet
from cathodelab.techniques.conduction.results import Inputs, Resistance

Perturbations = tuple[Perturbation[Inputs], ...]


def perturbations(
    inputs: Inputs,
    pellet: Pellet,
    found: Resistance,
    separator: tuple[str, Resistance] | None,
    settings: ConductionSettings,
) -> Perturbations:
    """All sources of error of one pellet. ``separator``: name and record of the separator cell, where there is one."""
    return (
        *_record(pellet, found),
        *_instrument(inputs, pellet, settings),
        *_geometry(inputs, pellet, settings),
        *_separators(inputs, pellet, separator, settings),
    )


def assumed(pellet: Pellet, settings: ConductionSettings) -> tuple[str, ...]:
    """Uncertainties that the table does not state, in words."""
    found = []
    if math.isnan(pellet.thickness.plus):
        found.append(f"thickness ± {100 * settings.thickness_relative_uncertainty:g} %")
    if math.isnan(pellet.area.plus):
        found.append(f"area ± {100 * settings.area_relative_uncertainty:g} %")
    if pellet.separator is not None and math.isnan(pellet.separator.plus):
        found.append(f"separators ± {100 * settings.separator_relative_uncertainty:g} %")
    return tuple(found)


def relative(stated: float, value: float, default: float) -> float:
    """Standard uncertainty as a part of the value."""
    return default if math.isnan(stated) else stated / value


def _one(
    name: str, group: str, halving: str, amounts: dict[str, float], kind: Kind = "standard"
) -> Perturbation[Inputs]:
    return Perturbation(Source(name, group, kind, halving), Shift(dict(amounts)))


def _record(pellet: Pellet, found: Resistance) -> Iterator[Perturbation[Inputs]]:
    relaxation, line = found.relaxation, found.line
    half = relaxation.standard_siemens
    both = {"rising_siemens": half, "falling_siemens": half} if math.isfinite(line.rising_siemens) else {}
    yield _one(
        f"{pellet.id}/steady current",
        "noise and unfinished relaxation",
        "hold each voltage longer; average more rows",
        {"conductance_siemens": half, **both},
    )
    if both:
        apart = line.branch_standard_siemens / 2
        yield _one(
            f"{pellet.id}/branch",
            "noise of each branch",
            "hold each voltage longer",
            {"rising_siemens": apart, "falling_siemens": -apart},
        )
    if line.misfit_siemens:
        yield _one(
            f"{pellet.id}/misfit",
            "branches differ, or the line bends",
            "keep temperature and pressure; use smaller voltages",
            {"conductance_siemens": line.misfit_siemens},
        )
    yield _one(
        f"{pellet.id}/offset current",
        "noise of the offset",
        "measure longer at 0 V",
        {"offset_ampere": relaxation.offset_standard_ampere},
    )
    law = relaxation.law
    if law is not None and math.isfinite(law.standard_second):
        yield _one(
            f"{pellet.id}/time constant",
            "noise of the relaxation",
            "record more rows after each change",
            {"time_constant_second": law.standard_second},
        )


def _instrument(inputs: Inputs, pellet: Pellet, settings: ConductionSettings) -> Iterator[Perturbation[Inputs]]:
    for name, limit in (("current gain", settings.current_gain_limit), ("voltage gain", settings.voltage_gain_limit)):
        sign = 1 if name == "current gain" else -1
        moved = {
            field: sign * limit * float(getattr(inputs, field))
            for field in ("conductance_siemens", "rising_siemens", "falling_siemens")
            if math.isfinite(float(getattr(inputs, field)))
        }
        if name == "current gain":
            moved["offset_ampere"] = limit * float(inputs.offset_ampere)
        yield _one(f"{pellet.id}/{name}", "instrument", "calibrate the potentiostat", moved, "limit")


def _geometry(inputs: Inputs, pellet: Pellet, settings: ConductionSettings) -> Iterator[Perturbation[Inputs]]:
    if not pellet.carrier:
        return
    thickness = relative(pellet.thickness.plus, pellet.thickness.value, settings.thickness_relative_uncertainty)
    area = relative(pellet.area.plus, pellet.area.value, settings.area_relative_uncertainty)
    yield _one(
        f"{pellet.id}/thickness",
        "thickness",
        "measure the thickness at several places, in the cell",
        {"thickness_um": thickness * float(inputs.thickness_um)},
    )
    yield _one(
        f"{pellet.die or pellet.id}/area", "area", "measure the die", {"area_cm2": area * float(inputs.area_cm2)}
    )
    if math.isfinite(pellet.pellet_area_cm2):
        yield _one(
            f"{pellet.id}/contact",
            "contacts smaller than the pellet",
            "contact the whole face (gold, carbon)",
            {"area_cm2": pellet.pellet_area_cm2 - pellet.area.value},
            "range",
        )


def _separators(
    inputs: Inputs, pellet: Pellet, separator: tuple[str, Resistance] | None, settings: ConductionSettings
) -> Iterator[Perturbation[Inputs]]:
    value = float(inputs.separator_ohm)
    if not value:
        return
    group, halving = "separators and electrodes", "measure several separator cells; use a thicker composite"
    if separator is not None:
        name, record = separator
        half = value * record.relaxation.standard_siemens / record.relaxation.conductance_siemens
        yield _one(f"{name}/resistance", group, halving, {"separator_ohm": half})
        yield _one(
            f"{pellet.id}/separators repeat",
            "how well separators repeat",
            halving,
            {"separator_ohm": value * settings.separator_relative_uncertainty},
        )
    elif pellet.separator is not None:
        part = relative(pellet.separator.plus, pellet.separator.value, settings.separator_relative_uncertainty)
        yield _one(f"{pellet.id}/separators", group, halving, {"separator_ohm": part * value})
