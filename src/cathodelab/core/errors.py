"""The only kind of error that users see: what, where, why, what to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar


@dataclass(frozen=True)
class Hint:
    """What a user may state or change, in the words of the lower storeys; a door knows where it is written.

    Args:
        about: ``column`` (an entry about the sample), ``setting`` (of a method), ``meaning`` (what the columns of a file
            are), ``map`` (the same, with entries made from the labels that were seen), ``files`` (which files the sample has).
        name: name of the column (``area_cm2``), of the setting (``impedance.circuit``), or of the column that names the files;
            of a ``map`` its entries.
    """

    about: Literal["column", "setting", "meaning", "map", "files"]
    name: str = ""


FILES, MEANING = Hint("files"), Hint("meaning")

Door = Callable[[Hint], str]
"""A sentence on where something is written (``It is the column area_cm2 of cells.csv.``); empty where there is no place."""

_FIELDS = ("code", "what", "where", "why", "what_to_do")
_KINDS: dict[str, type[CathodelabError]] = {}
"""Every class of errors that was imported, by its full name."""


class CathodelabError(Exception):
    """An error in the input, described by a code and four sentences.

    A class of one's own is a subclass; it is pickled, placed and kept by the cache like this one. Attributes that it adds are
    kept where they are texts, numbers, truth values or tuples of these.

    Args:
        code: short stable name for programs, e.g. ``file-truncated``.
        what: what is wrong, with the value.
        where: the cell, file, row or column.
        why: the reason, or what is allowed.
        what_to_do: the next step for the user, in words that hold for every door.
        hints: what the next step changes, so that a door can say where it is written.
    """

    code: str
    what: str
    where: str
    why: str
    what_to_do: str
    hints: tuple[Hint, ...]

    def __init__(
        self, code: str, what: str, *, where: str, why: str, what_to_do: str, hints: tuple[Hint, ...] = ()
    ) -> None:
        self.code, self.what, self.where, self.why, self.what_to_do = code, what, where, why, what_to_do
        self.hints = hints
        super().__init__(str(self))

    def __init_subclass__(cls, **more: object) -> None:
        super().__init_subclass__(**more)
        _KINDS[_name(cls)] = cls

    def __str__(self) -> str:
        gap = "" if self.why.endswith("\n") else " "
        return f"{self.what} [{self.where}]. {self.why}{gap}{self.what_to_do}"

    def __reduce__(self) -> tuple[object, ...]:
        """Make the error picklable, whatever its constructor takes."""
        return _restored, (type(self), dict(vars(self)))

    def as_record(self) -> dict[str, str]:
        """The same four fields and the code, for JSON and the report."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def of(cls, record: Mapping[str, str]) -> Self:
        """The error that such a record describes."""
        return _restored(cls, {name: record[name] for name in _FIELDS})

    def kept(self) -> dict[str, Any]:
        """Everything as plain data, for a cache; :func:`error_of` makes the error of it again."""
        more = {
            name: value for name, value in vars(self).items() if name not in (*_FIELDS, "hints") and _is_plain(value)
        }
        kinds = tuple(_name(one) for one in type(self).__mro__ if issubclass(one, CathodelabError))
        hints = tuple((one.about, one.name) for one in self.hints)
        return {"kinds": kinds, **self.as_record(), "hints": hints, "more": more}

    def at(self, where: str) -> Self:
        """The same error with a place put in front: readers know the row, their callers the file and the cell."""
        return self._with(where=where if where.endswith(self.where) else f"{where}, {self.where}")

    def shown_at(self, door: Door) -> Self:
        """The same error, and for each hint a sentence on where this door has it."""
        said = " ".join(filter(None, map(door, self.hints)))
        return self._with(what_to_do=f"{self.what_to_do} {said}".rstrip(), hints=())

    def as_failure(self) -> CathodelabError:
        """The same fault as a plain one: what one sample merely lacks is a failure of those that need it."""
        return _restored(CathodelabError, {name: getattr(self, name) for name in (*_FIELDS, "hints")})

    def _with(self, **changed: object) -> Self:
        return _restored(type(self), {**vars(self), **changed})


Kind = TypeVar("Kind", bound=CathodelabError)


def error_of(kept: Mapping[str, Any]) -> CathodelabError:
    """The error that :meth:`CathodelabError.kept` described, of its own class, or of the nearest one that is imported.

    Raises:
        ValueError: the record is of another making.
    """
    try:
        kind = next(_KINDS[name] for name in kept["kinds"] if name in _KINDS)
        more = {name: tuple(value) if isinstance(value, list) else value for name, value in kept["more"].items()}
        own = more if _name(kind) == kept["kinds"][0] else {}
        hints = tuple(Hint(about, name) for about, name in kept["hints"])
        return _restored(kind, {**own, **{name: str(kept[name]) for name in _FIELDS}, "hints": hints})
    except (KeyError, StopIteration, TypeError, ValueError, AttributeError) as error:
        raise ValueError("a kept error of another making") from error


def _restored(kind: type[Kind], state: Mapping[str, object]) -> Kind:
    """An error with these attributes, without its constructor."""
    error = kind.__new__(kind)
    vars(error).update({"hints": (), **state})
    error.args = (str(error),)
    return error


def _name(kind: type[CathodelabError]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


_KINDS[_name(CathodelabError)] = CathodelabError


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(item) and not isinstance(item, tuple) for item in value)
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


Weight = Literal["refused", "doubtful"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a manifest; a study with a ``refused`` one does not run, with a ``doubtful`` one it does and says so."""

    file: str
    row: str
    column: str
    value: str
    allowed: str
    hint: str = ""
    weight: Weight = "refused"

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.row, self.column) if part)
        hint = f"{self.hint} " if self.hint else ""
        word = "Usual" if self.weight == "doubtful" else "Allowed"
        return f"{place}: {self.value!r}. {hint}{f'{word}: {self.allowed}.' if self.allowed else ''}".rstrip()

    @classmethod
    def of_unknown_key(cls, place: tuple[str, str, str], value: object, known: Iterable[str]) -> Problem:
        """A key that nothing reads, with the known one that it resembles. ``place``: file, row (or section) and column."""
        from difflib import get_close_matches

        names = list(known)
        key = place[2] or str(value)
        close = get_close_matches(key, names, n=1)
        hint = f"There is no such key{f'; did you mean {close[0]}?' if close else '.'}"
        return cls(*place, str(value)[:60], "one of " + ", ".join(names), hint)


_MOST_LISTED = 50  # problems that a message holds


class StudyInvalid(CathodelabError):
    """The manifest cannot be used; lists all its problems at once."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems[:_MOST_LISTED], 1))
        if len(problems) > _MOST_LISTED:
            listed += f"\n  and {len(problems) - _MOST_LISTED} more"
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__(
            "study-invalid",
            f"The study cannot be run: {count}",
            where=where,
            why=f"All of them:{listed}\n",
            what_to_do="Correct these entries and run `cathodelab check` again.",
        )

    def at(self, where: str) -> Self:
        """It names its places itself."""
        del where
        return self


class NotInRecord(CathodelabError):
    """The record does not hold what a method needs; the method is skipped, not failed."""


class OtherData(NotInRecord):
    """The sample has other data: the method does not apply to it, and there is nothing to say about that."""
