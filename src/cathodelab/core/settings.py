"""Settings of methods: each knob has a default, unit, range and source; all are checked together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from cathodelab.core.errors import Problem

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Knob:
    """Description of one setting besides its value: meaning, unit, range, source."""

    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def knob(
    default: Any,  # noqa: ANN401 - settings are numbers, words or lists
    meaning: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """A dataclass field with its :class:`Knob`."""
    return dataclasses.field(default=default, metadata={"knob": Knob(unit, meaning, low, high, choices)})


def knobs(kind: type[Any]) -> dict[str, tuple[Any, Knob]]:
    """Name -> (default, knob) of all settings of a class."""
    return {field.name: (field.default, field.metadata["knob"]) for field in dataclasses.fields(kind)}


def settings_from(
    kind: type[Settings], table: Mapping[str, object], file: str, section: str
) -> tuple[Settings, list[Problem]]:
    """Settings from a table of a configuration file, with every problem found in it.

    Problems name unknown keys, wrong types and values out of range; the returned settings then hold the default there.
    """
    known = knobs(kind)
    problems, accepted = [], {}
    for name, value in table.items():
        if name not in known:
            problems.append(Problem.of_unknown_key((file, f"[{section}]", name), value, known))
            continue
        default, about = known[name]
        cleaned, allowed = _cleaned(value, default, about)
        if allowed:
            problems.append(Problem(file, f"[{section}]", name, str(value), allowed))
        else:
            accepted[name] = cleaned
    return kind(**accepted), problems


def _cleaned(value: object, default: object, about: Knob) -> tuple[object, str]:
    """The value in the type of the default, or a sentence on what is allowed."""
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            return tuple(value), ""
        return None, "a list of whole numbers, e.g. [2, 3, 4, 5]"
    if isinstance(default, str):
        if isinstance(value, str) and (not about.choices or value in about.choices):
            return value, ""
        return None, "one of " + ", ".join(about.choices) if about.choices else "a text"
    return _cleaned_number(value, about)


def _cleaned_number(value: object, about: Knob) -> tuple[object, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, f"a number{f' in {about.unit}' if about.unit else ''}"
    number = float(value)
    low = -float("inf") if about.low is None else about.low
    high = float("inf") if about.high is None else about.high
    if not low <= number <= high:
        return None, f"{low:g} to {high:g}{f' {about.unit}' if about.unit else ''}"
    return number, ""
