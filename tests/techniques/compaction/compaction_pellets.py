"""Pellets of known truth for tests: closed forms, written as a user's file, in a study's tables."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Ingredient, Sample
from cathodelab.techniques.compaction.method import compaction_of
from cathodelab.techniques.compaction.model import CompactionResult, Part, Pellet
from cathodelab.techniques.compaction.read import curve_from_tables
from cathodelab.techniques.compaction.reader import read_compaction_text
from cathodelab.techniques.compaction.settings import CompactionSettings

PRESSURES = np.array([0.5, 2, 5, 10, 20, 40, 60, 80, 100, 150, 200, 250, 300, 375])
SOLID_UM = 840.0
"""Thickness without pores of :func:`pellet`: 200 mg on 0.785 cm2 of 3.033 g/cm3."""
COMPLIANCE = 0.02
NOT_STATED = math.nan


def known(value: float, half: float = NOT_STATED, unit: str = "") -> Estimate:
    """A stated value with its standard uncertainty."""
    return Estimate(value, half, half, unit)


def pellet(**changes: Any) -> Pellet:
    """A pellet of one part whose solid is 840 um thick."""
    density = 200e-3 / (0.785 * SOLID_UM * 1e-4)
    base = Pellet(
        id="p1",
        mass=known(200.0, 0.1, "mg"),
        area=known(0.785, 0.785e-3, "cm2"),
        parts=(Part("powder", 1.0, known(density, 0.005 * density, "g/cm3")),),
        compliance=known(COMPLIANCE, 0.001, "um/MPa"),
        thickness_standard_um=2.0,
    )
    return replace(base, **changes)


def heckel_um(pressure: np.ndarray = PRESSURES, heckel: float = 180.0, intercept: float = 0.7) -> np.ndarray:
    """Thickness under load of a powder that follows Heckel's line from the start."""
    return SOLID_UM / (1 - np.exp(-(intercept + pressure / heckel)))


def kawakita_um(pressure: np.ndarray = PRESSURES, a: float = 0.5, b: float = 0.02, h0: float = 1900.0) -> np.ndarray:
    """Thickness under load of a powder that follows Kawakita's law."""
    return h0 * (1 - a * b * pressure / (1 + b * pressure))


def file(columns: Mapping[str, Sequence[float] | np.ndarray], delimiter: str = ";") -> bytes:
    """A table as text; ``nan`` is an empty cell."""
    rows = zip(*columns.values(), strict=True)
    lines = [delimiter.join("" if math.isnan(one) else f"{one:.6f}" for one in row) for row in rows]
    return "\n".join([delimiter.join(columns), *lines, ""]).encode()


def in_die(thickness_um: np.ndarray, pressure: np.ndarray = PRESSURES) -> bytes:
    """What a crosshead shows: the press gives way, the thickness reads too small."""
    return file({"pressure (MPa)": pressure, "thickness in die (um)": thickness_um - COMPLIANCE * pressure})


def both(thickness_um: np.ndarray, recovery: float = 0.02, zero_um: float = 0.0) -> bytes:
    """Thickness in the die (off by a zero) and of the ejected pellet."""
    return file(
        {
            "pressure (MPa)": PRESSURES,
            "thickness in die (um)": thickness_um - COMPLIANCE * PRESSURES + zero_um,
            "thickness out of die (um)": thickness_um * (1 + recovery),
        }
    )


def evaluated(content: bytes, settings: CompactionSettings | None = None, **changes: Any) -> CompactionResult:
    """The result of one file and one pellet."""
    curve = curve_from_tables([read_compaction_text(content)])
    return compaction_of(pellet(**changes), curve, settings or CompactionSettings())


def value(result: CompactionResult, name: str) -> float:
    """Value of an estimate."""
    return result.estimates.estimate(name).value


def verdict(result: CompactionResult, name: str) -> tuple[bool | None, str]:
    """Verdict and sentence of a check."""
    return next((one.passed, one.sentence) for one in result.checks if one.name == name)


def names(result: CompactionResult) -> set[str]:
    """Names of the checks."""
    return {one.name for one in result.checks}


def made(folder: Path, name: str) -> tuple[Pellet, bytes, dict[str, Any]]:
    """Pellet, file and truth of the made data."""
    about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))[f"{name}.csv"]
    parts = tuple(
        Part(one["name"], one["mass_fraction"], known(one["density_g_cm3"], unit="g/cm3"))
        for one in about["components"]
    )
    compliance = about["press_compliance_um_per_MPa"], about["press_compliance_sd_um_per_MPa"]
    found = Pellet(
        name,
        known(about["mass_mg"], about["mass_sd_mg"], "mg"),
        known(about["area_cm2"], unit="cm2"),
        parts,
        compliance=known(*compliance, "um/MPa"),
        thickness_standard_um=about["thickness_sd_um"],
    )
    return found, (folder / f"{name}.csv").read_bytes(), truth


def material(name: str, density: str = "", **entries: str) -> Sample:
    """A powder of a study."""
    return Sample(name, "material", {"density_g_cm3": density, **entries})


def mixture(kind: str, name: str, parts: Sequence[tuple[Sample, float]], **entries: str) -> Sample:
    """A sample made from others with shares of the mass."""
    links = tuple(Ingredient(one.kind, one.id, share) for one, share in parts)
    return Sample(name, kind, entries, links, tuple(one for one, _ in parts))
