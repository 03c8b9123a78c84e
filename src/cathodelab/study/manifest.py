"""The study folder: tables of samples and study.toml to a checked study. All problems are reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from cathodelab.catalogue import techniques
from cathodelab.core.columns import Column
from cathodelab.core.errors import CathodelabError, Problem, StudyInvalid
from cathodelab.core.kinds import KINDS
from cathodelab.core.samples import Cell, Sample, SampleKind
from cathodelab.formats.shared.column_map import ColumnMap
from cathodelab.study.batches_stated import contradictions
from cathodelab.study.cells import KINDS_OF_CELLS, cell_of, check_cell
from cathodelab.study.checklist import Completeness, completeness
from cathodelab.study.links import SampleName, Unlinked, linked
from cathodelab.study.named_files import files_of_row, listed_files, outside_files, unknown_file_columns
from cathodelab.study.rows import Row, check_row, is_true, one_file
from cathodelab.study.same_and_different import other_materials, same_files
from cathodelab.study.settings import CONFIGURATION, Configuration, CRate, ReferenceElectrode, configuration
from cathodelab.study.sheet import FILES, Sheet, read_sheets


@dataclass(frozen=True)
class Study:
    """A checked study folder.

    Args:
        folder: where it is.
        title: what it is called.
        synthetic: whether it was generated.
        samples: all samples in the order of the tables; those that only others name come last.
        kinds: kinds of samples by id.
        reference_electrode: potential of In/InLi.
        c_rate: what 1C means.
        settings: settings of the methods that ``study.toml`` names.
        column_maps: declared column maps.
        unknown_columns: columns that nothing declares; they are kept.
        completeness: how much of the reporting checklist is given.
        doubts: entries that are used and look like mistakes, or are not used as they contradict each other.
        manifest_files: the tables and settings that describe it.
    """

    folder: Path
    title: str
    synthetic: bool
    samples: tuple[Sample, ...]
    kinds: Mapping[str, SampleKind]
    reference_electrode: ReferenceElectrode
    c_rate: CRate
    settings: Mapping[str, Any]
    column_maps: tuple[ColumnMap, ...]
    unknown_columns: tuple[str, ...]
    completeness: Completeness
    doubts: tuple[Problem, ...] = ()
    manifest_files: tuple[str, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Cells and references in the order of their table."""
        return tuple(self.view(one) for one in self.samples if one.kind in KINDS_OF_CELLS)

    @cached_property
    def nameless(self) -> tuple[Sample, ...]:
        """Samples that rows name and no table holds: they have no data of their own."""
        return tuple(one for one in self.samples if not one.entries)

    def cell(self, name: str) -> Cell:
        """A cell or reference by its id."""
        return next(cell for cell in self.cells if cell.id == name)

    def sample(self, kind: str, name: str) -> Sample:
        """A sample by its kind and id."""
        return self._by_name[kind, name]

    def view(self, sample: Sample) -> Any:  # noqa: ANN401 - a sample, or the typed view of its kind
        """The sample as its methods see it."""
        name = sample.kind, sample.id
        if name not in self._views:
            is_cell = sample.kind in KINDS_OF_CELLS
            self._views[name] = (
                cell_of(sample, self.kinds[sample.kind], self.reference_electrode) if is_cell else sample
            )
        return self._views[name]

    @cached_property
    def _by_name(self) -> dict[SampleName, Sample]:
        return {(one.kind, one.id): one for one in self.samples}

    @cached_property
    def _views(self) -> dict[SampleName, Any]:
        return {}


def load_study(folder: Path) -> Study:
    """Read and check a study folder.

    Raises:
        CathodelabError: there is no such folder.
        StudyInvalid: with every problem of the manifest: file, row, column, value, what is allowed.
    """
    if not folder.is_dir():
        raise CathodelabError(
            "study-missing",
            f"{folder.name!r} is a file" if folder.is_file() else f"There is no folder {folder.name!r}",
            where=str(folder),
            why="A study is a folder with cells.csv (or cells.xlsx), the raw files, and optionally study.toml.",
            what_to_do="Give the path of the folder, or make one with `cathodelab init`.",
        )
    settings, problems = configuration(folder)
    kinds = kinds_of_samples()
    sheets, more = read_sheets(folder, [*dict.fromkeys(kind.table for kind in kinds.values()), FILES])
    problems += more
    if not any(kind.table in sheets for kind in kinds.values()) and not more:
        problems.append(_no_table())
    samples = _samples(sheets, kinds, settings, folder, problems)
    refused = tuple(one for one in problems if one.weight == "refused")
    if refused:
        raise StudyInvalid(str(folder), refused)
    cells = [{**one.entries, **_inherited(one)} for one in samples if one.kind == "cell" and one.entries]
    return Study(
        folder=folder,
        title=settings.title or folder.resolve().name,
        synthetic=settings.synthetic,
        samples=tuple(samples),
        kinds=kinds,
        reference_electrode=settings.reference_electrode,
        c_rate=settings.c_rate,
        settings=settings.methods,
        column_maps=settings.column_maps,
        unknown_columns=_unknown_columns(sheets, kinds),
        completeness=completeness(kinds["cell"].columns, cells),
        doubts=tuple(one for one in problems if one.weight == "doubtful"),
        manifest_files=(*(sheet.file for sheet in sheets.values()), *([CONFIGURATION] if settings.present else [])),
    )


def kinds_of_samples() -> dict[str, SampleKind]:
    """Ours and those of techniques, each with the columns that techniques add."""
    kinds = {one.id: one for one in KINDS}
    for technique in techniques():
        kinds |= {one.id: one for one in technique.kinds if one.id not in kinds}
    for technique in techniques():
        for name in kinds:
            extra = [*technique.columns.get(name, ()), *_file_columns(technique.columns, technique.file_columns, name)]
            known = {one.name for one in kinds[name].columns}
            new = tuple(one for one in extra if one.name not in known)
            kinds[name] = replace(kinds[name], columns=(*kinds[name].columns, *new))
    return kinds


def _file_columns(columns: Mapping[str, tuple[Column, ...]], names: Iterable[str], kind: str) -> list[Column]:
    """Columns of raw files of a technique, in the tables of the kinds that it adds columns to."""
    if kind not in columns:
        return []
    return [Column(name, "its raw files", files=True, inherited=False) for name in names]


def _no_table() -> Problem:
    return Problem(
        "cells.csv or cells.xlsx",
        "",
        "",
        "missing",
        "exactly one of the two in the study folder, or another table of samples",
        "A study needs a list of its cells; `cathodelab init FOLDER` writes one to fill in.",
    )


def _samples(
    sheets: Mapping[str, Sheet],
    kinds: Mapping[str, SampleKind],
    settings: Configuration,
    folder: Path,
    problems: list[Problem],
) -> list[Sample]:
    maps = {one.name for one in settings.column_maps}
    found = [
        one
        for table in dict.fromkeys(kind.table for kind in kinds.values())
        if table in sheets
        for one in _of_table(sheets[table], table, kinds, maps, folder, problems)
    ]
    empty = [sheet.file for name, sheet in sheets.items() if name != FILES and not sheet.rows]
    if empty and not found:
        problems += [
            Problem(file, "", "", "no rows", "one row for each cell, or rows in another table") for file in empty
        ]
    _add_companions(found, kinds)
    samples = linked(found)
    if FILES in sheets:
        listed = listed_files(sheets[FILES], samples, techniques(), folder, problems)
        samples = [replace(one, files=(*one.files, *listed.get((one.kind, one.id), ()))) for one in samples]
    _refuse_without_files(found, samples)
    files = {kind.id: sheets[kind.table].file for kind in kinds.values() if kind.table in sheets}
    more, unused = contradictions(samples, files)
    problems += [*more, *outside_files(samples, files, folder)]
    problems += [*same_files(samples, files, folder), *other_materials(samples, files, kinds)]
    return [replace(one, unused=unused.get((one.kind, one.id), frozenset())) for one in samples]


def _of_table(
    sheet: Sheet,
    table: str,
    kinds: Mapping[str, SampleKind],
    maps: set[str],
    folder: Path,
    problems: list[Problem],
) -> list[Unlinked]:
    """The samples of one table; kinds that share it are told apart by the column ``role``."""
    here = {one.id: one for one in kinds.values() if one.table == table}
    first = next(iter(here.values()))
    needed = [one.name for one in first.columns if one.needed and not (one.files and _other_files(sheet, first))]
    missing = [name for name in needed if name not in sheet.header]
    if missing:
        problems += [
            Problem(sheet.file, "header", name, "missing", "required columns: " + ", ".join(needed)) for name in missing
        ]
        return []
    found: list[Unlinked] = []
    seen: set[tuple[str, str]] = set()
    alike: dict[str, str] = {}
    for number, entries in sheet.rows:
        name = entries.get(first.id_column, "").strip()
        row = Row(sheet.file, f"row {number}" + (f" ({name})" if name else ""), entries, problems)
        kind = here.get(row.text("role"), first) if len(here) > 1 else first
        if (kind.id, name) in seen or (len(here) > 1 and name in {one for _, one in seen}):
            row.refuse(first.id_column, f"every {first.id_column} once")
        seen.add((kind.id, name))
        if alike.setdefault(one_file(name), name) != name:
            row.refuse(
                first.id_column, f"names that differ by more than case or accents' coding ({alike[one_file(name)]!r})"
            )
        found.append(_unlinked(row, kind, maps, folder))
    return found


def _other_files(sheet: Sheet, kind: SampleKind) -> bool:
    """Whether the table has another column of files than the one that is needed."""
    return any(one.files and not one.needed and one.name in sheet.header for one in kind.columns)


def _unlinked(row: Row, kind: SampleKind, maps: set[str], folder: Path) -> Unlinked:
    check_row(row, kind.columns, kind.id_column)
    if kind.id in KINDS_OF_CELLS:
        check_cell(row)
    if row.text("columns") and row.text("columns") not in maps:
        row.refuse("columns", "the name of a [columns.<name>] map of study.toml")
    sample = Sample(
        id=row.text(kind.id_column),
        kind=kind.id,
        entries=row.entries,
        files=files_of_row(row, [one.name for one in kind.columns if one.files], folder),
        excluded=row.text("exclusion_reason") if is_true(row.text("excluded")) else "",
        column_map=row.text("columns"),
        own=frozenset(one.name for one in kind.columns if not one.inherited),
    )
    return Unlinked(sample, kind, row)


def _add_companions(found: list[Unlinked], kinds: Mapping[str, SampleKind]) -> None:
    """Which samples are measured beside each: the one named, or the only one of its kind where the column says so."""
    taking_part: dict[str, list[str]] = {}
    for one in found:
        if not one.sample.excluded:
            taking_part.setdefault(one.sample.kind, []).append(one.sample.id)
    for place, one in enumerate(found):
        companions: dict[str, str] = {}
        for column in one.kind.columns:
            if not column.names:
                continue
            several = kinds[column.names].several
            names, wanted = taking_part.get(column.names, []), one.row.text(column.name)
            if wanted and wanted not in names:
                one.row.refuse(column.name, f"the name of one of the {several}: " + ", ".join(names))
            elif not wanted and column.sole and len(names) > 1:
                one.row.refuse(column.name, f"with several {several}, the name of one: " + ", ".join(names))
            if wanted or (column.sole and names):
                companions[column.name] = wanted or names[0]
        found[place] = replace(one, sample=replace(one.sample, companions=companions))


def _refuse_without_files(found: list[Unlinked], samples: Iterable[Sample]) -> None:
    """A row of a kind that is its files (a cell) needs one, wherever it is named."""
    with_files = {(one.kind, one.id) for one in samples if one.files}
    for one in found:
        column = next((column for column in one.kind.columns if column.files and column.needed), None)
        if column is not None and (one.sample.kind, one.sample.id) not in with_files:
            one.row.refuse(column.name, column.allowed)


def _inherited(sample: Sample) -> dict[str, str]:
    """What a cell has from the rows of its composite, for the checklist."""
    own = {name for name, entry in sample.entries.items() if entry}
    return {
        name: entry
        for generation in list(sample.generations)[1:]
        for parent in generation
        for name, entry in parent.entries.items()
        if entry and name not in own and name not in parent.own
    }


def _unknown_columns(sheets: Mapping[str, Sheet], kinds: Mapping[str, SampleKind]) -> tuple[str, ...]:
    """Columns that nothing declares, table by table; only those of other tables than ``cells`` name it."""
    unknown: list[str] = []
    for table, sheet in sheets.items():
        if table == FILES:
            unknown += [f"{name} (files)" for name in unknown_file_columns(sheet, techniques())]
            continue
        known = {column.name for kind in kinds.values() if kind.table == table for column in kind.columns}
        unknown += [
            name if table == "cells" else f"{name} ({table})" for name in sheet.header if name and name not in known
        ]
    return tuple(unknown)
