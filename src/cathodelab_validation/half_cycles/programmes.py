"""Programmes of cycling tests, drawn at random: what a lab does, and what cells do to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cathodelab_validation.half_cycles.cell import CHEMISTRIES, Cycler, Half, Recorded, chosen, cut


@dataclass(frozen=True)
class Test:
    """A test: its steps as recorded, and the half cycles of its programme in their order."""

    family: str
    steps: list[Recorded]
    halves: list[Half]


@dataclass(frozen=True)
class Style:
    """How one programme charges and discharges.

    ``begins``: direction of the first half of a cycle, with which the cycler's count rises (0: it never rises).
    """

    low_volt: float
    high_volt: float
    rest_hours: float
    hold_part: float
    begins: int


def drawn_cell(chance: np.random.Generator, *, ohm: float = 1.0) -> tuple[Cycler, Style]:
    """A cell of 0.3 to 5 mAh with ``ohm`` times an ordinary resistance, and a style that goes with its chemistry."""
    name = list(CHEMISTRIES)[int(chance.choice(4, p=[0.55, 0.15, 0.15, 0.15]))]
    chemistry = CHEMISTRIES[name]
    capacity = 10 ** chance.uniform(-0.5, 0.7)
    resistance = ohm * chance.uniform(20, 80) / capacity * (0.3 if name == "graphite" else 1.0)
    anode = name == "graphite"
    cell = Cycler(chemistry, capacity, resistance, 0.97 if anode else 0.005, chance)
    cell.rows = int(chance.integers(2, 60))
    cell.noise_volt = chosen(chance, (0.0, 1e-4, 5e-4, 2e-3))
    style = Style(
        chemistry.low_volt,
        chemistry.high_volt,
        chosen(chance, (0.0, 0.05, 0.2, 1.0)),
        chosen(chance, (0.0, 0.0, 0.1, 0.05)),
        int(chosen(chance, (1, 1, -1, 0))) if not anode else -1,
    )
    cell.counts = style.begins != 0
    if chance.random() < 0.7:
        cell.rest(0.5)
    return cell, style


def charge(cell: Cycler, style: Style, rate: float, *, limit: float = np.nan) -> Half:
    """A whole charge, to another limit than the style's where one is given."""
    return half_to(cell, style, 1, rate, style.high_volt if np.isnan(limit) else limit)


def discharge(cell: Cycler, style: Style, rate: float, *, limit: float = np.nan) -> Half:
    """A whole discharge, to another limit than the style's where one is given."""
    return half_to(cell, style, -1, rate, style.low_volt if np.isnan(limit) else limit)


def half_to(cell: Cycler, style: Style, way: int, rate: float, limit: float) -> Half:
    """A whole half cycle to its limit, its hold on charge, and the rest after it."""
    if style.begins == way and cell.halves:
        cell.next_cycle()
    one = cell.half(way)
    current = way * rate * cell.capacity_mAh
    cell.constant_current(current, limit)
    if way > 0 and style.hold_part:
        cell.hold(current, limit, style.hold_part)
    if style.rest_hours:
        cell.rest(style.rest_hours)
    return one


def whole_cycle(cell: Cycler, style: Style, rate: float, *, charge_rate: float = 0.0) -> None:
    """Charge and discharge, in the order in which this cell begins."""
    sides = [(charge, charge_rate or rate), (discharge, rate)]
    for side, speed in sides if cell.chemistry.high_volt > 1.5 else sides[::-1]:
        side(cell, style, speed)


def rate_test(chance: np.random.Generator) -> Test:
    """Rates up to 5C of cells that give little or nothing at the fast ones, then slow again."""
    cell, style = drawn_cell(chance, ohm=10 ** chance.uniform(0, 1.2))
    rates = np.sort(chance.choice([0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0], int(chance.integers(3, 7)), replace=False))
    together = chance.random() < 0.5
    lower = style.low_volt - (0.2 if style.low_volt > 1 and chance.random() < 0.3 else 0.0)
    for rate in (*rates, rates[0]):
        for _ in range(int(chance.integers(1, 5))):
            fast = Style(
                lower if rate > 1 else style.low_volt, style.high_volt, style.rest_hours, style.hold_part, style.begins
            )
            whole_cycle(cell, fast, float(rate), charge_rate=0.0 if together else 0.1)
    return Test("rate test", cell.steps, cell.halves)


def dying(chance: np.random.Generator) -> Test:
    """Capacity and conductivity are lost until nothing is left; the cycler goes on."""
    cell, style = drawn_cell(chance)
    capacity, ohm = cell.capacity_mAh, cell.resistance_ohm
    nominal = capacity
    cycles, left = int(chance.integers(10, 40)), 10 ** chance.uniform(-3.5, -1)
    rate, begin = chosen(chance, (0.1, 0.2, 0.5, 1.0)), chance.uniform(0.3, 0.8)
    for number in range(cycles):
        aged = max(number / cycles - begin, 0) / (1 - begin)
        cell.capacity_mAh, cell.resistance_ohm = capacity, ohm
        whole_cycle(cell, style, rate * nominal / capacity)
        capacity *= left ** (1.5 * aged / (cycles * (1 - begin)) * 2)
        ohm *= 8 ** (aged / (cycles * (1 - begin)) * 2)
    return Test("dying cell", cell.steps, cell.halves)


def soft_short(chance: np.random.Generator) -> Test:
    """Sound cycles, then a leak: charges that a time ends, or that the record ends."""
    cell, style = drawn_cell(chance)
    rate = chosen(chance, (0.1, 0.2, 0.5))
    for _ in range(int(chance.integers(3, 12))):
        whole_cycle(cell, style, rate)
    current = rate * cell.capacity_mAh
    if cell.chemistry.high_volt < 1.5:
        discharge(cell, style, rate)
    cell.leak_mA = current * chance.uniform(0.3, 1.2)
    for _ in range(int(chance.integers(1, 5))):
        if style.begins > 0:
            cell.next_cycle()
        one = cell.half(1)
        hours = chance.uniform(1.5, 20) / rate
        one.ended = cell.constant_current(current, style.high_volt, hours=hours) or None
        cell.rest(max(style.rest_hours, 0.1))
        if chance.random() < 0.25:
            break
        if style.begins < 0:
            cell.next_cycle()
        cell.half(-1)
        cell.constant_current(-current, style.low_volt)
        cell.rest(max(style.rest_hours, 0.1))
    return Test("soft short", cell.steps, cell.halves)


def mid_cycle(chance: np.random.Generator) -> Test:
    """Plain cycles, the rows of the beginning or of the end left out."""
    cell, style = drawn_cell(chance)
    rate = chosen(chance, (0.1, 0.5, 1.0))
    for _ in range(int(chance.integers(3, 9))):
        whole_cycle(cell, style, rate)
    rows = sum(one.second.size for one in cell.steps)
    cycle = rows // max(len(cell.halves) // 2, 1)
    first = int(chance.integers(1, cycle)) if chance.random() < 0.8 else 0
    last = rows - int(chance.integers(1, cycle)) if chance.random() < 0.5 else rows
    return Test("mid-cycle start", *cut(cell, first, last))


def formation(chance: np.random.Generator) -> Test:
    """Slow cycles, two currents in a half cycle, check-ups with a second slow discharge, charge to store at the end."""
    cell, style = drawn_cell(chance)
    for _ in range(int(chance.integers(1, 4))):
        whole_cycle(cell, style, 0.05)
    if cell.chemistry.high_volt < 1.5:
        discharge(cell, style, 0.1)
    for _ in range(int(chance.integers(3, 12))):
        _stepped(cell, style, chance)
    if chance.random() < 0.5:
        if style.begins > 0:
            cell.next_cycle()
        stored = cell.half(1)
        stored.ended = False
        cell.constant_current(
            0.2 * cell.capacity_mAh, style.high_volt, charge_mAh=chance.uniform(0.2, 0.5) * cell.capacity_mAh
        )
        cell.rest(1.0)
    return Test("formation", cell.steps, cell.halves)


def _stepped(cell: Cycler, style: Style, chance: np.random.Generator) -> None:
    """A cycle whose charge has two currents and whose discharge may have a slower rest."""
    if style.begins > 0:
        cell.next_cycle()
    cell.half(1)
    cell.constant_current(0.1 * cell.capacity_mAh, style.high_volt, charge_mAh=0.1 * cell.capacity_mAh)
    if chance.random() < 0.5:
        cell.rest(0.1)
    cell.constant_current(0.3 * cell.capacity_mAh, style.high_volt)
    cell.hold(0.3 * cell.capacity_mAh, style.high_volt, 0.1)
    cell.rest(max(style.rest_hours, 0.1))
    if style.begins < 0:
        cell.next_cycle()
    cell.half(-1)
    cell.constant_current(-0.5 * cell.capacity_mAh, style.low_volt)
    if chance.random() < 0.4:
        cell.rest(0.5)
        cell.constant_current(-0.05 * cell.capacity_mAh, style.low_volt)
    cell.rest(max(style.rest_hours, 0.1))


Programme = Callable[[np.random.Generator], Test]
