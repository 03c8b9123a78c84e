"""Measurements and results as bytes and back, exactly: what a run keeps, so that the next one need not make it again.

A checksum, the structure as JSON text, then the arrays bit by bit. Only dataclasses of this package, and of packages that an
entry point registers, come back, by their own constructors, and functions of their modules, by name; reading runs nothing else.
What could not come back as it was (arrays of objects, sets, closures, other classes) is refused when it is written.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROUPS = ("cathodelab.techniques", "cathodelab.methods")
_KINDS_OF_NUMBERS = "biufcU"  # of arrays: truth values, integers, floats, complex numbers, texts
_ALIGNED = 16
_HEAD = 12  # bytes: checksum, length of the JSON text


def packed(value: object) -> bytes:
    """A dataclass, tuple or mapping of arrays, numbers, texts and others of its kind.

    Raises:
        TypeError: it holds something that would not come back.
    """
    arrays: dict[int, tuple[int, NDArray[Any]]] = {}
    text = json.dumps(_plain(value, arrays), separators=(",", ":")).encode()
    body = len(text).to_bytes(8, "little") + text
    for _, array in arrays.values():
        body += bytes(-(4 + len(body)) % _ALIGNED) + np.ascontiguousarray(array).tobytes()
    return zlib.crc32(body).to_bytes(4, "little") + body


def unpacked(content: bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """What was packed; arrays are read-only.

    Raises:
        ValueError: the content is damaged or of another making.
    """
    if len(content) < _HEAD or zlib.crc32(memoryview(content)[4:]) != int.from_bytes(content[:4], "little"):
        raise ValueError("damaged")
    end = _HEAD + int.from_bytes(content[4:_HEAD], "little")
    try:
        return _tuples(json.loads(content[_HEAD:end], object_hook=_Maker(content, end).made))
    except (LookupError, TypeError, AttributeError, ImportError) as error:
        raise ValueError("of another making") from error


def _plain(value: Any, arrays: dict[int, tuple[int, NDArray[Any]]]) -> object:  # noqa: ANN401 - as above
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, np.generic)):
        return float(value) if isinstance(value, float) else value.item()
    if isinstance(value, np.ndarray):
        return {"array": _number_of(value, arrays), "dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, tuple):
        return [_plain(inner, arrays) for inner in value]
    if isinstance(value, Mapping):
        return {"names": [[_plain(inner, arrays) for inner in entry] for entry in value.items()]}
    return {"function": _name_of(value)} if isinstance(value, FunctionType) else _plain_fields(value, arrays)


def _plain_fields(value: object, arrays: dict[int, tuple[int, NDArray[Any]]]) -> dict[str, object]:
    kind: Any = type(value)
    return {"of": _name_of(kind), "has": [_plain(getattr(value, one), arrays) for one in _fields(kind)]}


def _number_of(array: NDArray[Any], arrays: dict[int, tuple[int, NDArray[Any]]]) -> int:
    """The same array is written once."""
    if array.dtype.kind not in _KINDS_OF_NUMBERS:
        raise TypeError(f"an array of {array.dtype}")
    return arrays.setdefault(id(array), (len(arrays), array))[0]


class _Maker:
    """Makes what JSON objects stand for, from the inside out; arrays lie behind the text in the order in which they were met."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._end = content, start
        self._known: list[NDArray[Any]] = []

    def made(self, plain: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever was packed
        if "of" in plain:
            kind, values = _named(plain["of"]), map(_tuples, plain["has"])
            return kind(**dict(zip(_fields(kind), values, strict=True)))
        if "array" in plain:
            return self._array(plain["array"], plain["dtype"], plain["shape"])
        if "names" in plain:
            return {_tuples(name): _tuples(inner) for name, inner in plain["names"]}
        return _named(plain["function"])

    def _array(self, number: int, dtype: str, shape: list[int]) -> NDArray[Any]:
        if number == len(self._known):
            start = self._end + -self._end % _ALIGNED
            kind, size = np.dtype(dtype), math.prod(shape)
            self._known.append(np.frombuffer(self._content, kind, size, start).reshape(shape))
            self._end = start + size * kind.itemsize
        return self._known[number]


def _tuples(value: Any) -> Any:  # noqa: ANN401 - as above
    """Lists of JSON were tuples."""
    return tuple([_tuples(inner) for inner in value]) if type(value) is list else value


@cache
def _fields(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass
    return tuple(one.name for one in fields(kind) if one.init)


@cache
def _name_of(value: Any) -> str:  # noqa: ANN401 - a class or a function
    name = f"{value.__module__}:{value.__qualname__}"
    if _named(name) is not value:
        raise TypeError(f"a {name}")
    return name


@cache
def _packages() -> frozenset[str]:
    """Top-level packages whose classes may be kept."""
    foreign = (entry.module.partition(".")[0] for group in _GROUPS for entry in entry_points(group=group))
    return frozenset({"cathodelab", *foreign})


@cache
def _named(name: str) -> Any:  # noqa: ANN401 - as above
    """A dataclass or a function of a module of this package, or of one that an entry point registers."""
    module, _, own = name.partition(":")
    found = getattr(import_module(module), own, None) if module.partition(".")[0] in _packages() else None
    if isinstance(found, FunctionType) or (isinstance(found, type) and is_dataclass(found)):
        return found
    raise TypeError(f"a {name}")
