"""Protocols of the lab, as steps."""

from __future__ import annotations

from collections.abc import Sequence

from cathodelab.simulation.twin.model import Kind, Step

HOUR = 3600.0


def pulse_titration(
    *,
    c_rate: float = 0.05,
    pulse_second: float = 1200.0,
    rest_second: float = 7200.0,
    pulses: int = 62,
    high_volt: float = 4.29,
    low_volt: float | None = None,
) -> tuple[Step, ...]:
    """Charges of equal length with rests (the reference); back on discharge too where ``low_volt`` is given.

    A charge that reaches ``high_volt`` ends the branch after its rest, a discharge that reaches ``low_volt`` likewise.
    """
    steps = [Step("rest", 600.0)]
    for _ in range(pulses):
        steps += [Step("charge", pulse_second, c_rate, high_volt, branch=1), Step("rest", rest_second, branch=1)]
    for _ in range(pulses if low_volt is not None else 0):
        steps += [Step("discharge", pulse_second, c_rate, low_volt, branch=2), Step("rest", rest_second, branch=2)]
    return tuple(steps)


def stepped_titration(
    stops_volt: Sequence[float] = (3.1, 3.2, 3.3, 3.4, 3.5),
    *,
    c_rate: float = 0.05,
    rest_second: float = 8 * HOUR,
    hold_second: float = 0.0,
    back: bool = False,
) -> tuple[Step, ...]:
    """Charges to potentials of the cell, each followed by a rest (and a hold before it); ``back``: then discharges."""
    steps: list[Step] = []
    ways: tuple[tuple[Kind, Sequence[float]], ...] = (
        ("charge", stops_volt),
        ("discharge", stops_volt[-2::-1] if back else ()),
    )
    for kind, stops in ways:
        for stop in stops:
            steps.append(Step(kind, 60 * HOUR, c_rate, stop))
            if hold_second:
                steps.append(Step("hold", hold_second, 0.0, stop))
            steps.append(Step("rest", rest_second))
    return tuple(steps)


def slow_charge(*, c_rate: float = 0.02, high_volt: float = 4.29) -> tuple[Step, ...]:
    """One charge as quasi-equilibrium curve."""
    return (Step("rest", 600.0), Step("charge", 80 * HOUR, c_rate, high_volt))


def cycles(
    rates: Sequence[float] = (0.1, 0.2, 0.5, 1.0),
    *,
    high_volt: float,
    low_volt: float,
    hold_until_c_rate: float = 0.0,
    rest_second: float = 600.0,
    first: int = 1,
) -> tuple[Step, ...]:
    """One cycle for each rate, with a hold at the upper potential where ``hold_until_c_rate`` is given."""
    steps: list[Step] = []
    for cycle, rate in enumerate(rates, start=first):
        steps.append(Step("charge", 3 * HOUR / rate, rate, high_volt, cycle))
        if hold_until_c_rate:
            steps.append(Step("hold", 10 * HOUR, hold_until_c_rate, high_volt, cycle))
        steps += [Step("rest", rest_second, cycle=cycle), Step("discharge", 3 * HOUR / rate, rate, low_volt, cycle)]
        steps.append(Step("rest", rest_second, cycle=cycle))
    return tuple(steps)
