"""Both degrees of mixing and the shoulder charge of every batch beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.analyses.secondary_mixing import CAPACITY, RATE
from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Paragraph
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Finding, Findings, MethodCard, StudyMethod
from cathodelab.core.number_text import quantity
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none


@dataclass(frozen=True)
class Quantity:
    """One of the numbers that are compared: its name, unit and factor, and the estimate that it is."""

    name: str
    unit: str
    method: str
    estimate: str
    factor: float = 1.0


QUANTITIES = (
    Quantity("primary degree of mixing (utilization)", "%", "utilization", "static_utilization", 100.0),
    Quantity("secondary degree of mixing (rate)", "1/h", "secondary_mixing", RATE),
    Quantity("secondary degree of mixing (capacity)", "%", "secondary_mixing", CAPACITY, 100.0),
    Quantity("shoulder charge", "mAh/g", "cycling", "initial_shoulder_charge"),
)
_SHOWN = {"1/h": "h⁻¹", "mAh/g": "mAh\u00a0g⁻¹"}
"""Units as a page writes them."""
_HEADS = ("batch", "quantity", "unit", "cells", "mean", "± mean", "sd between cells")


@dataclass(frozen=True)
class MixingDegreesSettings:
    """Nothing to set."""


@dataclass(frozen=True)
class BatchMean:
    """Mean over the cells of a batch, its standard uncertainty, and the standard deviation between them (``nan`` of one)."""

    batch: str
    quantity: Quantity
    cells: tuple[str, ...]
    mean: float
    standard: float
    sd: float


@dataclass(frozen=True)
class MixingDegreesResult:
    """The means, batch by batch."""

    means: tuple[BatchMean, ...]
    checks: tuple[Check, ...] = ()


def mixing_degrees(findings: Findings, settings: MixingDegreesSettings) -> MixingDegreesResult:
    """Means of every batch that has a name.

    Raises:
        OtherData: no cell of a batch has the secondary degree of mixing.
    """
    del settings
    means = [mean for one in QUANTITIES for mean in _means(one, findings.of.get(one.method, ()))]
    if not any(mean.quantity.method == "secondary_mixing" for mean in means):
        raise OtherData(
            "nothing-to-compare",
            "No cell of a batch has both degrees of mixing",
            where="the whole study",
            why="They need a titration, cycles at two rates, and the name of the batch.",
            what_to_do="Nothing.",
        )
    batches = list(dict.fromkeys(mean.batch for mean in means))
    return MixingDegreesResult(tuple(sorted(means, key=lambda mean: batches.index(mean.batch))))


def _means(one: Quantity, found: Sequence[Finding[Any]]) -> list[BatchMean]:
    of: dict[str, list[Finding[Any]]] = {}
    for finding in found:
        if one.estimate in finding.estimates and finding.sample.batch:
            of.setdefault(finding.sample.batch, []).append(finding)
    return [_mean(batch, one, members) for batch, members in of.items()]


def _mean(batch: str, one: Quantity, members: Sequence[Finding[Any]]) -> BatchMean:
    """Mean of a batch.

    Its uncertainty is that of the sources that cells share, and the scatter of the cells or, where larger, what is known of
    their own sources.
    """
    values = one.factor * np.array([member.estimates.estimate(one.estimate).value for member in members])
    effects: dict[str, FloatArray] = {}
    for place, member in enumerate(members):
        for source, effect in member.estimates.effect(one.estimate).items():
            effects.setdefault(source, np.zeros(values.size))[place] = one.factor * effect
    shared = sum(float(np.mean(each)) ** 2 for each in effects.values() if np.count_nonzero(each) > 1)
    own = sum(float(np.mean(each)) ** 2 for each in effects.values() if np.count_nonzero(each) == 1)
    sd = float(np.std(values, ddof=1)) if values.size > 1 else float("nan")
    standard = np.sqrt(shared + np.fmax(own, sd**2 / values.size))
    names = tuple(member.sample.id for member in members)
    return BatchMean(batch, one, names, float(values.mean()), float(standard), sd)


def tables(result: MixingDegreesResult) -> tuple[ResultTable, ...]:
    """One row a batch and quantity."""
    rows: list[tuple[CellEntry, ...]] = [
        (
            one.batch,
            one.quantity.name,
            one.quantity.unit,
            float(len(one.cells)),
            one.mean,
            one.standard,
            finite_or_none(one.sd),
        )
        for one in result.means
    ]
    about = (
        "Degrees of mixing and shoulder charge of every batch. ± mean: standard uncertainty with what its cells share (the "
        "reference, say); sd: between its cells."
    )
    return (
        ResultTable("degrees of mixing", about, tuple(map(Field, _HEADS)), tuple(rows), record="degrees_of_mixing"),
    )


def page(result: MixingDegreesResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """One row a batch."""
    del drawings
    shown = [one for one in QUANTITIES if any(mean.quantity == one for mean in result.means)]
    by_place = {(mean.batch, mean.quantity.name): mean for mean in result.means}
    heads = (
        Head("Batch"),
        *(Head(one.name.capitalize(), _SHOWN.get(one.unit, one.unit), number=True) for one in shown),
    )
    rows = tuple(
        (Entry(batch), *(_entry(by_place.get((batch, one.name))) for one in shown))
        for batch in dict.fromkeys(mean.batch for mean in result.means)
    )
    text = (
        "The first degree of mixing is the share of the active material that takes part; the second is how well that part is "
        "reached: its capacity at a fast rate over that at the slowest, both per connected mass."
    )
    note = "Means over the cells of a batch (their number in brackets) ± one standard uncertainty of the mean."
    return (
        Paragraph(text),
        Grid("Degrees of mixing and shoulder charge by batch", heads, rows),
        Paragraph(note, soft=True),
    )


def _entry(mean: BatchMean | None) -> Entry:
    if mean is None:
        return Entry("–")
    return Entry(f"{quantity(Estimate(mean.mean, mean.standard, mean.standard))} ({len(mean.cells)})")


CARD = MethodCard(
    title="Degrees of mixing by batch",
    sentence="Utilization, rate behaviour of the connected material, and shoulder charge, batch by batch.",
    formula="mean over the cells; u² = shared part² + max(own part², sd² / n)",
    source="The two degrees of mixing of the source dissertation.",
    assumptions=("Cells of a batch are drawn from one mixing run.",),
    valid_range="Batches with a name; of one cell the uncertainty is that of the cell.",
    cannot_see="What another mixing run by the same procedure would give: see the batches.",
)

METHOD = StudyMethod(
    id="mixing_degrees",
    requires=("utilization", "cycling", "secondary_mixing"),
    settings=MixingDegreesSettings,
    result=MixingDegreesResult,
    run=mixing_degrees,
    card=CARD,
    title="Degrees of mixing",
    tables=tables,
    page=page,
)
