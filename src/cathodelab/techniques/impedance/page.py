"""What the page of a cell shows of its spectra: resistances, their part of the cell, the circuits that were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Paragraph, Subtitle, texts
from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import plain_number, quantity
from cathodelab.core.pages import Page
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult
from cathodelab.techniques.impedance.resistances.roles import role_names

_MOST_ROWS = 40


@dataclass(frozen=True)
class ResistanceRow:
    """One resistance of one spectrum; ``limits`` is the 95 % interval with the area's error, in words where there is none.

    ``state`` says at which potential and where in its series the spectrum was measured.
    """

    spectrum: int
    role: str
    value: Estimate
    limits: str
    names: str
    reason: str
    state: str = ""

    @property
    def shown(self) -> str:
        """The value as a reader wants it: none where the spectrum does not determine it."""
        return "not determined" if self.reason.startswith("not determined") else quantity(self.value)


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


def page(cell: Cell, result: ImpedanceResult, drawings: Sequence[Drawing]) -> Page:
    """Its part of the page of a cell."""
    del cell
    rows = resistance_rows(result)
    hidden = len(rows) - _MOST_ROWS
    note = f"Electrode area {result.area_cm2:g} cm², its error included. ± is one standard uncertainty; the 95 % interval is "
    note += "that of the profile likelihood."
    if hidden > 0:
        note += f" {hidden} more rows stand in tables/estimates.csv."
    blocks: tuple[Block, ...] = (
        Subtitle("Impedance"),
        *drawings,
        Grid("Resistances from the spectra", _RESISTANCES, tuple(_resistance(row) for row in rows[:_MOST_ROWS])),
        Paragraph(note, soft=True),
        Subtitle("Circuits that were tried"),
        Grid("Circuits that were tried", _CIRCUITS, tuple(_circuit(row) for row in attempt_rows(result))),
        Paragraph(_LIMITS, lead="What no check of the spectra shows", soft=True),
    )
    return Page(rest=blocks)


_LIMITS = "stands once for all cells under “Methods and limits”: a drift slow beside the sweep, and more."
_RESISTANCES = (
    Head("Spectrum"),
    Head("State"),
    Head("Part of the cell"),
    Head("R · A", "Ω cm²", number=True),
    Head("95 % interval", "Ω cm²", number=True),
    Head("Parameters"),
    Head("Why this part", wide=True),
)
_CIRCUITS = (
    Head("Circuit"),
    Head("parameters", number=True),
    Head("spectra", number=True),
    Head("adequate", number=True),
    Head("largest residual / noise", number=True),
    Head("taken for", number=True),
    Head("at a bound in that one"),
)


def _resistance(row: ResistanceRow) -> tuple[Entry, ...]:
    return texts(str(row.spectrum), row.state or "–", row.role, row.shown, row.limits, row.names, row.reason)


def _circuit(row: AttemptRow) -> tuple[Entry, ...]:
    counts = str(row.parameters), str(row.spectra), str(row.adequate)
    return texts(row.expression, *counts, plain_number(row.worst_ratio, 2), str(row.chosen), row.leaning or "–")


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
                    limits="–" if role.reason.startswith("not determined") else _limits(result, one, name),
                    names=" + ".join(role.names),
                    reason=role.reason,
                    state=state_of(result, one),
                )
            )
    return tuple(rows)


def state_of(result: ImpedanceResult, one: EvaluatedSpectrum) -> str:
    """Potential of a spectrum, and start or end of its series; empty where neither is known."""
    parts = []
    if np.isfinite(one.spectrum.potential_volt):
        parts.append(f"{one.spectrum.potential_volt:.3f} V")
    for series in result.series:
        if one.spectrum.number == series.numbers[0]:
            parts.append("start of its series")
        elif one.spectrum.number == series.numbers[-1]:
            parts.append("end of its series")
    if np.isfinite(one.spectrum.rest_before_second) and one.spectrum.rest_before_second > 0:
        parts.append(f"after {one.spectrum.rest_before_second / 3600:.3g} h without current")
    return ", ".join(parts)


def _limits(result: ImpedanceResult, one: EvaluatedSpectrum, name: str) -> str:
    """Profile-likelihood interval, 95 %, widened by the area's error in quadrature of the logarithms."""
    if not one.chosen.adequate:
        known = np.isfinite(one.model_errors[role_names(one.roles).index(name)]) if one.model_errors else False
        return "circuit inadequate; ± with model error" if known else "circuit inadequate"
    interval = one.intervals[name, 0.9545]
    extra = 2 * result.area_standard_cm2 / result.area_cm2
    ends = []
    for end, sign in ((interval.low, -1), (interval.high, 1)):
        if np.isnan(end) or end <= 0:
            ends.append("")
            continue
        away = float(np.hypot(np.log(end / interval.value), extra))
        ends.append(f"{interval.value * result.area_cm2 * np.exp(sign * away):.3g}")
    low, high = ends
    if low and high:
        return f"{low} to {high}"
    return f"up to {high}" if high else f"from {low}" if low else "not bounded"


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
