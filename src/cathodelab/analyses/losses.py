"""Capacity losses: static and kinetic loss at the cut-off of a charge.

With ``q_eq`` the charge per active mass that the reference holds between the state in which the charge started and the
cut-off potential::

    static = (1 - theta) q_eq        kinetic = theta q_eq - q_gross        q_gross + static + kinetic = q_eq

The starting state is not assumed: charge counting from the relaxed points places it on the reference's charge scale. The
mass of the cell cancels in everything referred to the connected mass (Kissel et al., Adv. Energy Mater. 2025, 2405405;
section 2.2.2 of Publication II, Figure 6 of the source dissertation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.checks import Check
from cathodelab.core.document import Drawing, Paragraph, Subtitle
from cathodelab.core.errors import NotInRecord
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Method, MethodCard, Shown
from cathodelab.core.number_text import plain_number
from cathodelab.core.pages import Page, estimate_grid
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.fit import joint_fits, reference_curve
from cathodelab.techniques.utilization.model import Comparison, CutOff, UtilizationResult

PER_WEIGHED = "mass of active material weighed in (without coating)"
PER_CONNECTED = "mass of connected active material"

_COLUMNS = (
    ("gross_specific_capacity", "mAh/g", PER_WEIGHED, "charge of the record up to the cut-off"),
    ("active_specific_capacity", "mAh/g", PER_CONNECTED, "the same charge; the cell's mass cancels"),
    ("equilibrium_capacity", "mAh/g", PER_WEIGHED, "reference, from the cell's starting state to its cut-off"),
    ("static_loss", "mAh/g", PER_WEIGHED, "(1 - utilization) x equilibrium capacity"),
    ("kinetic_loss", "mAh/g", PER_WEIGHED, "utilization x equilibrium capacity - gross capacity"),
    ("starting_charge", "mAh/g", PER_CONNECTED, "start of the charge on the reference's charge scale"),
    ("nominal_c_rate", "1/h", "basis capacity of all active material", "current of the last charge, without its hold"),
    (
        "effective_c_rate",
        "1/h",
        "basis capacity of the connected active material",
        "current of the last charge, without its hold",
    ),
    (
        "cut_off_potential",
        "V",
        "Li+/Li",
        "end of the charge under current, with the potential of the counter electrode",
    ),
)


@dataclass(frozen=True)
class LossSettings:
    """Losses have no settings of their own: cut-off and current are those of the record."""


@dataclass(frozen=True, eq=False)
class LossResult:
    """Capacities, losses and C-rates of one cell at one cut-off (V vs. its counter electrode and vs. Li+/Li)."""

    estimates: EstimateSet
    checks: tuple[Check, ...]
    cut_off_volt: float
    cut_off_volt_vs_lithium: float


def losses(
    cell: Cell, utilization: UtilizationResult, c_rate_basis_mAh_g: float, settings: LossSettings | None = None
) -> LossResult:
    """Static and kinetic loss of the charge that the titration interrupted.

    Args:
        cell: for its name.
        utilization: the result whose inputs are evaluated again for every source of error.
        c_rate_basis_mAh_g: capacity that defines 1C.
        settings: there are none.

    Raises:
        NotInRecord: the record holds relaxed points only, or the cut-off lies outside the reference.
    """
    del settings
    cut_off = utilization.cell.cut_off
    if cut_off is None:
        raise NotInRecord(
            "no-cut-off",
            "The record holds relaxed potentials only",
            where=f"cell {cell.id}",
            why="A loss belongs to the cut-off potential of a charge under current.",
            what_to_do="Give the raw record of the cell for this number.",
        )
    comparison = utilization.comparison
    high = comparison.reference_potential_volt[-1]
    at_cut_off = cut_off.potential_volt + utilization.fit.offset_volt
    if not comparison.reference_potential_volt[0] <= at_cut_off <= high:
        raise NotInRecord(
            "cut-off-outside-reference",
            f"The cut-off of {at_cut_off:.3f} V vs. Li⁺/Li lies outside the reference",
            where=f"cell {cell.id}, reference {utilization.reference_id}",
            why=f"The reference covers {comparison.reference_potential_volt[0]:.3f}-{high:.3f} V and is never "
            "extrapolated.",
            what_to_do="Titrate the reference up to the cut-off of the cells.",
        )

    direction = -1.0 if utilization.cell.direction == "discharge" else 1.0
    values, effects = effects_at_once(
        lambda inputs: direction * _loss_values(inputs, cut_off, c_rate_basis_mAh_g), comparison, utilization.sources
    )
    names, units, pers, hows = (tuple(column) for column in zip(*_COLUMNS, strict=True))
    labels = tuple(one.source for one in utilization.sources)
    estimates = EstimateSet(names, values, units, pers, hows, labels, effects, utilization.settings.combination)
    return LossResult(estimates, _checks(estimates, cut_off.rests_before), cut_off.potential_volt, at_cut_off)


def _loss_values(inputs: Comparison, cut_off: CutOff, c_rate_basis_mAh_g: float) -> FloatArray:
    """Estimates in order, shape (versions, estimates); charges of a discharge are negative, like its current."""
    curve = reference_curve(inputs)
    fits = joint_fits(inputs, curve)
    mass_g = np.asarray(inputs.cam_mass_mg) * 1e-3
    start = -fits.charge_offset_mAh / (fits.utilization * mass_g)
    at_cut_off = curve.charge((cut_off.potential_volt + fits.offset_volt)[..., None])[..., 0]
    equilibrium = at_cut_off / (np.asarray(inputs.reference_mass_mg) * 1e-3) - start
    gross = inputs.charge_mAh[..., -1] * (1 + cut_off.beyond) / mass_g
    rate = cut_off.current_mA / (mass_g * c_rate_basis_mAh_g)
    static, kinetic = (1 - fits.utilization) * equilibrium, fits.utilization * equilibrium - gross
    active, effective = gross / fits.utilization, rate / fits.utilization
    # of all columns this one has no direction; the caller turns round those of a discharge
    cut = (cut_off.potential_volt + fits.offset_volt) * np.sign(gross)
    columns = (gross, active, equilibrium, static, kinetic, start, rate, effective, cut)
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def _checks(estimates: EstimateSet, rests: int) -> tuple[Check, ...]:
    kinetic = estimates.estimate("kinetic_loss")
    passed = kinetic.value + 2 * kinetic.plus >= 0
    text = f"The kinetic loss of {kinetic.value:.1f} mAh/g is not negative within its interval."
    if not passed:
        text = (
            f"The kinetic loss of {kinetic.value:.1f} mAh/g is negative: more charge passed than the connected material "
            "can hold at the cut-off, i.e. parasitic charge."
        )
    continuous = (
        "The charge was not interrupted."
        if rests == 0
        else f"The charge was interrupted by {rests} rest{'s' if rests > 1 else ''}: its kinetic loss is that of the last "
        "step and smaller than that of a continuous charge."
    )
    return (
        Check("kinetic_loss_not_negative", bool(passed), kinetic.value, 0.0, text),
        Check("charge_uninterrupted", True if rests == 0 else None, float(rests), 0.0, continuous),
    )


CARD = MethodCard(
    title="Static and kinetic loss",
    sentence="How much capacity is missing because material is not connected, and how much because the charge ended before "
    "the connected material was at equilibrium.",
    formula="static = (1 − θ) · q_eq;  kinetic = θ · q_eq − q_gross;  q_gross + static + kinetic = q_eq at the cut-off",
    source="Kissel et al., Adv. Energy Mater. 2025, 2405405 (Publication II), section 2.2.2; Figure 6 of the source.",
    assumptions=(
        "Those of the utilization.",
        "The utilization is the same from the start of the charge to its end.",
        "Reference and cell are compared in the same direction.",
    ),
    valid_range="Cut-offs inside the reference curve.",
    cannot_see="Two-electrode cells: polarization of anode and separator is counted as kinetic loss of the cathode.",
)


def _page(cell: Cell, result: LossResult, drawings: Sequence[Drawing]) -> Page:
    """Its part of the page of a cell."""
    cut_off = (
        f"Cut-off {plain_number(result.cut_off_volt)} V vs. {cell.counter_electrode} "
        f"({plain_number(result.cut_off_volt_vs_lithium)} V vs. Li⁺/Li)."
    )
    grid = estimate_grid(result.estimates, "Losses at the cut-off")
    return Page(rest=(Subtitle("Losses at the cut-off"), *drawings, grid, Paragraph(cut_off, soft=True)))


_PER_WEIGHED_NOTE = (
    "Losses and delivered charge are per mass of active material weighed in, without its coating, "
    "at each cell's own cut-off."
)
_RATE_NOTE = (
    "Effective C-rates refer to the capacity that defines 1C and to the connected part of the active material, nominal ones "
    "to all of it."
)

METHOD = Method(
    id="losses",
    requires=("cell", "utilization", "c_rate_basis_mAh_g"),
    settings=LossSettings,
    result=LossResult,
    run=losses,
    headline=(
        Shown("static_loss", "Static loss", "mAh/g", covariance=True, note=_PER_WEIGHED_NOTE),
        Shown("kinetic_loss", "Kinetic loss", "mAh/g", covariance=True),
        Shown("gross_specific_capacity", "Delivered", "mAh/g"),
        Shown("effective_c_rate", "Eff. C-rate", "1/h", interval=False, note=_RATE_NOTE),
    ),
    page=_page,
    card=CARD,
)
