"""Which utilization a cycle has where it was measured again."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
from cycling_cells import evaluated, made

from cathodelab.analyses.ageing import AgeingResult
from cathodelab.analyses.utilization_in_time import utilization_of_levels
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.model import RateLevel

MASS = Source("c/mass", "weighing", "standard", "weigh")
OWN = tuple(Source(f"c/noise of cycle {number}", "noise", "standard", "rest") for number in (1, 21))


@dataclass(frozen=True)
class Once:
    """A titration alone."""

    estimates: EstimateSet


def _set(
    names: tuple[str, ...], values: list[float], sources: tuple[Source, ...], effects: list[list[float]]
) -> EstimateSet:
    count = len(names)
    return EstimateSet(
        names, np.array(values), ("1",) * count, ("mass",) * count, ("how",) * count, sources, np.array(effects)
    )


ONCE: Any = Once(_set(("static_utilization",), [0.9], (MASS,), [[0.01]]))
AGEING = AgeingResult(
    _set(
        ("utilization_cycle_1", "utilization_cycle_21"),
        [0.9, 0.8],
        (MASS, *OWN),
        [[0.009, 0.001, 0], [0.008, 0, 0.002]],
    ),
    (),
    (1, 21),
)
CYCLING = evaluated(made(*((0.2, 1.8, 2.6, 3.6), (-0.2, 1.8, 3.5, 2.2)) * 25, rows=12))


def _levels(*numbers: tuple[int, ...]) -> list[RateLevel]:
    rows = [np.array([CYCLING.cycles.index_of(one) for one in level]) for level in numbers]
    return [RateLevel(f"level {place}", 0.1, "cycling", one) for place, one in enumerate(rows)]


def test_a_cell_that_was_titrated_once_has_one_utilization() -> None:
    """With the errors of that titration."""
    found = utilization_of_levels("c", CYCLING, ONCE, None, _levels((1,), (11,)))
    assert found.values.tolist() == [0.9, 0.9]
    assert found.effects[MASS].tolist() == [0.01, 0.01]


def test_cycles_have_the_utilization_of_their_own_time() -> None:
    """At the check-ups theirs, half way the mean; common errors stay common, own ones are shared out."""
    found = utilization_of_levels("c", CYCLING, ONCE, AGEING, _levels((1,), (11,), (21,), (6, 16)))
    assert found.values == pytest.approx([0.9, 0.85, 0.8, 0.85])
    assert found.effects[MASS] == pytest.approx([0.009, 0.0085, 0.008, 0.0085])
    assert found.effects[OWN[0]] == pytest.approx([0.001, 0.0005, 0.0, 0.0005])


def test_how_contacts_were_lost_between_check_ups_is_not_known() -> None:
    """Half way anywhere between both: a limit of half the change; none at the check-ups."""
    found = utilization_of_levels("c", CYCLING, ONCE, AGEING, _levels((1,), (11,), (21,)))
    (course,) = (effect for source, effect in found.effects.items() if source.id == "c/course of the utilization")
    assert course == pytest.approx([0.0, 0.05 / np.sqrt(3), 0.0])


def test_after_the_last_check_up_it_may_have_gone_on() -> None:
    """Four cycles later: 0.5 % a cycle, as before."""
    found = utilization_of_levels("c", CYCLING, ONCE, AGEING, _levels((25,)))
    assert found.values == pytest.approx([0.8])
    (later,) = (effect for source, effect in found.effects.items() if "after the last" in source.id)
    assert later == pytest.approx([0.02 / np.sqrt(3)])
