"""Arrays that travel are copied once and cannot be changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class In:
    """Unit and dimensions of an array field: ``Annotated[FloatArray, In("V", "point")]``."""

    unit: str
    dims: str


def frozen(values: ArrayLike) -> FloatArray:
    """A read-only float copy of the values; what is read-only already is not copied again."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and not values.flags.writeable:
        return values
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def freeze_fields(instance: Any, *names: str) -> None:  # noqa: ANN401 - any frozen dataclass
    """Replace the named array fields of a frozen dataclass by read-only copies; ``None`` stays."""
    for name in names:
        value = getattr(instance, name)
        if value is not None:
            object.__setattr__(instance, name, frozen(value))


def median(values: FloatArray) -> float:
    """Median of a few finite values, as :func:`numpy.median` has it, without what that does around it."""
    upper = values.size // 2
    if values.size % 2:
        return float(np.partition(values, upper)[upper])
    middle = np.partition(values, (upper - 1, upper))
    return float((middle[upper - 1] + middle[upper]) / 2)
