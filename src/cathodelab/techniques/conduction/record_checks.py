"""What a record of a staircase shows about its own validity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.techniques.conduction.model import ConductionSettings, History
from cathodelab.techniques.conduction.results import Resistance
from cathodelab.techniques.conduction.verdicts import NAN, bad, good, unsure

_SIGMAS = 3.0
_LARGEST_EXCESS_SHARE = 0.01
_HISTORIES: dict[History, str] = {
    "continued": "",
    "from unknown state": "The cell still relaxed from something before the record began; that was fitted and taken away. "
    "Let it rest at 0 V first.",
    "afresh": "Each step relaxes as if nothing were left of the steps before. A linear cell remembers them: perhaps the cell "
    "rested between the steps, or parts of the record are missing.",
    "from rest": "Each step relaxes as from rest at 0 V: the cell rested between the steps, and the file does not show it.",
}


@dataclass(frozen=True)
class Amended:
    """What was done to a record.

    Rows left out: at the end of the range, far from their neighbours, first rows of steps. Starts of steps set between two rows,
    sign of the current turned.
    """

    saturated: int
    spikes: int
    turned: bool
    first: int = 0
    retimed: bool = False


def checks_of_record(found: Resistance, amended: Amended, settings: ConductionSettings) -> tuple[Check, ...]:
    """All checks that need neither thickness nor area.

    Args:
        found: the evaluated record.
        amended: what was done to the record before.
        settings: limits.
    """
    return (
        _steadiness(found, settings),
        _straight(found, settings),
        _branches(found, settings),
        _offset(found, settings),
        *_described(found),
        *_left_out(found, amended),
        *_voltages(found, settings),
    )


def _steadiness(found: Resistance, settings: ConductionSettings) -> Check:
    fraction, longest = found.remaining_fraction, found.longest_second
    law = found.relaxation.law
    name, limit = "steadiness", settings.steady_fraction
    if found.below_noise and found.state == "steady":
        return unsure(name, "The steady current is below its uncertainty: an upper limit is given.", fraction, limit)
    if law is None:
        return good(name, "No relaxation is seen beyond the noise: the currents are steady.", fraction, limit)
    ratio = longest / law.time_constant_second
    said = (
        f"The longest step holds {_duration(longest)}, {ratio:.2g} time constants of the relaxation ({law.name}"
        + (f", exponent {law.exponent:.2f}" if np.isfinite(law.exponent) else "")
        + f", {_duration(law.time_constant_second)})"
    )
    if found.state == "steady":
        return good(
            name, f"{said}; at the end of a step at most {_percent(fraction)} is left to relax.", fraction, limit
        )
    if found.state == "extrapolated":
        return unsure(
            name,
            f"{said}; up to {_percent(fraction)} of a steady current is left to relax at the end of a step. Steady "
            "currents are "
            "extrapolated from the whole record; the interval holds for any sum of decaying exponentials. Hold longer for a "
            "measured one.",
            fraction,
            limit,
        )
    return bad(
        name,
        f"Not steady: {said}; up to {_percent(fraction)} of a steady current is left to relax. A bound is given. "
        "Hold each step "
        f"for at least {_duration(3 * law.time_constant_second)}.",
        fraction,
        limit,
    )


def _straight(found: Resistance, settings: ConductionSettings) -> Check:
    line, limit = found.line, settings.curvature_limit
    name, value, half = "straight line", line.curvature, line.curvature_standard
    if not np.isfinite(value):
        return unsure(name, "Two voltages make a line whatever the law: measure a third.", NAN, limit)
    largest = float(np.max(np.abs(line.voltage_volt)))
    said = f"From 0 V to {largest:.3g} V the conductance changes by {100 * value:+.2g} % (standard error {100 * half:.2g} %)"
    if abs(value) > limit and abs(value) > _SIGMAS * half:
        return bad(
            name,
            f"{said}: the current is not proportional to the voltage. Use smaller voltages; an electrode reaction, a "
            "second "
            "path or heating bends the line.",
            abs(value),
            limit,
        )
    if half > limit:
        return unsure(name, f"{said}: the record cannot tell whether the line is straight.", abs(value), limit)
    return good(name, f"{said}.", abs(value), limit)


def _branches(found: Resistance, settings: ConductionSettings) -> Check:
    line, limit, name = found.line, settings.branch_limit, "branches agree"
    if not np.isfinite(line.falling_siemens):
        return unsure(
            name, "The voltage was not stepped back: nothing shows whether the cell changed meanwhile.", NAN, limit
        )
    conductance = abs(found.relaxation.conductance_siemens)
    value = (line.falling_siemens - line.rising_siemens) / conductance
    half = line.branch_standard_siemens / conductance
    said = (
        f"Conductance of the steps away from 0 V {line.rising_siemens:.4g} S, of those back {line.falling_siemens:.4g} S: "
        f"{100 * value:+.2g} % (standard uncertainty {100 * half:.2g} %)"
    )
    if abs(value) > limit and abs(value) > _SIGMAS * half:
        return bad(
            name, f"{said}. The cell changed during the measurement: temperature, contact, reaction.", abs(value), limit
        )
    if half > limit:
        return unsure(name, f"{said}: the record cannot tell whether they agree.", abs(value), limit)
    return good(name, f"{said}.", abs(value), limit)


def _offset(found: Resistance, settings: ConductionSettings) -> Check:
    volts = np.abs(found.line.voltage_volt)
    smallest = float(np.min(volts[volts > np.max(volts) / 100]))
    offset = found.relaxation.offset_ampere
    value = abs(offset / (found.relaxation.conductance_siemens * smallest))
    limit, name = settings.offset_share_limit, "offset of the current"
    measured = bool(np.min(volts) < np.max(volts) / 100)
    known = "" if measured else " There is no step at 0 V: it follows from the line alone."
    said = f"The current at 0 V is {offset:.3g} A, {_percent(value)} of that of the smallest voltage ({smallest:.3g} V).{known}"
    if value > limit:
        return unsure(
            name, f"{said} V/I of a single step would be wrong by as much; the slope has no offset in it.", value, limit
        )
    return good(name, said, value, limit) if measured else unsure(name, said, value, limit)


def _described(found: Resistance) -> Iterator[Check]:
    """Whether the model describes the record, and from which state its steps start."""
    relaxation = found.relaxation
    largest = float(np.max(np.abs(found.line.steady_ampere)))
    share = relaxation.beyond_ampere / largest if largest else NAN
    per_freedom = relaxation.chi_square / max(relaxation.degrees_of_freedom, 1)
    wander = relaxation.beyond_noise == "wander"
    said = f"{'the current wanders' if wander else 'means scatter'} by {_percent(share)} of the largest current beyond noise"
    if share > _LARGEST_EXCESS_SHARE:
        yield bad(
            "record described",
            f"No linear relaxation describes the record: {said}. That is in the interval. Look for drift of the temperature, "
            "loose contacts, range changes.",
            share,
            _LARGEST_EXCESS_SHARE,
        )
    else:
        yield good(
            "record described",
            f"One conductance and one relaxation describe all steps (chi-square per degree of freedom {per_freedom:.2f}"
            + (f"; {said}, which is in the interval)." if share else ")."),
            share,
            _LARGEST_EXCESS_SHARE,
        )
    if _HISTORIES[relaxation.history]:
        yield unsure("state before each step", _HISTORIES[relaxation.history])


def _left_out(found: Resistance, rows: Amended) -> Iterator[Check]:
    """What was left out or turned, with reason and count."""
    reasons: dict[str, list[float]] = {}
    for step in found.steps:
        if step.dropped:
            reasons.setdefault(step.dropped, []).append(step.voltage_volt)
    for reason, volts in reasons.items():
        listed = ", ".join(f"{one:.3g}" for one in volts[:6]) + (", ..." if len(volts) > 6 else "")
        yield unsure("steps left out", f"{len(volts)} left out ({listed} V): {reason}.", len(volts))
    if rows.saturated:
        yield bad(
            "range of the current",
            f"{rows.saturated} rows stand at the end of the instrument's range and are left out. Measure in a larger range.",
            rows.saturated,
            0,
        )
    if rows.spikes:
        yield unsure(
            "spikes",
            f"{rows.spikes} single rows stand far away from their neighbours and are left out.",
            rows.spikes,
        )
    if rows.first:
        yield unsure(
            "first rows of steps",
            f"The first row of each step ({rows.first} rows) does not belong to the relaxation that follows, and is left out.",
            rows.first,
        )
    if rows.retimed:
        yield unsure(
            "times of the steps",
            "The voltage was changed at different places between two rows; the places were fitted. Record a row at each change.",
        )
    if rows.turned:
        yield unsure(
            "sign of the current",
            "The current falls with the voltage in this file; a cell without a source does not do that. Its sign was "
            "turned.",
        )


def _voltages(found: Resistance, settings: ConductionSettings) -> Iterator[Check]:
    largest, limit = float(np.max(np.abs(found.line.voltage_volt))), settings.largest_linear_volt
    if largest > limit:
        yield bad(
            "size of the voltage",
            f"The staircase reaches {largest:.3g} V. Solid electrolytes decompose there, and lines bend. If the "
            "label says V and "
            "the values are mV, correct the label: the conductivity is then 1000 times larger.",
            largest,
            limit,
        )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2g} %" if np.isfinite(fraction) else "an unknown part"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
