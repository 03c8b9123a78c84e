"""Recorded steps as four cyclers export them: their labels, digits, signs and counters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from cathodelab_validation.half_cycles.cell import Recorded

_ECLAB = (
    "mode", "ox/red", "error", "control changes", "Ns changes", "counter inc.", "Ns", "time/s", "Ewe/V", "I/mA", "(Q-Qo)/mA.h",
    "half cycle", "cycle number", "",
)  # fmt: skip
_NEWARE = (
    "DataPoint", "Cycle Index", "Step Index", "Step Type", "Time", "Total Time", "Current(mA)", "Voltage(V)", "Chg. Cap.(mAh)",
    "DChg. Cap.(mAh)",
)  # fmt: skip
_MACCOR = (
    "Rec#", "Cyc#", "Step", "TestTime(s)", "StepTime(s)", "Amp-hr", "Watt-hr", "Amps", "Volts", "State", "ES", "DPt Time",
)  # fmt: skip
_ARBIN = (
    "Data_Point", "Test_Time(s)", "Date_Time", "Step_Time(s)", "Step_Index", "Cycle_Index", "Current(A)", "Voltage(V)",
    "Charge_Capacity(Ah)", "Discharge_Capacity(Ah)",
)  # fmt: skip

Row = tuple[str, ...]


def _clock(second: float) -> str:
    thousandths = round(1000 * second)
    whole, part = divmod(thousandths, 1000)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}.{part:03d}"


def _begins(steps: Sequence[Recorded]) -> np.ndarray:
    """Test time at which every step begins, s; it is zero in the first row."""
    lasted = [float(one.second[-1]) for one in steps]
    begins: np.ndarray = np.concatenate([[0.0], np.cumsum(lasted)[:-1]]) - float(steps[0].second[0])
    return begins


def _way(one: Recorded) -> int:
    return int(np.sign(one.current_mA[np.argmax(np.abs(one.current_mA))]))


def _text(rows: Iterator[Row], separator: str, newline: str, *head: str) -> str:
    return newline.join([*head, *map(separator.join, rows)]) + newline


def biologic(steps: Sequence[Recorded]) -> str:
    """EC-Lab: net charge since the beginning, a cycle number that the programme counts."""
    head = ("EC-Lab ASCII FILE", "Nb header lines : 5 ", "", "Modulo Bat", "\t".join(_ECLAB))
    return _text(_biologic_rows(steps), "\t", "\r\n", *head)


def _biologic_rows(steps: Sequence[Recorded]) -> Iterator[Row]:
    net, halves, way = -float(steps[0].charge_mAh[0]), 0, 0
    for one, begin in zip(steps, _begins(steps), strict=True):
        now = _way(one)
        halves += int(now != 0 and way not in (0, now))
        way = now or way
        for place, second in enumerate(one.second):
            yield (
                "1" if now else "3", str(int(now > 0)), "0", "0", str(int(place == 0)), "0", str(one.step),
                f"{begin + second:.9E}", f"{one.volt[place]:.7E}", f"{one.current_mA[place]:.7E}",
                f"{net + one.charge_mAh[place]:.12E}", str(halves), str(one.cycle), "",
            )  # fmt: skip
        net += float(one.charge_mAh[-1])


def neware(steps: Sequence[Recorded]) -> str:
    """BTSDA csv: two capacities that start anew at each step, four digits of a milliampere hour."""
    return _text(_neware_rows(steps), ",", "\n", ",".join(_NEWARE))


def _neware_rows(steps: Sequence[Recorded]) -> Iterator[Row]:
    names, number = {1: "CC Chg", -1: "CC DChg", 0: "Rest"}, 0
    for one, begin in zip(steps, _begins(steps), strict=True):
        way = _way(one)
        for place, second in enumerate(one.second):
            number += 1
            amount = abs(one.charge_mAh[place])
            yield (
                str(number), str(one.cycle), str(one.step % 12 + 1), names[way], _clock(second), _clock(begin + second),
                f"{one.current_mA[place]:.4f}", f"{one.volt[place]:.4f}", f"{amount if way > 0 else 0:.4f}",
                f"{amount if way < 0 else 0:.4f}",
            )  # fmt: skip


def maccor(steps: Sequence[Recorded]) -> str:
    """Maccor text: size of the current and a letter, one capacity that starts anew at each step."""
    return _text(_maccor_rows(steps), "\t", "\r\n", "Today's Date 01/01/2026", "\t".join(_MACCOR))


def _maccor_rows(steps: Sequence[Recorded]) -> Iterator[Row]:
    letters, number = {1: "C", -1: "D", 0: "R"}, 0
    for one, begin in zip(steps, _begins(steps), strict=True):
        letter = letters[_way(one)]
        for place, second in enumerate(one.second):
            number += 1
            yield (
                str(number), str(one.cycle), str(one.step % 12 + 1), f"{begin + second:.3f}", f"{second:.3f}",
                f"{abs(one.charge_mAh[place]) / 1e3:.10f}", "0", f"{abs(one.current_mA[place]) / 1e3:.10f}",
                f"{one.volt[place]:.8f}", letter, "1" if place + 1 < one.second.size else "131", "01/01/2026 00:00:00",
            )  # fmt: skip


def arbin(steps: Sequence[Recorded]) -> str:
    """Arbin csv: charging and discharging capacity that start anew in every cycle."""
    return _text(_arbin_rows(steps), ",", "\n", ",".join(_ARBIN))


def _arbin_rows(steps: Sequence[Recorded]) -> Iterator[Row]:
    counted, cycle, number = {1: 0.0, -1: 0.0, 0: 0.0}, steps[0].cycle, 0
    for one, begin in zip(steps, _begins(steps), strict=True):
        if one.cycle != cycle:
            counted, cycle = {1: 0.0, -1: 0.0, 0: 0.0}, one.cycle
        way = _way(one)
        for place, second in enumerate(one.second):
            number += 1
            up, down = (counted[side] + (abs(one.charge_mAh[place]) if side == way else 0.0) for side in (1, -1))
            yield (
                str(number), f"{begin + second:.4f}", "2026-01-01", f"{second:.4f}", str(one.step % 12 + 1), str(one.cycle),
                f"{one.current_mA[place] / 1e3:.8f}", f"{one.volt[place]:.5f}", f"{up / 1e3:.9f}", f"{down / 1e3:.9f}",
            )  # fmt: skip
        counted[way] += abs(float(one.charge_mAh[-1]))


FORMATS: dict[str, tuple[str, Callable[[Sequence[Recorded]], str]]] = {
    "BioLogic": ("mpt", biologic),
    "Neware": ("csv", neware),
    "Maccor": ("txt", maccor),
    "Arbin": ("csv", arbin),
}
"""Instrument -> ending of the file, text of the steps."""
