"""Errors as the cache keeps them: their class by name, and their fields."""

from __future__ import annotations

from collections.abc import Mapping

from cathodelab.core.errors import CathodelabError, NotInRecord, OtherData

_KINDS: dict[str, type[CathodelabError]] = {one.__name__: one for one in (CathodelabError, NotInRecord, OtherData)}


def record_of(error: CathodelabError) -> dict[str, str]:
    """Its fields and the name of its nearest known class."""
    kind = next(one.__name__ for one in type(error).__mro__ if one.__name__ in _KINDS)
    return {"kind": kind, **error.as_record()}


def error_of(record: Mapping[str, str]) -> CathodelabError:
    """The error that such a record describes.

    Raises:
        ValueError: the record is of another making.
    """
    try:
        return _KINDS[record["kind"]].of(record)
    except KeyError as error:
        raise ValueError("of another making") from error
