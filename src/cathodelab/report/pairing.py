"""The section that sets cathode resistances of different cells beside each other, or says why it does not."""

from __future__ import annotations

import re

import numpy as np

from cathodelab.analyses.pairing import Measured, Pair
from cathodelab.core.document import Block, Entry, Grid, Head, Paragraph, Section, Tone
from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import plain_number, quantity
from cathodelab.study.pairs import pairs_of
from cathodelab.study.run import StudyResults

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


def pairing_sections(results: StudyResults) -> list[Section]:
    """One section where at least two cells have a cathode resistance."""
    pairs = pairs_of(results)
    if not pairs:
        return []
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
    return [Section("resistances", "Cathode resistances compared", tuple(blocks))]


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
