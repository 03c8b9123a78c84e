r"""Contact loss during ageing, from utilizations measured again since the first check-up.

Every check-up of a cycling test that contains a titration is compared with the reference like the first one. Errors of
weighing, reference and counter electrode are the same each time and cancel in the ratio :math:`\theta_k/\theta_1`; errors of a
single check-up (noise, relaxation) do not (idea: Conforto et al. 2021; correlated errors: this project).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.figure import Axis, FigureSpec, Panel, Series
from cathodelab.core.method import Companion, Method, MethodCard, Shown
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Source
from cathodelab.techniques.cycling.model import BLOCKS, CyclingResult
from cathodelab.techniques.utilization.method import PER_CAM, static_utilization
from cathodelab.techniques.utilization.model import Titration, UtilizationResult
from cathodelab.techniques.utilization.rests import titration_from_record

_OWN_GROUPS = (
    "noise of the relaxed potentials",
    "disagreement between the windows",
    "incomplete relaxation of the cell",
)


@dataclass(frozen=True)
class AgeingSettings:
    """Ageing has no settings of its own; those of the utilization apply."""


@dataclass(frozen=True, eq=False)
class AgeingResult:
    """Utilization at every check-up and its ratio to the first; ``cycles`` are the check-ups' cycle numbers."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    cycles: tuple[int, ...]


def contact_loss(
    cell: Cell,
    cycling_record: CyclingRecord,
    cycling: CyclingResult,
    utilization: UtilizationResult,
    reference_sample: Cell,
    reference: Titration,
    c_rate_basis_mAh_g: float,
    settings: AgeingSettings | None = None,
) -> AgeingResult:
    """Utilization at every check-up that contains a titration.

    Raises:
        OtherData: fewer than two of them.
    """
    del settings
    found: list[tuple[int, UtilizationResult]] = []
    refused = []
    table = cycling.cycles
    for row in np.flatnonzero(table.block == BLOCKS.index("check-up")):
        number = int(table.number[row])
        try:
            titration = titration_from_record(
                _part(cycling_record, int(table.first_row[row]), int(table.end_row[row])), utilization.settings
            )
            one = static_utilization(
                cell, titration, reference_sample, reference, utilization.settings, c_rate_basis_mAh_g
            )
            found.append((number, one))
        except CathodelabError as error:
            refused.append(f"cycle {number}: {error.what}")
    if len(found) < 2:
        raise OtherData(
            "no-second-titration",
            f"{len(found)} check-up of the cycling test holds a titration that can be evaluated",
            where=f"cell {cell.id}",
            why="Contact loss needs two. " + "; ".join(refused),
            what_to_do="Titrate the cell again during ageing.",
        )
    hours = {int(number): float(hour) for number, hour in zip(table.number, table.start_hour, strict=True)}
    estimates = _estimates(cell, found, hours[found[-1][0]] - hours[found[0][0]])
    return AgeingResult(estimates, (_check(estimates, found),), tuple(number for number, _ in found))


def _part(record: CyclingRecord, first: int, end: int) -> CyclingRecord:
    """Rows of one cycle as a separate record."""

    def cut(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values[first:end]

    return replace(
        record,
        voltage_volt=record.voltage_volt[first:end],
        test_time_second=cut(record.test_time_second),
        current_ampere=cut(record.current_ampere),
        step_count=cut(record.step_count),
        net_charge_ampere_hour=cut(record.net_charge_ampere_hour),
        cycle_count=cut(record.cycle_count),
        part_rows=(0,),
        spectra=(),
        notes=(),
    )


def _estimates(cell: Cell, found: list[tuple[int, UtilizationResult]], hours: float) -> EstimateSet:
    """Utilizations, ratios, and the rate of loss from the first to the last check-up over cycles and hours.

    Sources common to all check-ups stay shared, others are separate for each.
    """
    sources: dict[str, Source] = {}
    effects: list[dict[str, float]] = []
    values = []
    for number, one in found:
        estimates = one.estimates
        line: dict[str, float] = {}
        for source, effect in zip(
            estimates.sources, estimates.effects[estimates.names.index("static_utilization")], strict=True
        ):
            own = source.group in _OWN_GROUPS and source.id.startswith(f"{cell.id}/")
            name = f"{source.id} of cycle {number}" if own else source.id
            sources[name] = replace(source, id=name)
            line[name] = float(effect)
        values.append(estimates.estimate("static_utilization").value)
        effects.append(line)
    table = np.array([[line.get(name, 0.0) for name in sources] for line in effects])
    theta = np.array(values)
    ratio = theta / theta[0]
    ratio_effects = table / theta[0] - theta[:, None] * table[0] / theta[0] ** 2
    numbers = [number for number, _ in found]
    names = (
        *(f"utilization_cycle_{number}" for number in numbers),
        *(f"connected_since_first_cycle_{number}" for number in numbers[1:]),
        "contact_loss_per_cycle",
        "contact_loss_per_hour",
    )
    count = len(names)
    passed = np.array([float(numbers[-1] - numbers[0]), hours])
    since = f"utilization in cycle {numbers[0]}"
    return EstimateSet(
        names,
        np.concatenate([theta, ratio[1:], (1 - ratio[-1]) / passed]),
        (*("1",) * (count - 1), "1/h"),
        (*(PER_CAM for _ in numbers), *(since for _ in numbers[1:]), since, since),
        (*("titration within the cycling test",) * (count - 2), *(f"cycles {numbers[0]} to {numbers[-1]}",) * 2),
        tuple(sources.values()),
        np.vstack([table, ratio_effects[1:], -ratio_effects[-1:] / passed[:, None]]),
        found[0][1].settings.combination,
    )


def _check(estimates: EstimateSet, found: list[tuple[int, UtilizationResult]]) -> Check:
    number = found[-1][0]
    last = estimates.estimate(f"connected_since_first_cycle_{number}")
    lost = 100 * (1 - last.value)
    passed = bool(1 - last.value < 2 * last.minus + 2 * last.plus)
    first = found[0][0]
    text = f"From cycle {first} to {number} {lost:.1f} % (± {100 * last.plus:.1f}) of the connected material lost its contact."
    if passed:
        text += " That is within twice its uncertainty."
    return Check("contacts_kept", passed, lost, float("nan"), text)


def _figures(cell: Cell, result: AgeingResult) -> tuple[FigureSpec, ...]:
    """Figure of the utilization over the cycles."""
    ones = [result.estimates.estimate(f"utilization_cycle_{number}") for number in result.cycles]
    value, half = (100 * np.array([getattr(one, name) for one in ones]) for name in ("value", "plus"))
    series = Series("points", np.array(result.cycles, dtype=float), value, "", 0, y_minus=half, y_plus=half)
    caption = f"Cell {cell.id}: static utilization at its check-ups. Bars: standard uncertainty (68 %), most of it common to all."
    panel = Panel(Axis("cycle"), Axis("utilization θ", "%"), (series,))
    return (FigureSpec(f"ageing-{cell.id}", caption, (panel,), width_cm=8.4, height_cm=6.0),)


CARD = MethodCard(
    title="Contact loss during ageing",
    sentence="How much of the material that was connected at the first check-up is still connected at later ones.",
    formula="θ_k / θ_1 from the titration of every check-up against the same reference",
    source="Publication II of the source dissertation, 2.2.4; correlated errors: this project.",
    assumptions=("Those of the utilization, at every check-up.", "The reference curve does not change with ageing."),
    valid_range="Cycling tests with at least two titrations in one record.",
    cannot_see="Material that degrades and keeps its contact changes its titration curve; it looks like lost contact.",
)


def _headline(results: Sequence[AgeingResult]) -> tuple[Shown, ...]:
    """What is left at the last check-up; its cycle differs between cells."""
    last = sorted({one.cycles[-1] for one in results}, reverse=True)
    name, *others = (f"connected_since_first_cycle_{number}" for number in last)
    note = "“Still connected”: at the last check-up, as a share of what was connected at the first."
    return (Shown(name, "Still connected", "%", 100.0, note=note, otherwise=tuple(others)),)


METHOD = Method(
    id="ageing",
    requires=(
        "cell",
        "cycling_record",
        "cycling",
        "utilization",
        "reference_sample",
        "reference",
        "c_rate_basis_mAh_g",
    ),
    beside={"reference": Companion("reference", "titration")},
    settings=AgeingSettings,
    result=AgeingResult,
    run=contact_loss,
    headline=_headline,
    figures=_figures,
    card=CARD,
)
