"""The study folder: cells.csv (or .xlsx) and study.toml to a checked study. All problems are reported at once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cathodelab.core.errors import CathodelabError, Problem, StudyInvalid
from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell, Role
from cathodelab.core.settings import knob, settings_from
from cathodelab.formats.shared.column_map import ColumnMap, column_map
from cathodelab.study.checklist import CHECKLIST, Completeness, completeness
from cathodelab.study.methods import all_methods
from cathodelab.study.sheet import Sheet, read_sheet

CONFIGURATION = "study.toml"
REQUIRED = ("cell", "role", "cam_mass_mg", "cam_mass_standard_uncertainty_mg", "counter_electrode", "file")
OPTIONAL = (
    "reference",
    "columns",
    "spectra_file",
    "excluded",
    "exclusion_reason",
    "reference_offset_volt",
    "reference_offset_standard_uncertainty_volt",
)
_TRUE, _FALSE = ("true", "yes", "1", "x"), ("false", "no", "0", "")
_LARGEST_MASS_MG = 10_000.0
_BINDING_FIELDS = ("composite_mass_mg", "cam_mass_fraction", "coating_mass_fraction", "area_cm2")


@dataclass(frozen=True)
class ReferenceElectrode:
    """Potential of the In/InLi two-phase counter electrode against Li+/Li (seed: Santhosha et al. 2019)."""

    offset_volt: float = knob(0.62, "potential of In/InLi vs. Li⁺/Li", unit="V", low=-5, high=5)
    standard_uncertainty_volt: float = knob(0.004, "its standard uncertainty", unit="V", low=0, high=1)


@dataclass(frozen=True)
class CRate:
    """What 1C means."""

    basis_mAh_g: float = knob(
        200.0, "capacity per mass of active material that 1C delivers in 1 h", unit="mAh/g", low=1
    )


@dataclass(frozen=True)
class Study:
    """A checked study folder."""

    folder: Path
    title: str
    synthetic: bool
    cells: tuple[Cell, ...]
    reference_electrode: ReferenceElectrode
    c_rate: CRate
    settings: Mapping[str, Any]
    column_maps: tuple[ColumnMap, ...]
    unknown_columns: tuple[str, ...]
    completeness: Completeness
    manifest_files: tuple[str, ...] = field(default=())

    @cached_property
    def plain_settings(self) -> dict[str, dict[str, Any]]:
        """Settings by method as JSON has them: part of the key of every cell, and of the record of a run."""
        return {name: asdict(settings) for name, settings in self.settings.items()}

    def cell(self, name: str) -> Cell:
        """A cell by its id."""
        return next(cell for cell in self.cells if cell.id == name)


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
    configuration, problems = _configuration(folder)
    sheet, sheet_problems = read_sheet(folder)
    problems += sheet_problems
    electrode, more = settings_from(
        ReferenceElectrode,
        _section(configuration, "reference_electrode", problems),
        CONFIGURATION,
        "reference_electrode",
    )
    problems += more
    c_rate, more = settings_from(CRate, _section(configuration, "c_rate", problems), CONFIGURATION, "c_rate")
    problems += more
    settings = _method_settings(_section(configuration, "methods", problems), problems)
    maps = _column_maps(_section(configuration, "columns", problems), problems)
    cells: list[Cell] = []
    if sheet is not None:
        cells = _cells(sheet, electrode, {declared.name for declared in maps}, problems)
    if problems or sheet is None:
        raise StudyInvalid(str(folder), tuple(problems))
    rows = [dict(cell.details) for cell in cells if cell.role == "cell"]
    known = {*REQUIRED, *OPTIONAL, *(one.name for one in CHECKLIST)}
    return Study(
        folder=folder,
        title=str(configuration.get("title", folder.resolve().name)),
        synthetic=bool(configuration.get("synthetic", False)),
        cells=tuple(cells),
        reference_electrode=electrode,
        c_rate=c_rate,
        settings=settings,
        column_maps=tuple(maps),
        unknown_columns=tuple(column for column in sheet.header if column and column not in known),
        completeness=completeness(rows),
        manifest_files=(sheet.file, *([CONFIGURATION] if (folder / CONFIGURATION).is_file() else [])),
    )


_TOP_LEVEL = ("schema_version", "title", "synthetic", "reference_electrode", "c_rate", "methods", "columns")


def _configuration(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    path = folder / CONFIGURATION
    if not path.is_file():
        return {}, []
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(CONFIGURATION, "", "", str(error), "TOML in UTF-8")]
    problems = [
        Problem.of_unknown_key((CONFIGURATION, "", key), content[key], _TOP_LEVEL)
        for key in content
        if key not in _TOP_LEVEL
    ]
    if content.get("schema_version") != 1:
        value = str(content.get("schema_version", "missing"))
        problems.append(Problem(CONFIGURATION, "", "schema_version", value, "1"))
    for key, kind in (("title", str), ("synthetic", bool)):
        if key in content and not isinstance(content[key], kind):
            allowed = "a text" if kind is str else "true or false"
            problems.append(Problem(CONFIGURATION, "", key, str(content[key]), allowed))
    return content, problems


def _section(configuration: Mapping[str, Any], name: str, problems: list[Problem]) -> Mapping[str, Any]:
    section = configuration.get(name, {})
    if not isinstance(section, Mapping):
        problems.append(Problem(CONFIGURATION, "", name, str(section), f"a table [{name}]"))
        return {}
    return section


def _method_settings(section: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    methods = {method.id: method for method in all_methods()}
    settings = {}
    problems += [
        Problem.of_unknown_key((CONFIGURATION, f"[methods.{name}]", ""), name, methods)
        for name in section
        if name not in methods
    ]
    for name, method in methods.items():
        table = _section(section, name, problems)
        settings[name], more = settings_from(method.settings, table, CONFIGURATION, f"methods.{name}")
        problems += more
    return settings


def _column_maps(section: Mapping[str, Any], problems: list[Problem]) -> list[ColumnMap]:
    maps = []
    for name in section:
        declared, more = column_map(name, _section(section, name, problems), CONFIGURATION)
        problems += more
        if declared is not None:
            maps.append(declared)
    return maps


def _cells(sheet: Sheet, electrode: ReferenceElectrode, maps: set[str], problems: list[Problem]) -> list[Cell]:
    missing = [name for name in REQUIRED if name not in sheet.header]
    if missing:
        problems += [
            Problem(sheet.file, "header", name, "missing", "required columns: " + ", ".join(REQUIRED))
            for name in missing
        ]
        return []
    cells, seen = [], set()
    references = [
        row["cell"] for _, row in sheet.rows if row["role"] == "reference" and not _is_true(row.get("excluded", ""))
    ]
    for number, row in sheet.rows:
        entry = _Row(sheet.file, f"row {number}" + (f" ({row['cell']})" if row["cell"] else ""), row, problems)
        if row["cell"] in seen:
            entry.problem("cell", "every cell once")
        seen.add(row["cell"])
        cells.append(_cell(entry, electrode, references, maps))
    if not sheet.rows:
        problems.append(Problem(sheet.file, "", "", "no rows", "one row for each cell"))
    return cells


@dataclass(frozen=True)
class _Row:
    """One row of the manifest and where to report what is wrong with it."""

    file: str
    place: str
    entries: Mapping[str, str]
    problems: list[Problem]

    def problem(self, column: str, allowed: str) -> None:
        self.problems.append(Problem(self.file, self.place, column, self.entries.get(column, ""), allowed))

    def text(self, column: str) -> str:
        return self.entries.get(column, "")

    def number(
        self, column: str, low: float, high: float, default: float | None = None, *, above: bool = False
    ) -> float:
        """The number in a column; a problem and ``nan`` where there is none in the range (``above``: low excluded)."""
        text = self.text(column)
        if not text and default is not None:
            return default
        try:
            value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except ValueError:
            value = math.nan
        if not (low < value <= high if above else low <= value <= high):
            self.problem(column, f"a number {'above' if above else 'from'} {low:g} up to {high:g}")
            return math.nan
        return value


def _cell(row: _Row, electrode: ReferenceElectrode, references: list[str], maps: set[str]) -> Cell:
    for column in ("cell", "file"):
        if not row.text(column):
            row.problem(column, "a text")
    if any(character in row.text("cell") for character in '/\\:*?"<>|'):
        row.problem("cell", 'a name without / \\ : * ? " < > | (it names files)')
    role: Role = "reference" if row.text("role") == "reference" else "cell"
    if row.text("role") not in ("cell", "reference"):
        row.problem("role", "cell or reference")
    if row.text("counter_electrode") not in ("Li", "In/InLi"):
        row.problem("counter_electrode", "Li or In/InLi")
    mass = row.number("cam_mass_mg", 0, _LARGEST_MASS_MG, above=True)
    uncertainty = row.number("cam_mass_standard_uncertainty_mg", 0, mass if mass > 0 else _LARGEST_MASS_MG)
    coating = row.number("coating_mass_fraction", 0, 0.99, 0.0)
    for column in _BINDING_FIELDS:
        row.number(column, 0, 1 if column.endswith("fraction") else 1e6, 0.0)
    if row.text("excluded").lower() not in (*_TRUE, *_FALSE):
        row.problem("excluded", "true or false")
    excluded = _is_true(row.text("excluded"))
    if excluded and not row.text("exclusion_reason"):
        row.problem("exclusion_reason", "a reason for every excluded cell")
    if row.text("columns") and row.text("columns") not in maps:
        row.problem("columns", "the name of a [columns.<name>] map of study.toml")
    return Cell(
        id=row.text("cell"),
        role=role,
        cam_mass=Estimate(
            mass * (1 - coating), uncertainty * (1 - coating), uncertainty * (1 - coating), "mg", how="weighed"
        ),
        counter_electrode=row.text("counter_electrode"),
        offset=_offset(row, electrode),
        files=tuple(part.strip() for part in row.text("file").split(";") if part.strip()),
        reference="" if role == "reference" else _reference(row, references),
        batch=row.text("batch"),
        excluded=row.text("exclusion_reason") if excluded else "",
        column_map=row.text("columns"),
        details=row.entries,
    )


def _offset(row: _Row, electrode: ReferenceElectrode) -> Estimate:
    """Potential of the counter electrode: of the study for In/InLi, zero for lithium, or as the row states it."""
    lithium = row.text("counter_electrode") == "Li"
    value = row.number("reference_offset_volt", -5, 5, 0.0 if lithium else electrode.offset_volt)
    default = 0.0 if lithium else electrode.standard_uncertainty_volt
    half = row.number("reference_offset_standard_uncertainty_volt", 0, 1, default)
    return Estimate(value, half, half, "V", "Li⁺/Li", how="stated")


def _reference(row: _Row, references: list[str]) -> str:
    wanted = row.text("reference")
    if wanted:
        if wanted not in references:
            row.problem("reference", "the name of a reference cell: " + ", ".join(references))
        return wanted
    if len(references) > 1:
        row.problem("reference", "with several references, the name of one: " + ", ".join(references))
    return references[0] if references else ""


def _is_true(text: str) -> bool:
    return text.lower() in _TRUE
