"""Measurements as text and back, exactly: what a run keeps of a record, so that the next one need not read it.

The text is JSON written field by field after the dataclass's annotations; reading it runs nothing. Floats come back bit by
bit (the shortest text that rounds to the same number).
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from cathodelab.core.arrays import frozen

Measurement = TypeVar("Measurement")


def as_text(measurement: object) -> str:
    """A frozen dataclass of arrays, numbers, texts and others of its kind as JSON text.

    Raises:
        TypeError: a field holds something else.
    """
    return json.dumps(_plain(measurement))


def from_text(kind: type[Measurement], text: str) -> Measurement:
    """The measurement of the given type.

    Raises:
        ValueError, KeyError, TypeError: the text is not one.
    """
    found: Measurement = _value(kind, json.loads(text))
    return found


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        if value.dtype != np.float64:
            raise TypeError(f"an array of {value.dtype}")
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _value(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - whatever the annotation says
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if plain is None else _value(next(one for one in inner if one is not type(None)), plain)
    if origin is np.ndarray:
        return frozen(plain)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{one.name: _value(hints[one.name], plain[one.name]) for one in fields(kind)})
    if origin is tuple:
        return tuple(_value(inner[0], one) for one in plain)
    if origin is not None and origin is not Literal:  # a mapping from names
        return {name: _value(inner[1], one) for name, one in plain.items()}
    return plain


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
