"""Cells of one batch that drift apart over their cycles: fades that differ by more than their scatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Paragraph
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import Estimate
from cathodelab.core.method import Findings, MethodCard, StudyMethod
from cathodelab.core.number_text import plain_number, quantity
from cathodelab.core.result_table import CellEntry, Field, ResultTable, finite_or_none
from cathodelab.core.samples import Cell
from cathodelab.core.settings import knob
from cathodelab.techniques.cycling.derived import FEWEST_FOR_FADE, longest_run
from cathodelab.techniques.cycling.model import CycleTable, CyclingResult

_FEWEST_CELLS = 2
_LARGEST_CORRELATION = 0.9
_HEADS = (
    "batch", "cell", "first cycle", "last cycle", "fade per cycle", "± fade per cycle", "left in the last cycle",
    "beside the other cells", "sd between cells", "probability of equal fades",
)  # fmt: skip


@dataclass(frozen=True)
class DriftApartSettings:
    """When cells count as drifting apart."""

    probability: float = knob(
        0.01, "equal fades are given up below this probability (over the number of batches)", low=1e-9, high=0.5
    )
    worth_saying: float = knob(
        0.02,
        "spread between the cells in their last cycle, relative to their first, that is worth saying",
        low=0,
        high=1,
    )


@dataclass(frozen=True)
class Course:
    """One cell over the cycles that all cells of its batch have at one rate.

    Args:
        fade, standard: loss a cycle relative to the first of these cycles, and its standard uncertainty by the scatter about
            the line (with the correlation of neighbouring cycles).
        left: discharge of the last of the cycles over that of the first.
        beside: ``left`` minus the mean of the other cells.
    """

    cell: str
    fade: float
    standard: float
    left: float
    beside: float


@dataclass(frozen=True)
class BatchCourses:
    """The cells of a batch; ``sd`` of what is left between them, ``probability`` that their fades are equal."""

    batch: str
    first: int
    last: int
    courses: tuple[Course, ...]
    sd: float
    probability: float

    @property
    def farthest(self) -> Course:
        """The cell that departs most from the others."""
        return max(self.courses, key=lambda one: abs(one.beside))


@dataclass(frozen=True)
class DriftApartResult:
    """All batches whose cells have cycles in common."""

    batches: tuple[BatchCourses, ...]
    checks: tuple[Check, ...]


def drift_apart(findings: Findings, settings: DriftApartSettings) -> DriftApartResult:
    """The courses of the cells of every batch beside each other.

    Raises:
        OtherData: no batch has two cells with ten cycles of one rate in common.
    """
    of: dict[str, list[tuple[Cell, CyclingResult]]] = {}
    for cell, result in findings.results("cycling"):
        if cell.batch:
            of.setdefault(cell.batch, []).append((cell, result))
    found = [one for one in (_courses(batch, members) for batch, members in of.items()) if one is not None]
    if not found:
        raise OtherData(
            "nothing-to-compare",
            "No batch has two cells with ten cycles of one rate in common",
            where="the whole study",
            why="Cells are compared over the same cycles.",
            what_to_do="Nothing.",
        )
    return DriftApartResult(tuple(found), (_together(found, settings),))


def _courses(batch: str, members: Sequence[tuple[Cell, CyclingResult]]) -> BatchCourses | None:
    """The cells of a batch with enough cycles, over those that they have in common."""
    runs = [(cell, result.cycles, longest_run(result.cycles)) for cell, result in members]
    runs = [one for one in runs if one[2].size >= FEWEST_FOR_FADE]
    if len(runs) < _FEWEST_CELLS:
        return None
    common = set.intersection(*(set(table.number[rows].tolist()) for _, table, rows in runs))
    if len(common) < FEWEST_FOR_FADE:
        return None
    number = np.array(sorted(common))
    fades = np.array([_fade(number, _discharge(table, number)) for _, table, _ in runs])
    left = np.array([_discharge(table, number)[[0, -1]] for _, table, _ in runs])
    left = left[:, 1] / left[:, 0]
    others = (left.sum() - left) / (left.size - 1)
    courses = tuple(
        Course(cell.id, float(fade), float(standard), float(now), float(now - beside))
        for (cell, _, _), (fade, standard), now, beside in zip(runs, fades, left, others, strict=True)
    )
    sd = float(np.std(left, ddof=1))
    return BatchCourses(batch, int(number[0]), int(number[-1]), courses, sd, _probability(fades))


def _discharge(table: CycleTable, number: FloatArray) -> FloatArray:
    """Discharge of these cycles, mAh."""
    return table.of("discharge")[[table.index_of(int(one)) for one in number]]


def _fade(number: FloatArray, discharge: FloatArray) -> tuple[float, float]:
    """Slope of a straight line relative to its beginning, with its standard uncertainty by the scatter about it."""
    design = np.stack([np.ones(number.size), number - number[0]], axis=1)
    weights = np.linalg.pinv(design)
    start, slope = weights @ discharge
    left = discharge - design @ np.array([start, slope])
    square = float(np.sum(left**2))
    alike = float(np.sum(left[1:] * left[:-1])) / square if square else 0.0
    alike = float(np.clip(alike, 0, _LARGEST_CORRELATION))  # neighbours share the weather of the room
    scatter = np.sqrt(square / (number.size - 2) * np.sum(weights[1] ** 2) * (1 + alike) / (1 - alike))
    return float(-slope / start), float(scatter / start)


def _probability(fades: FloatArray) -> float:
    """That cells of one fade differ so much: chi-square of their weighted mean."""
    from scipy.special import chdtrc

    weight = 1 / np.maximum(fades[:, 1], 1e-12) ** 2
    mean = np.sum(weight * fades[:, 0]) / np.sum(weight)
    return float(chdtrc(fades.shape[0] - 1, np.sum(weight * (fades[:, 0] - mean) ** 2)))


def _together(found: Sequence[BatchCourses], settings: DriftApartSettings) -> Check:
    limit = settings.probability / len(found)
    apart = [one for one in found if one.probability < limit and one.sd > settings.worth_saying]
    widest = max(found, key=lambda one: one.sd)
    if not apart:
        text = f"Cells of one batch stay together: the spread of what is left grows to {100 * widest.sd:.2g} % at most."
        return Check("cells_stay_together", passed=True, value=widest.sd, limit=settings.worth_saying, sentence=text)
    said = "; ".join(
        f"{one.batch}: {100 * one.sd:.2g} % between its cells in cycle {one.last}, farthest {one.farthest.cell} with "
        f"{100 * one.farthest.left:.1f} % left ({100 * one.farthest.beside:+.1f} % beside the others)"
        for one in apart
    )
    text = f"Cells of one batch drift apart, by more than their cycles scatter: {said}. A mean over them hides it."
    return Check("cells_stay_together", passed=False, value=widest.sd, limit=settings.worth_saying, sentence=text)


def tables(result: DriftApartResult) -> tuple[ResultTable, ...]:
    """One row a cell."""
    rows: list[tuple[CellEntry, ...]] = [
        (
            batch.batch, one.cell, float(batch.first), float(batch.last),
            *map(finite_or_none, (one.fade, one.standard, one.left, one.beside, batch.sd, batch.probability)),
        )
        for batch in result.batches
        for one in batch.courses
    ]  # fmt: skip
    about = (
        "Cells of every batch over the cycles of one rate that all of them have. Fade: relative to the first of these cycles; "
        "beside: minus the mean of the other cells; sd: of what is left, between the cells."
    )
    return (
        ResultTable("cells over cycles", about, tuple(map(Field, _HEADS)), tuple(rows), record="cells_over_cycles"),
    )


def page(result: DriftApartResult, drawings: Mapping[str, Drawing]) -> tuple[Block, ...]:
    """The sentence of the check, and one row a cell."""
    del drawings
    heads = (
        Head("Batch"), Head("Cell"), Head("Cycles"), Head("Fade per cycle", "%", number=True),
        Head("Left in the last", "%", number=True), Head("Beside the others", "%", number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Entry(batch.batch),
            Entry(one.cell),
            Entry(f"{batch.first} to {batch.last}"),
            Entry(quantity(Estimate(100 * one.fade, 100 * one.standard, 100 * one.standard))),
            Entry(plain_number(100 * one.left, 1)),
            Entry(plain_number(100 * one.beside, 1)),
        )
        for batch in result.batches
        for one in batch.courses
    )
    return Paragraph(result.checks[0].sentence), Grid("Cells of a batch over the same cycles", heads, rows)


CARD = MethodCard(
    title="Cells over cycles",
    sentence="Whether cells of one batch fade alike, or drift apart.",
    formula="fade: slope of a straight line over its start; chi-square of the fades about their weighted mean",
    source="Least squares; variance of the slope with the correlation of neighbouring residuals: (1 + r) / (1 - r).",
    assumptions=("Capacity falls along a straight line over the cycles that are compared.",),
    valid_range="Batches of two or more cells with ten cycles of one rate in common.",
    cannot_see="Why a cell departs: contact, short, pressure or temperature.",
)

METHOD = StudyMethod(
    id="drift_apart",
    requires=("cycling",),
    settings=DriftApartSettings,
    result=DriftApartResult,
    run=drift_apart,
    card=CARD,
    title="Cells over cycles",
    tables=tables,
    page=page,
)
