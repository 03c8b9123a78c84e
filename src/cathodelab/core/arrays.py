"""Arrays that travel are copied once and cannot be changed afterwards."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
_DOUBLE = np.dtype(np.float64)
AnyArray = TypeVar("AnyArray", bound=NDArray[Any])


@dataclass(frozen=True)
class In:
    """Unit and dimensions of an array field, e.g. ``Annotated[FloatArray, In("V", "point")]``."""

    unit: str
    dims: str


def frozen(values: ArrayLike) -> FloatArray:
    """A read-only float copy of the values; what is read-only already is not copied again."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and not values.flags.writeable:
        return values
    return read_only(np.array(values, dtype=np.float64))


def read_only(values: AnyArray) -> AnyArray:
    """The same array, read-only from now on: for one that was just made and that nobody else holds."""
    values.setflags(write=False)
    return values


class ReadOnlyArrays:
    """Base of the frozen dataclasses that hold arrays: what they are given is copied and read-only from then on.

    A dataclass with a ``__post_init__`` of its own calls that of this class first.
    """

    def __post_init__(self) -> None:
        freeze_arrays(self)


class OwnArrays(ReadOnlyArrays):
    """The same without a copy, for inner types of a hot loop: nobody writes to their arrays after they were made."""

    def __post_init__(self) -> None:
        freeze_arrays(self, copy=False)


def freeze_arrays(instance: object, *, copy: bool = True) -> None:
    """Make the arrays in the fields of a dataclass read-only, also those in its tuples and mappings.

    What is read-only already stays and is not copied. Fields of floats become doubles; other arrays keep their type.
    """
    kind: Any = type(instance)
    for name, floats in _fields_with_arrays(kind):
        value = getattr(instance, name, None)  # a field that is not set yet has nothing to freeze
        if not copy and type(value) is np.ndarray and (not floats or value.dtype is _DOUBLE):
            value.flags.writeable = False  # the usual case of inner types, without a call
            continue
        kept = _frozen_inside(value, floats, copy)
        if kept is not value:
            object.__setattr__(instance, name, kept)


@cache
def _fields_with_arrays(kind: Any) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401 - a dataclass
    """(name, whether its arrays hold floats) of the fields whose annotation names an array type."""
    types = {one.name: str(one.type) for one in fields(kind)}
    return tuple(
        (name, "FloatArray" in text or "float64" in text)
        for name, text in types.items()
        if "Array" in text or "ndarray" in text
    )


def _frozen_inside(value: Any, floats: bool, copy: bool) -> Any:  # noqa: ANN401, FBT001 - whatever a field holds; called often
    if isinstance(value, np.ndarray):
        dtype = value.dtype
        as_declared = not floats or dtype is _DOUBLE or dtype == _DOUBLE
        if as_declared and not value.flags.writeable:
            return value
        made = value if as_declared and not copy else np.array(value, dtype=_DOUBLE if floats else dtype)
        made.flags.writeable = False
        return made
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, Mapping):
        entries = {name: _frozen_inside(one, floats, copy) for name, one in value.items()}
        return value if _same(entries.values(), value.values()) else entries
    if type(value) in (tuple, list):
        parts = tuple([_frozen_inside(one, floats, copy) for one in value])
        return value if type(value) is tuple and _same(parts, value) else parts
    return value


def _same(new: Iterable[Any], old: Iterable[Any]) -> bool:
    return all(map(operator.is_, new, old))


def median(values: FloatArray) -> float:
    """Same as :func:`numpy.median` for a few finite values, without its overhead."""
    upper = values.size // 2
    if values.size % 2:
        return float(np.partition(values, upper)[upper])
    middle = np.partition(values, (upper - 1, upper))
    return float((middle[upper - 1] + middle[upper]) / 2)
