"""Where in a cell's record the spectra of another file were measured: by their clock, or nowhere.

A file of spectra has the record's clock, one of its own, or none. Only on the record's clock do rows tell charge and rest. A
spectrum is never given the state of the record's end because nothing better is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import FILES, CathodelabError
from cathodelab.core.records import CyclingRecord, Provenance
from cathodelab.core.steps import row_states

_JUST_AFTER_SECOND = 60.0
_LARGEST_DIFFERENCE_VOLT = 0.02
"""The mean potential of a sweep may lie this far from what the rows around it show."""
_UNKNOWN = float("nan")
WHAT_TO_STATE = "State the charge for the file (charge_mAh), if it is to be compared with others."


@dataclass(frozen=True)
class Place:
    """Time without current before a spectrum / s and net charge when it began / Ah, ``nan`` where unknown; why not, in words."""

    rest_second: float
    charge_ampere_hour: float
    note: str = ""


def place_among_rows(record: CyclingRecord | None, time: FloatArray | None) -> Place:
    """Of a spectrum that is kept with the rows of a record, whose clock it shares."""
    if record is None or time is None or record.test_time_second is None or record.current_ampere is None:
        return Place(_UNKNOWN, _UNKNOWN)
    before = int(np.searchsorted(record.test_time_second, time[0], side="left"))
    if not before:
        return Place(_UNKNOWN, _UNKNOWN)
    charge = record.net_charge_ampere_hour
    passed = _UNKNOWN if charge is None else float(charge[before - 1])
    flowing = np.flatnonzero(row_states(record)[:before])
    since = record.test_time_second[
        flowing[-1] if flowing.size else 0
    ]  # only rest so far: at least since the first row
    return Place(float(time[0] - since), passed)


def place_of_own_file(
    record: CyclingRecord | None,
    time: FloatArray | None,
    voltage_volt: FloatArray | None,
    source: Provenance,
    first_second: float,
) -> Place:
    """Of a spectrum in a file of its own.

    Args:
        record: the cell's rows, ``None`` where there are none.
        time: clock at each frequency, ``None`` where the file has none.
        voltage_volt: potential at each frequency against the counter electrode, ``None`` where the file has none.
        source: the file of the spectrum.
        first_second: clock at which the first spectrum of the file began.

    Raises:
        CathodelabError: the record shows another potential at that moment.
    """
    if record is None or record.test_time_second is None or record.current_ampere is None:
        return Place(_UNKNOWN, _UNKNOWN)
    if time is None:
        return _unknown("The file of the spectra has no clock")
    clock = record.test_time_second
    begin, end = float(clock[0]), float(clock[-1])
    sweep = float(time[-1] - time[0])
    if abs(first_second - begin) <= max(sweep, 1.0) and end - begin > sweep:
        return _unknown("The clock of the file of spectra begins with that of the record, so it is one of its own")
    if not begin <= time[0] <= end + _JUST_AFTER_SECOND:
        return _unknown(
            f"The spectra's clock ({time[0]:.0f} s) lies outside that of the record ({begin:.0f} to {end:.0f} s)"
        )
    if voltage_volt is not None:
        _refuse_other_potential(record, float(time[0]), float(np.mean(voltage_volt)), source)
    return place_among_rows(record, time)


def _unknown(why: str) -> Place:
    return Place(_UNKNOWN, _UNKNOWN, f"{why}: the state of charge of the spectra is not known. {WHAT_TO_STATE}")


def _refuse_other_potential(record: CyclingRecord, began: float, volt: float, source: Provenance) -> None:
    """A spectrum whose potential the rows around it do not show was measured at another time or on another cell."""
    clock = record.test_time_second
    assert clock is not None  # noqa: S101 - the caller looked
    after = min(int(np.searchsorted(clock, began, side="left")), clock.size - 1)
    around = record.voltage_volt[max(after - 1, 0) : after + 1]
    off = max(float(around.min()) - volt, volt - float(around.max()), 0.0)
    if off > _LARGEST_DIFFERENCE_VOLT:
        raise CathodelabError(
            "spectrum-elsewhere",
            f"A spectrum was measured at {volt:.3f} V, where the record shows {float(around[-1]):.3f} V",
            where=f"{source.file}, clock {began:.0f} s",
            why="Its clock lies inside that of the record, so both belong to one moment of one cell. They do not fit together.",
            what_to_do="Look whether the spectra belong to this cell and have the record's clock. Without the column of the time "
            "they are evaluated with an unknown state.",
            hints=(FILES,),
        )
