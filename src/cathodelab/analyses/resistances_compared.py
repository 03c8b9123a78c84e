"""Cathode resistances of all cells beside each other, or why they are not: the comparison of a study as table and section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.pairing import Measured, Pair, paired
from cathodelab.analyses.state_of_charge import State
from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Paragraph, Tone
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Findings, StudyMethod
from cathodelab.core.number_text import plain_number, quantity
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none, table_of_records

_MOST_ROWS, _MOST_NAMED = 60, 12
_TONES: dict[str, Tone] = {"comparable": "good", "corrected": "unknown", "refused": "bad"}
_COLUMNS = (
    Head("Cells, spectra"),
    Head("q of both", "mAh\u00a0g⁻¹", number=True),
    Head("E of both †", "V", number=True),
    Head("R · A of both", "Ω cm²", number=True),
    Head("Ratio at one state", number=True),
    Head("Verdict"),
    Head("Why", wide=True),
)
_FORMS = {"ohm_cm2": "0.00", "mAh_g": "0.0", "volt": "0.0000", "ratio": "0.000", "factor": "0.000"}


@dataclass(frozen=True)
class PairingSettings:
    """Nothing to set."""


@dataclass(frozen=True, eq=False)
class PairingResult:
    """The comparisons, the refused ones too."""

    pairs: tuple[Pair, ...]
    checks: tuple[Check, ...] = ()


def resistances_compared(findings: Findings, settings: PairingSettings) -> PairingResult:
    """Every spectrum against the nearest one of the first cell.

    Raises:
        OtherData: fewer than two cells have a cathode resistance.
    """
    del settings
    utilizations = {}
    for one in findings.of.get("utilization", ()):
        theta = one.estimates.estimate("static_utilization")
        utilizations[one.sample.id] = theta.value, max(theta.minus, theta.plus)
    pairs = paired(findings.results("impedance"), utilizations)
    if not pairs:
        raise OtherData(
            "nothing-to-compare",
            "No two cells have a cathode resistance",
            where="the whole study",
            why="Resistances are compared between cells.",
            what_to_do="Nothing.",
        )
    return PairingResult(pairs)


def tables(result: PairingResult) -> tuple[ResultTable, ...]:
    """One row a comparison; half-widths are standard uncertainties."""
    records: list[dict[str, CellEntry]] = [
        {
            **_side("", pair.second, pair.states[1]),
            **_side("against_", pair.first, pair.states[0]),
            "verdict": pair.outcome.verdict,
            "ratio_at_one_state": finite_or_none(pair.outcome.ratio),
            "ratio_standard": finite_or_none(pair.outcome.ratio * pair.outcome.ratio_standard),
            "correction_factor": finite_or_none(pair.outcome.correction),
            "sentence": pair.outcome.sentence,
        }
        for pair in result.pairs
    ]
    about = (
        "Cathode resistances of different cells by the same-state-of-charge rule: the ratio holds at the state of the cell in "
        "the `against` columns. Charges per active mass; standard: standard uncertainty."
    )
    fields = {
        key: Field(key, form=next((form for part, form in _FORMS.items() if part in key), ""), widest=110)
        for key in records[0]
    }
    return (table_of_records("resistances compared", about, records, titles=fields, record="resistances_compared"),)


def _side(which: str, one: Measured, state: State) -> dict[str, CellEntry]:
    return {
        f"{which}cell": one.cell,
        f"{which}spectrum": one.number,
        f"{which}resistance_ohm_cm2": finite_or_none(one.resistance),
        f"{which}resistance_standard_ohm_cm2": finite_or_none(one.resistance * one.relative_standard),
        f"{which}charge_mAh_g": finite_or_none(state.charge_mAh_g),
        f"{which}charge_standard_mAh_g": finite_or_none(state.charge_standard_mAh_g),
        f"{which}potential_volt": finite_or_none(one.potential_volt),
        f"{which}counter_electrode": one.counter_electrode,
        f"{which}relaxed": one.relaxed,
    }


def page(result: PairingResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """The section that sets them beside each other, or says why it does not."""
    del drawings
    pairs = result.pairs
    counts = {verdict: sum(pair.outcome.verdict == verdict for pair in pairs) for verdict in _TONES}
    head = (
        f"Every spectrum against the nearest one of {pairs[0].first.cell}: {counts['comparable']} comparable as they stand, "
        f"{counts['corrected']} corrected by a U-curve, {counts['refused']} refused. A cathode resistance changes with the state "
        "of charge alone; the state is the charge per active mass since a rest at one potential, or since the cells were fresh."
    )
    shown = _grouped(pairs)
    rows = tuple(_row(group[0], _more(group)) for group in shown[:_MOST_ROWS])
    blocks: list[Block] = [
        Paragraph(head),
        Grid("Cathode resistances of the cells at one state of charge", _COLUMNS, rows),
        Paragraph(_note(pairs), soft=True),
    ]
    if len(shown) > _MOST_ROWS:
        more = f"{len(shown) - _MOST_ROWS} more rows stand in the workbook's sheet `resistances compared`."
        blocks.append(Paragraph(more, soft=True))
    return tuple(blocks)


def _note(pairs: tuple[Pair, ...]) -> str:
    electrodes = {one.cell: one.counter_electrode for pair in pairs for one in (pair.first, pair.second)}
    against = "; ".join(f"{cell}: {electrode}" for cell, electrode in electrodes.items())
    return f"± is one standard uncertainty. † Mean of the sweep, against each cell's own counter electrode ({against})."


def _grouped(pairs: tuple[Pair, ...]) -> list[list[Pair]]:
    """Refusals for one reason, whatever its numbers, stand in one row."""
    groups: dict[object, list[Pair]] = {}
    for number, pair in enumerate(pairs):
        alone = pair.outcome.verdict != "refused"
        reason = re.sub(r"[-+\d.e]*\d", "", pair.outcome.sentence)
        groups.setdefault(number if alone else reason, []).append(pair)
    return list(groups.values())


def _more(group: list[Pair]) -> str:
    """How many pairs share the row with the first of them, and of which cells."""
    cells = list(dict.fromkeys(pair.second.cell for pair in group))
    of = (
        f" (cells {', '.join(cells[:_MOST_NAMED])}{', ...' if len(cells) > _MOST_NAMED else ''})"
        if len(cells) > 1
        else ""
    )
    return f", and {len(group) - 1} more{of}" if len(group) > 1 else ""


def _row(pair: Pair, more: str) -> tuple[Entry, ...]:
    first, second, outcome = pair.first, pair.second, pair.outcome
    ratio = Estimate(outcome.ratio, outcome.ratio * outcome.ratio_standard, outcome.ratio * outcome.ratio_standard)
    return (
        Entry(f"{second.cell} ({second.number}) / {first.cell} ({first.number}){more}"),
        Entry(_both(pair.states[1].charge_mAh_g, pair.states[0].charge_mAh_g, digits=1)),
        Entry(_both(second.potential_volt, first.potential_volt, digits=3)),
        Entry(f"{_resistance(second)};\n{_resistance(first)}"),
        Entry(quantity(ratio)),
        Entry(outcome.verdict, _TONES[outcome.verdict]),
        Entry(outcome.sentence),
    )


def _both(second: float, first: float, digits: int) -> str:
    return f"{plain_number(second, digits)}; {plain_number(first, digits)}"


def _resistance(one: Measured) -> str:
    half = one.resistance * one.relative_standard
    return quantity(Estimate(one.resistance, half, half)) if np.isfinite(one.resistance) else "–"


METHOD = StudyMethod(
    id="resistances_compared",
    requires=("impedance", "utilization"),
    settings=PairingSettings,
    result=PairingResult,
    run=resistances_compared,
    title="Cathode resistances compared",
    tables=tables,
    page=page,
)
