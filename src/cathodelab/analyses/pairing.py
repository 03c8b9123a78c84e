"""Comparison of cathode resistances of different cells, by the same-state-of-charge rule.

Every spectrum of the other cells is compared with the spectrum of the first cell that is nearest in state. The state is the
charge per active mass (the connected mass, if it is known for both cells) since an anchor that both cells share: the last
spectra at rest before, if their potentials agree, or else the beginning of the records, when both cells were fresh. Where no
charge is known, only spectra at rest at equal potentials are comparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cathodelab.analyses.state_of_charge import (
    ComparedResistances,
    ResistanceCurve,
    State,
    compared,
    resistance_curve,
)
from cathodelab.core.errors import NotInRecord
from cathodelab.core.samples import Cell
from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult
from cathodelab.techniques.impedance.resistances.roles import role_names

RELAXED_SECOND = 3600.0
SAME_ANCHOR_VOLT = 0.002
SAME_POTENTIAL_VOLT = 0.005
_APART_AT_REST_VOLT, _APART_VOLT = 0.02, 0.1
"""Further apart, two potentials contradict equal charges: after an hour of rest, and with what polarization leaves."""
CHARGE_RELATIVE = 0.002
"""Relative standard uncertainty of a counted charge, from the cycler's current."""
_CURVE_RELATIVE = 0.02
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Measured:
    """One cathode resistance, and the known state of the cell.

    Args:
        cell, number: the cell and the number of the spectrum.
        resistance: ohm cm2, with its relative standard uncertainty (``nan`` where the circuit is inadequate).
        charge_mAh: net charge since the beginning of the record.
        mass_g, mass_relative: active mass by which the charge is divided, and its relative standard uncertainty.
        potential_volt: mean over the sweep.
        counter_electrode: electrode against which the potential is measured.
        rest_second: time without current before the sweep.
    """

    cell: str
    number: int
    resistance: float
    relative_standard: float
    charge_mAh: float
    mass_g: float
    mass_relative: float
    potential_volt: float
    counter_electrode: str
    rest_second: float

    @property
    def relaxed(self) -> bool:
        """Whether the cell was at rest for an hour."""
        return self.rest_second >= RELAXED_SECOND


@dataclass(frozen=True, eq=False)
class Pair:
    """Two resistances, the states at which they were compared, and the verdict."""

    first: Measured
    second: Measured
    states: tuple[State, State]
    outcome: ComparedResistances


def paired(
    cells: Sequence[tuple[Cell, ImpedanceResult]], utilizations: Mapping[str, tuple[float, float]]
) -> tuple[Pair, ...]:
    """Compare all spectra of the other cells with those of the first cell that has a cathode resistance.

    Args:
        cells: in the order of the manifest.
        utilizations: connected share of the active material and its standard uncertainty, where known.
    """
    common = bool(cells) and all(cell.id in utilizations for cell, _ in cells)
    measured = [found for cell, result in cells if (found := _measured(cell, result, utilizations if common else {}))]
    if len(measured) < 2:
        return ()
    first = measured[0]
    return tuple(_pair(first, other, one) for other in measured[1:] for one in other)


def _measured(cell: Cell, result: ImpedanceResult, utilizations: Mapping[str, tuple[float, float]]) -> list[Measured]:
    share, share_standard = utilizations.get(cell.id, (1.0, 0.0))
    found = []
    for one in result.spectra:
        name = _cathode_name(one)
        if name is None:
            continue
        value = result.estimates.estimate(name + (f"_{one.spectrum.number}" if len(result.spectra) > 1 else ""))
        found.append(
            Measured(
                cell=cell.id,
                number=one.spectrum.number,
                resistance=value.value,
                relative_standard=value.plus / value.value,
                charge_mAh=1e3 * one.spectrum.charge_ampere_hour,
                mass_g=cell.cam_mass.value * 1e-3 * share,
                mass_relative=float(np.hypot(cell.cam_mass.plus / cell.cam_mass.value, share_standard / share)),
                potential_volt=one.spectrum.potential_volt,
                counter_electrode=cell.counter_electrode,
                rest_second=one.spectrum.rest_before_second,
            )
        )
    return found


def _cathode_name(one: EvaluatedSpectrum) -> str | None:
    names = dict(zip(role_names(one.roles), one.roles, strict=True))
    return "cathode_resistance" if "cathode_resistance" in names else None


def _pair(first: list[Measured], others: list[Measured], second: Measured) -> Pair:
    """Pair a spectrum with the nearest in state of the first cell, and give the verdict."""
    pairs = [(one, *_states(one, second, first, others)) for one in first]
    one, states, starts = min(pairs, key=lambda pair: _distance(pair[0], second, pair[1]))
    if np.isnan(states[0].charge_mAh_g) or np.isnan(states[1].charge_mAh_g):
        return Pair(one, second, states, _by_potential(one, second))
    curve = _curve(first, starts[0]) or _curve(others, starts[1])
    own = (one.resistance, one.relative_standard), (second.resistance, second.relative_standard)
    outcome = compared(*own, states, curve)
    veto = _other_potential(one, second) if outcome.verdict == "comparable" else ""
    return Pair(one, second, states, ComparedResistances("refused", _NAN, _NAN, _NAN, veto) if veto else outcome)


def _other_potential(one: Measured, second: Measured) -> str:
    """Why two states of equal charge are not one, where their potentials contradict it; else empty."""
    if one.counter_electrode != second.counter_electrode:
        return ""
    apart = abs(second.potential_volt - one.potential_volt)
    at_rest = one.relaxed and second.relaxed
    if not apart > (_APART_AT_REST_VOLT if at_rest else _APART_VOLT):
        return ""
    how = "at rest" if at_rest else "during the spectra"
    return (
        f"The charges agree, but the potentials {how} lie {1e3 * apart:.0f} mV apart ({one.potential_volt:.3f} and "
        f"{second.potential_volt:.3f} V): one is not the state that its charge says. The resistances must not be compared."
    )


def _distance(one: Measured, second: Measured, states: tuple[State, State]) -> tuple[float, float]:
    by_charge = abs(states[1].charge_mAh_g - states[0].charge_mAh_g)
    by_potential = abs(second.potential_volt - one.potential_volt)
    return tuple(float(np.nan_to_num(value, nan=np.inf)) for value in (by_charge, by_potential))  # type: ignore[return-value]


def _states(
    a: Measured, b: Measured, first: list[Measured], others: list[Measured]
) -> tuple[tuple[State, State], list[float]]:
    """States of both since a common anchor, and the charge of each there, mAh (0: the beginning of its record)."""
    anchors = _anchor(a, first), _anchor(b, others)
    from_rest = (
        anchors[0] is not None
        and anchors[1] is not None
        and a.counter_electrode == b.counter_electrode
        and abs(anchors[0].potential_volt - anchors[1].potential_volt) <= SAME_ANCHOR_VOLT
    )
    starts = [one.charge_mAh if from_rest and one is not None else 0.0 for one in anchors]
    states = [_state(one, start) for one, start in zip((a, b), starts, strict=True)]
    return (states[0], states[1]), starts


def _anchor(one: Measured, series: list[Measured]) -> Measured | None:
    """The last spectrum at rest up to this one, with a known charge."""
    before = [each for each in series if each.number <= one.number and each.relaxed and np.isfinite(each.charge_mAh)]
    return before[-1] if before else None


def _state(one: Measured, start_mAh: float) -> State:
    charge = (one.charge_mAh - start_mAh) / one.mass_g
    standard = abs(charge) * float(np.hypot(one.mass_relative, CHARGE_RELATIVE))
    return State(charge, standard, one.potential_volt, one.relaxed)


def _by_potential(a: Measured, b: Measured) -> ComparedResistances:
    """Verdict without charges: only cells at rest at equal potentials against the same electrode are in the same state."""
    apart = abs(b.potential_volt - a.potential_volt)
    at_rest = a.relaxed and b.relaxed and a.counter_electrode == b.counter_electrode
    if at_rest and apart <= SAME_POTENTIAL_VOLT:
        own = float(np.hypot(a.relative_standard, b.relative_standard))
        text = f"No charge is known; both cells were at rest and their potentials agree within {1e3 * apart:.1f} mV."
        return ComparedResistances("comparable", b.resistance / a.resistance, own, 1.0, text)
    why = "the cells were not known to be at rest" if not at_rest else f"the potentials lie {1e3 * apart:.0f} mV apart"
    text = f"The charge at the spectra is not known and {why}: the resistances must not be compared."
    return ComparedResistances("refused", _NAN, _NAN, _NAN, text)


def _curve(series: list[Measured], start_mAh: float) -> ResistanceCurve | None:
    """The U-curve of a cell from its own spectra, if they were measured at four states or more."""
    known = [one for one in series if np.isfinite(one.charge_mAh)]
    charge = np.array([(one.charge_mAh - start_mAh) / one.mass_g for one in known])
    if charge.size < 4 or np.ptp(charge) < 1.0:
        return None
    relative = np.array([np.hypot(np.nan_to_num(one.relative_standard, nan=0.0), _CURVE_RELATIVE) for one in known])
    try:
        return resistance_curve(charge, np.array([one.resistance for one in known]), relative)
    except NotInRecord:
        return None
