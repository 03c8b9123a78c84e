"""Settings: every value that can be set, declared once with default, kind, unit, range and meaning, and checked all at once.

The same declaration serves the settings of a configuration file and the inputs of an operation, which arrive as texts.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeVar

from cathodelab.core.errors import Problem

Settings = TypeVar("Settings")
_LARGEST_WRITTEN_OUT = 1e15
_LONGEST_SHOWN = 60
Kind = type[float] | type[int] | type[bool] | type[str] | type[Path]

_ONE: Mapping[Kind, str] = {
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    str: "a text",
    Path: "a path",
}
_MANY: Mapping[Kind, tuple[str, str]] = {
    float: ("a list of numbers", "[0.5, 2, 10]"),
    int: ("a list of whole numbers", "[2, 3, 4, 5]"),
    bool: ("a list of true and false", "[true, false]"),
    str: ("a list of texts", '["first", "second"]'),
    Path: ("a list of paths", '["first.csv", "second.csv"]'),
}


@dataclass(frozen=True)
class Knob:
    """What is known about one setting besides its default.

    Args:
        unit: unit of the value, empty for none.
        meaning: what it does, in words.
        low: smallest value that is allowed, of every item of a list.
        high: largest value.
        choices: the only texts that are allowed; empty: any.
        kind: type of the value, or of the items of a list.
        many: whether it is a list.
        required: whether it has no default.
    """

    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    kind: Kind = float
    many: bool = False
    required: bool = False

    @property
    def limits(self) -> str:
        """The range in words, empty if there is none."""
        low = None if self.low is None else f"{self.low:.10g}"
        high = None if self.high is None else f"{self.high:.10g}"
        if low is not None and high is not None:
            return f"{low} to {high}"
        return f"{low} or more" if low is not None else f"{high} or less" if high is not None else ""

    @property
    def allowed(self) -> str:
        """Every value that is allowed, in words: ``a whole number, 1 to 50``."""
        if self.choices:
            return f"{'a list out of' if self.many else 'one of'} {', '.join(self.choices)}"
        unit = f" in {self.unit}" if self.unit not in ("", "1") else ""
        limits = f", {'each ' if self.many else ''}{self.limits}" if self.limits else ""
        return f"{_MANY[self.kind][0] if self.many else _ONE[self.kind]}{unit}{limits}"

    def taken(self, value: object) -> tuple[Any, str]:
        """The value in the declared type, or nothing and a sentence on what is allowed."""
        return self._taken(value, f", e.g. {toml(self.choices[:2]) if self.choices else _MANY[self.kind][1]}")

    def from_text(self, text: str) -> tuple[Any, str]:
        """The same for a value that was typed; items of a list are separated by commas."""
        if not self.many:
            return self.taken(_parsed(text, self.kind))
        items = [_parsed(one.strip(), self.kind) for one in text.split(",")] if text.strip() else []
        return self._taken(items, ", separated by commas")

    def _taken(self, value: object, how: str) -> tuple[Any, str]:
        """``how``: how a list is written."""
        if not self.many:
            taken, refused = self._item(value)
            return taken, "" if refused is None else f"{self.allowed}{refused}"
        items = [self._item(one) for one in value] if isinstance(value, list | tuple) else [(None, "")]
        refusals = [refused for _, refused in items if refused is not None]
        return (None, f"{self.allowed}{how}{refusals[0]}") if refusals else (tuple(item for item, _ in items), "")

    def _item(self, value: object) -> tuple[Any, str | None]:
        """A value and ``None``, or nothing and what there is to add to the sentence on what is allowed."""
        if self.kind is bool:
            quoted = ", without quotation marks" if isinstance(value, str) else ""
            return (value, None) if isinstance(value, bool) else (None, quoted)
        if self.kind is Path:
            return (Path(value), None) if isinstance(value, str | PurePath) and str(value) else (None, "")
        if self.kind is str:
            fits = isinstance(value, str) and (not self.choices or value in self.choices)
            return (value, None) if fits else (None, "")
        return self._number(value)

    def _number(self, value: object) -> tuple[Any, str | None]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None, ""
        if self.kind is int and isinstance(value, float):
            whole = value.is_integer() and abs(value) < _LARGEST_WRITTEN_OUT
            return None, f", written without a decimal point: {value:.0f}" if whole else ""
        if isinstance(value, float) and not math.isfinite(value):
            return None, f"; {value} is none"
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return None, ""
        try:
            return (value if self.kind is int else float(value)), None
        except OverflowError:  # a whole number of more than 308 digits
            return None, ""


@dataclass(frozen=True)
class Fault:
    """One input that is not allowed: its name, what was given, what is allowed."""

    name: str
    value: str
    allowed: str


def knob(
    default: Any,  # noqa: ANN401 - settings are numbers, truth values, words, paths or lists of them
    meaning: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    kind: Kind | None = None,
    many: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """A dataclass field that carries its :class:`Knob`.

    The kind is that of the default: ``1`` declares a whole number, ``1.0`` a number, ``False`` a truth value, ``(1.0, 2.0)`` a
    list of numbers. ``default`` is ``...`` where a value must be given; then, and for an empty list, ``kind`` has to be named.

    Raises:
        TypeError: the default does not tell the kind, or contradicts it.
    """
    required, listed = default is ..., isinstance(default, tuple)
    found = _kind_of(default[0] if listed and default else default) if default not in (..., ()) else kind
    if found is None or (kind is not None and kind is not found):
        raise TypeError(f"The kind of a knob with the default {default!r} is not clear: name a fitting `kind`.")
    if listed and any(_kind_of(item) is not found for item in default):
        raise TypeError(f"The items of {default!r} are not of one kind.")
    about = Knob(unit, meaning, low, high, choices, found, many or listed, required)
    metadata = {"knob": about}
    return dataclasses.field(metadata=metadata) if required else dataclasses.field(default=default, metadata=metadata)


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
        taken, allowed = known[name][1].taken(value)
        if allowed:
            problems.append(Problem(file, f"[{section}]", name, _shown(value), allowed))
        else:
            accepted[name] = taken
    return kind(**accepted), problems


def toml(value: object) -> str:
    """A setting as a configuration file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, str | PurePath):
        return f'"{value}"'
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def inputs_from(kind: type[Settings], given: Mapping[str, object]) -> tuple[Settings | None, list[Fault]]:
    """Inputs from what was typed (texts) or is there already, or every fault in it."""
    known = knobs(kind)
    accepted, faults = {}, [Fault(name, _shown(given[name]), "no such input") for name in given if name not in known]
    for name, (_, about) in known.items():
        if name not in given:
            if about.required:
                faults.append(Fault(name, "missing", about.allowed))
            continue
        value = given[name]
        taken, allowed = about.from_text(value) if isinstance(value, str) else about.taken(value)
        if allowed:
            faults.append(Fault(name, _shown(value), allowed))
        else:
            accepted[name] = taken
    return (None if faults else kind(**accepted)), faults


def as_typed(value: object) -> str:
    """A value as it is typed for :meth:`Knob.from_text`."""
    if isinstance(value, list | tuple):
        return ",".join(as_typed(item) for item in value)
    return str(value) if isinstance(value, str | PurePath) else toml(value)


def _shown(value: object) -> str:
    return (value if isinstance(value, str) else toml(value))[:_LONGEST_SHOWN]


def _kind_of(value: object) -> Kind | None:
    for kind in (bool, int, float, str):
        if type(value) is kind:
            return kind
    return Path if isinstance(value, PurePath) else None


def _parsed(text: str, kind: Kind) -> object:
    """A typed text as what it is written as; as it stands where it is no number."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if kind not in (int, float):
        return text
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
