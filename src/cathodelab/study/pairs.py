"""Cathode resistances of a study's cells beside each other by the same-state-of-charge rule, as data."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from cathodelab.analyses.pairing import Measured, Pair, paired
from cathodelab.analyses.state_of_charge import State
from cathodelab.study.run import StudyResults


@lru_cache(maxsize=4)
def pairs_of(results: StudyResults) -> tuple[Pair, ...]:
    """The comparisons of a study; made once for JSON, tables and page."""
    utilizations = {}
    for cell, result in results.of("utilization"):
        theta = result.estimates.estimate("static_utilization")
        utilizations[cell.id] = theta.value, max(theta.minus, theta.plus)
    return paired(results.of("impedance"), utilizations)


def pair_rows(results: StudyResults) -> list[dict[str, Any]]:
    """One entry a comparison, also the refused ones; half-widths are standard uncertainties."""
    return [
        {
            **_side("", pair.second, pair.states[1]),
            **_side("against_", pair.first, pair.states[0]),
            "verdict": pair.outcome.verdict,
            "ratio_at_one_state": _plain(pair.outcome.ratio),
            "ratio_standard": _plain(pair.outcome.ratio * pair.outcome.ratio_standard),
            "correction_factor": _plain(pair.outcome.correction),
            "sentence": pair.outcome.sentence,
        }
        for pair in pairs_of(results)
    ]


def _side(which: str, one: Measured, state: State) -> dict[str, Any]:
    return {
        f"{which}cell": one.cell,
        f"{which}spectrum": one.number,
        f"{which}resistance_ohm_cm2": _plain(one.resistance),
        f"{which}resistance_standard_ohm_cm2": _plain(one.resistance * one.relative_standard),
        f"{which}charge_mAh_g": _plain(state.charge_mAh_g),
        f"{which}charge_standard_mAh_g": _plain(state.charge_standard_mAh_g),
        f"{which}potential_volt": _plain(one.potential_volt),
        f"{which}counter_electrode": one.counter_electrode,
        f"{which}relaxed": one.relaxed,
    }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
