"""Porosity of pellets whose tables state a thickness."""

from __future__ import annotations

import math

import pytest
from compaction_pellets import material, mixture

from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.samples import Sample
from cathodelab.techniques.compaction.porosity import METHOD, stated_porosity
from cathodelab.techniques.compaction.settings import Uncertainties


def row(density: str = "1.64", **entries: str) -> Sample:
    """100 mg of a powder on a disc of 10 mm, 900 um thick."""
    stated = {"mass_mg": "100", "diameter_mm": "10", "thickness_um": "900", "fabrication_pressure_MPa": "380"}
    return mixture("pellet", "p1", [(material("lpscl", density), math.nan)], **{**stated, **entries})


def test_the_porosity_is_what_the_solid_does_not_fill() -> None:
    """100 mg of 1.64 g/cm3 fill 61 mm3 of 70.7."""
    found = stated_porosity(row(), Uncertainties()).estimates
    volume = math.pi / 4 * 100 * 0.9
    assert found.estimate("porosity").value == pytest.approx(1 - 100 / 1.64 / volume)
    assert found.estimate("porosity").how == "ejected, after 380 MPa"
    relative = found.estimate("relative_density").value
    expected = relative * math.hypot(1e-3, 1e-3, 5e-3, 5 / 900, 1 / 900)
    assert found.estimate("porosity").plus == pytest.approx(expected, rel=1e-3)


def test_without_a_pressure_there_is_a_porosity_all_the_same() -> None:
    """It is that of the pellet, however it was pressed."""
    found = stated_porosity(row(fabrication_pressure_MPa=""), Uncertainties()).estimates
    assert found.estimate("porosity").how == "ejected"
    assert math.isfinite(found.estimate("porosity").plus)


@pytest.mark.parametrize("missing", ["mass_mg", "diameter_mm", "thickness_um"])
def test_a_pellet_that_was_made_for_something_else_has_nothing_to_say(missing: str) -> None:
    """No thickness, no mass, no diameter, no density: other data, no failure."""
    with pytest.raises(OtherData):
        stated_porosity(row(**{missing: ""}), Uncertainties())
    with pytest.raises(OtherData):
        stated_porosity(row(density=""), Uncertainties())


def test_a_denser_pellet_than_its_solid_is_refused() -> None:
    """With a pressure and without, in the same words."""
    for pressure in ("380", ""):
        with pytest.raises(CathodelabError, match="above 1") as caught:
            stated_porosity(row(thickness_um="700", fabrication_pressure_MPa=pressure), Uncertainties())
        assert caught.value.code == "density-above-one"
        assert "nan" not in str(caught.value)


def test_its_page_opens_with_the_number() -> None:
    """Headline and budget."""
    page = METHOD.page_of(row(), stated_porosity(row(), Uncertainties()), ())
    assert "porosity 13." in str(page.top[0])
    assert "weighing" in str(page.rest)
