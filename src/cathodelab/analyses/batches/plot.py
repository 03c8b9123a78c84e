"""Figures of the batches: every cell is shown, violins only for enough cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cathodelab.analyses.batches.model import BatchReport, Metric
from cathodelab.core.arrays import FloatArray
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series

_FEWEST_FOR_VIOLIN = 5
_HALF_WIDTH = 0.36
_PANELS = 3
_NAMED_BATCHES = 8
_CAUSES = {
    "gross": "delivered",
    "cathode": "cathode, kinetic",
    "anode": "anode",
    "separator": "separator",
    "cathode_and_anode": "cathode and anode, not told apart",
    "unexplained": "kinetic, not explained",
    "static": "static",
}
_UNITS = {"mAh/g": "mAh g⁻¹"}


def batch_figures(report: BatchReport) -> tuple[FigureSpec, ...]:
    """Strips per batch, violins per procedure, rates, correlations, losses by cause; none without cycles."""
    if not _gross(report):
        return ()
    specs = [
        _strips(report),
        _violins(report),
        _rates(report),
        _correlations(report),
        *_losses(report),
    ]
    return tuple(spec for spec in specs if spec is not None)


def _gross(report: BatchReport) -> list[Metric]:
    return [metric for metric in report.metrics if metric.name == "gross capacity"]


def _chosen(metrics: Sequence[Metric]) -> list[Metric]:
    """Metrics at no more than three rates: slowest, middle, fastest."""
    if len(metrics) <= _PANELS:
        return list(metrics)
    return [metrics[0], metrics[len(metrics) // 2], metrics[-1]]


def _axis(metric: Metric) -> Axis:
    return Axis(f"{metric.label}", _UNITS.get(metric.unit, metric.unit))


def _strips(report: BatchReport) -> FigureSpec:
    """Every cell of every batch, and the mean of each batch."""
    panels = []
    for metric in _chosen(_gross(report)):
        names = list(dict.fromkeys(metric.batches))
        series = []
        for place, name in enumerate(names):
            rows = np.array([i for i, batch in enumerate(metric.batches) if batch == name])
            colour = metric.cells[int(rows[0])].colour
            x = place + _spread(rows.size)
            half = 2 * metric.own[rows]
            series.append(Series("points", x, metric.values[rows], "", colour, y_minus=half, y_plus=half))
            mean = float(np.mean(metric.values[rows]))
            series.append(Series("line", np.array([place - 0.3, place + 0.3]), np.array([mean, mean]), "", colour))
        shown = tuple(name if not name.startswith("(") else "–" for name in names)
        panels.append(Panel(Axis("", ticks=shown), _axis(metric), tuple(series)))
    caption = (
        "Every cell of every batch (one colour a batch); bars: two standard uncertainties (95 %) from the cell's "
        "own weighing and "
        f"instrument; lines: means of the batches. Cells far out are shown and kept. n = {len(report.cells)} cells."
    )
    return FigureSpec("batches-cells", caption, tuple(panels), height_cm=7.0)


def _spread(count: int) -> FloatArray:
    return np.linspace(-0.2, 0.2, count) if count > 1 else np.zeros(1)


def _violins(report: BatchReport) -> FigureSpec | None:
    """Distribution for each procedure, with all its cells; only from five cells on."""
    metric_list = _chosen(_gross(report))
    panels = []
    for metric in metric_list:
        procedures = list(dict.fromkeys(one.procedure for one in metric.cells))
        series: list[Series] = []
        for place, name in enumerate(procedures):
            rows = np.array([i for i, one in enumerate(metric.cells) if one.procedure == name])
            values = metric.values[rows]
            if values.size >= _FEWEST_FOR_VIOLIN and np.ptp(values) > 0:
                series.append(_outline(place, values))
            x = place + _spread(rows.size) / 2
            for group, colour in dict.fromkeys((metric.cells[int(i)].group, metric.cells[int(i)].colour) for i in rows):
                member = np.array([metric.cells[int(i)].group == group for i in rows])
                series.append(Series("points", x[member], values[member], "", colour))
        if any(one.kind == "line" for one in series):
            panels.append(Panel(Axis("", ticks=tuple(procedures)), _axis(metric), tuple(series)))
    if not panels:
        return None
    caption = (
        f"Distribution over the cells of each mixing procedure (kernel density, from {_FEWEST_FOR_VIOLIN} cells "
        "on), with every cell "
        "in the colour of its batch. Cells of one batch are not independent: the outline shows their spread, not its certainty."
    )
    return FigureSpec("batches-violins", caption, tuple(panels), height_cm=7.0)


def _outline(place: int, values: FloatArray) -> Series:
    """Outline of a Gaussian kernel density (Silverman's width), closed at both ends."""
    spread = min(float(np.std(values, ddof=1)), float(np.subtract(*np.percentile(values, [75, 25]))) / 1.34)
    width = 0.9 * (spread or float(np.std(values, ddof=1))) * values.size**-0.2
    y = np.linspace(values.min() - 2 * width, values.max() + 2 * width, 120)
    density = np.exp(-0.5 * ((y[:, None] - values) / width) ** 2).sum(axis=1)
    half = _HALF_WIDTH * density / density.max()
    return Series("line", np.concatenate([place - half, (place + half)[::-1]]), np.concatenate([y, y[::-1]]), "", -1)


def _rates(report: BatchReport) -> FigureSpec | None:
    """Rate capability: gross capacity over nominal rate, and active capacity over the effective rate."""
    nominal, effective = [], []
    named: set[str] = set()
    batches = {cell.batch for cell in report.cells}
    for one in report.rates:
        batch, colour = one.cell.batch, one.cell.colour
        if one.nominal.size:
            label = "" if batch in named or len(batches) > _NAMED_BATCHES else batch
            named.add(batch)
            nominal.append(Series("line", one.nominal[0], one.nominal[1], "", colour))
            nominal.append(Series("points", one.nominal[0], one.nominal[1], label, colour))
        if one.effective.size:
            effective.append(Series("line", one.effective[0], one.effective[1], "", colour))
            effective.append(Series("points", one.effective[0], one.effective[1], "", colour))
    panels = []
    if nominal:
        panels.append(
            Panel(Axis("nominal C-rate", "h⁻¹", logarithmic=True), Axis("q (weighed CAM)", "mAh g⁻¹"), tuple(nominal))
        )
    if effective:
        panels.append(
            Panel(
                Axis("effective C-rate", "h⁻¹", logarithmic=True),
                Axis("q (connected CAM)", "mAh g⁻¹"),
                tuple(effective),
            )
        )
    if not panels:
        return None
    caption = (
        "Rate capability of every cell (one colour a batch), means over the cycles of each rate without check-ups and formation: "
        "gross capacity over the nominal rate, and the capacity of the connected material over the rate at which it really "
        "works. What lies apart on the right is not missing contact: overpotential of the paths, of anode and separator. n = 1 "
        "cell a line."
    )
    return FigureSpec("batches-rates", caption, tuple(panels), height_cm=7.5)


def _correlations(report: BatchReport) -> FigureSpec | None:
    """Gross capacity over utilization at each rate, with r, its null band and the r from weighing alone."""
    found = {rate: one for name, rate, one in report.correlations if name == "gross capacity"}
    by_rate = {metric.rate: metric for metric in report.metrics if metric.name == "gross capacity"}
    panels = []
    rates = [rate for rate in found if rate in by_rate and np.isfinite(found[rate].observed)]
    for rate in rates if len(rates) <= _PANELS else [rates[0], rates[len(rates) // 2], rates[-1]]:
        metric, one = by_rate[rate], found[rate]
        rows = [i for i, cell in enumerate(metric.cells) if cell.id in report.utilizations]
        series = []
        for group, colour in dict.fromkeys((metric.cells[i].group, metric.cells[i].colour) for i in rows):
            member = [i for i in rows if metric.cells[i].group == group]
            theta, own = np.array([report.utilizations[metric.cells[i].id] for i in member]).T
            half = 2 * own
            series.append(
                Series(
                    "points", theta, metric.values[member], "", colour, x_minus=half, x_plus=half,
                    y_minus=2 * metric.own[member], y_plus=2 * metric.own[member],
                )
            )  # fmt: skip
        corrected = "–" if np.isnan(one.corrected) else f"{one.corrected:.2f}"
        title = f"{rate}: r = {one.observed:.2f}, corrected {corrected}".replace("-", "−")
        panels.append(Panel(Axis("utilization θ", "%"), Axis("q (weighed CAM)", "mAh g⁻¹"), tuple(series), title))
    if not panels:
        return None
    bands = "; ".join(
        f"{rate}: {found[rate].null_low:.2f} to {found[rate].null_high:.2f} (weighing alone {found[rate].weighing_only:.2f})"
        for rate in rates
    )
    caption = (
        "Gross capacity over utilization of every cell (one colour a batch); bars: two standard uncertainties "
        "(95 %) from the cell's "
        "own sources. Both are divided by the same mass, which makes a correlation by itself: “corrected” has "
        "that covariance and "
        f"both errors taken out. Without any true correlation 95 % of such studies observe r within: {bands}. "
        f"n = {max(found[rate].cells for rate in rates)} cells."
    ).replace(" -", " −")
    return FigureSpec("batches-correlation", caption, tuple(panels), height_cm=7.5)


def _losses(report: BatchReport) -> list[FigureSpec]:
    """Causes of loss of every cell at the slowest and the fastest rate of the study."""
    rates = [metric.rate for metric in _gross(report)]
    return [
        spec
        for name, rate in dict.fromkeys([("slowest", rates[0]), ("fastest", rates[-1])])
        if (spec := _losses_at(report, name, rate)) is not None
    ]


def _losses_at(report: BatchReport, name: str, rate: str) -> FigureSpec | None:
    found = {cell: one for cell, shares in report.losses.items() for one in shares if one.rate == rate}
    if not found:
        return None
    base, series = np.zeros(len(found)), []
    for colour, (cause, label) in enumerate(_CAUSES.items()):
        value = np.nan_to_num(np.array([getattr(one, cause) for one in found.values()]))
        if np.any(value):
            series.append(Series("bars", np.arange(len(found), dtype=float), value, label, colour, base=base.copy()))
            base = base + value
    caption = (
        f"Delivered charge at {rate} and its loss by cause for every cell: kinetic parts by the overpotential that known area "
        "resistances take, unexplained what none takes, static the material that is not connected. The stack ends at what fully "
        "connected material is expected to give. n = 1 cell each."
    )
    panel = Panel(Axis("", ticks=tuple(found)), Axis("q (weighed CAM)", "mAh g⁻¹"), tuple(series))
    return FigureSpec(f"batches-losses-{name}", caption, (panel,), height_cm=7.5)
