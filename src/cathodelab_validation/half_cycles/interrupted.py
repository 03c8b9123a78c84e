"""Programmes whose half cycles are interrupted on purpose: pulses of either sign, titrations, counts of charge."""

from __future__ import annotations

import numpy as np

from cathodelab_validation.half_cycles.cell import Cycler, chosen
from cathodelab_validation.half_cycles.programmes import (
    Programme,
    Style,
    Test,
    charge,
    discharge,
    drawn_cell,
    dying,
    formation,
    mid_cycle,
    rate_test,
    soft_short,
    whole_cycle,
)


def _side(cell: Cycler, style: Style, way: int) -> float:
    """A half cycle begins; returns its limit."""
    if style.begins == way and cell.halves:
        cell.next_cycle()
    cell.half(way)
    return style.high_volt if way > 0 else style.low_volt


def _pulse_pair(cell: Cycler, chance: np.random.Generator, first: int) -> float:
    """Two pulses, the second against the first or alone; returns the charge that they moved without the half cycle's own."""
    current, seconds = chosen(chance, (0.5, 1.0, 2.0)) * cell.capacity_mAh, chosen(chance, (5.0, 10.0, 30.0))
    cell.pulse(first * current, seconds)
    cell.rest(0.05)
    if chance.random() < 0.7:
        cell.pulse(-first * current, seconds)
        cell.rest(0.05)
    return current * seconds / 3600


def _pulsed_half(cell: Cycler, style: Style, chance: np.random.Generator, way: int, rate: float) -> None:
    """Charge or discharge in parts, with pulses of either sign between them."""
    limit, counted = _side(cell, style, way), chance.random() < 0.3
    parts = int(chance.integers(3, 10))
    first = -way if chance.random() < 0.7 else way
    for _ in range(parts - 1):
        if cell.constant_current(way * rate * cell.capacity_mAh, limit, charge_mAh=0.8 * cell.capacity_mAh / parts):
            return
        cell.rest(0.3)
        _pulse_pair(cell, chance, first)
        if counted:
            cell.next_cycle()
    cell.constant_current(way * rate * cell.capacity_mAh, limit)


def pulsed(chance: np.random.Generator) -> Test:
    """Pulses in charges and discharges, at the limits, and before the first half cycle."""
    cell, style = drawn_cell(chance)
    sides = (1, -1) if cell.chemistry.high_volt > 1.5 else (-1, 1)
    before = 0.0
    if chance.random() < 0.3:
        cell.pulse(sides[0] * 0.5 * cell.capacity_mAh, 10)
        before = 0.5 * cell.capacity_mAh * 10 / 3600
        cell.rest(0.1)
    for number in range(int(chance.integers(2, 7))):
        whole_cycle(cell, style, 0.1)
        if not number:
            cell.halves[0].loose_mAh += before
        if number % 2:
            continue
        for way in sides:
            _pulsed_half(cell, style, chance, way, 0.2)
            cell.rest(0.5)
            if chance.random() < 0.4:
                ended = cell.halves[-1]
                kept = ended.charge_mAh
                ended.loose_mAh += _pulse_pair(cell, chance, -way)
                ended.charge_mAh = kept
    return Test("pulses", cell.steps, cell.halves)


def titrated(chance: np.random.Generator) -> Test:
    """Intermittent titration on charge, on discharge or on both, between plain cycles; its loops may be counted."""
    cell, style = drawn_cell(chance)
    sides = (1, -1) if cell.chemistry.high_volt > 1.5 else (-1, 1)
    for _ in range(int(chance.integers(1, 3))):
        whole_cycle(cell, style, 0.1)
    cell.rows = 8
    which = int(chance.integers(3))
    counted = chance.random() < 0.5
    for way in sides:
        limit = _side(cell, style, way)
        titration = which in (2, int(way > 0))
        while titration:
            ended = cell.constant_current(way * 0.1 * cell.capacity_mAh, limit, hours=chosen(chance, (1 / 6, 1 / 3)))
            cell.rest(chosen(chance, (0.3, 1.0)))
            if ended:
                break
            if counted:
                cell.next_cycle()
        if not titration:
            cell.constant_current(way * 0.1 * cell.capacity_mAh, limit)
            cell.rest(1.0)
    cell.rows = 20
    for _ in range(int(chance.integers(1, 4))):
        whole_cycle(cell, style, 0.5)
    return Test("titration", cell.steps, cell.halves)


def by_charge(chance: np.random.Generator) -> Test:
    """Half cycles that a charge ends: shallow ones about the middle, or charges to a fixed part with whole discharges."""
    cell, style = drawn_cell(chance)
    anode = cell.chemistry.high_volt < 1.5
    for _ in range(int(chance.integers(1, 4))):
        whole_cycle(cell, style, 0.2)
    amount, shallow = chance.uniform(0.1, 0.5) * cell.capacity_mAh, chance.random() < 0.5
    first, second = (-1, 1) if anode else (1, -1)
    for _ in range(int(chance.integers(3, 15))):
        limit = _side(cell, style, first)
        cell.constant_current(first * 0.3 * cell.capacity_mAh, limit, charge_mAh=amount)
        cell.rest(0.1)
        limit = _side(cell, style, second)
        cell.constant_current(second * 0.3 * cell.capacity_mAh, limit, charge_mAh=amount if shallow else 1e9)
        cell.rest(0.1)
    return Test("ended by charge", cell.steps, cell.halves)


def opened(chance: np.random.Generator) -> Test:
    """A window that opens from cycle to cycle."""
    cell, style = drawn_cell(chance)
    while cell.chemistry.high_volt < 1.5:
        cell, style = drawn_cell(chance)
    middle = 0.5 * (style.low_volt + style.high_volt)
    for high in np.linspace(max(middle, style.high_volt - 0.6), style.high_volt, int(chance.integers(3, 8))):
        for _ in range(int(chance.integers(1, 4))):
            charge(cell, style, 0.2, limit=float(high))
            discharge(cell, style, 0.2)
    return Test("window that opens", cell.steps, cell.halves)


PROGRAMMES: tuple[Programme, ...] = (
    rate_test, dying, soft_short, mid_cycle, pulsed, titrated, formation, by_charge, opened,
)  # fmt: skip
