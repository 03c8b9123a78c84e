"""What the report shows of the impedance of a cell, as plain rows for the template."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.estimate import Estimate
from cathodelab.study.run import StudyResults
from cathodelab.techniques.impedance.method import role_names
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_MOST_ROWS = 40


@dataclass(frozen=True)
class ResistanceRow:
    """One resistance of one spectrum; ``limits`` is the 95 % interval with the area's error, empty where there is none."""

    spectrum: int
    role: str
    value: Estimate
    limits: str
    names: str
    reason: str


@dataclass(frozen=True)
class AttemptRow:
    """One circuit that was tried: on how many spectra, and how it did on the worst of them."""

    expression: str
    parameters: int
    spectra: int
    adequate: int
    worst_ratio: float
    chosen: int
    leaning: str


@dataclass(frozen=True)
class ImpedancePage:
    """All that is shown of one cell."""

    cell: str
    figures: tuple[str, ...]
    spectra: int
    area_cm2: float
    checks: tuple[Check, ...]
    resistances: tuple[ResistanceRow, ...]
    hidden: int
    attempts: tuple[AttemptRow, ...]
    note: str


def impedance_pages(results: StudyResults) -> list[ImpedancePage]:
    """One page for each cell with spectra."""
    order = {False: 0, None: 1, True: 2}
    pages = []
    for cell, result in results.of("impedance"):
        rows = resistance_rows(result)
        names = [
            f"{cell.id}-impedance",
            f"{cell.id}-impedance-residuals",
            f"{cell.id}-impedance-spectra",
            f"{cell.id}-relaxation-times",
            f"{cell.id}-growth",
        ]
        pages.append(
            ImpedancePage(
                cell=cell.id,
                figures=tuple(names),
                spectra=len(result.spectra),
                area_cm2=result.area_cm2,
                checks=tuple(sorted(result.checks, key=lambda check: order[check.passed])),
                resistances=rows[:_MOST_ROWS],
                hidden=max(len(rows) - _MOST_ROWS, 0),
                attempts=attempt_rows(result),
                note=result.note,
            )
        )
    return pages


def resistance_rows(result: ImpedanceResult) -> tuple[ResistanceRow, ...]:
    """Every resistance of every spectrum, areal."""
    rows = []
    for one in result.spectra:
        suffix = f"_{one.spectrum.number}" if len(result.spectra) > 1 else ""
        for name, role in zip(role_names(one.roles), one.roles, strict=True):
            rows.append(
                ResistanceRow(
                    spectrum=one.spectrum.number,
                    role=role.role,
                    value=result.estimates.estimate(name + suffix),
                    limits=_limits(result, one, name),
                    names=" + ".join(role.names),
                    reason=role.reason,
                )
            )
    return tuple(rows)


def _limits(result: ImpedanceResult, one: EvaluatedSpectrum, name: str) -> str:
    """Profile-likelihood interval, 95 %, widened by the area's error in quadrature of the logarithms."""
    if not one.chosen.adequate:
        return "circuit inadequate"
    interval = one.intervals[name, 0.9545]
    extra = 2 * result.area_standard_cm2 / result.area_cm2
    ends = []
    for end, sign in ((interval.low, -1), (interval.high, 1)):
        if np.isnan(end) or end <= 0:
            ends.append("open")
            continue
        away = float(np.hypot(np.log(end / interval.value), extra))
        ends.append(f"{interval.value * result.area_cm2 * np.exp(sign * away):.3g}")
    return f"{ends[0]} to {ends[1]}"


def attempt_rows(result: ImpedanceResult) -> tuple[AttemptRow, ...]:
    """The circuits in the order in which they were tried."""
    expressions = dict.fromkeys(one.fit.circuit.expression for each in result.spectra for one in each.attempts)
    rows = []
    for expression in expressions:
        tried = [
            (each, one) for each in result.spectra for one in each.attempts if one.fit.circuit.expression == expression
        ]
        worst = max(tried, key=lambda pair: pair[1].noise_ratio)[1]
        rows.append(
            AttemptRow(
                expression=expression,
                parameters=len(worst.fit.circuit.parameters),
                spectra=len(tried),
                adequate=sum(one.adequate for _, one in tried),
                worst_ratio=worst.noise_ratio,
                chosen=sum(each.chosen is one for each, one in tried),
                leaning=", ".join(worst.fit.at_bound),
            )
        )
    return tuple(rows)
