"""Which readings are points, and what is said or refused of the rest."""

from __future__ import annotations

import numpy as np
import pytest
from compaction_pellets import (
    COMPLIANCE,
    PRESSURES,
    both,
    evaluated,
    file,
    heckel_um,
    in_die,
    known,
    names,
    value,
    verdict,
)

from cathodelab.core.errors import CathodelabError

THICKNESS = heckel_um()
UNDER = THICKNESS - COMPLIANCE * PRESSURES


def refused(content: bytes, **changes: object) -> CathodelabError:
    """The error that a file and a pellet give."""
    with pytest.raises(CathodelabError) as caught:
        evaluated(content, **changes)
    return caught.value


def test_a_force_is_a_pressure_by_the_area_of_the_die() -> None:
    """1 MPa on 0.785 cm2 is 78.5 N; without the area there is no pressure."""
    content = file({"force (N)": 78.5 * PRESSURES, "thickness in die (um)": UNDER})
    assert value(evaluated(content), "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-4)
    error = refused(content, area=known(float("nan")))
    assert error.code == "die-missing"
    assert "diameter_mm" in error.what_to_do


def test_forces_that_contradict_the_pressures_are_said() -> None:
    """The pressure of the oil beside the force on the punch."""
    columns = {"pressure (MPa)": PRESSURES, "force (kN)": 0.1 * PRESSURES, "thickness in die (um)": UNDER}
    passed, sentence = verdict(evaluated(file(columns)), "force_and_pressure_in_die")
    assert passed is False
    assert "27 %" in sentence
    good = file({**columns, "force (kN)": 0.0785 * PRESSURES})
    assert verdict(evaluated(good), "force_and_pressure_in_die")[0] is True


@pytest.mark.parametrize("factor", [1e3, 78.5])
def test_pressures_that_no_die_stands_are_refused(factor: float) -> None:
    """KPa or N under the name of MPa."""
    error = refused(file({"pressure (MPa)": factor * PRESSURES, "thickness in die (um)": UNDER}))
    assert error.code == "impossible-scale"
    assert "force" in error.why


def test_gigapascals_named_megapascals_are_refused() -> None:
    """0.375 GPa written as 0.000375 MPa, and a powder that is pulled."""
    assert (
        refused(file({"pressure (MPa)": 1e-6 * PRESSURES, "thickness in die (um)": UNDER})).code == "impossible-scale"
    )
    pulled = PRESSURES.copy()
    pulled[3] = -100.0
    assert "zero the load cell" in refused(file({"pressure (MPa)": pulled, "thickness in die (um)": UNDER})).why


def test_millimetres_and_micrometres_that_changed_places_are_refused() -> None:
    """0.88 um and 0.88 m are no pellets."""
    assert refused(file({"pressure (MPa)": PRESSURES, "thickness in die (um)": UNDER / 1e3})).code == "impossible-scale"
    assert refused(file({"pressure (MPa)": PRESSURES, "thickness in die (mm)": UNDER})).code == "impossible-scale"
    assert "1000 times" in refused(in_die(THICKNESS), mass=known(0.2, 0.0001)).why


def test_a_thickness_nobody_says_where_is_refused_until_the_table_says_it() -> None:
    """In the die or out of it: neither is guessed."""
    content = file({"pressure (MPa)": PRESSURES, "thickness (um)": UNDER})
    assert refused(content).code == "measured-where"
    assert "heckel_pressure_in_die" in evaluated(content, thickness_is="in die").estimates
    outside = evaluated(content, thickness_is="out of die")
    assert {name for name in outside.estimates.names if "in_die" in name} == set()
    assert "porosity_out_of_die" in outside.estimates


def test_a_displacement_becomes_a_thickness_by_a_stated_height() -> None:
    """Either sign of the way; without the height it is refused, and named thickness it grows."""
    way = 2000.0 - UNDER
    content = file({"pressure (MPa)": PRESSURES, "crosshead displacement (um)": way})
    assert refused(content).code == "zero-missing"
    for sign in (1, -1):
        signed = file({"pressure (MPa)": PRESSURES, "crosshead displacement (um)": sign * way})
        found = evaluated(signed, height=known(2000.0, 3.0, "um"))
        assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-4)
        assert found.estimates.effect("relative_density_in_die")["p1/height at zero"] < 0
    grows = refused(file({"pressure (MPa)": PRESSURES, "thickness in die (um)": way}))
    assert grows.code == "thickness-grows"
    assert "displacement" in grows.what_to_do


def test_columns_that_are_not_used_are_said() -> None:
    """Nothing is left out silently."""
    columns = {"pressure (MPa)": PRESSURES, "thickness out of die (um)": THICKNESS, "way of crosshead (um)": PRESSURES}
    sentences = [one.sentence for one in evaluated(file(columns)).checks if one.name == "file_of_the_compaction"]
    assert any("height_at_zero_displacement_um is not stated" in one for one in sentences)
    columns = {
        "pressure (MPa)": PRESSURES,
        "thickness in die (um)": UNDER,
        "thickness (um)": THICKNESS,
        "time (s)": PRESSURES,
    }
    found = evaluated(file(columns))
    assert any("14 thicknesses were not used" in one.sentence for one in found.checks)
    assert "time (s)" in verdict(found, "columns_not_used")[1]


def test_compression_that_is_negative_is_turned_and_said() -> None:
    """Testing machines count tension as positive."""
    found = evaluated(file({"pressure (MPa)": -PRESSURES, "thickness in die (um)": UNDER}))
    assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-4)
    assert any("negative" in one.sentence for one in found.checks)


def test_an_unloading_is_left_out_and_said() -> None:
    """What springs back in the die is no compaction."""
    pressure = np.append(PRESSURES, [200.0, 50.0, 1.0])
    content = file({"pressure (MPa)": pressure, "thickness in die (um)": np.append(UNDER, [890.0, 895.0, 900.0])})
    found = evaluated(content)
    passed, sentence = verdict(found, "first_loading_in_die")
    assert passed is None
    assert "3 of 17 readings" in sentence
    assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-4)


def test_of_a_cyclic_curve_the_first_loading_counts_and_it_is_said() -> None:
    """Loaded anew, a powder is stiff until it reaches the highest pressure before."""
    pressure = np.concatenate([PRESSURES[:9], [10.0, 50.0], PRESSURES[9:], [5.0, 100.0]])
    thickness = np.concatenate([UNDER[:9], [UNDER[8] + 9, UNDER[8] + 4], UNDER[9:], [UNDER[-1] + 9, UNDER[-1] + 5]])
    found = evaluated(file({"pressure (MPa)": pressure, "thickness in die (um)": thickness}))
    passed, sentence = verdict(found, "first_loading_in_die")
    assert passed is False
    assert "falls 2 times: 4 of 18 readings" in sentence
    assert value(found, "heckel_pressure_in_die") == pytest.approx(180.0, rel=1e-4)


def test_pressures_that_only_fall_are_refused() -> None:
    """A table turned upside down, or an unloading."""
    error = refused(file({"pressure (MPa)": PRESSURES[::-1], "thickness in die (um)": UNDER[::-1]}))
    assert error.code == "pressure-falls"


def test_readings_of_one_held_load_are_one_point() -> None:
    """Five readings at every pressure, and a record of three thousand rows with a noisy load cell."""
    held = file({"pressure (MPa)": np.repeat(PRESSURES, 5), "thickness in die (um)": np.repeat(UNDER, 5)})
    found = evaluated(held)
    branch = found.branch("in_die")
    assert branch is not None
    assert branch.pressure_MPa == pytest.approx(PRESSURES)
    assert "70 readings in die were averaged to 14 levels" in verdict(found, "readings_averaged_in_die")[1]
    random = np.random.default_rng(1)
    pressure = np.linspace(0.5, 375, 3000)
    thickness = heckel_um(pressure) - COMPLIANCE * pressure
    dense = file({"pressure (MPa)": pressure + random.normal(0, 0.4, 3000), "thickness in die (um)": thickness})
    long = evaluated(dense)
    assert "first_loading_in_die" not in names(long)
    assert value(long, "heckel_pressure_in_die") == pytest.approx(180.0, rel=3e-3)


def test_pellets_of_several_masses_are_scaled_to_one() -> None:
    """A new pellet for each pressure, in any order: each thickness goes with its own mass."""
    random = np.random.default_rng(2)
    mass = random.uniform(150, 250, PRESSURES.size)
    order = random.permutation(PRESSURES.size)
    columns = {
        "pressure (MPa)": PRESSURES[order],
        "mass (mg)": mass[order],
        "thickness out of die (um)": (THICKNESS * mass / 200.0)[order],
    }
    found = evaluated(file(columns))
    assert value(found, "heckel_pressure_out_of_die") == pytest.approx(180.0, rel=1e-4)
    branch = found.branch("out_of_die")
    assert branch is not None
    assert branch.thickness_standard_um[0] == pytest.approx(np.hypot(2.0, THICKNESS[0] * 0.1 / mass[0]), rel=1e-6)


def test_one_two_and_three_points_have_porosities_and_no_heckel_pressure() -> None:
    """A line through three points proves nothing."""
    for count in (1, 2, 3):
        found = evaluated(in_die(THICKNESS[-count:], PRESSURES[-count:]))
        assert value(found, "porosity_in_die") == pytest.approx(1 - 840.0 / THICKNESS[-1])
        assert "heckel_pressure_in_die" not in found.estimates
        assert f"there are {count} points" in verdict(found, "straight_part_in_die")[1]


def test_a_crosshead_that_is_not_zeroed_shows_beside_an_ejected_pellet() -> None:
    """Too thick or too thin by far: numbers in the die are left out, those out of it stay."""
    for zero in (50.0, 5000.0, -150.0):
        found = evaluated(both(heckel_um(intercept=0.4), zero_um=zero))
        passed, sentence = verdict(found, "crosshead_zero")
        assert passed is False, zero
        assert "not zeroed" in sentence
        assert not [name for name in found.estimates.names if "in_die" in name]
        assert "porosity_out_of_die" in found.estimates
    assert verdict(evaluated(both(THICKNESS)), "crosshead_zero")[0] is True
    assert verdict(evaluated(in_die(THICKNESS)), "crosshead_zero")[0] is None


def test_a_very_loose_pellet_at_high_pressure_is_doubted() -> None:
    """The crosshead 5 mm off and no ejected pellet, or a radius for a diameter."""
    for content, changes in (
        (file({"pressure (MPa)": PRESSURES, "thickness in die (um)": UNDER + 5000}), {}),
        (in_die(THICKNESS), {"area": known(4 * 0.785)}),
    ):
        passed, sentence = verdict(evaluated(content, **changes), "relative_density_usual_in_die")
        assert passed is False
        assert "zeroed" in sentence
