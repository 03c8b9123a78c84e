"""What samples were made from: names of rows to samples, shares, circles, and samples that only others name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cathodelab.core.columns import number_of
from cathodelab.core.samples import Ingredient, Sample, SampleKind
from cathodelab.study.rows import Row

_SHARES_OFF = 0.5
"""Mass % that stated shares may miss 100 by: rounding of a recipe."""
SampleName = tuple[str, str]


@dataclass(frozen=True)
class Unlinked:
    """A sample before its names are resolved, with its row."""

    sample: Sample
    kind: SampleKind
    row: Row


def linked(found: list[Unlinked]) -> list[Sample]:
    """Samples with what they were made from; those that only others name stand at the end, without data of their own.

    Problems of shares, unknown kinds and circles go to the rows.
    """
    known = {(one.sample.kind, one.sample.id): one for one in found}
    ingredients = {name: tuple(_ingredients(one, known)) for name, one in known.items()}
    named = {(part.kind, part.id) for parts in ingredients.values() for part in parts}
    nameless = [Sample(id=name, kind=kind) for kind, name in sorted(named - set(known))]
    circle = _circle(ingredients)
    if circle:
        text = " -> ".join(name for _, name in circle)
        known[circle[0]].row.refuse("made_from", "samples that are not made from themselves", f"A circle: {text}.")
        return [one.sample for one in found]
    made: dict[SampleName, Sample] = {(one.kind, one.id): one for one in nameless}

    def make(name: SampleName) -> Sample:
        if name not in made:
            parts = ingredients[name]
            parents = tuple(make((part.kind, part.id)) for part in parts)
            made[name] = replace(known[name].sample, made_from=parts, parents=parents)
        return made[name]

    return [*(make(name) for name in known), *nameless]


def _ingredients(one: Unlinked, known: Mapping[SampleName, Unlinked]) -> Iterator[Ingredient]:
    """From ``made_from``, and from the columns that name a kind that it may be made of (a cell's batch)."""
    seen: set[str] = set()
    for column in one.kind.columns:
        name = one.row.text(column.name)
        if column.link in one.kind.made_of and name:
            seen.add(name)
            yield Ingredient(column.link, name)
    for name, share in _parts(one.row):
        if name in seen:
            continue
        options = [
            kind
            for kind in one.kind.made_of
            if (kind, name) in known and (kind, name) != (one.sample.kind, one.sample.id)
        ]
        if (
            (one.sample.kind, name) == (one.sample.kind, one.sample.id)
            and not options
            and one.sample.kind in one.kind.made_of
        ):
            options = [one.sample.kind]  # made from itself: found as a circle
        if len(options) > 1:
            one.row.refuse("made_from", f"a name that one table holds; {name} is a {' and a '.join(options)}")
        elif not one.kind.made_of:
            one.row.refuse("made_from", f"nothing: a {one.kind.id} is not made from other samples")
            return
        yield Ingredient(options[0] if options else one.kind.made_of[0], name, share)


def _parts(row: Row) -> list[tuple[str, float]]:
    """Names and shares (0 to 1) of ``made_from``."""
    parts: list[tuple[str, float]] = []
    for part in filter(None, (text.strip() for text in row.text("made_from").split(";"))):
        name, mark, text = (piece.strip() for piece in part.rpartition(":")) if ":" in part else (part, "", "")
        share = number_of(text.removesuffix("%")) / 100 if mark else math.nan
        if mark and not 0 < share <= 1:
            row.refuse("made_from", "names with shares in mass %: ncm85-c1: 80; lpscl-3: 20")
        parts.append((name, share))
    if len({name for name, _ in parts}) < len(parts):
        row.refuse("made_from", "every name once")
    stated = [share for _, share in parts if not math.isnan(share)]
    total = 100 * sum(stated)
    if stated and len(stated) < len(parts):
        row.refuse("made_from", "shares of all parts, or of none")
    elif stated and abs(total - 100) > _SHARES_OFF:
        fractions = " They look like fractions of 1." if abs(total - 1) < _SHARES_OFF / 100 else ""
        row.refuse("made_from", "shares in mass % that sum to 100", f"They sum to {total:.4g}.{fractions}")
    return parts


def _circle(ingredients: Mapping[SampleName, tuple[Ingredient, ...]]) -> list[SampleName]:
    """Names along a circle of ``made_from``; empty where there is none."""
    done: set[SampleName] = set()

    def search(name: SampleName, way: list[SampleName]) -> list[SampleName]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for part in ingredients.get(name, ()):
            found = search((part.kind, part.id), [*way, name])
            if found:
                return found
        done.add(name)
        return []

    for name in ingredients:
        found = search(name, [])
        if found:
            return found
    return []
