"""Planning the next titration from a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError
from cathodelab.operations.model import PlanInput
from cathodelab.operations.plan import TitrationPlans
from cathodelab.operations.table import OPERATIONS
from cathodelab.techniques.utilization.plan import shortest

RUN = next(one for one in OPERATIONS if one.name == "plan").run


@pytest.fixture(scope="module")
def found(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> TitrationPlans:
    """The plans of the demonstration."""
    import shutil

    folder = Path(shutil.copytree(demo_template, tmp_path_factory.mktemp("plan") / "demo"))
    planned = RUN(PlanInput(folder, uncertainty=1.3), lambda items, *_: items)
    assert isinstance(planned, TitrationPlans)
    return planned


def test_the_shortest_usable_plan_that_meets_the_wish_is_chosen(found: TitrationPlans) -> None:
    """No shorter one does."""
    assert found.chosen is not None
    assert found.chosen.usable
    assert found.chosen.utilization.plus <= 0.013
    shorter = [plan for plan in found.plans if plan.hours < found.chosen.hours and plan.usable]
    assert all((plan.utilization.plus + plan.utilization.minus) / 2 > 0.013 for plan in shorter)


def test_longer_rests_and_more_points_sharpen_what_a_cell_has_for_itself(found: TitrationPlans) -> None:
    """Weighing stays: no rest makes a balance better."""
    own = {(len(plan.potentials_volt), plan.rest_hour): plan.own for plan in found.plans}
    assert own[5, 8.0] < own[5, 2.0]
    assert not any(plan.usable for plan in found.plans if plan.rest_hour < 1)
    assert shortest(found.plans, 0.005) is None
    assert shortest(found.plans, 0.005, own=True) is not None
    assert found.plans[-1].dominated_by.startswith("weighing")


def test_potentials_outside_the_reference_are_refused(demo_study: Path) -> None:
    """Nothing is extrapolated in a plan either."""
    with pytest.raises(CathodelabError) as caught:
        RUN(PlanInput(demo_study, high=4.8), lambda items, *_: items)
    assert caught.value.code == "outside-reference"


def test_the_command_prints_the_plans_and_says_what_limits_them(
    demo_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wish that no plan meets is exit code 1 with a reason."""
    assert main(["plan", str(demo_study), "--uncertainty", "1.3"]) == 0
    assert "shortest" in capsys.readouterr().out
    assert main(["plan", str(demo_study), "--uncertainty", "0.1"]) == 1
    assert "limited by weighing" in capsys.readouterr().out
    assert main(["plan", str(demo_study), "--uncertainty", "0.5", "--own"]) == 0


def test_at_least_two_composites_are_recommended_and_a_third_is_weighed(found: TitrationPlans) -> None:
    """The half-widths are those of simulated differences of two equal samples."""
    text = "\n".join(found.lines())
    assert "at least two composites" in text
    random = np.random.default_rng(2)
    for one in found.record()["composites"][:2]:
        count = one["composites"]
        sides = random.standard_normal((2, 200_000, count))
        pooled = np.sqrt(sides.var(axis=2, ddof=1).mean(axis=0))
        off = np.abs(sides[0].mean(axis=1) - sides[1].mean(axis=1))
        assert np.mean(off < one["half_width_of_a_difference_in_sd"] * pooled) == pytest.approx(0.95, abs=2e-3)
        assert f"± {one['half_width_of_a_difference_in_sd']:.1f}" in text
