"""Plan the next titration from a study's reference and the masses that its cells have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Output
from cathodelab.operations.model import PlanInput
from cathodelab.study.files import StudyFiles
from cathodelab.study.manifest import load_study
from cathodelab.study.places import in_study
from cathodelab.study.plan import Plan
from cathodelab.techniques.utilization.plan import Assumed, PlannedTitration, planned_titrations, shortest

if TYPE_CHECKING:
    from cathodelab.core.samples import Cell
    from cathodelab.study.manifest import Study
    from cathodelab.techniques.utilization.model import Titration


@dataclass(frozen=True, eq=False)
class TitrationPlans(Output):
    """Titrations that could be done, the shortest first; the one to do, if any meets the wish; for which cell.

    ``uncertainty`` is the wanted standard uncertainty of the utilization, per cent.
    """

    cell: str
    reference: str
    uncertainty: float
    plans: tuple[PlannedTitration, ...]
    chosen: PlannedTitration | None

    @property
    def complete(self) -> bool:
        """Whether a titration meets the wish."""
        return self.chosen is not None

    def lines(self) -> list[str]:
        """A row for each titration, and which one to do."""
        return [
            f"A titration like that of {self.cell}, on the reference {self.reference}; standard uncertainties (68 %).",
            f"{'points':>6}  {'rest / h':>8}  {'hours':>5}  {'θ / %':>14}  {'own / %':>7}  largest share",
            *(f"{_row(plan)}{'  <- shortest' if plan is self.chosen else ''}" for plan in self.plans),
            self._advice,
            composites_words(),
            "This holds for a sound cell. Particles that are slow but connected need longer rests than any plan says.",
        ]

    @property
    def _advice(self) -> str:
        if self.chosen is not None:
            shown = ", ".join(f"{volt:.2f}" for volt in self.chosen.potentials_volt)
            return f"Rest {self.chosen.rest_hour:g} h at relaxed potentials of {shown} V (as the cell shows them)."
        usable = [plan for plan in self.plans if plan.usable]
        best = min(usable or self.plans, key=lambda plan: plan.utilization.plus + plan.utilization.minus)
        return f"None reaches {self.uncertainty:g} %. The best is limited by {best.dominated_by}: {best.halving}."

    def record(self) -> dict[str, Any]:
        """All titrations as plain data; utilizations as fractions."""
        return {
            "schema_version": 1,
            "cell": self.cell,
            "reference": self.reference,
            "wanted_percent": self.uncertainty,
            "chosen": None if self.chosen is None else self.plans.index(self.chosen),
            "composites": [
                {"composites": count, "half_width_of_a_difference_in_sd": half_width_of_a_difference(count)}
                for count in (2, 3, 4)
            ],
            "titrations": [
                {
                    "potentials_volt": list(plan.potentials_volt),
                    "rest_hour": plan.rest_hour,
                    "hours": plan.hours,
                    "utilization": plan.utilization.value,
                    "minus": plan.utilization.minus,
                    "plus": plan.utilization.plus,
                    "own": plan.own,
                    "dominated_by": plan.dominated_by,
                    "usable": plan.usable,
                }
                for plan in self.plans
            ],
        }


def half_width_of_a_difference(composites: int) -> float:
    """95 % half-width of the difference of two samples, in standard deviations of their composites.

    Student's t over the means of so many composites (mixing runs) of each sample; cells of one composite do not count.
    """
    from scipy.special import stdtrit

    return float(stdtrit(2 * (composites - 1), 0.975) * (2 / composites) ** 0.5)


def composites_words() -> str:
    """How many composites to make of a sample, and what one more would bring."""
    two, three, four = (half_width_of_a_difference(count) for count in (2, 3, 4))
    return (
        "Make at least two composites (mixing runs) of every sample that you want to compare: with one, a difference is of these two "
        f"composites and not of the samples. With two of each, a difference is known to ± {two:.1f} standard deviations of "
        f"composites (95 %), with three to ± {three:.1f}, with four to ± {four:.1f}; further cells of one composite do not help "
        "there."
    )


def _row(plan: PlannedTitration) -> str:
    theta = f"{100 * plan.utilization.value:.1f} +{100 * plan.utilization.plus:.1f} -{100 * plan.utilization.minus:.1f}"
    words = plan.dominated_by if plan.usable else "not usable: rests too short"
    numbers = f"{len(plan.potentials_volt):>6}  {plan.rest_hour:>8g}  {plan.hours:>5.0f}  {theta:>14}"
    return f"{numbers}  {100 * plan.own:>7.2f}  {words}"


def planned(inputs: PlanInput) -> TitrationPlans:
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
    assumed = Assumed(
        utilization=inputs.utilization / 100,
        low_volt=inputs.low,
        high_volt=inputs.high,
        relaxation_hour=inputs.relaxation,
    )
    basis, settings = study.c_rate.basis_mAh_g, plan.settings_of("utilization")
    try:
        reference: Titration = StudyFiles(study, plan).measurement(
            study.sample("reference", cell.reference), "titration"
        )
        plans = planned_titrations(cell, reference_cell, reference, settings, basis, assumed)
    except CathodelabError as error:
        raise error.shown_at(in_study(study)) from error
    chosen = shortest(plans, inputs.uncertainty / 100, own=inputs.own)
    return TitrationPlans(cell.id, reference_cell.id, inputs.uncertainty, plans, chosen)


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
