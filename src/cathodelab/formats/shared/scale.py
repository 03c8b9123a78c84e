"""Refusal of physically impossible scales: milliseconds taken for seconds, millivolts for volts."""

from __future__ import annotations

import numpy as np

from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.table import Table

LONGEST_TEST_HOURS = 43_800.0  # five years
HIGHEST_POTENTIAL_VOLT = 10.0
UNIT_FACTORS = (60.0, 1e3, 3600.0, 1e6)
"""Between minutes and seconds, mA and A, hours and seconds, µA and A."""
LARGEST_CURRENT_AMPERE = 60.0  # large cylindrical and pouch cells are cycled at 30 A and more


def refuse_impossible(table: Table) -> None:
    """Raise where a column cannot be in the unit it claims, or a clock or step counter runs backwards."""
    columns = table.columns
    if "voltage_volt" in columns:
        _refuse_potential(columns["voltage_volt"])
    if "current_ampere" in columns:
        largest = float(np.max(np.abs(columns["current_ampere"])))
        if not largest <= LARGEST_CURRENT_AMPERE:  # negated, so that nan is refused as well
            raise _scale("current", f"{largest:g} A", f"{LARGEST_CURRENT_AMPERE:g} A", "mA or µA were taken for A")
    if "test_time_second" in columns:
        _refuse_time(columns["test_time_second"])
    if "step_count" in columns:
        _refuse_backwards(columns["step_count"], "step-backwards", "The step count", "the file was cut or mixed up")
    for name in ("relaxed_potential_volt", "relaxed_potential_1_volt", "relaxed_potential_2_volt"):
        if name in columns:
            _refuse_potential(columns[name])
    if table.kind == "cycling" and {"test_time_second", "current_ampere", "net_charge_ampere_hour"} <= set(columns):
        _refuse_contradiction(columns["test_time_second"], columns["current_ampere"], columns["net_charge_ampere_hour"])
    if table.spectra is not None:
        refuse_impossible(table.spectra)


@np.errstate(all="ignore")  # numbers of a damaged file may overflow; then nothing is compared
def _refuse_contradiction(time: np.ndarray, current: np.ndarray, charge: np.ndarray) -> None:
    """Refuse current, time and charge that disagree by a factor between units: one of them has another unit than stated."""
    flowed = float(np.sum(np.abs(current[1:]) * np.diff(time))) / 3600
    counted = float(np.sum(np.abs(np.diff(charge))))
    ratio = flowed / counted if counted > 0 else 0.0
    for factor in UNIT_FACTORS:
        if abs(ratio / factor - 1) < 0.1 or abs(ratio * factor - 1) < 0.1:
            raise CathodelabError(
                "units-contradict",
                f"Current and time give {flowed:.4g} Ah, the column of charge {counted:.4g} Ah: about {factor:g} times apart",
                where="whole file",
                why="Both are the charge that passed in total; one of the three columns is in another unit than it claims.",
                what_to_do="Correct the unit in the header of the export, or state the right units of the columns.",
                hints=(MEANING,),
            )


def _refuse_potential(values: np.ndarray) -> None:
    largest = float(np.max(np.abs(values)))
    if not largest <= HIGHEST_POTENTIAL_VOLT:
        raise _scale("potential", f"{largest:g} V", f"{HIGHEST_POTENTIAL_VOLT:g} V", "mV were taken for V")


def _refuse_time(time: np.ndarray) -> None:
    _refuse_backwards(time, "time-backwards", "The test time", "rows are out of order or the clock was set back")
    hours = float(time[-1] - time[0]) / 3600
    if hours > LONGEST_TEST_HOURS:
        raise _scale(
            "test time", f"{hours:,.0f} h", f"{LONGEST_TEST_HOURS:,.0f} h", "milliseconds were taken for seconds"
        )


def _refuse_backwards(values: np.ndarray, code: str, name: str, reason: str) -> None:
    backwards = np.flatnonzero(np.diff(values) < 0)
    if backwards.size:
        row = int(backwards[0])
        raise CathodelabError(
            code,
            f"{name} falls from {values[row]:g} to {values[row + 1]:g}",
            where=f"data row {row + 2}",
            why=f"It may only grow: {reason}.",
            what_to_do="Copy or export the file again; join the parts of an interrupted test by `;` in their order.",
        )


def _scale(quantity: str, found: str, limit: str, reason: str) -> CathodelabError:
    return CathodelabError(
        "impossible-scale",
        f"The {quantity} reaches {found}",
        where="whole file",
        why=f"No laboratory cell goes beyond {limit}; most likely {reason}.",
        what_to_do="Correct the unit in the export, or state the right unit of the column.",
        hints=(MEANING,),
    )
