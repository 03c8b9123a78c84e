"""Plan the next titration from a study's reference and the masses that its cells have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cathodelab.core.errors import CathodelabError
from cathodelab.operations.model import PlanInput, Planned
from cathodelab.study.files import StudyFiles
from cathodelab.study.manifest import load_study
from cathodelab.study.plan import Plan
from cathodelab.techniques.utilization.plan import Assumed, planned_titrations, shortest

if TYPE_CHECKING:
    from cathodelab.core.samples import Cell
    from cathodelab.study.manifest import Study
    from cathodelab.techniques.utilization.model import Titration


def planned(inputs: PlanInput) -> Planned:
    """Titrations of a cell like the first of the study, on its reference.

    Raises:
        CathodelabError: the study has no cell, or its reference cannot be read or used.
    """
    study = load_study(inputs.folder)
    cell = _first_cell(study)
    if not cell.reference:
        raise CathodelabError(
            "no-reference",
            "The study has no reference cell",
            where="cells.csv",
            why="A plan rests on the titration of a liquid cell: its curve says what a potential is worth.",
            what_to_do="Add a row with role = reference.",
        )
    reference_cell = study.cell(cell.reference)
    plan = Plan(study)
    reference: Titration = StudyFiles(study, plan).measurement(study.sample("reference", cell.reference), "titration")
    assumed = Assumed(
        utilization=inputs.utilization / 100,
        low_volt=inputs.low,
        high_volt=inputs.high,
        relaxation_hour=inputs.relaxation,
    )
    basis, settings = study.c_rate.basis_mAh_g, plan.settings_of("utilization")
    plans = planned_titrations(cell, reference_cell, reference, settings, basis, assumed)
    chosen = shortest(plans, inputs.uncertainty / 100, own=inputs.own)
    return Planned(cell.id, reference_cell.id, inputs.uncertainty, plans, chosen)


def _first_cell(study: Study) -> Cell:
    for cell in study.cells:
        if cell.role == "cell" and not cell.excluded:
            return cell
    raise CathodelabError(
        "no-cell",
        "The study has no solid-state cell",
        where="cells.csv",
        why="A plan takes mass, weighing uncertainty and counter electrode from the first cell of the study.",
        what_to_do="Add a row with role = cell for the cell that you are going to build; its file need not exist.",
    )
