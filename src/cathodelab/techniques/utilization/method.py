"""Static utilization of one cell from its titration and that of its reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.method import Companion, Method, Shown
from cathodelab.core.propagation import effects_at_once
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Source
from cathodelab.techniques.utilization.agreement import agreement_of
from cathodelab.techniques.utilization.branches import without_self_discharge
from cathodelab.techniques.utilization.card import CARD
from cathodelab.techniques.utilization.checks import all_checks
from cathodelab.techniques.utilization.curve import ReferenceCurve
from cathodelab.techniques.utilization.fit import (
    joint_fit,
    joint_fits,
    reference_curve,
    window_utilizations,
    with_scatter,
)
from cathodelab.techniques.utilization.model import (
    Comparison,
    Titration,
    UtilizationResult,
    UtilizationSettings,
    Window,
)
from cathodelab.techniques.utilization.page import page
from cathodelab.techniques.utilization.plot import figures
from cathodelab.techniques.utilization.published import published_windows
from cathodelab.techniques.utilization.sources import (
    Perturbations,
    perturbations,
    potential_standard_volt,
    reference_standard_volt,
)
from cathodelab.techniques.utilization.tables import tables
from cathodelab.techniques.utilization.transients import relaxed
from cathodelab.techniques.utilization.windows import point_verdicts, windows_of, windows_outside

_IMPOSSIBLE_UTILIZATION = (0.02, 3.0)
PER_CAM = "mass of active material weighed in (without coating)"


def static_utilization(
    cell: Cell,
    titration: Titration,
    reference_sample: Cell,
    reference: Titration,
    settings: UtilizationSettings,
    c_rate_basis_mAh_g: float,
) -> UtilizationResult:
    """Fraction of the weighed active material that is electrochemically connected.

    ``Q_i = Q_0 + theta m q_ref(V_i + E)`` over all used relaxed points (Publication I, eqs. 1, 2, 13; joint form and error
    model: this project).

    Args:
        cell: the solid-state cell; its mass in mg, its counter electrode's potential against Li+/Li in V.
        titration: its relaxed potentials against its counter electrode, V, and charges, mAh.
        reference_sample: the liquid cell.
        reference: its titration or slow charge, potentials against its own counter electrode.
        settings: see :class:`UtilizationSettings`.
        c_rate_basis_mAh_g: capacity that defines 1C.

    Raises:
        CathodelabError: nothing inside the reference, a curve that does not rise, a reference charged too fast, or a
            charge that is impossible for the mass.
    """
    _refuse_fast_reference(reference, reference_sample, settings, c_rate_basis_mAh_g)
    titration, reference = _against_lithium(titration, reference, reference_sample, settings)
    offset = cell.offset.value
    curve = ReferenceCurve(reference.potential_volt, reference.charge_mAh)
    verdicts = point_verdicts(titration, reference, offset, settings)
    windows = windows_of(titration, curve, reference_sample.cam_mass.value, offset, verdicts, settings)
    outside = windows_outside(titration, offset, verdicts, len(windows))
    forced = all(window.dropped for window in windows)
    if forced:
        windows = tuple(replace(window, dropped="") for window in windows)
    comparison = _comparison(cell, titration, reference_sample, reference, windows, settings)
    stated = joint_fit(comparison)
    _refuse_impossible_charge(stated.utilization, windows, cell)
    agreement = agreement_of(comparison, titration, settings)
    comparison = replace(with_scatter(comparison), offset_free=settings.mode != "published")
    sources = perturbations(comparison, cell, titration, reference_sample, reference, settings)
    if settings.mode == "published":
        estimates = _published_estimates(cell, titration, reference_sample, reference, windows, settings)
    else:
        estimates = _estimates(windows, comparison, sources, settings)
    found = UtilizationResult(
        estimates=estimates,
        checks=(),
        windows=windows,
        outside=outside,
        verdicts=verdicts,
        fit=joint_fit(comparison),
        comparison=comparison,
        sources=sources,
        cell=titration,
        reference=reference,
        reference_id=reference_sample.id,
        settings=settings,
    )
    return replace(found, checks=all_checks(found, stated, agreement, forced=forced))


def _against_lithium(
    titration: Titration, reference: Titration, reference_sample: Cell, settings: UtilizationSettings
) -> tuple[Titration, Titration]:
    """Both titrations as they are compared: the reference against Li+/Li, without its leak; extrapolated where that is set."""
    reference = replace(reference, potential_volt=reference.potential_volt + reference_sample.offset.value)
    _refuse_unusable_reference(reference, reference_sample.id)
    if settings.mode != "published":
        reference = without_self_discharge(reference)
    if settings.relaxation == "transient":
        return relaxed(titration), relaxed(reference)
    return titration, reference


def _comparison(
    cell: Cell,
    titration: Titration,
    reference_sample: Cell,
    reference: Titration,
    windows: tuple[Window, ...],
    settings: UtilizationSettings,
) -> Comparison:
    used = np.zeros(titration.potential_volt.size)
    for window in windows:
        if not window.dropped:
            used[window.first_point : window.last_point + 1] = 1
    return Comparison(
        potential_volt=titration.potential_volt,
        charge_mAh=titration.charge_mAh,
        used=used,
        potential_standard_volt=np.hypot(
            potential_standard_volt(titration, settings),
            reference_standard_volt(reference, titration.potential_volt + cell.offset.value, settings),
        ),
        cam_mass_mg=cell.cam_mass.value,
        offset_volt=cell.offset.value,
        offset_standard_volt=cell.offset.plus,
        reference_potential_volt=reference.potential_volt,
        reference_charge_mAh=reference.charge_mAh,
        reference_mass_mg=reference_sample.cam_mass.value,
    )


def _estimates(
    windows: tuple[Window, ...], comparison: Comparison, sources: Perturbations, settings: UtilizationSettings
) -> EstimateSet:
    """Joint estimate, offset, connected mass and every window, with the effects of all sources."""
    ends = (
        np.array([window.first_point for window in windows]),
        np.array([window.last_point for window in windows]),
    )

    def evaluate(inputs: Comparison) -> FloatArray:
        curve = reference_curve(inputs)
        fits = joint_fits(inputs, curve)
        theta = window_utilizations(inputs, curve, ends, fits.offset_volt)
        connected = fits.utilization * inputs.cam_mass_mg
        return np.concatenate([np.stack([fits.utilization, fits.offset_volt, connected], axis=-1), theta], axis=-1)

    values, effects = effects_at_once(evaluate, comparison, sources)
    points = int(np.sum(comparison.used))
    names, units, pers, hows = _columns(windows, f"joint fit of {points} relaxed potentials")
    labels = tuple(one.source for one in sources)
    return EstimateSet(names, values, units, pers, hows, labels, effects, settings.combination)


def _published_estimates(
    cell: Cell,
    titration: Titration,
    reference_sample: Cell,
    reference: Titration,
    windows: tuple[Window, ...],
    settings: UtilizationSettings,
) -> EstimateSet:
    """Windows with the published errors; the result is the mean of the used windows and their population sd."""
    table = published_windows(
        titration,
        (cell.cam_mass.value, cell.cam_mass.plus),
        reference,
        (reference_sample.cam_mass.value, reference_sample.cam_mass.plus),
        windows,
        settings,
    )
    used = np.array([not window.dropped for window in windows])
    mean, spread = float(np.mean(table[used, 0])), float(np.std(table[used, 0]))
    values = np.array([mean, cell.offset.value, mean * cell.cam_mass.value, *table[:, 0]])
    group = "errors as published"
    sources = (
        Source(f"{cell.id}/published spread of windows", "population standard deviation over windows", "standard"),
        Source(f"{cell.id}/published upper error", group, "one-sided limit"),
        Source(f"{cell.id}/published lower error", group, "one-sided limit"),
        Source(f"{cell.id}/counter electrode", "potential of the counter electrode", "standard"),
    )
    effects = np.zeros((values.size, len(sources)))
    effects[[0, 2], 0] = spread, spread * cell.cam_mass.value
    effects[1, 3] = cell.offset.plus
    effects[3:, 1], effects[3:, 2] = table[:, 1], -table[:, 2]
    names, units, pers, hows = _columns(windows, f"mean of {int(used.sum())} windows, ± population standard deviation")
    return EstimateSet(names, values, units, pers, hows, sources, effects, "as published")


def _columns(
    windows: tuple[Window, ...], how: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    names = ("static_utilization", "reference_offset", "connected_mass", *(window.estimate_name for window in windows))
    units = ("1", "V", "mg", *("1" for _ in windows))
    pers = (PER_CAM, "Li⁺/Li", "", *(PER_CAM for _ in windows))
    hows = (how, "potential of the counter electrode", how, *("one window" for _ in windows))
    return names, units, pers, hows


def _refuse_fast_reference(
    reference: Titration, cell: Cell, settings: UtilizationSettings, c_rate_basis_mAh_g: float
) -> None:
    if reference.kind != "slow charge" or reference.pulse_mA is None:
        return
    rate = float(reference.pulse_mA[0]) / (cell.cam_mass.value * 1e-3 * c_rate_basis_mAh_g)
    if rate > settings.slow_charge_c_rate_limit:
        raise CathodelabError(
            "reference-too-fast",
            f"The reference was charged at {rate:.3g}C without rests",
            where=f"reference {cell.id}",
            why=f"A charge counts as quasi-equilibrium up to {settings.slow_charge_c_rate_limit:g}C.",
            what_to_do="Give a titration of the reference (pulses and rests), or a slower charge.",
        )


def _refuse_unusable_reference(reference: Titration, name: str) -> None:
    potential, charge = reference.potential_volt, reference.charge_mAh
    falling = np.flatnonzero((np.diff(potential) <= 0) | (np.diff(charge) <= 0))
    if potential.size < 3 or falling.size:
        place = ""
        if falling.size:
            i = int(falling[0])
            place = f" (point {i + 1}: {potential[i]:.4f} to {potential[i + 1]:.4f} V)"
        raise CathodelabError(
            "reference-not-monotonic",
            f"The reference curve of {potential.size} points does not rise everywhere{place}",
            where=f"reference {name}",
            why="Charge must be a function of the relaxed potential; on plateaus and with mixed branches it is not.",
            what_to_do="Give one charge branch with at least three relaxed potentials, or larger titration steps.",
        )


def _refuse_impossible_charge(theta: float, windows: tuple[Window, ...], cell: Cell) -> None:
    low, high = _IMPOSSIBLE_UTILIZATION
    if not low <= theta <= high:
        q = sum(window.cell_charge_mAh for window in windows) / cell.cam_mass.value * 1000
        raise CathodelabError(
            "impossible-scale",
            f"The charge between the relaxed potentials is {q:.4g} mAh/g, {theta:.3g} times that of the reference",
            where=f"cell {cell.id}, {cell.cam_mass.value:g} mg",
            why=f"Utilizations outside {low:g} to {high:g} mean a wrong unit, a wrong mass, or missing rows.",
            what_to_do="Check the units of current and time, both masses (mg of active material), and the record for gaps.",
            hints=(Hint("column", "cam_mass_mg"),),
        )


METHOD = Method(
    id="utilization",
    requires=("cell", "titration", "reference_sample", "reference", "c_rate_basis_mAh_g"),
    beside={"reference": Companion("reference", "titration")},
    settings=UtilizationSettings,
    result=UtilizationResult,
    run=static_utilization,
    headline=(
        Shown(
            "static_utilization",
            "Utilization θ",
            "%",
            100.0,
            own_part=True,
            budget=True,
            covariance=True,
            note="Utilizations are per mass of active material weighed in, without its coating. “Own part” is what remains when "
            "cells that share a reference are compared with each other: the reference's mass shifts all of them together.",
        ),
    ),
    figures=figures,
    tables=tables,
    page=page,
    card=CARD,
)
