"""The house: storeys that serve all techniques name none of them, and a door opens only what is asked for."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

import cathodelab
from cathodelab.catalogue import OURS, techniques

ROOT = Path(cathodelab.__file__).parent
STOREYS = ("core", "formats", "figures", "study", "report")
ABOVE = ("cathodelab.techniques", "cathodelab.analyses", "cathodelab.process", "cathodelab.simulation")
WORDS_OF_THE_FIELD = {"cycling", "impedance", "record", "cycles", "losses", "active", "stack", "batches", "causes"}
"""Ids of methods that are also plain words: kinds of tables, labels of files, names of entries."""


def _texts(tree: ast.AST) -> Iterator[str]:
    """String literals that are no docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def _names() -> set[str]:
    """Ids of techniques, methods, study methods, and of the estimates that their headlines declare."""
    found: set[str] = set()
    for technique in techniques():
        found |= {technique.id, *technique.methods, *technique.study_methods}
        for name in technique.methods:
            headline = technique.method(name).headline
            if isinstance(headline, tuple):
                found |= {one.estimate for one in headline}
    return found - WORDS_OF_THE_FIELD


FILES = [path for storey in STOREYS for path in sorted((ROOT / storey).rglob("*.py"))]


def test_no_storey_below_the_door_names_a_technique_a_method_or_an_estimate() -> None:
    """Neither by import nor as a text."""
    names, faults = _names(), []
    assert {"utilization", "static_utilization", "kinetic_loss", "interface_growth"} <= names
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        faults += [f"{path.name} imports {one}" for one in _imports(tree) if one.startswith(ABOVE)]
        faults += [f"{path.name} says {one!r}" for one in _texts(tree) if one in names]
    assert faults == []


def test_every_technique_stands_in_the_catalogue_once() -> None:
    """One line a technique."""
    assert len(set(OURS)) == len(OURS)
    ids = [one.id for one in techniques()]
    assert len(set(ids)) == len(ids)
    methods = [name for one in techniques() for name in (*one.methods, *one.study_methods)]
    assert len(set(methods)) == len(methods)


def test_results_are_freed_with_the_last_name_for_them(known_truth: Path) -> None:
    """No cache keeps a study alive: notebooks and servers look at many."""
    results = cathodelab.run_study(known_truth)
    assert results.studies
    watched = weakref.ref(results)
    del results
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("settings", ["", "[methods.cycling]\n"], ids=["defaults", "a setting of cycling"])
def test_checking_a_cycling_study_imports_no_code_of_another_technique(tmp_path: Path, settings: str) -> None:
    """Declarations alone are read; what cycling computes with is loaded where a setting of it stands."""
    (tmp_path / "a.csv").write_text("Test Time / s,Voltage / V,Current / A\n0,3,0\n")
    (tmp_path / "cells.csv").write_text(
        "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file\na,cell,10,0.1,Li,a.csv\n"
    )
    (tmp_path / "study.toml").write_text(f"schema_version = 1\n{settings}")
    code = (
        "import sys\nfrom cathodelab.apps.cli import main\n"
        f"assert main(['check', {str(tmp_path)!r}]) == 0\n"
        "print('LOADED', sorted(name for name in sys.modules if name.startswith(('cathodelab.techniques.', "
        "'cathodelab.analyses.')) and not name.endswith(('.technique', '.columns')) and name.count('.') > 2))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ast.literal_eval(done.stdout.rsplit("LOADED ", 1)[1])
    allowed = "cathodelab.techniques.cycling." if settings else "none"
    assert [name for name in loaded if not name.startswith(allowed)] == []
