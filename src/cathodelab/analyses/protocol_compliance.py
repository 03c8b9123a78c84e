"""The record held against the protocol that the cycler was given: masses, currents, potentials."""

from __future__ import annotations

import math

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.protocol import Protocol
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.core.steps import REST, row_states, segments_of

_NAN = float("nan")
CURRENT_TOLERANCE = 0.01
"""Relative: instruments hold a current within 0.1 % of their range, which may be ten times the current."""
POTENTIAL_TOLERANCE_VOLT = 0.01
"""A step may overshoot its limit by what happens between two records."""
MASS_TOLERANCE = 0.005
"""Relative: masses are entered with three digits."""


def as_intended(protocol: Protocol, record: CyclingRecord, cell: Cell) -> tuple[Check, ...]:
    """Checks of a record against its protocol; ``passed`` is ``None`` where one of both does not say."""
    return (
        mass_as_entered(protocol, cell),
        current_as_intended(protocol, record),
        potential_as_intended(protocol, record),
        safety_limits(protocol, record),
    )


def mass_as_entered(protocol: Protocol, cell: Cell) -> Check:
    """The mass that was entered at the cycler beside that of cells.csv."""
    entered, weighed = protocol.active_mass_milligram, cell.cam_mass.value
    if not math.isfinite(entered):
        text = "At the cycler no mass was entered: C-rates and specific charges of its software do not count."
        return Check("protocol_mass", None, _NAN, weighed, text)
    allowed = max(2 * max(cell.cam_mass.plus, cell.cam_mass.minus), MASS_TOLERANCE * weighed)
    allowed = allowed if math.isfinite(allowed) else MASS_TOLERANCE * weighed
    agree = abs(entered - weighed) <= allowed
    return Check(
        "protocol_mass",
        agree,
        entered,
        weighed,
        f"At the cycler a mass of {entered:g} mg was entered; cells.csv has {weighed:g} mg of active material"
        + ("." if agree else ": one of them is wrong, or the entered one is that of the composite."),
    )


def current_as_intended(protocol: Protocol, record: CyclingRecord) -> Check:
    """The current of every charge and discharge beside the nearest intended one."""
    intended = np.array([step.current_ampere for step in protocol.steps if math.isfinite(step.current_ampere)])
    found = _currents(record)
    if not intended.size or not found.size:
        text = (
            "The protocol gives no constant current to compare with."
            if not intended.size
            else "No current was recorded."
        )
        return Check("protocol_current", None, _NAN, CURRENT_TOLERANCE, text)
    nearest = intended[np.argmin(np.abs(found[:, None] - intended), axis=1)]
    deviation = np.abs(found / nearest - 1)
    worst = int(np.argmax(deviation))
    agree = bool(deviation[worst] <= CURRENT_TOLERANCE)
    rate = ""
    if math.isfinite(protocol.capacity_ampere_hour):
        hours = protocol.capacity_ampere_hour / nearest[worst]
        rate = f" (C/{hours:.3g} of the {1e3 * protocol.capacity_ampere_hour:.4g} mAh entered)"
    return Check(
        "protocol_current",
        agree,
        float(deviation[worst]),
        CURRENT_TOLERANCE,
        f"{'The largest' if agree else 'A'} deviation of a recorded current from the intended one is "
        f"{100 * deviation[worst]:.2g} %: {1e3 * found[worst]:.5g} mA instead of {1e3 * nearest[worst]:.5g} mA{rate}.",
    )


def potential_as_intended(protocol: Protocol, record: CyclingRecord) -> Check:
    """Highest and lowest potential beside the limits of the intended steps."""
    limits = [step.potential_limit_volt for step in protocol.steps if math.isfinite(step.potential_limit_volt)]
    name = "protocol_potential_limits"
    if len(set(limits)) < 2:
        return Check(
            name, None, _NAN, POTENTIAL_TOLERANCE_VOLT, "The protocol names no upper and lower limit of potential."
        )
    states = row_states(record)
    potential = record.voltage_volt[states != REST]
    if not potential.size:
        return Check(name, None, _NAN, POTENTIAL_TOLERANCE_VOLT, "No current was recorded.")
    beyond = max(float(potential.max()) - max(limits), min(limits) - float(potential.min()))
    return Check(
        name,
        beyond <= POTENTIAL_TOLERANCE_VOLT,
        beyond,
        POTENTIAL_TOLERANCE_VOLT,
        f"Under current the potential went from {potential.min():.4f} to {potential.max():.4f} V; the protocol's limits are "
        f"{min(limits):g} and {max(limits):g} V.",
    )


def safety_limits(protocol: Protocol, record: CyclingRecord) -> Check:
    """Whether the record ran into the limits at which the cycler stops."""
    low, high = protocol.lowest_volt, protocol.highest_volt
    if not (math.isfinite(low) or math.isfinite(high)):
        return Check("protocol_safety_limits", None, _NAN, _NAN, "No safety limit of potential was set at the cycler.")
    lowest, highest = float(record.voltage_volt.min()), float(record.voltage_volt.max())
    inside = not (lowest <= low or highest >= high)
    return Check(
        "protocol_safety_limits",
        inside,
        highest,
        high,
        f"The potential stayed between {lowest:.4f} and {highest:.4f} V; the safety limits are {low:g} and {high:g} V"
        + ("." if inside else ": they were reached, and the test may have been stopped by them."),
    )


def _currents(record: CyclingRecord) -> np.ndarray:
    """Size of the current of every charge and discharge, A: the median of its first half, before any hold."""
    if record.current_ampere is None:
        return np.zeros(0)
    segments = segments_of(row_states(record))
    return np.array(
        [
            float(np.median(np.abs(record.current_ampere[first + 1 : first + 1 + max((end - first) // 2, 1)])))
            for first, end, state in segments
            if state != REST and end - first >= 6
        ]
    )
