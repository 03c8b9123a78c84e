"""The staircases of known truth among the shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from staircases import SETTINGS

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.techniques.conduction.columns import Blocked
from cathodelab.techniques.conduction.method import partial_conductivity
from cathodelab.techniques.conduction.model import Pellet, Staircase
from cathodelab.techniques.conduction.percolation import Series, power_law, threshold_of
from cathodelab.techniques.conduction.read import staircase_from_table
from cathodelab.techniques.conduction.results import ConductionResult
from cathodelab.techniques.conduction.staircase_text import read_staircase_text


@pytest.fixture(scope="module")
def made(data: Path) -> Path:
    """Their folder."""
    return data / "made" / "dc"


def staircase(path: Path) -> Staircase:
    """Of a file."""
    return staircase_from_table(read_staircase_text(path.read_bytes()))


def evaluated(made: Path, name: str) -> tuple[ConductionResult, dict[str, float]]:
    """A record with what stands beside it, and its truth."""
    stated = json.loads((made / f"{name}.json").read_text())
    blocked: Blocked = "ions" if "ion-blocking" in stated["arrangement"] else "electrons"
    each, half = stated.get("separator_resistance_each_ohm", 0.0), stated.get("separator_resistance_sd_ohm", 0.0)
    known = Pellet(
        name,
        blocked,
        Estimate(stated["thickness_um"], stated["thickness_sd_um"], stated["thickness_sd_um"]),
        Estimate(stated["area_cm2"], 1e-4, 1e-4),
        separator=Estimate(2 * each, 2 * half, 2 * half),
    )
    truth = json.loads((made / "truth.json").read_text())[f"{name}.csv"]
    return partial_conductivity(known, staircase(made / f"{name}.csv"), SETTINGS), truth


@pytest.mark.parametrize("name", ["electronic_steady", "electronic_big_offset", "ionic_two_separators"])
def test_conductivity_offset_and_time_constant_are_those_that_were_put_in(made: Path, name: str) -> None:
    """To a tenth of a per cent where only the record counts; the interval is that of the thickness."""
    result, truth = evaluated(made, name)
    one = result.estimates.estimate(f"{truth['kind']}_conductivity")
    assert one.value == pytest.approx(truth["conductivity_S_per_cm"], rel=1e-3)
    assert 0.02 < one.plus / one.value < 0.025
    assert result.estimates.estimate("time_constant").value == pytest.approx(truth["time_constant_s"], rel=0.02)
    assert result.estimates.estimate("offset_current").value == pytest.approx(truth["offset_current_A"], rel=0.02)
    assert result.resistance.state == "steady"


def test_the_large_offset_is_said(made: Path) -> None:
    """Half of the current of the smallest voltage."""
    result, truth = evaluated(made, "electronic_big_offset")
    offset = next(one for one in result.checks if one.name == "offset of the current")
    assert offset.value == pytest.approx(truth["offset_over_current_of_smallest_positive_step_fraction"], rel=0.01)


def test_what_is_not_steady_is_a_bound(made: Path) -> None:
    """0.4 time constants; the last currents would be a sixth too large."""
    result, truth = evaluated(made, "electronic_not_steady")
    assert result.resistance.state == "not steady"
    assert "electronic_conductivity" not in result.estimates
    limit = result.estimates.estimate("electronic_conductivity_upper_limit").value
    assert 1 < limit / truth["conductivity_S_per_cm"] < truth["last_point_slope_over_truth"]
    assert result.resistance.relaxation.law is not None
    assert result.resistance.relaxation.law.time_constant_second == pytest.approx(truth["time_constant_s"], rel=0.01)


def test_separators_that_dominate_are_refused(made: Path) -> None:
    """94 %."""
    with pytest.raises(CathodelabError, match="94 % of the resistance"):
        evaluated(made, "ionic_separators_dominate")


def test_the_series_has_its_threshold_between_three_and_four_per_cent(made: Path) -> None:
    """Every pellet within its interval; threshold and exponent within two standard deviations and a half."""
    truth = json.loads((made / "truth.json").read_text())["composition_series"]
    folder = made / "composition_series"
    shares, values, sigmas = [], [], []
    for row in csv.DictReader((folder / "samples.csv").read_text().splitlines()):
        known = Pellet(
            row["file"],
            "ions",
            Estimate(float(row["thickness_um"]), 1e-3, 1e-3),
            Estimate(float(row["area_cm2"]), 1e-6, 1e-6),
        )
        found = partial_conductivity(known, staircase(folder / row["file"]), SETTINGS).estimates
        one = found.estimate("electronic_conductivity")
        shares.append(float(row["carbon_in_matrix_vol_percent"]))
        values.append(one.value)
        sigmas.append((one.value - truth["pellets"][row["file"]]["conductivity_this_pellet_S_per_cm"]) / one.plus)
    assert np.max(np.abs(sigmas)) < 3.5
    series = Series(np.array(shares), np.array(values), np.zeros(len(values), dtype=bool))
    threshold = threshold_of(series, 3.0, 100.0)
    assert threshold.low == truth["largest_composition_below_threshold_vol_percent"]
    assert threshold.high == truth["smallest_composition_above_threshold_vol_percent"]
    law = power_law(series, threshold)
    assert abs(law.threshold - truth["threshold_vol_percent"]) < 2.5 * np.sqrt(law.covariance[0, 0])
    assert abs(law.exponent - truth["exponent"]) < 2.5 * np.sqrt(law.covariance[1, 1])
