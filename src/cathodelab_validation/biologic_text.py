"""Writes cycling rows as EC-Lab exports them: for generated data, and to hand a record to software that reads ``.mpt``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray

_CURRENT, _REST = 1, 3
_RESTING_AMPERE = 1e-12


def write_biologic_text(path: Path, columns: Mapping[str, FloatArray], header: tuple[str, ...] = ()) -> None:
    """Write columns of the Battery Data Format as an EC-Lab text.

    Args:
        path: file to write.
        columns: ``test_time_second``, ``voltage_volt``, ``current_ampere``, ``step_count``; where
            known, ``net_charge_ampere_hour``.
        header: lines that the header block tells besides the usual ones.
    """
    current = columns["current_ampere"]
    rests = np.abs(current) <= _RESTING_AMPERE
    step = columns["step_count"] - columns["step_count"][0]
    changes = np.concatenate([[0.0], np.diff(step) != 0])
    named: dict[str, tuple[FloatArray, str]] = {
        "mode": (np.where(rests, _REST, _CURRENT).astype(float), "d"),
        "ox/red": ((current > 0).astype(float), "d"),
        "error": (np.zeros(current.size), "d"),
        "Ns changes": (changes, "d"),
        "Ns": (step, "d"),
        "time/s": (columns["test_time_second"], ".15E"),
        "Ewe/V": (columns["voltage_volt"], ".7E"),
        "I/mA": (current * 1e3, ".15E"),
    }
    if "net_charge_ampere_hour" in columns:
        named["(Q-Qo)/mA.h"] = (columns["net_charge_ampere_hour"] * 1e3, ".15E")
    named["half cycle"] = (_half_cycles(current), "d")
    texts = [_texts(values, form) for values, form in named.values()]
    rows = ["\t".join(row) + "\t" for row in zip(*texts, strict=True)]
    about = ["", "Modulo Bat", "", *header, ""]
    count = 3 + len(about)
    head = ["EC-Lab ASCII FILE", f"Nb header lines : {count} ", *about, "\t".join(named) + "\t"]
    path.write_bytes(("\r\n".join([*head, *rows]) + "\r\n").encode("latin-1", "replace"))


def _texts(values: FloatArray, form: str) -> list[str]:
    if form == "d":
        return [str(int(value)) for value in values]
    return [f"{value:{form}}".replace("E+", "E+0").replace("E-", "E-0") for value in values]


def _half_cycles(current: FloatArray) -> FloatArray:
    """A number that grows where the current changes its direction; rests belong to the half cycle before."""
    sign = np.where(np.abs(current) <= _RESTING_AMPERE, 0.0, np.sign(current))
    moving = np.flatnonzero(sign)
    number = np.zeros(current.size)
    turns = moving[1:][np.diff(sign[moving]) != 0]
    number[turns] = 1
    return np.cumsum(number)
