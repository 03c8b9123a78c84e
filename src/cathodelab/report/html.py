"""The report: one self-contained HTML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from cathodelab.analyses.overview import loss_overview, own_half_width, utilization_overview
from cathodelab.core.estimate import Estimate
from cathodelab.core.figure import FigureSpec
from cathodelab.core.settings import knobs
from cathodelab.report.impedance import impedance_pages
from cathodelab.study.run import StudyResults
from cathodelab.study.store import provenance_record


def study_figures(results: StudyResults, truth: dict[str, float] | None = None) -> list[FigureSpec]:
    """All figures of the study: overviews first, then those of each cell."""
    specs = []
    if utilizations := results.of("utilization"):
        specs.append(utilization_overview(utilizations, truth))
    if losses := results.of("losses"):
        specs.append(loss_overview(losses))
    for method in results.methods:
        for cell, result in results.of(method.id):
            specs += method.figures(cell, result)
    return specs


def report_html(
    results: StudyResults, drawn: Mapping[str, tuple[bytes, str]], truth: dict[str, float] | None = None
) -> str:
    """The whole report as text; no script, no external request. ``drawn``: svg and caption by the figure's id."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cathodelab", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, quantity=quantity, plain=plain_number)
    here = files("cathodelab.report")
    template = environment.from_string((here / "report.html.jinja").read_text(encoding="utf-8"))
    return template.render(
        style=(here / "report.css").read_text(encoding="utf-8"),
        study=results.study,
        results=results,
        rows=[_cell_row(results, cell.id, truth) for cell in results.study.cells if cell.role == "cell"],
        references=[cell for cell in results.study.cells if cell.role == "reference"],
        figures={name: (inline_svg(name, svg), caption) for name, (svg, caption) in drawn.items()},
        impedance=impedance_pages(results),
        cells=[_cell_page(results, cell.id) for cell, _ in results.of("utilization")],
        cards=[method.card for method in results.methods],
        provenance=provenance_record(results),
        settings=_settings(results),
        truth=truth,
    )


def inline_svg(name: str, svg: bytes) -> str:
    """A figure as an svg element for a page; ids are made unique by the figure's own."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    prefix = "".join(character if character.isalnum() else "-" for character in name)
    for attribute in ('id="', "url(#", 'xlink:href="#'):
        text = text.replace(attribute, f"{attribute}{prefix}-")
    return text.replace("<svg ", '<svg role="img" ', 1)


def percent(one: Estimate | None) -> str:
    """A fraction as `76.4 % (+1.1 −1.0)`."""
    return "–" if one is None else _with_interval(100 * one.value, 100 * one.minus, 100 * one.plus, " %")


def quantity(one: Estimate | None) -> str:
    """A value with its interval, without unit."""
    return "–" if one is None else _with_interval(one.value, one.minus, one.plus, "")


def plain_number(value: float | None, digits: int = 3) -> str:
    """A plain number of a table."""
    return "–" if value is None or math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def _with_interval(value: float, minus: float, plus: float, unit: str) -> str:
    """The value with as many decimals as two digits of its half-width need."""
    if math.isnan(value):
        return "–"
    if math.isnan(minus) or math.isnan(plus):
        return f"{value:.4g}{unit} (± unknown)".replace("-", "−")
    widest = max(minus, plus)
    digits = 3 if widest == 0 else min(max(1 - math.floor(math.log10(widest)), 0), 6)
    low, high = f"{minus:.{digits}f}", f"{plus:.{digits}f}"
    number = f"{value:.{digits}f}".replace("-", "−")
    return f"{number}{unit} ± {high}" if low == high else f"{number}{unit} (+{high} −{low})"


def _cell_row(results: StudyResults, name: str, truth: dict[str, float] | None) -> dict[str, Any]:
    """One line of the overview table."""
    found = results.cell(name)
    estimates: dict[str, Estimate] = {}
    failed: list[str] = []
    own = math.nan
    for outcome in found.outcomes.values():
        if outcome.status == "ok":
            estimates.update(outcome.result.estimates.as_mapping())
            failed += [check.name for check in outcome.result.checks if check.passed is False]
    utilization = found.outcomes.get("utilization")
    if utilization is not None and utilization.status == "ok":
        own = own_half_width(utilization.result.estimates, "static_utilization", name)
    return {
        "cell": found.cell,
        "status": utilization.status if utilization else "skipped",
        "error": utilization.error if utilization else None,
        "theta": estimates.get("static_utilization"),
        "own": own,
        "static": estimates.get("static_loss"),
        "kinetic": estimates.get("kinetic_loss"),
        "gross": estimates.get("gross_specific_capacity"),
        "rate": estimates.get("effective_c_rate"),
        "failed": failed,
        "truth": (truth or {}).get(name),
    }


def _cell_page(results: StudyResults, name: str) -> dict[str, Any]:
    """All that is shown of one cell."""
    found = results.cell(name)
    utilization = found.outcomes["utilization"].result
    losses = found.outcomes.get("losses")
    checks = [check for outcome in found.outcomes.values() if outcome.status == "ok" for check in outcome.result.checks]
    order = {False: 0, None: 1, True: 2}
    return {
        "cell": found.cell,
        "utilization": utilization,
        "theta": utilization.estimates.estimate("static_utilization"),
        "offset": utilization.estimates.estimate("reference_offset"),
        "connected": utilization.estimates.estimate("connected_mass"),
        "windows": [(window, utilization.estimates.estimate(window.estimate_name)) for window in utilization.windows],
        "budget": utilization.estimates.budget("static_utilization"),
        "losses": None if losses is None or losses.status != "ok" else losses.result,
        "loss_error": losses.error if losses is not None else None,
        "checks": sorted(checks, key=lambda check: order[check.passed]),
        "files": [source for cell, source in results.files if cell == name],
    }


def _settings(results: StudyResults) -> list[tuple[str, str, str, str, bool, str]]:
    """Every setting in force: section, name, value, unit, whether it is the default, meaning."""
    study = results.study
    groups: list[tuple[str, Any]] = [("reference_electrode", study.reference_electrode), ("c_rate", study.c_rate)]
    groups += [(f"methods.{name}", settings) for name, settings in study.settings.items()]
    rows = []
    for section, settings in groups:
        for name, (default, about) in knobs(type(settings)).items():
            value = getattr(settings, name)
            rows.append((section, name, _shown(value), about.unit, value == default, about.meaning.replace("`", "")))
    return rows


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "(automatic)"
    return f"{value:g}" if isinstance(value, float) else str(value)
