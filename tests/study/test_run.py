"""Cells x methods: one bad file never takes the others with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.study.cache import cache_folder
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study
from cathodelab.study.store import results_record


def test_truncated_empty_missing_and_wrong_unit_files_are_four_outcomes(known_truth: Path) -> None:
    """The others are evaluated; four clear errors."""
    raw = (known_truth / "ssb-01.csv").read_text()
    (known_truth / "ssb-01.csv").write_text(raw[: len(raw) // 2])
    (known_truth / "ssb-02.csv").write_text("")
    (known_truth / "ssb-03.csv").unlink()
    lines = (known_truth / "ssb-04.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    in_millivolt = [f"{t},{float(u) * 1000:.3f},{i},{s}" for t, u, i, s in rows]
    (known_truth / "ssb-04.csv").write_text("\n".join([lines[0], *in_millivolt]) + "\n")
    results = run_study(known_truth)
    failed = {outcome.sample: outcome.error for outcome in results.failed}
    assert {cell: error.code for cell, error in failed.items() if error} == {
        "ssb-01": "file-truncated",
        "ssb-02": "file-empty",
        "ssb-03": "file-missing",
        "ssb-04": "impossible-scale",
    }
    assert all(cell in str(error) for cell, error in failed.items())
    assert len(results.of("utilization")) == 8
    skipped = {
        outcome.sample for outcome in results.outcomes if outcome.method == "losses" and outcome.status == "skipped"
    }
    assert skipped == set(failed)


@pytest.mark.parametrize(
    ("factor", "column", "code"),
    [
        (1000.0, 0, "impossible-scale"),
        (1 / 3600, 0, "too-few-relaxed-points"),
        (1000.0, 2, "impossible-scale"),
        (0.001, 2, "impossible-scale"),
    ],
    ids=["ms for s", "h for s", "mA for A", "kA for A"],
)
def test_wrong_units_are_refused(known_truth: Path, factor: float, column: int, code: str) -> None:
    """Time in ms or h, current in mA: never a number that looks right."""
    path = known_truth / "ssb-05.csv"
    head, *rows = path.read_text().splitlines()
    changed = []
    for row in rows:
        entries = row.split(",")
        entries[column] = repr(float(entries[column]) * factor)
        changed.append(",".join(entries))
    path.write_text("\n".join([head, *changed]) + "\n")
    with pytest.raises(CathodelabError) as caught:
        run_study(known_truth).cell("ssb-05").estimate("utilization", "static_utilization")
    assert caught.value.code == code


def test_a_bad_reference_is_the_error_of_its_cells(known_truth: Path) -> None:
    """And names the reference."""
    (known_truth / "liquid-01.csv").write_text("")
    results = run_study(known_truth)
    assert len(results.failed) == 12
    assert all("reference liquid-01" in str(outcome.error) for outcome in results.failed)


def test_excluded_cells_are_skipped_with_their_reason(known_truth: Path) -> None:
    """No failure."""
    path = known_truth / "cells.csv"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(
            [
                lines[0] + ",excluded,exclusion_reason",
                *(f"{line},," for line in lines[1:3]),
                lines[3] + ",true,short circuit",
            ]
        )
    )
    results = run_study(known_truth)
    assert not results.failed
    skipped = [outcome for outcome in results.outcomes if outcome.sample == "ssb-02"]
    assert all(outcome.status == "skipped" and "short circuit" in str(outcome.error) for outcome in skipped)


def test_a_missing_file_suggests_the_one_that_is_there(known_truth: Path) -> None:
    """A typing error in cells.csv."""
    (known_truth / "ssb-01.csv").rename(known_truth / "ssb_01.csv")
    error = run_study(known_truth).cell("ssb-01").outcomes["utilization"].error
    assert "Did you mean 'ssb_01.csv'?" in str(error)


def test_the_second_run_reads_the_cache_and_gives_the_same_numbers(known_truth: Path) -> None:
    """Entries for every file; broken ones are made anew."""
    first = run_study(known_truth)
    assert len(first.read_anew) == 13
    kinds = ("tables", 13), ("measurements", 13 + 4 * 12)  # no cycles, no spectra, no protocol: remembered too
    for kind, count in kinds:
        entries = sorted(cache_folder(known_truth, kind).iterdir())
        assert len(entries) == count, kind
        again = run_study(known_truth)
        assert again.read_anew == ()
        assert _numbers(again) == _numbers(first)
        assert again.files == first.files
        for entry in entries:
            entry.write_bytes(entry.read_bytes()[: entry.stat().st_size // 2])
    shutil.rmtree(cache_folder(known_truth, "evaluations"))
    broken = run_study(known_truth)
    assert len(broken.read_anew) == 13
    assert _numbers(broken) == _numbers(first)


def _numbers(results: StudyResults) -> str:
    record = results_record(results)
    del record["provenance"]["created"]
    return json.dumps(record)


def test_raw_files_are_never_touched(known_truth: Path) -> None:
    """Bytes and times stay."""
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in known_truth.glob("*.csv")}
    run_study(known_truth)
    assert before == {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in known_truth.glob("*.csv")}


def test_the_published_cell_runs_from_its_tables(data: Path, tmp_path: Path) -> None:
    """A finished titration curve and pairs of relaxed potentials, mode published: 76.4 +- 5.8 %; losses are skipped."""
    for name in ("LIB_titration-data.txt", "badSSB_titration-data.txt"):
        (tmp_path / name).write_bytes((data / "ctc" / name).read_bytes())
    (tmp_path / "cells.csv").write_text(
        "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file\n"
        "LIB,reference,5.25,0.09,Li,LIB_titration-data.txt\nbad,cell,9.00,0.1,Li,badSSB_titration-data.txt\n"
    )
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\n[methods.utilization]\nmode = "published"\nwindows = [2, 3, 4, 5]\n'
    )
    results = run_study(tmp_path)
    one = results.cell("bad").estimate("utilization", "static_utilization")
    assert (round(100 * one.value, 1), round(100 * one.plus, 1)) == (76.4, 5.8)
    assert results.cell("bad").outcomes["losses"].status == "skipped"
    assert not results.failed


def test_missing_rows_are_seen(known_truth: Path) -> None:
    """A rest of 8 h was lost: the charge across the hole is not silently counted."""
    path = known_truth / "ssb-04.csv"
    rows = [row for row in path.read_text().splitlines() if not row.endswith(",4")]
    path.write_text("\n".join(rows) + "\n")
    outcome = run_study(known_truth).cell("ssb-04").outcomes["utilization"]
    checks = {check.name: check.passed for check in outcome.result.checks}
    assert checks["record_without_gaps"] is False
    others = run_study(known_truth).cell("ssb-05").outcomes["utilization"].result.checks
    assert next(check.passed for check in others if check.name == "record_without_gaps") is True
