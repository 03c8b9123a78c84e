"""Scatter, comparisons, correlations and warnings for the batches of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from cathodelab.analyses.batches.cells import (
    DIFFERING,
    THETA,
    CellData,
    differences_of,
    metrics_of,
    rate_lines_of,
    rates_of,
    utilizations_of,
)
from cathodelab.analyses.batches.confounding import confounding_checks
from cathodelab.analyses.batches.model import BatchReport, Comparison, Member, Metric, Scatter
from cathodelab.analyses.batches.page import page
from cathodelab.analyses.batches.plot import batch_figures
from cathodelab.analyses.batches.tables import tables
from cathodelab.analyses.correlation import Correlation, correlation, shared_errors
from cathodelab.analyses.swapped_masses import swapped_masses
from cathodelab.analyses.variance import (
    UNKNOWN,
    batches_needed,
    difference_of_groups,
    mean_of_cells,
    scatter_of_batch_means,
    variance_components,
    with_common_error,
)
from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Findings, StudyMethod
from cathodelab.core.samples import Cell, group_colours

_FEWEST_CELLS = 2
_DIFFERENCES = (2.0, 5.0, 10.0, 20.0)
_CELLS_A_BATCH = 3
_PER_MASS = ("static utilization", "gross capacity")
_LIKELY = 0.05


@dataclass(frozen=True)
class BatchSettings:
    """Nothing to set."""


def batches(findings: Findings, settings: BatchSettings) -> BatchReport:
    """What the batches of a study show.

    Raises:
        OtherData: fewer than two cells can be compared.
    """
    del settings
    results: dict[str, dict[str, Any]] = {}
    for method in ("cycling", "utilization", "active", "causes"):
        for one in findings.of.get(method, ()):
            # rates and shares stand in no estimate; of the others estimates are enough
            whole = one.load() if method in ("cycling", "causes") else one
            results.setdefault(one.sample.id, {})[method] = whole
    cells = [one for one in findings.samples if isinstance(one, Cell) and one.role == "cell"]
    report = batch_report(cells, results, group_colours(findings.samples))
    if report is None:
        raise OtherData(
            "nothing-to-compare",
            "No two cells have a number in common",
            where="the whole study",
            why="Scatter and comparisons need at least two.",
            what_to_do="Nothing.",
        )
    return report


def batch_report(
    cells: Sequence[Cell], results: Mapping[str, Mapping[str, Any]], colours: Mapping[str, int] | None = None
) -> BatchReport | None:
    """Analysis of the batches of a study; ``None`` where fewer than two cells can be compared.

    Args:
        cells: the solid-state cells that take part.
        results: cell -> method -> result, where there is one.
        colours: batch -> number of its colour.
    """
    data = tuple(_cell_data(cell, results.get(cell.id, {}), colours or {}) for cell in cells)
    metrics = tuple(metric for metric in metrics_of(data) if len(metric.cells) >= _FEWEST_CELLS)
    if not metrics:
        return None
    correlations = _correlations(data)
    return BatchReport(
        cells=tuple(one.member for one in data),
        metrics=metrics,
        scatter=tuple(one for metric in metrics for one in _scatter(metric)),
        comparisons=tuple(one for metric in metrics for one in _comparisons(metric)),
        correlations=correlations,
        losses={one.cell.id: one.causes.shares for one in data if one.causes is not None},
        told_apart={one.cell.id: _told_apart(one.causes.checks) for one in data if one.causes is not None},
        checks=(
            *_sample_size_checks(data),
            *_left_out(metrics),
            *_swapped(data, metrics),
            *_weighing(correlations),
            *confounding_checks(data),
        ),
        rates=rate_lines_of(data),
        utilizations=utilizations_of(data),
        cycled=any(one.cycling is not None for one in data),
        differences=tuple(differences_of(data)),
    )


def _cell_data(cell: Cell, results: Mapping[str, Any], colours: Mapping[str, int]) -> CellData:
    procedure = cell.details.get("mixing_method", "").strip() or "mixing not stated"
    member = Member(cell.id, cell.group, procedure, colours.get(cell.group, 0))
    known = {name: results.get(name) for name in ("cycling", "utilization", "active", "causes")}
    return CellData(cell, member, **known)


def _told_apart(checks: Sequence[Check]) -> tuple[str, ...]:
    """What the losses of a cell were told apart by, then what is wrong with them."""
    first, *others = checks
    return (first.sentence, *(one.sentence for one in others if one.passed is False))


def _scatter(metric: Metric) -> list[Scatter]:
    """Scatter of each procedure, and of all cells where there are several procedures."""
    procedures = list(dict.fromkeys(one.procedure for one in metric.cells))
    groups = [(name, metric.split(name)) for name in procedures]
    if len(procedures) > 1:
        groups.append(("all cells", metric.split("")))
    found = []
    for name, (rows, out) in groups:
        if len(rows) < _FEWEST_CELLS:
            continue
        components = variance_components(metric.values[rows], [metric.batches[i] for i in rows])
        left_out = tuple(metric.cells[i].id for i in out)
        mean_of_all = UNKNOWN
        if out:
            every = mean_of_cells(metric.values[rows + out], [metric.batches[i] for i in rows + out])
            mean_of_all = with_common_error(every, metric.common(rows + out))
        components = replace(components, mean=with_common_error(components.mean, metric.common(rows)))
        outliers = tuple(metric.cells[rows[i]].id for i in components.outliers)
        weighing = float(np.sqrt(np.mean(metric.weighing[rows] ** 2)))
        found.append(
            Scatter(metric.name, metric.unit, metric.rate, name, components, weighing, outliers, left_out, mean_of_all)
        )
    return found


def _left_out(metrics: Sequence[Metric]) -> tuple[Check, ...]:
    """Which cells take no part in means, and of which numbers."""
    found: dict[str, list[str]] = {}
    for metric in metrics:
        for i in metric.split("")[1]:
            found.setdefault(metric.cells[i].id, []).append(metric.label)
    if not found:
        return ()
    text = "; ".join(f"{cell} ({', '.join(names)})" for cell, names in found.items())
    sentence = f"Left out of means, as a fatal check failed: {text}. The means with them stand beside."
    return (Check("cells_left_out", None, float(len(found)), 0.0, sentence),)


def _swapped(data: Sequence[CellData], metrics: Sequence[Metric]) -> tuple[Check, ...]:
    """Whether two cells would fit their batch far better with each other's mass; from the first number per mass there is."""
    metric = next((one for one in metrics if one.name in _PER_MASS and np.all(one.values > 0)), None)
    if metric is None:
        return ()
    mass = {one.cell.id: one.cell.cam_mass.value for one in data}
    masses = np.array([mass[one.id] for one in metric.cells])
    name, found = "masses_not_swapped", swapped_masses(metric.values, masses, metric.batches)
    if found is None:
        return ()
    if not found:
        text = f"No two cells of a batch would fit far better with each other's mass (by the {metric.label})."
        return (Check(name, passed=True, value=0.0, limit=0.0, sentence=text),)
    unit, pairs = metric.unit, []
    for one in found:
        (first, second), (as_first, as_second) = one.values, one.swapped
        cells = f"{metric.cells[one.first].id} and {metric.cells[one.second].id}"
        better = f"with each other's mass {as_first:.1f} and {as_second:.1f} {unit}"
        pairs.append(f"{cells}: {first:.1f} and {second:.1f} {unit}, {better}")
    text = f"Were masses swapped? By the {metric.label} two cells fit the others with each other's mass only: {'; '.join(pairs)}."
    return (Check(name, passed=False, value=float(len(found)), limit=0.0, sentence=text),)


def _comparisons(metric: Metric) -> list[Comparison]:
    """Comparison of every pair of procedures with at least two batches each."""
    if metric.name not in DIFFERING:
        return []
    sides: dict[str, tuple[list[float], list[str]]] = {}
    for i in metric.split("")[0]:
        one, value, batch = metric.cells[i], metric.values[i], metric.batches[i]
        values, batches = sides.setdefault(one.procedure, ([], []))
        values.append(float(value))
        batches.append(batch)
    enough = {name: side for name, side in sides.items() if len(set(side[1])) > 1 and len(side[0]) > len(set(side[1]))}
    found = []
    for first, second in combinations(enough, 2):
        pair = [(np.array(enough[name][0]), enough[name][1]) for name in (first, second)]
        scatter = scatter_of_batch_means(pair, _CELLS_A_BATCH)
        needed = tuple((size, batches_needed(size, scatter)) for size in _DIFFERENCES)
        found.append(Comparison(metric.name, metric.rate, first, second, difference_of_groups(*pair), needed))
    return found


def _correlations(data: Sequence[CellData]) -> tuple[tuple[str, str, Correlation], ...]:
    """Correlations with the utilization: gross and active capacity at every rate, and the cathode's resistance."""
    wanted = [
        (name, rate, method, f"{estimate}_{rate}")
        for rate in rates_of(data)
        for name, method, estimate in (
            ("gross capacity", "cycling", "gross_discharge_capacity"),
            ("active capacity", "active", "active_discharge_capacity"),
        )
    ]
    wanted.append(("cathode resistance", "", "causes", "cathode_resistance"))
    found = [(name, rate, one) for name, rate, *what in wanted if (one := _with_utilization(data, *what)) is not None]
    return tuple(found)


def _with_utilization(data: Sequence[CellData], method: str, estimate: str) -> Correlation | None:
    """Correlation of an estimate with the static utilization; ``None`` where no cell has both."""
    chosen: list[tuple[Member, EstimateSet, EstimateSet]] = []
    for one in data:
        theta, other = one.estimates("utilization"), one.estimates(method)
        if theta is not None and other is not None and estimate in other and not one.unusable(method):
            chosen.append((one.member, theta, other))
    if not chosen:
        return None
    members, x_sets, y_sets = zip(*chosen, strict=True)
    names = [one.id for one in members]
    errors = shared_errors(names, x_sets, THETA, y_sets, [estimate] * len(chosen))
    x = np.array([one.estimate(THETA).value for one in x_sets])
    y = np.array([one.estimate(estimate).value for one in y_sets])
    return correlation(x, y, [one.batch for one in members], errors)


def _sample_size_checks(data: Sequence[CellData]) -> tuple[Check, ...]:
    """Whether there are enough cells and batches to judge scatter."""
    found: dict[str, int] = {}
    for one in data:
        found[one.member.batch] = found.get(one.member.batch, 0) + 1
    smallest = min(found.values())
    passed = len(found) > 1 and smallest >= _CELLS_A_BATCH
    text = f"{len(data)} cells in {len(found)} batches, at least {smallest} in each"
    if passed:
        text += "."
    elif len(found) == 1:
        text += ": one batch says nothing of how batches differ; its scatter is that of cells alone."
    else:
        text += f": fewer than {_CELLS_A_BATCH} cells in a batch leave the scatter within it hardly known."
    return (Check("cells_and_batches", bool(passed), float(smallest), float(_CELLS_A_BATCH), text),)


def _weighing(correlations: Sequence[tuple[str, str, Correlation]]) -> tuple[Check, ...]:
    found = []
    for name, rate, one in correlations:
        if name != "gross capacity" or not np.isfinite(one.observed):
            continue
        text = (
            f"Gross capacity and utilization at {rate}: r = {one.observed:.2f} (n = {one.cells}); without any "
            "true correlation 95 % "
            f"of such studies give {one.null_low:.2f} to {one.null_high:.2f}; identical cells, by weighing alone, "
            f"{one.weighing_only:.2f}."
        )
        passed = True if one.beyond_null else None
        found.append(Check("correlation_beyond_chance", passed, one.observed, one.null_high, text))
    return tuple(found)


METHOD = StudyMethod(
    id="batches",
    requires=("cycling", "utilization", "active", "causes"),
    settings=BatchSettings,
    result=BatchReport,
    run=batches,
    title="Batches",
    figures=batch_figures,
    tables=tables,
    page=page,
)
