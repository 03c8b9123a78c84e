"""Checks of validity, kept as data in the result instead of printed as warnings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One question asked of the data, and its answer.

    Args:
        name: stable short name, e.g. ``end_of_rest``.
        passed: true, false, or ``None`` where the record cannot answer.
        value: the number that was compared (``nan`` where there is none).
        limit: the number it was compared with.
        sentence: the answer in plain words, with units.
        fatal: whether the numbers of its method cannot be used where it fails: the sample then takes no part in means. All other
            checks are cautions: the number stands, with what is said of it.
    """

    name: str
    passed: bool | None
    value: float
    limit: float
    sentence: str
    fatal: bool = False
