"""Sources of error, and how their stored effects relate to half-widths."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["standard", "limit", "one-sided limit", "range"]

SQRT3 = math.sqrt(3.0)


@dataclass(frozen=True)
class Source:
    """One quantity that is not known exactly.

    Args:
        id: unique in a study; results that share the id share the error.
        group: the line of the budget that it belongs to, in plain words.
        kind: ``standard`` uncertainty, symmetric ``limit`` (rectangular: divided by the square root of 3),
            ``one-sided limit`` (the truth lies between nothing and the whole effect, to one side), or ``range`` (the same, but
            nothing says where: it has no distribution, and the interval reaches as far beyond either end as it would
            beyond a value).
        halving: what a user can do about it.
    """

    id: str
    group: str
    kind: Kind
    halving: str = ""


def half_width_factor(kind: Kind) -> float:
    """Factor from a stored effect (one standard uncertainty) to the effect of the full half-width."""
    return 1.0 if kind in ("standard", "range") else SQRT3
