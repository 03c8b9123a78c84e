"""Batches of generated cells: scatter, comparison, correlation, causes, warnings."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "cycling"))
sys.path.insert(0, str(Path(__file__).parents[1] / "techniques" / "utilization"))
import cells as titrations
from cycling_cells import cell, generated, record

from cathodelab.analyses.active import ActiveSettings, active_capacities
from cathodelab.analyses.batches.method import batch_report
from cathodelab.analyses.batches.model import BatchReport, Member, Metric
from cathodelab.analyses.batches.plot import batch_figures
from cathodelab.analyses.causes.method import CauseSettings, causes_of_loss
from cathodelab.core.checks import Check
from cathodelab.core.samples import Cell
from cathodelab.techniques.cycling.method import cycling_metrics
from cathodelab.techniques.cycling.model import CyclingSettings
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationSettings
from cathodelab_validation.cycler import CyclingTruth, Recording


def _cell(name: str, batch: str, method: str, **details: str) -> Cell:
    return replace(cell(**{"mixing_method": method, **details}), id=name, batch=batch)


def _results(
    one: Cell, theta: float, resistance: float = 0.1, rates: tuple[float, ...] = (0.1, 0.3, 1.0)
) -> dict[str, Any]:
    """All results of a cell of this utilization and resistance."""
    truth = CyclingTruth(utilization=theta, resistance_volt_hour=resistance)
    cycling = cycling_metrics(one, record(generated(rates, truth, Recording(rows=80))), CyclingSettings(), 200.0)
    utilization = static_utilization(
        one, titrations.solid(theta), titrations.reference_cell(), titrations.reference(), UtilizationSettings(), 200.0
    )
    active = active_capacities(
        one, cycling, utilization, None, ActiveSettings(expected_active_capacity_mAh_g=218), 200.0
    )
    causes = causes_of_loss(one, cycling, utilization, active, None, None, CauseSettings())
    return {"cycling": cycling, "utilization": utilization, "active": active, "causes": causes}


@pytest.fixture(scope="module")
def study() -> tuple[list[Cell], dict[str, dict[str, Any]]]:
    """Hand: three batches that differ; machine: three that hardly do."""
    random = np.random.default_rng(2)
    listed, results = [], {}
    for method, means in (("hand", (0.93, 0.83, 0.88)), ("machine", (0.90, 0.895, 0.905))):
        for number, mean in enumerate(means):
            for _ in range(3):
                one = _cell(f"c{len(listed):02d}", f"{method}-{number}", method)
                results[one.id] = _results(one, mean + 0.004 * random.standard_normal())
                listed.append(one)
    return listed, results


@pytest.fixture(scope="module")
def report(study: tuple[list[Cell], dict[str, dict[str, Any]]]) -> BatchReport:
    """The report of that study."""
    found = batch_report(*study)
    assert found is not None
    return found


def test_the_machine_reproduces_and_the_hand_does_not(report: BatchReport) -> None:
    """The conclusion of Publication II from the cells alone."""
    rows = {one.procedure: one for one in report.scatter if one.metric == "gross capacity" and one.rate == "0.1C"}
    hand, machine = rows["hand"].components, rows["machine"].components
    assert hand.sd_between.value > 5 * machine.sd_between.value
    assert rows["hand"].weighing_sd == pytest.approx(1.9, abs=0.1)
    assert machine.sd_within.value < 3 * rows["machine"].weighing_sd
    compared = next(one for one in report.comparisons if one.metric == "gross capacity" and one.rate == "0.1C")
    assert compared.difference.difference.low < 0 < compared.difference.difference.high
    assert compared.difference.ratio_of_scatter.value > 3
    counts = [count.value for _, count in compared.batches_needed]
    assert counts == sorted(counts, reverse=True)
    assert all(count.low <= count.value <= count.high for _, count in compared.batches_needed)


def test_capacity_follows_utilization(report: BatchReport) -> None:
    """Beyond the null band, which weighing alone would nearly fill."""
    found = next(one for name, rate, one in report.correlations if (name, rate) == ("gross capacity", "0.1C"))
    assert found.cells == 18
    assert found.corrected > 0.98
    assert found.beyond_null
    assert found.weighing_only > 0.8


def test_active_capacities_do_not_know_the_mass(study: tuple[list[Cell], dict[str, dict[str, Any]]]) -> None:
    """The weighed mass cancels in them, and in the effective rate."""
    _, results = study
    estimates = results["c00"]["active"].estimates
    assert abs(estimates.effect("active_discharge_capacity_0.1C")["c00/mass"]) < 1e-6
    assert abs(estimates.effect("effective_c_rate_0.1C")["c00/mass"]) < 1e-9
    theta = results["c00"]["utilization"].estimates.estimate("static_utilization").value
    gross = results["c00"]["cycling"].estimates.estimate("gross_discharge_capacity_1C").value
    assert estimates.estimate("active_discharge_capacity_1C").value == pytest.approx(gross / theta)


def test_causes_of_loss_add_up_to_what_is_missing(report: BatchReport) -> None:
    """Delivered, static and kinetic parts make the expected capacity."""
    for shares in report.losses.values():
        for one in shares:
            total = one.gross + one.static + one.unexplained
            assert np.isnan([one.cathode, one.anode, one.separator]).all()  # no spectra: not told apart
            assert total == pytest.approx(218.0)


def test_a_severe_kinetic_limitation_is_diagnosed() -> None:
    """Connected material that gives far too little at the lowest rate: poor electrode design."""
    one = _cell("bad", "b", "machine")
    bad = _results(one, 0.756, resistance=5.0, rates=(0.1, 0.1))["active"].checks[0]
    assert bad.name == "no_severe_kinetic_limitation"
    assert bad.passed is False
    assert "poor electrode design" in bad.sentence
    assert _results(one, 0.9, rates=(0.1, 0.1))["active"].checks[0].passed is True


def test_a_comparison_of_materials_that_is_confounded_with_mixing_is_warned_of(
    study: tuple[list[Cell], dict[str, dict[str, Any]]],
) -> None:
    """Every coating mixed by its own procedure: no claim; the same coatings in both: fine."""
    listed, results = study

    def checks(coating: Any) -> dict[str, Any]:
        cells_ = [replace(one, details={**one.details, "coating": coating(one)}) for one in listed]
        found = batch_report(cells_, results)
        assert found is not None
        return {check.name: check for check in found.checks}

    confounded = checks(lambda one: "bare" if one.batch.startswith("hand") else "coated")["not_confounded_coating"]
    assert confounded.passed is False
    assert "mixing method changes with it" in confounded.sentence
    once = checks(lambda one: "coated" if one.batch == "hand-0" else "bare")["not_confounded_coating"]
    assert "mixed once only" in once.sentence
    fair = checks(lambda one: "bare" if one.id < "c06" or "c09" <= one.id < "c15" else "coated")
    assert "not_confounded_coating" in fair
    assert "not_confounded_coating" not in checks(lambda _: "bare")


def test_figures_show_every_cell(report: BatchReport) -> None:
    """Strips, violins, correlations and causes; outliers are drawn like all others."""
    figures = {spec.id: spec for spec in batch_figures(report)}
    assert {"batches-cells", "batches-violins", "batches-correlation", "batches-losses-slowest"} <= set(figures)
    nominal, effective = figures["batches-rates"].panels
    assert len(nominal.series) == len(effective.series) == 2 * 18
    for gross, active in zip(nominal.series, effective.series, strict=True):
        theta = gross.y / active.y  # both axes are stretched by the utilization
        np.testing.assert_allclose(active.x * theta, gross.x, rtol=1e-6)
    for name in ("batches-cells", "batches-violins"):
        for panel in figures[name].panels:
            assert sum(series.x.size for series in panel.series if series.kind == "points") == 18


def test_one_cell_alone_has_no_batches() -> None:
    """Nothing to compare."""
    assert batch_report([_cell("a", "b", "m")], {}) is None


def test_a_cell_of_which_a_fatal_check_failed_is_left_out_of_means_and_stands_beside(
    study: tuple[list[Cell], dict[str, dict[str, Any]]],
) -> None:
    """Of the numbers that start from its utilization, not of those that do not; the mean with it is given too."""
    cells, results = study
    spoilt = results["c00"]["utilization"]
    fatal = Check("windows_left", passed=False, value=0.0, limit=1.0, sentence="None is left.", fatal=True)
    caution = replace(fatal, name="end_of_rest", fatal=False)
    with_fatal, with_caution = (
        batch_report(cells, {**results, "c00": {**results["c00"], "utilization": replace(spoilt, checks=(one,))}})
        for one in (fatal, caution)
    )
    assert with_fatal is not None
    assert with_caution is not None
    rows = {(one.metric, one.rate, one.procedure): one for one in with_fatal.scatter}
    whole = {(one.metric, one.rate, one.procedure): one for one in with_caution.scatter}
    place = "static utilization", "", "hand"
    assert (rows[place].left_out, rows[place].components.cells) == (("c00",), 8)
    assert rows[place].mean_of_all == whole[place].components.mean
    assert rows[place].components.mean != whole[place].components.mean
    assert rows["active capacity", "0.1C", "hand"].left_out == ("c00",)
    assert rows["gross capacity", "0.1C", "hand"].left_out == ()
    assert all(not one.left_out for one in with_caution.scatter)
    said = next(one for one in with_fatal.checks if one.name == "cells_left_out")
    assert "c00 (static utilization" in said.sentence
    assert [one.name for one in with_caution.checks].count("cells_left_out") == 0


def test_the_error_of_a_reference_counts_for_those_that_it_is_the_reference_of() -> None:
    """Two procedures with a reference each of 2 points: either mean has 2, the mean of all the half of both."""
    members = tuple(Member(f"c{i}", f"b{i // 2}", "one" if i < 4 else "other", 0) for i in range(8))
    shared = np.zeros((8, 2))
    shared[:4, 0] = shared[4:, 1] = 2.0
    values = np.full(8, 80.0)
    metric = Metric("static utilization", "%", "", members, values, values, values, (False,) * 8, shared)
    assert metric.common(metric.split("one")[0]) == pytest.approx(2.0)
    assert metric.common(metric.split("other")[0]) == pytest.approx(2.0)
    assert metric.common(metric.split("")[0]) == pytest.approx(np.sqrt(2.0))
