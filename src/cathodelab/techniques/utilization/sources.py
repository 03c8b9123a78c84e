"""The sources of error of a comparison, each as a perturbation of its inputs.

What is common to several points (channel gain and offset, counter electrode, one-sided relaxation) moves them together;
what is independent moves one point. Sources of the reference carry the reference's id and are thereby shared by all cells
that use it.
"""

from __future__ import annotations

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.propagation import Perturbation, Shift
from cathodelab.core.samples import Cell
from cathodelab.core.sources import Kind, Source
from cathodelab.techniques.utilization.branches import current_range_mA, lost_at_most_mAh
from cathodelab.techniques.utilization.model import Comparison, Titration, UtilizationSettings

Perturbations = tuple[Perturbation[Comparison], ...]
_NEIGHBOURS = 3  # the cubic through a point knows two points on either side


def perturbations(
    comparison: Comparison,
    cell: Cell,
    titration: Titration,
    reference_cell: Cell,
    reference: Titration,
    settings: UtilizationSettings,
) -> Perturbations:
    """All sources of error of one comparison."""
    return (
        *_masses(cell, reference_cell),
        *_instrument_of_cell(comparison, cell.id, titration, settings),
        *_instrument_of_reference(comparison, reference_cell.id, reference, settings),
        *_counter_electrode(comparison, cell.id),
        *_counter_electrode_of_reference(comparison, reference_cell),
        *_independent_potentials(comparison, cell.id, potential_standard_volt(titration, settings)),
        *_reference_points(comparison, reference_cell.id, reference, settings),
        *_relaxation_of_cell(cell.id, titration, settings),
        *_relaxation_of_reference(comparison, reference_cell.id, reference, settings),
    )


def _masses(cell: Cell, reference: Cell) -> Perturbations:
    return (
        Perturbation(
            Source(f"{cell.id}/mass", "weighing of the cell", "standard", "weigh a larger cathode, or more often"),
            Shift({"cam_mass_mg": cell.cam_mass.plus}),
        ),
        Perturbation(
            Source(
                f"{reference.id}/mass",
                "weighing of the reference (common to all its cells)",
                "standard",
                "use a heavier reference electrode, or several reference cells",
            ),
            Shift({"reference_mass_mg": reference.cam_mass.plus}),
        ),
    )


def _instrument_of_cell(
    comparison: Comparison, cell: str, titration: Titration, settings: UtilizationSettings
) -> Perturbations:
    group, halving = "instrument of the cell", "calibrate the channel"
    moves: list[tuple[str, Kind, FloatArray, FloatArray]] = []
    zero = np.zeros(comparison.potential_volt.size)
    gain = settings.potential_gain_limit * np.abs(comparison.potential_volt)
    moves.append(("potential offset", "limit", np.full_like(zero, settings.potential_offset_limit_volt), zero))
    moves.append(("potential gain", "limit", gain, zero))
    if titration.charge_limit_mAh is None:
        drift = settings.current_offset_limit_of_range * current_range_mA(titration, settings)
        moves.append(("current gain", "limit", zero, settings.current_gain_limit * comparison.charge_mAh))
        if np.isfinite(drift) and np.all(np.isfinite(titration.polarization_second)):
            moves.append(("current offset", "limit", zero, drift * titration.polarization_second / 3600))
    else:
        for i, limit in enumerate(titration.charge_limit_mAh):
            moves.append((f"charge {i}", "limit", zero, limit * (np.arange(zero.size) == i)))
    return tuple(
        Perturbation(Source(f"{cell}/{name}", group, kind, halving), _moved_points(potential, charge))
        for name, kind, potential, charge in moves
    )


def _instrument_of_reference(
    comparison: Comparison, reference: str, titration: Titration, settings: UtilizationSettings
) -> Perturbations:
    group, halving = "instrument of the reference", "calibrate the channel; use a smaller current range"
    zero = np.zeros(comparison.reference_potential_volt.size)
    charge = comparison.reference_charge_mAh
    moves = [
        ("potential offset", np.full_like(zero, settings.potential_offset_limit_volt), zero),
        ("potential gain", settings.potential_gain_limit * comparison.reference_potential_volt, zero),
        ("current gain", zero, settings.current_gain_limit * (charge - charge[0])),
    ]
    drift = settings.current_offset_limit_of_range * current_range_mA(titration, settings)
    if np.isfinite(drift) and np.all(np.isfinite(titration.polarization_second)):
        counted = drift * titration.polarization_second / 3600
        if titration.self_discharge is not None and titration.elapsed_hour is not None:
            # the two branches take part of the offset for self-discharge, by which the charge was corrected
            counted = counted - titration.self_discharge.offset_limit_mA * titration.elapsed_hour
        moves.append(("current offset", zero, counted))
    return tuple(
        Perturbation(Source(f"{reference}/{name}", group, "limit", halving), _moved_reference(potential, moved))
        for name, potential, moved in moves
    )


def _counter_electrode(comparison: Comparison, cell: str) -> Perturbations:
    if comparison.offset_standard_volt == 0:
        return ()
    return (
        Perturbation(
            Source(
                f"{cell}/counter electrode",
                "potential of the counter electrode",
                "standard",
                "titrate more potentials: from three on, the data determine it",
            ),
            Shift({"offset_volt": comparison.offset_standard_volt}),
        ),
    )


def _counter_electrode_of_reference(comparison: Comparison, reference: Cell) -> Perturbations:
    if reference.offset.plus == 0:
        return ()
    move = np.full(comparison.reference_potential_volt.size, reference.offset.plus)
    return (
        Perturbation(
            Source(
                f"{reference.id}/counter electrode",
                "potential of the reference's counter electrode",
                "standard",
                "use lithium, or a reference electrode",
            ),
            _moved_reference(move, np.zeros(move.size)),
        ),
    )


def potential_standard_volt(titration: Titration, settings: UtilizationSettings) -> FloatArray:
    """What each relaxed potential has for itself: the noise within its rest, and how well potentials repeat."""
    return np.hypot(np.nan_to_num(titration.potential_noise_volt), settings.repeatability_volt)


def reference_standard_volt(
    reference: Titration, potential_volt: FloatArray, settings: UtilizationSettings
) -> FloatArray:
    """The same of the reference between its points, at potentials on its scale: each point counts by its nearness."""
    noise, known = potential_standard_volt(reference, settings), reference.potential_volt
    right = np.clip(np.searchsorted(known, potential_volt), 1, known.size - 1)
    share = np.clip((potential_volt - known[right - 1]) / (known[right] - known[right - 1]), 0.0, 1.0)
    return np.hypot((1 - share) * noise[right - 1], share * noise[right])


def _independent_potentials(comparison: Comparison, cell: str, standard_volt: FloatArray) -> Perturbations:
    size = comparison.potential_volt.size
    moves: list[tuple[str, str, FloatArray]] = []
    for i in np.flatnonzero(comparison.used > 0):
        one = (np.arange(size) == i).astype(float)
        moves.append((f"relaxed potential {i}", "noise of the relaxed potentials", standard_volt[i] * one))
        if comparison.scatter_volt:
            moves.append((f"scatter {i}", "disagreement between the windows", comparison.scatter_volt * one))
    halving = {
        "noise of the relaxed potentials": "record rests more densely; titrate more potentials",
        "disagreement between the windows": "find its cause: rest longer, check the method's assumptions",
    }
    zero = np.zeros(size)
    return tuple(
        Perturbation(Source(f"{cell}/{name}", group, "standard", halving[group]), _moved_points(move, zero))
        for name, group, move in moves
    )


def _reference_points(
    comparison: Comparison, reference: str, titration: Titration, settings: UtilizationSettings
) -> Perturbations:
    size = comparison.reference_potential_volt.size
    zero = np.zeros(size)
    listed: list[Perturbation[Comparison]] = [
        Perturbation(
            Source(
                f"{reference}/interpolation",
                "interpolation of the reference",
                "limit",
                "titrate the reference in smaller steps",
            ),
            Shift({"linear_blend": 0.5}),
        )
    ]
    if titration.kind == "slow charge":
        return tuple(listed)
    noise = potential_standard_volt(titration, settings)
    used = comparison.potential_volt[comparison.used > 0] + comparison.offset_volt
    places = np.searchsorted(comparison.reference_potential_volt, used)
    near = np.unique(np.clip(places[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS), 0, size - 1))
    for j in near:
        move = noise[j] * (np.arange(size) == j)
        listed.append(
            Perturbation(
                Source(
                    f"{reference}/relaxed potential {j}",
                    "noise of the reference",
                    "standard",
                    "record the reference's rests more densely",
                ),
                _moved_reference(move, zero),
            )
        )
    return tuple(listed)


def relaxation_of(titration: Titration, factor: float) -> FloatArray:
    """How far each relaxed potential may still move, V (signed): stated in a table, or slope x rest x factor."""
    if titration.relaxation_limit_volt is not None:
        return titration.relaxation_limit_volt
    slope = titration.slope_volt_per_second
    if titration.self_discharge_slope is not None:
        slope = slope - titration.self_discharge_slope
    return np.nan_to_num(slope * titration.rest_second) * factor


def _relaxation_of_cell(cell: str, titration: Titration, settings: UtilizationSettings) -> Perturbations:
    move = relaxation_of(titration, settings.relaxation_factor_cell)
    if not np.any(move):
        return ()
    source = Source(f"{cell}/relaxation", "incomplete relaxation of the cell", "one-sided limit", "rest longer")
    return (Perturbation(source, _moved_points(move, np.zeros(move.size))),)


def _relaxation_of_reference(
    comparison: Comparison, reference: str, titration: Titration, settings: UtilizationSettings
) -> Perturbations:
    zero = np.zeros(comparison.reference_potential_volt.size)
    if titration.kind == "slow charge":
        source = Source(
            f"{reference}/polarization",
            "polarization of the slow charge",
            "one-sided limit",
            "titrate the reference with pulses and rests",
        )
        return (Perturbation(source, _moved_reference(zero - settings.slow_charge_polarization_volt, zero)),)
    listed: list[Perturbation[Comparison]] = []
    move = _smoothed(relaxation_of(titration, settings.relaxation_factor_reference), titration)
    if np.any(move):
        source = Source(
            f"{reference}/relaxation", "incomplete relaxation of the reference", "one-sided limit", "rest longer"
        )
        listed.append(Perturbation(source, _moved_reference(move, zero)))
    group = "self-discharge of the reference"
    if titration.self_discharge is not None and titration.elapsed_hour is not None:
        source = Source(
            f"{reference}/self-discharge", group, "standard", "titrate the reference in fewer, longer steps"
        )
        found, hours = titration.self_discharge, titration.elapsed_hour
        listed.append(Perturbation(source, _moved_reference(zero, found.scatter_mA * hours)))
        if found.turning_limit_mA:
            cause, remedy = (
                ("state before the charge", "discharge the reference fully before it")
                if found.turning
                else ("points next to the reversals", "titrate the reference further at both ends")
            )
            state = Source(f"{reference}/{cause}", group, "limit", remedy)
            listed.append(Perturbation(state, _moved_reference(zero, found.turning_limit_mA * hours)))
        return tuple(listed)
    if titration.self_discharge_mA is not None and titration.elapsed_hour is not None:  # a table that states it
        hours = np.diff(titration.elapsed_hour, prepend=0.0)
        lost = np.cumsum(np.abs(titration.self_discharge_mA) * hours)
        source = Source(f"{reference}/self-discharge", group, "one-sided limit", "titrate the reference faster")
        listed.append(Perturbation(source, _moved_reference(zero, -lost)))
        return tuple(listed)
    lost = lost_at_most_mAh(titration, settings)
    if np.any(lost):
        halving = "titrate the reference on discharge too: both branches separate self-discharge from relaxation"
        # one branch does not say which part of the slope is self-discharge: anything from nothing to all of it
        source = Source(f"{reference}/self-discharge", group, "range", halving)
        listed.append(Perturbation(source, _moved_reference(zero, -lost)))
    return tuple(listed)


def _smoothed(values: FloatArray, titration: Titration) -> FloatArray:
    """Mean over seven neighbours: slopes of neighbouring rests differ by noise more than by physics."""
    if (titration.self_discharge is None and titration.self_discharge_slope is not None) or values.size < 10:
        return values
    padded = np.pad(values, 3, mode="reflect")
    return np.convolve(padded, np.ones(7) / 7, mode="valid")


def _moved_points(potential: FloatArray, charge: FloatArray) -> Shift:
    return Shift({"potential_volt": potential, "charge_mAh": charge})


def _moved_reference(potential: FloatArray, charge: FloatArray) -> Shift:
    return Shift({"reference_potential_volt": potential, "reference_charge_mAh": charge})
