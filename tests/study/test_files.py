"""What makes a run read files again, and what does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cathodelab.study import cache
from cathodelab.study.cache import cache_folder, code_hash, forget_other_versions, program_digest
from cathodelab.study.files import touched_samples
from cathodelab.study.manifest import load_study
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study


def _theta(results: StudyResults, cell: str) -> float:
    return results.cell(cell).estimate("utilization", "static_utilization").value


def _read(results: StudyResults) -> set[str]:
    return {name for _, name in results.read_anew}


def _set(folder: Path, lines: str) -> None:
    (folder / "study.toml").write_text(f"schema_version = 1\n{lines}\n")


@pytest.fixture
def known(known_truth: Path) -> Path:
    """The known-truth study with three of its cells, evaluated once."""
    path = known_truth / "cells.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:5]) + "\n")
    assert _read(run_study(known_truth)) == {"liquid-01", "ssb-01", "ssb-02", "ssb-03"}
    return known_truth


def test_nothing_changed_reads_nothing(known: Path) -> None:
    """And gives the same."""
    before = run_study(known)
    assert before.read_anew == ()
    assert _theta(run_study(known), "ssb-01") == _theta(before, "ssb-01")


def test_a_changed_row_of_the_manifest_counts(known: Path) -> None:
    """Twice the mass is half the utilization; the other cells stay as they are."""
    before = run_study(known)
    path = known / "cells.csv"
    header, reference, first, *others = path.read_text().splitlines()
    entries = dict(zip(header.split(","), first.split(","), strict=True))
    entries["cam_mass_mg"] = str(float(entries["cam_mass_mg"]) * 2)
    path.write_text("\n".join([header, reference, ",".join(entries.values()), *others]) + "\n")
    after = run_study(known)
    assert _read(after) == {"ssb-01"}
    assert _theta(after, "ssb-01") == pytest.approx(_theta(before, "ssb-01") / 2, rel=1e-9)
    assert _theta(after, "ssb-02") == _theta(before, "ssb-02")


def test_a_changed_file_is_read_alone(known: Path) -> None:
    """And gives the numbers of what is in it now."""
    before = run_study(known)
    shutil.copy(known / "ssb-02.csv", known / "ssb-01.csv")
    after = run_study(known)
    assert _read(after) == {"ssb-01"}
    assert _theta(after, "ssb-01") != _theta(before, "ssb-01")
    assert _theta(after, "ssb-03") == _theta(before, "ssb-03")


def test_a_changed_reference_is_read_and_changes_all_its_cells(known: Path) -> None:
    """The cells' own files are not read again."""
    before = run_study(known)
    path = known / "liquid-01.csv"
    head, *rows = path.read_text().splitlines()
    moved = [row.split(",") for row in rows]
    column = next(number for number, name in enumerate(head.split(",")) if "current" in name.lower())
    for row in moved:
        row[column] = repr(float(row[column]) * 1.01)
    path.write_text("\n".join([head, *(",".join(row) for row in moved)]) + "\n")
    after = run_study(known)
    assert _read(after) == {"liquid-01"}
    for cell in ("ssb-01", "ssb-02", "ssb-03"):
        assert _theta(after, cell) == pytest.approx(_theta(before, cell) / 1.01, rel=1e-3)


def test_changed_settings_of_the_extraction_are_obeyed(known: Path) -> None:
    """The same numbers as without a cache."""
    before = run_study(known)
    _set(known, "[methods.utilization]\nslope_window_fraction = 0.1")
    after = run_study(known)
    assert len(after.read_anew) == 4
    shutil.rmtree(known / ".cathodelab")
    fresh = run_study(known)
    for cell in ("ssb-01", "ssb-02", "ssb-03"):
        assert _theta(after, cell) == _theta(fresh, cell) != _theta(before, cell)


def test_another_version_of_the_program_reads_all_and_forgets_the_first(
    known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever changed in it: readers, extraction, drawing."""
    old = cache_folder(known, "tables").parent
    monkeypatch.setattr(cache, "program_digest", lambda: "0123456789abcdef")
    assert len(run_study(known).read_anew) == 4
    assert run_study(known).read_anew == ()
    assert old.is_dir()
    (known / ".cathodelab" / "notes").mkdir()
    forget_other_versions(known)
    assert sorted(path.name for path in (known / ".cathodelab").iterdir()) == ["0123456789abcdef", "notes"]


def test_the_program_is_known_by_its_code(tmp_path: Path) -> None:
    """A changed, a new and a renamed file are other programs; other kinds of files are not code."""
    (tmp_path / "one.py").write_text("a = 1\n")
    hashes = [code_hash(tmp_path)]
    (tmp_path / "one.py").write_text("a = 2\n")
    hashes.append(code_hash(tmp_path))
    (tmp_path / "two.py").write_text("")
    hashes.append(code_hash(tmp_path))
    (tmp_path / "two.py").rename(tmp_path / "three.py")
    hashes.append(code_hash(tmp_path))
    assert len(set(hashes)) == 4
    (tmp_path / "notes.txt").write_text("x")
    assert code_hash(tmp_path) == hashes[-1]
    assert len(program_digest()) == 16


def test_progress_counts_what_is_read_and_nothing_else(known: Path) -> None:
    """Cells from the cache are no work."""
    said: list[tuple[int, str]] = []

    def progress(items: Iterable[Any], count: int, what: str) -> Iterable[Any]:
        said.append((count, what))
        return items

    run_study(known, progress)
    shutil.copy(known / "ssb-02.csv", known / "ssb-03.csv")
    run_study(known, progress)
    assert said == [(0, "samples"), (1, "samples")]


def test_two_cells_with_one_file_read_it_once_each_and_agree(known: Path) -> None:
    """The role is part of what an entry depends on: a cell and a reference read the same file differently."""
    path = known / "cells.csv"
    header, reference, *cells = path.read_text().splitlines()
    entries = dict(zip(header.split(","), reference.split(","), strict=True))
    entries |= {"cell": "liquid-as-cell", "role": "cell"}
    path.write_text("\n".join([header, reference, *cells, ",".join(entries.values())]) + "\n")
    results = run_study(known)
    assert _read(results) == {"liquid-as-cell"}
    assert _theta(results, "liquid-as-cell") == pytest.approx(1.0, abs=0.02)


def test_a_newer_file_is_a_hint_only(known: Path) -> None:
    """It counts cells with newer files; a touched file of the same content is not read again."""
    study, before = load_study(known), known / "results.json"
    assert touched_samples(study, before) == 0, "no earlier run"
    before.write_text("{}")
    after = before.stat().st_mtime + 10
    for name in ("ssb-01", "ssb-02"):
        os.utime(known / study.cell(name).files[0], (after, after))
    (known / study.cell("ssb-03").files[0]).unlink()
    assert touched_samples(study, before) == 2
    assert not {"ssb-01", "ssb-02"} & _read(run_study(known))
