"""From the tables of a study to a pellet."""

from __future__ import annotations

import math

import pytest
from compaction_pellets import material, mixture

from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.pellet import pellet_of
from cathodelab.techniques.compaction.technique import TECHNIQUE

ENTRIES = {
    "mass_mg": "200,05",
    "mass_standard_uncertainty_mg": "0.1",
    "diameter_mm": "10",
    "diameter_standard_uncertainty_mm": "0.005",
    "press_compliance_um_kN": "0.25",
    "press_compliance_standard_uncertainty_um_kN": "0.01",
    "press": "hand press",
    "thickness_standard_uncertainty_um": "3",
}


def row(**entries: str) -> Sample:
    """A pellet of one powder."""
    return mixture("pellet", "p1", [(material("lpscl", "1.64"), math.nan)], **{**ENTRIES, **entries})


def test_a_row_becomes_a_pellet() -> None:
    """Mass, bore, compliance per force, tools, what it is made of."""
    found = pellet_of(row())
    assert (found.mass.value, found.mass.plus) == (200.05, 0.1)
    assert found.area.value == pytest.approx(math.pi / 4)
    assert found.area.plus == pytest.approx(math.pi / 4 * 2 * 0.0005, rel=1e-6)
    assert found.parts[0].density.value == 1.64
    assert (found.press, found.die, found.thickness_standard_um) == ("hand press", "", 3.0)
    compliance = found.compliance_per_MPa
    assert compliance is not None
    assert compliance.value == pytest.approx(0.25 * math.pi / 40)
    assert compliance.plus == pytest.approx(0.01 * math.pi / 40)


def test_what_is_not_stated_is_named() -> None:
    """Mass, die: each error says which column."""
    for changes, code in (({"mass_mg": ""}, "mass-missing"), ({"diameter_mm": ""}, "die-missing")):
        with pytest.raises(CathodelabError) as caught:
            pellet_of(row(**changes))
        assert caught.value.code == code
        assert caught.value.hints


def test_contradictions_are_refused() -> None:
    """A diameter and an area that differ; two compliances."""
    assert pellet_of(row(area_cm2="0.786")).area.value == pytest.approx(math.pi / 4)
    with pytest.raises(CathodelabError, match=r"area of 0\.7854") as caught:
        pellet_of(row(area_cm2="1.0"))
    assert caught.value.code == "area-ambiguous"
    with pytest.raises(CathodelabError, match="both stated"):
        pellet_of(row(press_compliance_um_MPa="0.02"))
    assert pellet_of(row(diameter_mm="", area_cm2="0.8")).area.value == 0.8


def test_optional_columns_are_read() -> None:
    """Ejected diameter, height at zero, where a thickness was measured, compliance by pressure."""
    found = pellet_of(
        row(
            diameter_out_of_die_mm="10.05",
            height_at_zero_displacement_um="5000",
            thickness_is="out of die",
            press_compliance_um_kN="",
            press_compliance_um_MPa="0.02",
            press_compliance_standard_uncertainty_um_MPa="0.001",
            die="d10",
        )
    )
    assert found.ejected_area is not None
    assert found.ejected_area.value == pytest.approx(math.pi / 4 * 1.005**2)
    assert found.height is not None
    assert (found.height.value, found.thickness_is, found.die) == (5000.0, "out of die", "d10")
    assert found.compliance_per_MPa is not None
    assert (found.compliance_per_MPa.value, found.compliance_per_MPa.plus) == (0.02, 0.001)


def test_every_column_that_is_read_is_declared() -> None:
    """No column is a magic word: the technique, or the kind of sample, declares it."""
    from cathodelab.core.kinds import PELLET

    declared = {one.name for one in (*PELLET.columns, *TECHNIQUE.columns["pellet"])}
    asked: set[str] = set()

    class Watched(Sample):
        def word(self, column: str) -> str:
            asked.add(column)
            return super().word(column)

    one = row()
    pellet_of(Watched(one.id, one.kind, one.entries, one.made_from, one.parents))
    assert asked - declared == set()
    assert len(asked) > 15
