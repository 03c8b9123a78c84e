"""Where in a cell's record the spectra of another file were measured: by their clock, or nowhere.

A file of spectra has the record's clock, one of its own, or none. Only on the record's clock do rows tell charge and rest. A
spectrum is never given the state of the record's end because nothing better is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    """Time without current before a spectrum / s and net charge when it began / Ah, ``nan`` where unknown; why not, in words.

    ``shift_second`` takes its clock to that of the joined record.
    """

    rest_second: float
    charge_ampere_hour: float
    note: str = ""
    shift_second: float = 0.0


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


@dataclass(frozen=True)
class Clock:
    """Clock of one file of rows in the joined record: by how much it was shifted, its begin and end after that, s."""

    shift: float
    begin: float
    end: float


def place_of_own_file(
    record: CyclingRecord | None,
    clocks: Sequence[Clock],
    spectrum: Mapping[str, FloatArray],
    source: Provenance,
    first_second: float,
) -> Place:
    """Of a spectrum in a file of its own.

    Args:
        record: the cell's rows, ``None`` where there are none.
        clocks: of the files of rows.
        spectrum: its columns; ``test_time_second`` and ``voltage_volt`` (against the counter electrode) where there are any.
        source: the file of the spectrum.
        first_second: clock at which the first spectrum of the file began.

    Raises:
        CathodelabError: the record shows another potential at that moment.
    """
    if record is None or record.test_time_second is None or record.current_ampere is None:
        return Place(_UNKNOWN, _UNKNOWN)
    time, volt = spectrum.get("test_time_second"), spectrum.get("voltage_volt")
    if time is None:
        return _unknown("The file of the spectra has no clock")
    sweep = float(time[-1] - time[0])
    shared = [
        one
        for one in clocks
        if not abs(first_second + one.shift - one.begin) <= max(sweep, 1.0) or one.end - one.begin <= sweep
    ]
    if not shared:
        return _unknown("The clock of the file of spectra begins with that of the record, so it is one of its own")
    inside = [one for one in shared if one.begin <= time[0] + one.shift <= one.end + _JUST_AFTER_SECOND]
    if not inside:
        listed = ", ".join(f"{one.begin - one.shift:.0f} to {one.end - one.shift:.0f} s" for one in shared)
        return _unknown(f"The spectra's clock ({time[0]:.0f} s) lies outside that of the record ({listed})")
    fitting = [
        one for one in inside if volt is None or not _off(record, float(time[0]) + one.shift, float(np.mean(volt)))
    ]
    if len(fitting) == 1:
        placed = place_among_rows(record, time + fitting[0].shift)
        return replace(placed, shift_second=fitting[0].shift)
    if not fitting and len(inside) == 1 and volt is not None:
        raise _elsewhere(record, float(time[0]) + inside[0].shift, float(np.mean(volt)), source)
    return _unknown(
        f"The spectra's clock ({time[0]:.0f} s) and potential fit {len(fitting) or 'none'} of the record's files"
    )


def _unknown(why: str) -> Place:
    return Place(_UNKNOWN, _UNKNOWN, f"{why}: the state of charge of the spectra is not known. {WHAT_TO_STATE}")


def _around(record: CyclingRecord, began: float) -> FloatArray:
    """Potentials of the rows before and after a moment, V."""
    clock = record.test_time_second
    assert clock is not None  # noqa: S101 - the caller looked
    after = min(int(np.searchsorted(clock, began, side="left")), clock.size - 1)
    return np.asarray(record.voltage_volt[max(after - 1, 0) : after + 1])


def _off(record: CyclingRecord, began: float, volt: float) -> bool:
    """Whether the rows around a moment do not show this potential."""
    around = _around(record, began)
    return max(float(around.min()) - volt, volt - float(around.max())) > _LARGEST_DIFFERENCE_VOLT


def _elsewhere(record: CyclingRecord, began: float, volt: float, source: Provenance) -> CathodelabError:
    """A spectrum whose potential the rows around it do not show was measured at another time or on another cell."""
    return CathodelabError(
        "spectrum-elsewhere",
        f"A spectrum was measured at {volt:.3f} V, where the record shows {float(_around(record, began)[-1]):.3f} V",
        where=f"{source.file}, clock {began:.0f} s",
        why="Its clock lies inside that of the record, so both belong to one moment of one cell. They do not fit together.",
        what_to_do="Look whether the spectra belong to this cell and have the record's clock. Without the column of the time "
        "they are evaluated with an unknown state.",
        hints=(FILES,),
    )
