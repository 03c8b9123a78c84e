"""Scatter, comparisons, correlations and warnings for the batches of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from cathodelab.analyses.batches.confounding import confounding_checks
from cathodelab.analyses.batches.model import BatchReport, CellData, Comparison, Metric, Scatter
from cathodelab.analyses.correlation import Correlation, correlation, shared_errors
from cathodelab.analyses.variance import batches_needed, difference_of_groups, variance_components
from cathodelab.core.checks import Check
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.samples import Cell

_FEWEST_CELLS = 2
_DIFFERENCES = (2.0, 5.0, 10.0, 20.0)
_CELLS_A_BATCH = 3
_LIKELY = 0.05


def batch_report(cells: Sequence[Cell], results: Mapping[str, Mapping[str, Any]]) -> BatchReport | None:
    """Analysis of the batches of a study; ``None`` where fewer than two cells can be compared.

    Args:
        cells: the solid-state cells that take part.
        results: cell -> method -> result, where there is one.
    """
    data = tuple(
        CellData(
            cell,
            results.get(cell.id, {}).get("cycling"),
            results.get(cell.id, {}).get("utilization"),
            results.get(cell.id, {}).get("active"),
            results.get(cell.id, {}).get("causes"),
        )
        for cell in cells
    )
    metrics = tuple(metric for metric in _metrics(data) if len(metric.cells) >= _FEWEST_CELLS)
    if not metrics:
        return None
    scatter = tuple(one for metric in metrics for one in _scatter(metric))
    comparisons = tuple(one for metric in metrics for one in _comparisons(metric))
    correlations = _correlations(data)
    losses = {one.cell.id: one.causes.shares for one in data if one.causes is not None}
    checks = (*_sample_size_checks(data), *_weighing(correlations), *confounding_checks(data))
    return BatchReport(data, metrics, scatter, comparisons, correlations, losses, checks)


def rates_of(data: Sequence[CellData]) -> list[str]:
    """C-rate labels (without formation and check-ups) that at least two cells have, in ascending order."""
    found: dict[str, list[float]] = {}
    for one in data:
        for level in one.cycling.rates if one.cycling else ():
            if level.block not in ("formation", "check-up") and "(" not in level.label:
                found.setdefault(level.label, []).append(level.c_rate)
    several = {label: float(np.mean(rates)) for label, rates in found.items() if len(rates) >= _FEWEST_CELLS}
    return sorted(several, key=lambda label: several[label])


def _metrics(data: Sequence[CellData]) -> list[Metric]:
    listed = [_metric(data, "static utilization", "%", "", "utilization", "static_utilization", 100.0)]
    for rate in rates_of(data):
        listed += [
            _metric(data, "gross capacity", "mAh/g", rate, "cycling", f"gross_discharge_capacity_{rate}"),
            _metric(data, "active capacity", "mAh/g", rate, "active", f"active_discharge_capacity_{rate}"),
            _metric(data, "overpotential", "mV", rate, "cycling", f"overpotential_{rate}", 1e3),
        ]
    listed.append(
        _metric(data, "initial Coulombic efficiency", "%", "", "cycling", "initial_coulombic_efficiency", 100.0)
    )
    listed.append(_metric(data, "shoulder charge", "mAh/g", "", "cycling", "initial_shoulder_charge"))
    listed += [
        _metric(data, f"{part} resistance", "ohm cm2", "", "causes", f"{part}_resistance")
        for part in ("cathode", "anode", "separator")
    ]
    return listed


def _metric(
    data: Sequence[CellData], name: str, unit: str, rate: str, method: str, estimate: str, factor: float = 1.0
) -> Metric:
    rows = []
    chosen = []
    for one in data:
        result = getattr(one, method)
        if result is None or estimate not in result.estimates:
            continue
        effects = result.estimates.effect(estimate)
        own = [effect for source, effect in effects.items() if source.startswith(f"{one.cell.id}/")]
        value = result.estimates.estimate(estimate).value
        rows.append((value, float(np.sqrt(np.sum(np.square(own)))), abs(effects.get(f"{one.cell.id}/mass", 0.0))))
        chosen.append(one)
    table = factor * np.array(rows).reshape(-1, 3)
    return Metric(name, unit, rate, tuple(chosen), table[:, 0], table[:, 1], table[:, 2])


def _scatter(metric: Metric) -> list[Scatter]:
    """Scatter of each procedure, and of all cells where there are several procedures."""
    procedures = list(dict.fromkeys(one.procedure for one in metric.cells))
    groups = [(name, [i for i, one in enumerate(metric.cells) if one.procedure == name]) for name in procedures]
    if len(procedures) > 1:
        groups.append(("all cells", list(range(len(metric.cells)))))
    found = []
    for name, rows in groups:
        if len(rows) < _FEWEST_CELLS:
            continue
        components = variance_components(metric.values[rows], [metric.batches[i] for i in rows])
        outliers = tuple(metric.cells[rows[i]].cell.id for i in components.outliers)
        weighing = float(np.sqrt(np.mean(metric.weighing[rows] ** 2)))
        found.append(Scatter(metric.name, metric.unit, metric.rate, name, components, weighing, outliers))
    return found


def _comparisons(metric: Metric) -> list[Comparison]:
    """Comparison of every pair of procedures with at least two batches each."""
    if metric.name not in ("gross capacity", "static utilization", "active capacity"):
        return []
    sides: dict[str, tuple[list[float], list[str]]] = {}
    for one, value, batch in zip(metric.cells, metric.values, metric.batches, strict=True):
        values, batches = sides.setdefault(one.procedure, ([], []))
        values.append(float(value))
        batches.append(batch)
    enough = {name: side for name, side in sides.items() if len(set(side[1])) > 1 and len(side[0]) > len(set(side[1]))}
    found = []
    for first, second in combinations(enough, 2):
        pair = [(np.array(enough[name][0]), enough[name][1]) for name in (first, second)]
        parts = [variance_components(*side) for side in pair]
        between, within = (
            float(np.sqrt(np.mean([getattr(part, name).value ** 2 for part in parts])))
            for name in ("sd_between", "sd_within")
        )
        needed = tuple((size, batches_needed(size, between, within, _CELLS_A_BATCH)) for size in _DIFFERENCES)
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
    chosen = [
        one
        for one in data
        if one.utilization is not None
        and getattr(one, method) is not None
        and estimate in getattr(one, method).estimates
    ]
    if not chosen:
        return None
    x_sets = [one.utilization.estimates for one in chosen if one.utilization is not None]
    y_sets: list[EstimateSet] = [getattr(one, method).estimates for one in chosen]
    names = [one.cell.id for one in chosen]
    errors = shared_errors(names, x_sets, "static_utilization", y_sets, [estimate] * len(chosen))
    x = np.array([one.estimate("static_utilization").value for one in x_sets])
    y = np.array([one.estimate(estimate).value for one in y_sets])
    return correlation(x, y, [one.batch for one in chosen], errors)


def _sample_size_checks(data: Sequence[CellData]) -> tuple[Check, ...]:
    """Whether there are enough cells and batches to judge scatter."""
    batches: dict[str, int] = {}
    for one in data:
        batches[one.batch] = batches.get(one.batch, 0) + 1
    smallest = min(batches.values())
    passed = len(batches) > 1 and smallest >= _CELLS_A_BATCH
    text = f"{len(data)} cells in {len(batches)} batches, at least {smallest} in each"
    if passed:
        text += "."
    elif len(batches) == 1:
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
