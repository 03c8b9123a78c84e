"""What a record of a staircase shows about its own validity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cathodelab.core.checks import Check
from cathodelab.techniques.conduction.model import ConductionSettings, History
from cathodelab.techniques.conduction.results import Relaxation, Resistance

_NAN = float("nan")
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


def checks_of_record(
    found: Resistance, saturated: int, settings: ConductionSettings, *, turned: bool
) -> tuple[Check, ...]:
    """All checks that need neither thickness nor area.

    Args:
        found: the evaluated record.
        saturated: rows at the end of the instrument's range.
        settings: limits.
        turned: whether the sign of the current was turned.
    """
    return (
        _steadiness(found, settings),
        _straight(found, settings),
        _branches(found, settings),
        _offset(found, settings),
        *_described(found),
        *_left_out(found, saturated, turned=turned),
        *_voltages(found, settings),
    )


def _steadiness(found: Resistance, settings: ConductionSettings) -> Check:
    fraction, longest = found.remaining_fraction, found.longest_second
    law = found.relaxation.law
    name, limit = "steadiness", settings.steady_fraction
    if found.below_noise and found.state == "steady":
        return Check(
            name, passed=None, value=fraction, limit=limit, sentence="The steady current is below its uncertainty: an upper limit is given."
        )
    if law is None:
        return Check(name, passed=True, value=fraction, limit=limit, sentence="No relaxation is seen beyond the noise: the currents are steady.")
    ratio = longest / law.time_constant_second
    said = (
        f"The longest step holds {_duration(longest)}, {ratio:.2g} time constants of the relaxation ({law.name}"
        + (f", exponent {law.exponent:.2f}" if np.isfinite(law.exponent) else "")
        + f", {_duration(law.time_constant_second)})"
    )
    if found.state == "steady":
        return Check(
            name, passed=True, value=fraction, limit=limit, sentence=f"{said}; at the end of a step at most {_percent(fraction)} is left to relax."
        )
    if found.state == "extrapolated":
        return Check(
            name,
            passed=None,
            value=fraction,
            limit=limit,
            sentence=f"{said}; up to {_percent(fraction)} of a steady current is left to relax at the end of a step. Steady currents are "
            "extrapolated from the whole record; the interval holds for any sum of decaying exponentials. Hold longer for a "
            "measured one.",
        )
    return Check(
        name,
        passed=False,
        value=fraction,
        limit=limit,
        sentence=f"Not steady: {said}; up to {_percent(fraction)} of a steady current is left to relax. A bound is given. Hold each step "
        f"for at least {_duration(3 * law.time_constant_second)}.",
    )


def _straight(found: Resistance, settings: ConductionSettings) -> Check:
    line, limit = found.line, settings.curvature_limit
    name, value, half = "straight line", line.curvature, line.curvature_standard
    if not np.isfinite(value):
        return Check(name, passed=None, value=_NAN, limit=limit, sentence="Two voltages make a line whatever the law: measure a third.")
    largest = float(np.max(np.abs(line.voltage_volt)))
    said = f"From 0 V to {largest:.3g} V the conductance changes by {100 * value:+.2g} % (standard uncertainty {100 * half:.2g} %)"
    if abs(value) > limit and abs(value) > _SIGMAS * half:
        return Check(
            name,
            passed=False,
            value=abs(value),
            limit=limit,
            sentence=f"{said}: the current is not proportional to the voltage. Use smaller voltages; an electrode reaction, a second "
            "path or heating bends the line.",
        )
    if half > limit:
        return Check(name, passed=None, value=abs(value), limit=limit, sentence=f"{said}: the record cannot tell whether the line is straight.")
    return Check(name, passed=True, value=abs(value), limit=limit, sentence=f"{said}.")


def _branches(found: Resistance, settings: ConductionSettings) -> Check:
    line, limit, name = found.line, settings.branch_limit, "branches agree"
    if not np.isfinite(line.falling_siemens):
        return Check(
            name,
            passed=None,
            value=_NAN,
            limit=limit,
            sentence="The voltage was not stepped back: nothing shows whether the cell changed meanwhile.",
        )
    conductance = abs(found.relaxation.conductance_siemens)
    value = (line.falling_siemens - line.rising_siemens) / conductance
    half = line.branch_standard_siemens / conductance
    said = (
        f"Conductance of the steps away from 0 V {line.rising_siemens:.4g} S, of those back {line.falling_siemens:.4g} S: "
        f"{100 * value:+.2g} % (standard uncertainty {100 * half:.2g} %)"
    )
    if abs(value) > limit and abs(value) > _SIGMAS * half:
        return Check(
            name,
            passed=False,
            value=abs(value),
            limit=limit,
            sentence=f"{said}. The cell changed during the measurement: temperature, contact, reaction.",
        )
    if half > limit:
        return Check(name, passed=None, value=abs(value), limit=limit, sentence=f"{said}: the record cannot tell whether they agree.")
    return Check(name, passed=True, value=abs(value), limit=limit, sentence=f"{said}.")


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
        return Check(
            name,
            passed=None,
            value=value,
            limit=limit,
            sentence=f"{said} V/I of a single step would be wrong by as much; the slope has no offset in it.",
        )
    return Check(name, passed=True if measured else None, value=value, limit=limit, sentence=said)


def _described(found: Resistance) -> Iterator[Check]:
    """Whether the model describes the record, and from which state its steps start."""
    relaxation = found.relaxation
    share = excess_share(relaxation, found.means.noise_ampere, found.line.steady_ampere)
    per_freedom = relaxation.chi_square / max(relaxation.degrees_of_freedom, 1)
    if relaxation.excess and share > _LARGEST_EXCESS_SHARE:
        yield Check(
            "record described",
            passed=False,
            value=share,
            limit=_LARGEST_EXCESS_SHARE,
            sentence=f"No linear relaxation describes the record: means deviate by {_percent(share)} of the largest current more than "
            "their noise. The deviation is in the interval. Look for drift of the temperature, loose contacts, range changes.",
        )
    else:
        yield Check(
            "record described",
            passed=True,
            value=share,
            limit=_LARGEST_EXCESS_SHARE,
            sentence=f"One conductance and one relaxation describe all steps (chi-square per degree of freedom {per_freedom:.2f}"
            + (
                f"; means scatter by {_percent(share)} of the largest current beyond noise, in the interval)."
                if share
                else ")."
            ),
        )
    if _HISTORIES[relaxation.history]:
        yield Check("state before each step", passed=None, value=_NAN, limit=_NAN, sentence=_HISTORIES[relaxation.history])


def excess_share(relaxation: Relaxation, noise_ampere: np.ndarray, steady_ampere: np.ndarray) -> float:
    """Scatter of the means beyond noise, as a part of the largest steady current."""
    largest = float(np.max(np.abs(steady_ampere)))
    return relaxation.excess * float(np.max(noise_ampere)) / largest if largest else _NAN


def _left_out(found: Resistance, saturated: int, *, turned: bool) -> Iterator[Check]:
    """What was left out or turned, with reason and count."""
    reasons: dict[str, list[float]] = {}
    for step in found.steps:
        if step.dropped:
            reasons.setdefault(step.dropped, []).append(step.voltage_volt)
    for reason, volts in reasons.items():
        listed = ", ".join(f"{one:.3g}" for one in volts[:6]) + (", ..." if len(volts) > 6 else "")
        yield Check("steps left out", passed=None, value=len(volts), limit=_NAN, sentence=f"{len(volts)} left out ({listed} V): {reason}.")
    if saturated:
        yield Check(
            "range of the current",
            passed=False,
            value=saturated,
            limit=0,
            sentence=f"{saturated} rows stand at the end of the instrument's range and are left out. Measure in a larger range.",
        )
    if turned:
        yield Check(
            "sign of the current",
            passed=None,
            value=_NAN,
            limit=_NAN,
            sentence="The current falls with the voltage in this file; a cell without a source does not do that. Its sign was turned.",
        )


def _voltages(found: Resistance, settings: ConductionSettings) -> Iterator[Check]:
    largest, limit = float(np.max(np.abs(found.line.voltage_volt))), settings.largest_linear_volt
    if largest > limit:
        yield Check(
            "size of the voltage",
            passed=False,
            value=largest,
            limit=limit,
            sentence=f"The staircase reaches {largest:.3g} V. Solid electrolytes decompose there, and lines bend. If the label says V and "
            "the values are mV, correct the label: the conductivity is then 1000 times larger.",
        )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2g} %" if np.isfinite(fraction) else "an unknown part"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
