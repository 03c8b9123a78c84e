"""What was made and measured: materials, composites, pellets, cells, and what is known of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cathodelab.core.columns import Column, is_missing, number_of
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate

Role = Literal["cell", "reference"]


@dataclass(frozen=True)
class SampleKind:
    """A kind of sample: its table, its columns, and what it may be made of.

    Args:
        id: ``material``, ``composite``, ``pellet``, ``cell``, or a plug-in's own word.
        table: name of its table without ending: ``pellets`` for ``pellets.csv`` or the sheet ``pellets``.
        columns: the columns that every sample of this kind may have; techniques add their own.
        made_of: kinds that it may be made from.
        title: what a reader calls several of them.
        names_in: column that holds their names, by default their id; kinds of one table share it, and ``role`` tells them apart.
    """

    id: str
    table: str
    columns: tuple[Column, ...]
    made_of: tuple[str, ...] = ()
    title: str = ""
    names_in: str = ""

    @property
    def id_column(self) -> str:
        """The column that holds their names."""
        return self.names_in or self.id

    @property
    def several(self) -> str:
        """What several of them are called."""
        return self.title or f"{self.id}s"


@dataclass(frozen=True)
class Ingredient:
    """What a sample was made from; ``share`` is its part of the mass (0 to 1), ``nan`` where it is not stated."""

    kind: str
    id: str
    share: float = math.nan


@dataclass(frozen=True)
class NamedFile:
    """A raw file as the study names it.

    Args:
        file: relative to the study.
        column: the column that names it (``compaction_file``), also where ``files.csv`` does.
        part: block, sheet or label in a file that holds several measurements; empty for the whole file.
        repeat: number or name of a repeated measurement.
        state: state of the sample, e.g. pristine, charged, cycled.
        conditions: further columns of ``files.csv``, e.g. ``temperature_degC``.
    """

    file: str
    column: str
    part: str = ""
    repeat: str = ""
    state: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One sample of a study.

    Args:
        id: its name, unique among the samples of its kind.
        kind: id of its :class:`SampleKind`.
        entries: its row as it stands in the table; empty for a sample that only other rows name.
        made_from: what it was made from.
        parents: those samples themselves.
        files: raw files measured on it.
        companions: column -> id of the sample that is measured beside it (a reference, a blank).
        excluded: why it is left out, empty where it takes part.
        column_map: name of the declared column map for its files, empty for known formats.
        own: columns that are never looked up on what it was made from.
        unused: columns of a mixing run that samples of it state differently: none is taken.
    """

    id: str
    kind: str
    entries: Mapping[str, str] = field(default_factory=dict)
    made_from: tuple[Ingredient, ...] = ()
    parents: tuple[Sample, ...] = ()
    files: tuple[NamedFile, ...] = ()
    companions: Mapping[str, str] = field(default_factory=dict)
    excluded: str = ""
    column_map: str = ""
    own: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        """The composite that it was made from: samples of one composite share a colour and their scatter."""
        return next((one.id for one in self.made_from if one.kind == "composite"), "")

    @property
    def generations(self) -> Iterator[tuple[Sample, ...]]:
        """Itself, then what it was made from, then what that was made from, and so on; each sample once."""
        seen: set[tuple[str, str]] = set()
        now: tuple[Sample, ...] = (self,)
        while now:
            now = tuple({(one.kind, one.id): one for one in now if (one.kind, one.id) not in seen}.values())
            seen |= {(one.kind, one.id) for one in now}
            if now:
                yield now
            now = tuple(parent for one in now for parent in one.parents)

    def word(self, column: str) -> str:
        """The entry of a column, its own or that of the nearest samples that it was made from; empty where there is none.

        Raises:
            CathodelabError: the nearest samples that state it differ.
        """
        if column in self.unused:
            return ""
        for generation in [(self,)] if column in self.own else self.generations:
            stated = {
                one.id: one.entries[column].strip() for one in generation if not is_missing(one.entries.get(column, ""))
            }
            if len(set(stated.values())) > 1:
                raise _ambiguous(self, column, stated)
            if stated:
                return next(iter(stated.values()))
        return ""

    def number(self, column: str) -> float:
        """The number in a column, looked up as :meth:`word` does; ``nan`` where there is none."""
        return number_of(self.word(column))

    def estimate(self, column: str, unit: str, uncertainty: str = "") -> Estimate:
        """A stated number with its standard uncertainty.

        Args:
            column: where it is stated.
            unit: its unit.
            uncertainty: the column that states its standard uncertainty; by default :func:`uncertainty_column`.
        """
        half = self.number(uncertainty or uncertainty_column(column))
        return Estimate(self.number(column), half, half, unit, how="stated")


def uncertainty_column(column: str) -> str:
    """``thickness_um`` -> ``thickness_standard_uncertainty_um``: the unit stays at the end."""
    name, mark, unit = column.rpartition("_")
    return f"{name}_standard_uncertainty_{unit}" if mark else f"{column}_standard_uncertainty"


def only_parent(sample: Sample, kind: str) -> Sample | None:
    """The one sample of a kind that it was made from, at any depth; ``None`` where there is none.

    Raises:
        CathodelabError: there are several (a blend), and none of them is *the* one.
    """
    found = {
        one.id: one for generation in sample.generations for one in generation if one.kind == kind and one is not sample
    }
    if len(found) > 1:
        raise _ambiguous(sample, kind, dict.fromkeys(found, kind))
    return next(iter(found.values()), None)


def materials_of(sample: Sample) -> tuple[tuple[Sample, float], ...]:
    """The materials that it is made of in the end, with their shares of the mass (0 to 1; ``nan`` where one is not stated).

    A material that is itself made from others (a coated or blended powder) counts as one where its own density is stated.
    """
    found: dict[str, tuple[Sample, float]] = {}
    for part, parent in zip(sample.made_from, sample.parents, strict=True):
        share = 1.0 if len(sample.made_from) == 1 and math.isnan(part.share) else part.share
        whole = parent.kind == "material" and (not parent.parents or math.isfinite(parent.number("density_g_cm3")))
        for one, own in ((parent, 1.0),) if whole else materials_of(parent):
            before = found[one.id][1] if one.id in found else 0.0
            found[one.id] = one, before + share * own
    return tuple(found.values())


def group_colours(samples: Sequence[Sample | Cell]) -> dict[str, int]:
    """One colour number for each group (composite), in the order of the tables; samples without one have the last colour."""
    groups = dict.fromkeys(one.group for one in samples if one.kind != "reference")
    names = [*filter(None, groups), *([""] if "" in groups else [])]
    return {name: number for number, name in enumerate(names)}


def _ambiguous(sample: Sample, column: str, stated: Mapping[str, str]) -> CathodelabError:
    listed = ", ".join(f"{name}: {entry}" for name, entry in stated.items())
    return CathodelabError(
        "entry-ambiguous",
        f"{column} differs between the samples that {sample.id} was made from ({listed})",
        where=f"{sample.kind} {sample.id}",
        why="None of them is more right than the others, so none is taken.",
        what_to_do=f"State {column} for {sample.id} itself.",
    )


@dataclass(frozen=True)
class Cell:
    """One cell of a study: a typed view of a sample of the kind ``cell`` or ``reference``.

    Args:
        id: name of the cell, unique in the study.
        role: ``cell`` (solid state) or ``reference`` (liquid electrolyte).
        cam_mass: cathode active material without its coating, mg.
        counter_electrode: ``Li``, ``In/InLi`` or another; recorded potentials are against it.
        offset: potential of the counter electrode against Li+/Li, V, with its standard uncertainty.
        files: raw files in order, relative to the study.
        reference: id of the reference cell it is compared with (empty for a reference).
        batch: name of the composite batch, empty where not given.
        excluded: why it is left out, empty where it takes part.
        column_map: name of the declared column map for its files, empty for known formats.
        details: all columns of its row, and those that it has from what it was made from.
    """

    id: str
    role: Role
    cam_mass: Estimate
    counter_electrode: str
    offset: Estimate
    files: tuple[str, ...]
    reference: str = ""
    batch: str = ""
    excluded: str = ""
    column_map: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Kind of the sample that it is a view of."""
        return self.role

    @property
    def group(self) -> str:
        """The batch: cells of one composite share a colour and their scatter."""
        return self.batch

    def word(self, column: str) -> str:
        """The entry of a column; empty where there is none."""
        entry = self.details.get(column, "")
        return "" if is_missing(entry) else entry.strip()

    def number(self, column: str) -> float:
        """The number in a column; ``nan`` where there is none."""
        return number_of(self.details.get(column, ""))
