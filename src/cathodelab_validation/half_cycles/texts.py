"""Recorded steps as four cyclers export them: their labels, digits, signs and counters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cathodelab_validation.half_cycles.cell import Recorded


def _clock(second: float) -> str:
    thousandths = round(1000 * second)
    whole, part = divmod(thousandths, 1000)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}.{part:03d}"


def _begins(steps: Sequence[Recorded]) -> np.ndarray:
    """Test time at which every step begins, s."""
    lasted = [float(one.second[-1]) for one in steps]
    return np.concatenate([[0.0], np.cumsum(lasted)[:-1]]) - float(steps[0].second[0])


def _way(one: Recorded) -> int:
    return int(np.sign(one.current_mA[np.argmax(np.abs(one.current_mA))]))


def biologic(steps: Sequence[Recorded]) -> str:
    """EC-Lab: net charge since the beginning, a cycle number that the programme counts."""
    labels = "mode\tox/red\terror\tcontrol changes\tNs changes\tcounter inc.\tNs\ttime/s\tEwe/V\tI/mA\t(Q-Qo)/mA.h\thalf cycle\tcycle number\t"
    lines = ["EC-Lab ASCII FILE", "Nb header lines : 5 ", "", "Modulo Bat", labels]
    net, halves, way = -float(steps[0].charge_mAh[0]), 0, 0
    for one, begin in zip(steps, _begins(steps), strict=True):
        now = _way(one)
        halves += int(now != 0 and way not in (0, now))
        way = now or way
        for place in range(one.second.size):
            lines.append(
                f"{1 if now else 3}\t{int(now > 0)}\t0\t0\t{int(place == 0)}\t0\t{one.step}\t{begin + one.second[place]:.9E}\t"
                f"{one.volt[place]:.7E}\t{one.current_mA[place]:.7E}\t{net + one.charge_mAh[place]:.12E}\t{halves}\t{one.cycle}\t"
            )
        net += float(one.charge_mAh[-1])
    return "\r\n".join(lines) + "\r\n"


def neware(steps: Sequence[Recorded]) -> str:
    """BTSDA csv: two capacities that start anew at each step, four digits of a milliampere hour."""
    lines = [
        "DataPoint,Cycle Index,Step Index,Step Type,Time,Total Time,Current(mA),Voltage(V),Chg. Cap.(mAh),DChg. Cap.(mAh)"
    ]
    names = {1: "CC Chg", -1: "CC DChg", 0: "Rest"}
    for one, begin in zip(steps, _begins(steps), strict=True):
        way = _way(one)
        for place in range(one.second.size):
            amount = abs(one.charge_mAh[place])
            lines.append(
                f"{len(lines)},{one.cycle},{one.step % 12 + 1},{names[way]},{_clock(one.second[place])},"
                f"{_clock(begin + one.second[place])},{one.current_mA[place]:.4f},{one.volt[place]:.4f},"
                f"{amount if way > 0 else 0:.4f},{amount if way < 0 else 0:.4f}"
            )
    return "\n".join(lines) + "\n"


def maccor(steps: Sequence[Recorded]) -> str:
    """Maccor text: size of the current and a letter, one capacity that starts anew at each step."""
    lines = [
        "Today's Date 01/01/2026",
        "Rec#\tCyc#\tStep\tTestTime(s)\tStepTime(s)\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time",
    ]
    letters = {1: "C", -1: "D", 0: "R"}
    for one, begin in zip(steps, _begins(steps), strict=True):
        letter = letters[_way(one)]
        lines += [
            f"{len(lines) - 1 + place}\t{one.cycle}\t{one.step % 12 + 1}\t{begin + one.second[place]:.3f}\t{one.second[place]:.3f}\t"
            f"{abs(one.charge_mAh[place]) / 1e3:.10f}\t0\t{abs(one.current_mA[place]) / 1e3:.10f}\t{one.volt[place]:.8f}\t{letter}\t"
            f"{1 if place + 1 < one.second.size else 131}\t01/01/2026 00:00:00"
            for place in range(one.second.size)
        ]
    return "\r\n".join(lines) + "\r\n"


def arbin(steps: Sequence[Recorded]) -> str:
    """Arbin csv: charging and discharging capacity that start anew in every cycle."""
    lines = [
        "Data_Point,Test_Time(s),Date_Time,Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Charge_Capacity(Ah),"
        "Discharge_Capacity(Ah)"
    ]
    counted, cycle = {1: 0.0, -1: 0.0, 0: 0.0}, None
    for one, begin in zip(steps, _begins(steps), strict=True):
        if one.cycle != cycle:
            counted, cycle = {1: 0.0, -1: 0.0, 0: 0.0}, one.cycle
        way = _way(one)
        for place in range(one.second.size):
            here = {side: counted[side] + (abs(one.charge_mAh[place]) if side == way else 0.0) for side in (1, -1)}
            lines.append(
                f"{len(lines)},{begin + one.second[place]:.4f},2026-01-01,{one.second[place]:.4f},{one.step % 12 + 1},{one.cycle},"
                f"{one.current_mA[place] / 1e3:.8f},{one.volt[place]:.5f},{here[1] / 1e3:.9f},{here[-1] / 1e3:.9f}"
            )
        counted[way] += abs(float(one.charge_mAh[-1]))
    return "\n".join(lines) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Sequence[Recorded]], str]]] = {
    "BioLogic": ("mpt", biologic),
    "Neware": ("csv", neware),
    "Maccor": ("txt", maccor),
    "Arbin": ("csv", arbin),
}
"""Instrument -> ending of the file, text of the steps."""
