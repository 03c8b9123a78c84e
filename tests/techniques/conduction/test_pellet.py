"""What the row of a pellet says: contacts, area, separators, and what is missing."""

from __future__ import annotations

import math

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.samples import NamedFile, Sample
from cathodelab.techniques.conduction.pellet import pellet_of


def sample(**entries: str) -> Sample:
    """A pellet with these entries and those of a good one."""
    row = {"blocked": "ions", "thickness_um": "500", "diameter_mm": "10", **entries}
    return Sample("p1", "pellet", row)


def test_the_area_is_that_of_the_disc_unless_it_or_the_contacts_are_stated() -> None:
    """A smaller contact leaves the pellet's own area beside it."""
    disc = math.pi / 4
    plain = pellet_of(sample())
    assert plain.area.value == pytest.approx(disc)
    assert math.isnan(plain.pellet_area_cm2)
    stated = pellet_of(sample(area_cm2="0.785", area_standard_uncertainty_cm2="0.004"))
    assert (stated.area.value, stated.area.plus) == (0.785, 0.004)
    contact = pellet_of(sample(contact_diameter_mm="9"))
    assert contact.area.value == pytest.approx(0.81 * disc)
    assert contact.pellet_area_cm2 == pytest.approx(disc)
    small = pellet_of(sample(area_cm2="0.5"))
    assert small.pellet_area_cm2 == pytest.approx(disc)


def test_the_error_of_the_diameter_is_twice_in_the_area() -> None:
    """Where it is stated."""
    found = pellet_of(sample(diameter_standard_uncertainty_mm="0.05"))
    assert found.area.plus / found.area.value == pytest.approx(0.01)


@pytest.mark.parametrize("entries", [{"contact_diameter_mm": "12"}, {"area_cm2": "0.9"}])
def test_contacts_larger_than_the_pellet_are_refused(entries: dict[str, str]) -> None:
    """Nobody is more right than the other."""
    with pytest.raises(CathodelabError, match="No more current flows") as caught:
        pellet_of(sample(**entries))
    assert caught.value.code == "area-contradicts"


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"blocked": ""}, "blocked-missing"),
        ({"blocked": "steel"}, "blocked-missing"),
        ({"thickness_um": ""}, "geometry-missing"),
        ({"diameter_mm": ""}, "geometry-missing"),
        ({"thickness_um": "thin"}, "geometry-missing"),
    ],
)
def test_what_a_conductivity_needs_is_asked_for(entries: dict[str, str], code: str) -> None:
    """With the words that are allowed."""
    with pytest.raises(CathodelabError) as caught:
        pellet_of(sample(**entries))
    assert caught.value.code == code
    assert "pellet p1" in caught.value.where


def test_separators_temperature_and_die_are_read() -> None:
    """The temperature of the file comes before that of the row."""
    row = sample(
        blocked="electrons",
        separator_resistance_ohm="110",
        separator_resistance_standard_uncertainty_ohm="3.3",
        separator_ratio="2",
        temperature_degC="25",
        die="die 1",
    )
    found = pellet_of(row)
    assert found.separator is not None
    assert (found.separator.value, found.separator.plus, found.separator_ratio) == (110, 3.3, 2)
    assert (found.temperature_degC, found.die, found.carrier) == (25, "die 1", "ionic")
    warm = Sample(
        "p1",
        "pellet",
        row.entries,
        files=(NamedFile("a.csv", "conduction_file", conditions={"temperature_degC": "60"}),),
    )
    assert pellet_of(warm).temperature_degC == 60


def test_a_separator_cell_needs_no_geometry() -> None:
    """It is measured for its resistance."""
    found = pellet_of(sample(blocked="separator cell", thickness_um="", diameter_mm=""))
    assert found.carrier == ""
    assert found.separator_ratio == 1.0
