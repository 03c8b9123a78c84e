"""Lower storeys speak of quantities; a door says in which file or option they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import cathodelab
from cathodelab.catalogue import techniques
from cathodelab.core.errors import FILES, MEANING, CathodelabError, Hint
from cathodelab.core.settings import knobs
from cathodelab.study.manifest import kinds_of_samples, load_study
from cathodelab.study.places import in_study
from cathodelab.study.run import run_study
from cathodelab.study.settings import CRate, ReferenceElectrode

PACKAGE = Path(cathodelab.__file__).parent
LOWER = ("core", "formats", "techniques", "analyses", "simulation")
FILES_OF_A_STUDY = ("cells.csv", "cells.xlsx", "files.csv", "study.toml", "[methods", "[columns")
SPEAK_OF_THEM = {
    ("core", "kinds.py"),  # declares the columns of these very tables, in words for their user
    ("formats", "column_map.py"),  # checks a table of this name
}


@cache
def trees() -> tuple[tuple[str, Path, ast.Module], ...]:
    """Every module of the lower storeys."""
    paths = ((storey, path) for storey in LOWER for path in sorted((PACKAGE / storey).rglob("*.py")))
    return tuple((storey, path, ast.parse(path.read_text(encoding="utf-8"))) for storey, path in paths)


def texts_of(tree: ast.Module) -> Iterator[str]:
    """String literals that are no docstrings."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def test_no_lower_storey_names_a_file_of_a_study() -> None:
    named = [
        f"{path.relative_to(PACKAGE)}: {text!r}"
        for storey, path, tree in trees()
        if (storey, path.name) not in SPEAK_OF_THEM
        for text in texts_of(tree)
        if any(file in text for file in FILES_OF_A_STUDY)
    ]
    assert not named


def hints() -> Iterator[Hint]:
    """Every hint that is written out in the lower storeys."""
    for _, _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Hint":
                given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                if len(given) == len(node.args):
                    yield Hint(*given)


def test_every_hint_is_about_something_that_there_is() -> None:
    """A column that is declared, a setting that a method has: else a door would send a user nowhere."""
    columns = {column.name for kind in kinds_of_samples().values() for column in kind.columns}
    sections = {"c_rate": CRate, "reference_electrode": ReferenceElectrode}
    settings = {f"{section}.{name}" for section, kind in sections.items() for name in knobs(kind)}
    for technique in techniques():
        for name in technique.methods:
            settings |= {f"{name}.{one}" for one in knobs(technique.method(name).settings)}
    found = list(hints())
    assert len(found) > 8
    for hint in found:
        if hint.about == "column":
            assert hint.name in columns, hint
        if hint.about == "setting":
            assert hint.name in settings, hint


def test_the_door_of_a_study_names_its_own_files(demo_study: Path) -> None:
    study = load_study(demo_study)
    door = in_study(study)
    assert door(Hint("column", "area_cm2")) == "See the column area_cm2 of cells.csv."
    assert door(FILES) == "Files of a cell are named in cells.csv, or in files.csv."
    assert door(Hint("files", "spectra_file")).endswith("in cells.csv, column spectra_file, or in files.csv.")
    assert door(Hint("setting", "utilization.windows")) == "See windows in [methods.utilization] of study.toml."
    assert door(Hint("setting", "c_rate.basis_mAh_g")) == "See basis_mAh_g in [c_rate] of study.toml."
    assert door(Hint("meaning", "mylab")) == "The map is [columns.mylab] in study.toml."
    assert 'unit = "ms"' in door(MEANING)
    assert in_study(study, "pellet")(Hint("column", "mass_mg")) == "See the column mass_mg of pellets.csv."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b,c\n1,2,3\n", "Put this into study.toml and correct it"),
        (b"Test Time / s,Voltage / V,Ampere\n0,3,1\n", "state which columns hold them. A column map in study.toml"),
    ],
)
def test_a_fault_of_a_file_says_where_the_study_can_help(demo_study: Path, content: bytes, said: str) -> None:
    """In the results, and so in page, JSON and terminal; placed at the cell and its file."""
    sheet = demo_study / "cells.csv"
    sheet.write_text("\n".join(sheet.read_text().splitlines()[:3]) + "\n")
    study = load_study(demo_study)
    cell = next(one for one in study.cells if one.role == "cell")
    (demo_study / cell.files[0]).write_bytes(content)
    outcome = run_study(demo_study).cell(cell.id).outcomes["utilization"]
    error = outcome.error
    assert isinstance(error, CathodelabError)
    assert said in error.what_to_do
    assert not error.hints
    assert error.where.startswith(f"cell {cell.id}, {cell.files[0]}")
