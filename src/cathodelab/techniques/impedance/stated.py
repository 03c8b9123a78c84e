"""What a user states about points and parameters in one line of text: points left out, parameters fixed, bounded or shared.

``50; 140-160; 1e5-2e5`` leaves out the points nearest to 50 Hz and all in two ranges; ``n_2 = 0.85; R_1 = 30 to 50; n_2 = n_3``
fixes, bounds and shares. Names are those of the circuit: symbol and place of the element.
"""

from __future__ import annotations

import re

import numpy as np

from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError, Hint
from cathodelab.techniques.impedance.circuits.constraints import FREE, Constraints

_NUMBER = r"[0-9.]+(?:[eE][-+]?[0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|to)\s*({_NUMBER})")
_NAME = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*_[0-9]+")
_NEAR = 0.15
"""A single frequency means the point nearest to it, within this ratio: half a step of seven points a decade."""


def left_out(text: str, frequency_hertz: FloatArray) -> np.ndarray:
    """Mask of the points that are left out, shape (m,).

    Raises:
        CathodelabError: the text names no frequencies.
    """
    mask = np.zeros(frequency_hertz.size, dtype=bool)
    for part in _parts(text):
        span = _RANGE.fullmatch(part)
        if span:
            low, high = sorted((_number(span[1], text), _number(span[2], text)))
            mask |= (frequency_hertz >= low * (1 - 1e-6)) & (frequency_hertz <= high * (1 + 1e-6))
            continue
        apart = np.abs(np.log(frequency_hertz / _number(part, text)))
        nearest = int(np.argmin(apart))
        mask[nearest] |= apart[nearest] <= _NEAR
    return mask


def constraints_of(text: str) -> Constraints:
    """Constraints on parameters.

    Raises:
        CathodelabError: a part is none of ``name = number``, ``name = low to high``, ``name = name``.
    """
    fixed: dict[str, float] = {}
    bounds: dict[str, tuple[float, float]] = {}
    shared: list[tuple[str, ...]] = []
    for part in _parts(text):
        names = [one.strip() for one in part.split("=")]
        if len(names) < 2 or not _NAME.fullmatch(names[0]):
            raise _unreadable(text, part)
        span = _RANGE.fullmatch(names[1])
        if span and len(names) == 2:
            low, high = sorted((_number(span[1], text), _number(span[2], text)))
            bounds[names[0]] = low, high
        elif all(_NAME.fullmatch(one) for one in names):
            shared.append(tuple(names))
        elif len(names) == 2:
            fixed[names[0]] = _number(names[1], text)
        else:
            raise _unreadable(text, part)
    return Constraints(fixed, tuple(shared), bounds) if fixed or shared or bounds else FREE


def _parts(text: str) -> list[str]:
    return [one.strip() for one in text.split(";") if one.strip()]


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _unreadable(whole, text) from None
    if not value > 0:
        raise _unreadable(whole, text)
    return value


def _unreadable(whole: str, part: str) -> CathodelabError:
    return CathodelabError(
        "impedance-statement",
        f"{part!r} is not understood",
        where=f"{whole!r}",
        why="Points are frequencies or ranges in Hz (50; 140-160); parameters are fixed, bounded or shared by their names "
        "(n_2 = 0.85; R_1 = 30 to 50; n_2 = n_3), all positive.",
        what_to_do="Write it so, separated by semicolons.",
        hints=(Hint("setting", "impedance.parameters"), Hint("setting", "impedance.leave_out")),
    )
