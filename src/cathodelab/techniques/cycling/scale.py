"""Whether the numbers of a cell's files can be what they claim, where no cycles tell it: titrations and tables of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import NO_ESTIMATES, EstimateSet
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.pages import Page
from cathodelab.core.samples import Cell
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement
from cathodelab.techniques.cycling.model import CyclingResult
from cathodelab.techniques.cycling.scale_checks import Extent, extent_of, extent_of_titration, scale_checks

_FINISHED = ("titration curve", "relaxed potentials")


@dataclass(frozen=True)
class ScaleSettings:
    """The limits are those of the list of contradictions."""


@dataclass(frozen=True)
class ScaleResult:
    """The checks alone."""

    checks: tuple[Check, ...]
    estimates: EstimateSet = NO_ESTIMATES


def extent_recorded(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> Extent:
    """How large the numbers of a cell's files are.

    Raises:
        OtherData: the files hold no record.
        CathodelabError: files that cannot be joined.
    """
    del sample, settings
    tables = [one.table for one in recorded]
    if tables[0].kind in _FINISHED:
        return extent_of_titration(tables[0])
    return extent_of(cycling_record(tables, [one.source for one in recorded]))


def scale_of(
    cell: Cell, extent: Extent, c_rate_basis_mAh_g: float, cycling: CyclingResult | None, settings: ScaleSettings
) -> ScaleResult:
    """The checks of the list of contradictions.

    Raises:
        OtherData: the cell has cycles, and their evaluation says the same.
    """
    del settings
    if cycling is not None:
        raise OtherData(
            "scale-of-cycles",
            "The cycles say it",
            where=f"cell {cell.id}",
            why="The same checks are made of every half cycle.",
            what_to_do="See the checks of the cycling.",
        )
    return ScaleResult(scale_checks(cell, extent, c_rate_basis_mAh_g))


def page(cell: Cell, result: ScaleResult, drawings: Sequence[Drawing]) -> Page:
    """Nothing but its checks, which stand with those of the other methods."""
    del cell, result, drawings
    return Page()


CARD = MethodCard(
    title="Scale",
    sentence="Whether mass, current, charge, time and potential can be in the units that they claim.",
    formula="each number against its limits: docs/reference/scale.md",
    source="Theoretical capacities by Faraday's law; the limits are this project's, wider than any sound cell.",
    assumptions=("The largest run of one direction of current is a half cycle, or a large part of one.",),
    valid_range="Any record of a cell, and finished titration tables.",
    cannot_see="A mass or a current that is wrong by less than its limits allow.",
)

EXTENT = Measurement("extent", extent_recorded, columns=("file",), kept=False)
METHOD = Method(
    id="scale",
    requires=("cell", "extent", "c_rate_basis_mAh_g"),
    optional=("cycling",),
    settings=ScaleSettings,
    result=ScaleResult,
    run=scale_of,
    page=page,
    card=CARD,
)
