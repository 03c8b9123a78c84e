"""From readings to numbers with errors: made data of known truth, every source of error, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from compaction_pellets import (
    COMPLIANCE,
    PRESSURES,
    SOLID_UM,
    both,
    evaluated,
    file,
    heckel_um,
    in_die,
    known,
    made,
    pellet,
    value,
    verdict,
)

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import covariance
from cathodelab.techniques.compaction.method import compaction_of
from cathodelab.techniques.compaction.model import CompactionResult, Part
from cathodelab.techniques.compaction.read import curve_from_tables
from cathodelab.techniques.compaction.reader import read_compaction_text
from cathodelab.techniques.compaction.settings import CompactionSettings

THICKNESS = heckel_um()


def of_made(data: Path, name: str) -> tuple[CompactionResult, dict[str, object]]:
    """Result and truth of one of the made records."""
    one, content, truth = made(data / "made" / "compaction", name)
    return compaction_of(one, curve_from_tables([read_compaction_text(content)]), CompactionSettings()), truth


@pytest.mark.parametrize(("name", "heckel"), [("composite_70_30", 180.0), ("composite_85_15", 290.0)])
def test_made_composites_are_within_two_and_a_half_percent(data: Path, name: str, heckel: float) -> None:
    """Heckel pressure, density under load and after ejection, recovery; each inside two standard uncertainties."""
    found, truth = of_made(data, name)
    one = found.estimates.estimate("heckel_pressure_in_die")
    assert one.value == pytest.approx(heckel, rel=0.025)
    assert abs(one.value - heckel) < one.plus
    for mode, key in (("in_die", "under_load"), ("out_of_die", "out_of_die")):
        density = found.estimates.estimate(f"relative_density_{mode}")
        true = np.array(truth[f"relative_density_{key}"])[-1]
        assert abs(density.value - true) < 2 * density.plus
    recovery = found.estimates.estimate("elastic_recovery")
    assert abs(recovery.value - float(str(truth["elastic_recovery_of_thickness_fraction"]))) < 2 * recovery.plus
    assert value(found, "solid_density") == pytest.approx(float(str(truth["mixture_density_g_cm3"])), abs=1e-4)


def test_the_made_electrolyte_is_inside_its_interval_which_is_at_most_six_percent(data: Path) -> None:
    """At 99 % of the density of the solid."""
    found, _ = of_made(data, "electrolyte_only")
    one = found.estimates.estimate("heckel_pressure_in_die")
    assert abs(one.value - 95.0) < one.plus
    assert one.plus < 0.06 * one.value
    assert "40 to 375 MPa" in one.how


def test_a_relative_density_above_one_is_refused_and_not_cut_off(data: Path) -> None:
    """The made record with a wrong mass, and a solid that is a little too light; the error says what may be wrong."""
    one, content, _ = made(data / "made" / "compaction", "wrong_mass")
    curve = curve_from_tables([read_compaction_text(content)])
    with pytest.raises(CathodelabError, match=r"relative density in die is 1\.177") as caught:
        compaction_of(one, curve, CompactionSettings())
    assert caught.value.code == "density-above-one"
    assert "shares are % of the volume" in caught.value.why
    densest = float(SOLID_UM / THICKNESS[-1])
    with pytest.raises(CathodelabError, match="The relative density in die is"):
        evaluated(in_die(THICKNESS), mass=known(200.0 * 1.001 / densest, 0.1))
    with pytest.raises(CathodelabError, match="radius for a diameter"):
        evaluated(in_die(THICKNESS), area=known(0.785 / 4))


def test_in_the_die_without_compliance_there_is_no_number() -> None:
    """Both thicknesses: those in the die are left out and it is said. In the die alone: refused."""
    found = evaluated(both(THICKNESS), compliance=None)
    assert not [name for name in found.estimates.names if "in_die" in name]
    assert "porosity_out_of_die" in found.estimates
    assert "elastic_recovery" not in found.estimates
    assert verdict(found, "in_die_compliance")[0] is False
    with pytest.raises(CathodelabError, match="compliance of the press is not stated") as caught:
        evaluated(in_die(THICKNESS), compliance=None)
    assert caught.value.code == "compliance-missing"


def test_out_of_the_die_is_never_called_in_the_die() -> None:
    """Thicknesses of ejected pellets alone give estimates, checks and words of ejected pellets alone."""
    found = evaluated(file({"pressure (MPa)": PRESSURES, "thickness out of die (um)": THICKNESS}))
    assert [one.mode for one in found.branches] == ["out_of_die"]
    assert not [name for name in found.estimates.names if "in_die" in name]
    assert not [one for one in found.checks if "in_die" in one.name or "in die" in one.sentence]
    assert found.estimates.estimate("porosity_out_of_die").how == "ejected, after 375 MPa"


def test_what_the_press_gives_way_is_added_back() -> None:
    """Ignored, it makes the pellet thinner, denser and softer."""
    content = in_die(THICKNESS)
    right, ignored = evaluated(content), evaluated(content, compliance=known(0.0, 0.0, "um/MPa"))
    assert value(right, "relative_density_in_die") == pytest.approx(SOLID_UM / THICKNESS[-1], rel=1e-6)
    assert value(ignored, "relative_density_in_die") > value(right, "relative_density_in_die") + 0.005
    assert value(ignored, "heckel_pressure_in_die") < value(right, "heckel_pressure_in_die") - 3
    assert "as corrected by the machine" in verdict(ignored, "in_die_compliance")[1]
    assert "7.5 µm at 375 MPa" in verdict(right, "in_die_compliance")[1]
    by_force = known(COMPLIANCE / 0.0785, 0.001, "um/kN")
    assert value(evaluated(content, compliance=by_force), "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-6)


def test_one_percent_of_density_moves_the_heckel_pressure_by_several_and_the_interval_holds_it() -> None:
    """The effect of the source is that of evaluating with the other density."""
    density = pellet().parts[0].density.value
    content = in_die(THICKNESS)
    low, high = (
        evaluated(content, parts=(Part("powder", 1.0, known(factor * density, 0.01 * density)),))
        for factor in (0.99, 1.01)
    )
    moved = (value(high, "heckel_pressure_in_die") - value(low, "heckel_pressure_in_die")) / 2
    assert 0.02 < moved / 180.0 < 0.1
    found = evaluated(content, parts=(Part("powder", 1.0, known(density, 0.01 * density)),))
    assert found.estimates.effect("heckel_pressure_in_die")["powder/density"] == pytest.approx(moved, rel=0.02)
    assert found.estimates.estimate("heckel_pressure_in_die").plus > moved


def test_every_source_moves_the_numbers_the_way_physics_says() -> None:
    """More mass, denser; a larger die, looser; a thicker reading, looser; a stiffer press, denser."""
    found = evaluated(both(THICKNESS))
    under = found.estimates.effect("relative_density_in_die")
    after = found.estimates.effect("relative_density_out_of_die")
    density = value(found, "relative_density_in_die")
    assert under["p1/mass"] == pytest.approx(density * 0.1 / 200.0, rel=1e-3)
    assert under["p1/area"] == pytest.approx(-density * 1e-3, rel=1e-3)
    assert after["p1/area"] == pytest.approx(under["p1/area"] / 1.02, rel=1e-3)
    assert under["powder/density"] == pytest.approx(-density * 0.005, rel=1e-3)
    assert under["p1/zero in die"] == pytest.approx(-density / THICKNESS[-1], rel=1e-2)
    assert under["p1/zero out of die"] == 0
    assert under["p1/compliance"] == pytest.approx(-density * 0.001 * 375 / THICKNESS[-1], rel=1e-2)
    assert under["p1/in die 13"] == pytest.approx(-density * 2.0 / THICKNESS[-1], rel=1e-2)
    assert under["p1/in die 12"] == 0
    heckel = found.estimates.effect("heckel_pressure_in_die")
    assert heckel["p1/pressure gain"] == pytest.approx(180.0 * 0.01 / np.sqrt(3), rel=0.02)
    assert found.estimates.effect("porosity_in_die")["p1/mass"] == pytest.approx(-under["p1/mass"])
    assert found.estimates.effect("elastic_recovery")["p1/mass"] == 0


def test_a_measured_diameter_of_the_ejected_pellet_counts_out_of_the_die_alone() -> None:
    """0.5 % wider is 1 % less dense; the die's bore then says nothing about it."""
    wide = evaluated(both(THICKNESS), ejected_area=known(0.785 * 1.01, 0.0005, "cm2"))
    plain = evaluated(both(THICKNESS))
    ratio = value(wide, "relative_density_out_of_die") / value(plain, "relative_density_out_of_die")
    assert ratio == pytest.approx(1 / 1.01)
    assert value(wide, "relative_density_in_die") == value(plain, "relative_density_in_die")
    effect = wide.estimates.effect("relative_density_out_of_die")
    assert effect["p1/area"] == 0
    assert effect["p1/ejected area"] < 0
    assert "ejected_diameter" not in {one.name for one in wide.checks}


def test_pellets_of_one_material_die_and_press_share_their_errors() -> None:
    """The covariance of two pellets is that of the density, the die and the press; weighing is their own."""
    first, second = (
        evaluated(both(THICKNESS), id=name, die="d10", press="hand", recipe="composite c1").estimates for name in "ab"
    )
    matrix = covariance([first, second], "porosity_out_of_die")
    shared = sum(first.effect("porosity_out_of_die")[name] ** 2 for name in ("powder/density", "d10/area"))
    assert matrix[0, 1] == pytest.approx(shared)
    assert matrix[0, 0] > matrix[0, 1]
    under = first.effect("heckel_pressure_in_die")
    assert {"hand/compliance", "hand/pressure gain"} <= under.keys()


def test_shares_and_what_they_would_mean_by_volume_are_said() -> None:
    """Which share is uncertain: what one part has too much, the largest has too little."""
    parts = (Part("cam", 0.7, known(4.78, 0.02)), Part("se", 0.3, known(1.64, 0.01)))
    found = evaluated(both(THICKNESS), parts=parts, recipe="composite c1")
    sentence = verdict(found, "density_of_the_solid")[1]
    assert "3.036 g/cm³" in sentence
    assert "3.838 g/cm³" in sentence
    effect = found.estimates.effect("solid_density")["composite c1/share of se"]
    assert effect == pytest.approx(-(3.0361**2) * 0.0005 * (1 / 1.64 - 1 / 4.78), rel=1e-3)


def test_uncertainties_that_nobody_states_are_assumed_and_said() -> None:
    """Each of them by name, with the amount."""
    unstated = known(200.0), known(0.785), (Part("powder", 1.0, known(3.2)),)
    found = evaluated(
        in_die(THICKNESS),
        mass=unstated[0],
        area=unstated[1],
        parts=unstated[2],
        compliance=known(COMPLIANCE, unit="um/MPa"),
        thickness_standard_um=float("nan"),
    )
    sentence = verdict(found, "uncertainties_assumed")[1]
    for words in ("mass ± 0.1 mg", "die ± 0.1 %", "density of powder ± 0.5 %", "thickness ± 5 µm", "press ± 10 %"):
        assert words in sentence
    assert all(np.isfinite(found.estimates.estimate(name).plus) for name in found.estimates.names)
    assert "uncertainties_assumed" not in {one.name for one in evaluated(in_die(THICKNESS)).checks}
