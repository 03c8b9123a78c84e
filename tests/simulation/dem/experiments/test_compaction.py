"""The yield ratio from a compaction curve."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.simulation.dem.equipment.machines import Die
from cathodelab.simulation.dem.experiments.compaction import (
    DENSEST,
    fitted,
    read_curve,
    strains_at,
    yield_ratio_from_compaction,
)
from cathodelab.simulation.dem.experiments.drum_and_die import DieRun, Powder, die_run
from cathodelab_validation.dem.model import POWDER, POWDER_POWDER, POWDER_WALL

_POWDER = Powder(POWDER, POWDER_POWDER, POWDER_WALL, 300e-6)
_DIE = Die(radius=1.5e-3, height=5e-3, speed=0.5)


def test_curves_over_the_logarithm_give_their_value_back_with_its_uncertainty() -> None:
    """Strain = a - b ln Y at two forces, 0.01 each: u(ln Y) = 0.01/√(b₁² + b₂²)."""
    trials = [0.004, 0.006, 0.009, 0.0135]
    slopes = np.array([0.1, 0.2])
    responses = 0.1 - slopes * np.log(np.array(trials))[:, None]
    found = fitted(trials, responses, np.zeros(2), 0.1 - slopes * math.log(0.007), 0.01)
    assert found.value == pytest.approx(0.007, rel=1e-3)
    assert found.standard_uncertainty / found.value == pytest.approx(0.01 / math.hypot(*slopes), rel=1e-3)
    assert all(check.passed for check in found.checks)


def test_scatter_of_the_fillings_is_shared_by_all_forces() -> None:
    """It does not average out: both strains move together."""
    trials, slopes = [0.004, 0.006, 0.009], np.array([0.15, 0.15])
    responses = 0.1 - slopes * np.log(np.array(trials))[:, None]
    found = fitted(trials, responses, np.full(2, 0.03), 0.1 - slopes * math.log(0.006), 1e-4)
    assert found.standard_uncertainty / found.value == pytest.approx(0.03 / 0.15, rel=0.01)


def test_a_force_that_was_not_reached_or_a_bed_beyond_solid_has_no_strain() -> None:
    """It is not taken from the end of the curve."""
    pressed = DieRun(np.array([[2e-3, 1.0], [1.5e-3, 4.0], [1e-3, 9.0]]), np.zeros((0, 2)), 2e-3)
    found = strains_at(pressed, np.array([1.0, 4.0, 9.0, 12.0]), 1.2e-3)
    assert found[:2] == pytest.approx([0.0, 0.25])
    assert np.isnan(found[2:]).all()


def test_a_known_yield_ratio_is_found_again_and_forces_beyond_the_law_are_left_out() -> None:
    """60 grains, another filling as measurement, a curve that goes far beyond what the law can say."""
    forces = np.array([0.2, 0.5, 1.0, 2.0, 1000.0])
    true = replace(_POWDER, inside=replace(POWDER_POWDER, yield_ratio=0.009))
    measured = strains_at(die_run(true, _DIE, 60, 2.5, 60, 7), forces)
    measured[-1] = 0.9
    found = yield_ratio_from_compaction(_POWDER, _DIE, 60, [0.004, 0.0075, 0.015], forces, measured, 0.02)
    assert abs(found.value - 0.009) < 3 * found.standard_uncertainty
    assert found.standard_uncertainty < 0.009
    left_out = next(check for check in found.checks if check.name == "forces_within_law")
    assert not left_out.passed
    assert "1 beyond are not" in left_out.sentence
    assert found.used == 3
    assert 2.0 < found.holds_to < 20.0
    share = found.path[:, 2]
    assert (np.diff(share) > 0).all()
    assert share[0] < DENSEST < share[-1]  # followed beyond the law's range, and marked
    labels = [one.label for one in found.figure("strain of the bed", "").panels[0].series]
    assert "simulated, beyond the law's range" in labels
    assert "measured, not used" in labels
    with pytest.raises(CathodelabError, match="beyond what the contact law"):
        yield_ratio_from_compaction(_POWDER, _DIE, 60, [0.004, 0.0075], forces[[0, -1]], measured[[0, -1]], 0.02)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "force_n,height_mm\n1,2\n",
        "force_n,height_mm\n2,2\n1,1\n",
        "force,height\n1,2\n2,1\n",
        "force_n,height_mm\n1,a\n",
    ],
)
def test_a_curve_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """With its name and what is expected."""
    path = tmp_path / "pressed.csv"
    path.write_text(text)
    with pytest.raises(CathodelabError, match=r"pressed\.csv") as raised:
        read_curve(path)
    assert raised.value.code == "dem-curve"


def test_a_curve_gives_strains_against_its_first_row(tmp_path: Path) -> None:
    """Heights in any unit would do."""
    path = tmp_path / "pressed.csv"
    path.write_text("force_n,height_mm\n10,4.0\n100,3.0\n1000,2.0\n")
    force, strain = read_curve(path)
    assert force.tolist() == [10, 100, 1000]
    assert strain == pytest.approx([0.0, 0.25, 0.5])
