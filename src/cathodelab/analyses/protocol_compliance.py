"""Compliance of a record with the cycler's protocol: masses, currents, potentials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.core.errors import OtherData
from cathodelab.core.estimate import NO_ESTIMATES, EstimateSet
from cathodelab.core.method import Method, MethodCard
from cathodelab.core.pages import Page
from cathodelab.core.protocol import Protocol
from cathodelab.core.records import CyclingRecord
from cathodelab.core.samples import Cell
from cathodelab.core.steps import REST, row_states, segments_of
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.recording import Recorded
from cathodelab.formats.technique import Measurement

_NAN = float("nan")
CURRENT_TOLERANCE = 0.01
"""Relative; instruments hold a current within 0.1 % of their range, which may be ten times the current."""
POTENTIAL_TOLERANCE_VOLT = 0.01
"""A step may overshoot its limit between two records."""
MASS_TOLERANCE = 0.005
"""Relative; masses are entered with three digits."""


def as_intended(protocol: Protocol, record: CyclingRecord, cell: Cell) -> tuple[Check, ...]:
    """Checks of a record against its protocol; ``passed`` is ``None`` where record or protocol lacks the value."""
    return (
        mass_as_entered(protocol, cell),
        current_as_intended(protocol, record),
        potential_as_intended(protocol, record),
        safety_limits(protocol, record),
    )


def mass_as_entered(protocol: Protocol, cell: Cell) -> Check:
    """The mass that was entered at the cycler beside the one that is stated."""
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
        f"At the cycler a mass of {entered:g} mg was entered; stated are {weighed:g} mg of active material"
        + ("." if agree else ": one of them is wrong, or the entered one is that of the composite."),
    )


def current_as_intended(protocol: Protocol, record: CyclingRecord) -> Check:
    """Whether the current of every charge and discharge is an intended one."""
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
    """Whether the highest and lowest potential are within the limits of the intended steps."""
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
    """Whether the record reached the safety limits at which the cycler stops."""
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


@dataclass(frozen=True, eq=False)
class Compliance:
    """The record of a cell beside what its cycler was told to do: checks alone."""

    checks: tuple[Check, ...]
    estimates: EstimateSet = NO_ESTIMATES


@dataclass(frozen=True)
class ComplianceSettings:
    """Nothing to set."""


def compliance_of(recorded: Sequence[Recorded], sample: Cell, settings: Mapping[str, Any]) -> Compliance:
    """The comparison, where the files hold both a record and its protocol.

    Raises:
        OtherData: they hold no protocol, or no record.
        CathodelabError: files that cannot be joined.
    """
    del settings
    tables = [one.table for one in recorded]
    record = (
        cycling_record(tables, [one.source for one in recorded]) if any(one.settings_text for one in tables) else None
    )
    if record is None or record.protocol is None:
        raise OtherData(
            "no-protocol",
            "The files do not say what the cycler was told to do",
            where=", ".join(one.source.file for one in recorded),
            why="Only some formats hold the protocol.",
            what_to_do="Name the settings file beside the record, if there is one.",
        )
    return Compliance(as_intended(record.protocol, record, sample))


def _as_measured(compliance: Compliance, settings: ComplianceSettings) -> Compliance:
    del settings
    return compliance


COMPLIANCE = Measurement("compliance", compliance_of, columns=("file",))
CARD = MethodCard(
    title="Record against protocol",
    sentence="Mass, currents, potentials and safety limits of the record beside those that the cycler was given.",
    formula="Differences beyond the tolerances that each check names.",
    source="ours",
    assumptions=("The protocol in the file is the one that was run.",),
    valid_range="Formats that hold the protocol: BioLogic settings files and exports with a header.",
    cannot_see="A protocol that was changed while it ran.",
)
METHOD = Method(
    id="protocol_compliance",
    requires=("compliance",),
    settings=ComplianceSettings,
    result=Compliance,
    run=_as_measured,
    card=CARD,
    page=lambda _cell, _result, _drawings: Page(),
)
