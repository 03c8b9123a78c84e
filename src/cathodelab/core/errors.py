"""The one kind of error a user meets: what, where, why, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self


class CathodelabError(Exception):
    """A fault in what was given, in four sentences and a code.

    Args:
        code: short stable name for programs, e.g. ``file-truncated``.
        what: what is wrong, with the value.
        where: the cell, file, row or column.
        why: the reason, or what is allowed.
        what_to_do: the next step for the user.
    """

    def __init__(self, code: str, what: str, *, where: str, why: str, what_to_do: str) -> None:
        self.code, self.what, self.where, self.why, self.what_to_do = code, what, where, why, what_to_do
        gap = "" if why.endswith("\n") else " "
        super().__init__(f"{what} [{where}]. {why}{gap}{what_to_do}")

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes."""
        return _rebuilt, (type(self), self.as_record())

    def as_record(self) -> dict[str, str]:
        """The same four fields and the code, for JSON and the report."""
        return {
            "code": self.code,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "what_to_do": self.what_to_do,
        }

    @classmethod
    def of(cls, record: Mapping[str, str]) -> Self:
        """The error that such a record describes."""
        rest = {name: record[name] for name in ("where", "why", "what_to_do")}
        return cls(record["code"], record["what"], **rest)

    def at(self, where: str) -> CathodelabError:
        """The same error with the place put in front: the caller knows the cell, the reader the row."""
        place = where if where.endswith(self.where) else f"{where}, {self.where}"
        return type(self)(self.code, self.what, where=place, why=self.why, what_to_do=self.what_to_do)


def _rebuilt(kind: type[CathodelabError], record: dict[str, str]) -> CathodelabError:
    return kind.of(record)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a manifest."""

    file: str
    row: str
    column: str
    value: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.row, self.column) if part)
        return f"{place}: {self.value!r}. {f'{self.hint} ' if self.hint else ''}Allowed: {self.allowed}."

    @classmethod
    def of_unknown_key(cls, place: tuple[str, str, str], value: object, known: Iterable[str]) -> Problem:
        """A key that nothing reads, with the known one that it resembles. ``place``: file, row (or section) and column."""
        from difflib import get_close_matches

        names = list(known)
        key = place[2] or str(value)
        close = get_close_matches(key, names, n=1)
        hint = f"There is no such key{f'; did you mean {close[0]}?' if close else '.'}"
        return cls(*place, str(value)[:60], "one of " + ", ".join(names), hint)


class StudyInvalid(CathodelabError):
    """The manifest cannot be used; all its problems at once."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, 1))
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__(
            "study-invalid",
            f"The study cannot be run: {count}",
            where=where,
            why=f"All of them:{listed}\n",
            what_to_do="Correct these entries and run `cathodelab check` again.",
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Make the error picklable with its problems."""
        return StudyInvalid, (self.where, self.problems)

    def at(self, where: str) -> CathodelabError:
        """It names its places itself."""
        del where
        return self


class NotInRecord(CathodelabError):
    """The record does not hold what a method needs; the method is skipped, not failed."""


class OtherData(NotInRecord):
    """The sample has other data: the method does not apply to it, and there is nothing to say about that."""
