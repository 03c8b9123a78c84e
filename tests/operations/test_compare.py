"""The comparison of two results from their files: found, read, said, with an exit code."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
from stored import failure, of_schema_2, record

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError
from cathodelab.operations.compare import compared
from cathodelab.operations.model import CompareInput
from cathodelab.study.run import run_study
from cathodelab.study.store import as_csv, results_record, tables


def _file(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_file_results_folder_and_study_folder_mean_the_same(tmp_path: Path) -> None:
    """Whichever is named."""
    file = _file(tmp_path / "study" / "results" / "results.json", record())
    other = _file(tmp_path / "elsewhere.json", of_schema_2(record()))
    for named in (file, file.parent, tmp_path / "study"):
        found = compared(CompareInput(named, other))
        assert found.old == file
        assert found.comparison.changes == ()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda _: None, "results-missing"),
        (lambda path: path.mkdir(), "results-missing"),
        (lambda path: path.write_bytes(b""), "results-damaged"),
        (lambda path: path.write_text(json.dumps(record())[:-20]), "results-damaged"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00\x81"), "results-damaged"),
        (lambda path: path.write_text("[" * 100_000), "results-damaged"),
        (lambda path: path.write_text("{}"), "no-results"),
        (lambda path: path.write_text('{"schema_version": 9, "outcomes": []}'), "results-schema"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Any, code: str
) -> None:
    """On either side, with exit code 2; the message names the path."""
    good, bad = _file(tmp_path / "good.json", record()), tmp_path / "bad"
    make(bad)
    for pair in ((good, bad), (bad, good)):
        with pytest.raises(CathodelabError) as caught:
            compared(CompareInput(*pair))
        assert (caught.value.code, caught.value.where) == (code, str(bad))
    assert main(["compare", str(good), str(bad), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


@pytest.mark.parametrize("tolerance", ["-1", "nan", "inf"])
def test_a_tolerance_is_a_number_of_half_widths(tmp_path: Path, tolerance: str) -> None:
    """Nothing else."""
    file = str(_file(tmp_path / "good.json", record()))
    assert main(["compare", file, file, "--tolerance", tolerance]) == 2


def test_exit_codes_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 and "nothing changed", 1 and what did, the worst first, with counts of what is equal."""
    old, new = record(), record()
    new["outcomes"][3].update(status="failed", error=failure())
    new["cells"]["b"]["utilization"]["estimates"]["static_utilization"].update(value=0.79, plus=0.03)
    new["provenance"]["settings"]["methods"]["utilization"]["mode"] = "raw"
    paths = str(_file(tmp_path / "old.json", old)), str(_file(tmp_path / "new.json", new))
    assert main(["compare", paths[0], paths[0]]) == 0
    assert "Nothing changed. Equal: 4 outcomes, 4 checks, 6 estimates, 2 tables." in capsys.readouterr().out
    assert main(["compare", *paths]) == 1
    said = capsys.readouterr().out
    parts = (
        "Outcomes that are others: 1",
        "  b, losses: ok -> failed (It was cut off [cell b])",
        "  b, utilization, static_utilization: 0.8 -> 0.79 (-1 half-widths)",
        "  b, utilization, static_utilization: 0.02 -> 0.03 (+50 % of the half-width, plus)",
        "Equal: 3 outcomes, 4 checks, 5 estimates, 2 tables.",
        "Tolerance: 0.01 half-widths, and 0.01 % of a number that has no interval.",
        "What went in differs: 1",
        "  setting methods.utilization.mode: corrected -> raw",
    )
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_json_holds_every_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object, numbers as numbers."""
    new = record()
    new["cells"]["b"]["utilization"]["estimates"]["static_utilization"].update(value=0.79)
    paths = str(_file(tmp_path / "old.json", record())), str(_file(tmp_path / "new.json", new))
    assert main(["compare", *paths, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["old"], found["new"], found["tolerance"]) == (*paths, 0.01)
    assert found["equal"] == {"outcomes": 4, "checks": 4, "estimates": 5, "tables": 2}
    (change,) = found["changes"]
    assert change["key"] == ["b", "utilization", "static_utilization"]
    assert change["shift"] == pytest.approx(-1.0)
    assert main(["compare", *paths, "--tolerance", "1.1"]) == 0


def test_long_lists_are_cut_with_their_number(tmp_path: Path) -> None:
    """Fifty cells that are gone."""
    old = record()
    for number in range(50):
        old["cells"][f"c{number}"] = {"losses": copy.deepcopy(old["cells"]["a"]["losses"])}
    found = compared(CompareInput(_file(tmp_path / "old.json", old), _file(tmp_path / "new.json", record())))
    lines = found.lines()
    assert "Gone: 100" in lines
    assert "  and 60 more; --json has all." in lines
    assert "  c0, losses, static_loss: was 30 (+1 -2) mAh/g" in lines


def test_csv_tables_beside_both_are_compared(tmp_path: Path) -> None:
    """They hold more than the record: cycles, budgets."""
    for side, number in (("old", "1.5"), ("new", "1.6")):
        _file(tmp_path / side / "results.json", record())
        folder = tmp_path / side / "tables"
        folder.mkdir()
        (folder / "cycles.csv").write_text(f"cell,charge / mAh\na,1.0\nb,{number}\n")
        (folder / "estimates.csv").write_text(f"cell,value\na,{number}\n")  # compared by their half-widths instead
    (change,) = compared(CompareInput(tmp_path / "old", tmp_path / "new")).comparison.changes
    assert (change.key, change.old, change.words) == (("cycles",), "2 rows", "1 of them differ")
    (tmp_path / "new" / "tables" / "cycles.csv").write_bytes(b"\xff\xfe\x81")
    with pytest.raises(CathodelabError, match=r"cycles\.csv cannot be read"):
        compared(CompareInput(tmp_path / "old", tmp_path / "new"))


def test_a_study_is_equal_to_itself_and_a_heavier_cathode_moves_its_numbers(demo_study: Path, tmp_path: Path) -> None:
    """Twice evaluated; then with 2 % more mass in one row: that cell moves by two half-widths of its weighing, no other."""
    for name in ("first", "second", "heavier"):
        if name == "heavier":
            sheet = (demo_study / "cells.csv").read_text(encoding="utf-8")
            mass = next(line for line in sheet.splitlines() if line.startswith("ssb-02")).split(",")[2]
            (demo_study / "cells.csv").write_text(sheet.replace(mass, f"{1.02 * float(mass):.3f}"), encoding="utf-8")
        results = run_study(demo_study)
        _file(tmp_path / name / "results.json", results_record(results))
        (tmp_path / name / "tables").mkdir()
        for table, rows in tables(results).items():
            (tmp_path / name / "tables" / f"{table}.csv").write_text(as_csv(rows), encoding="utf-8")
    assert main(["compare", str(tmp_path / "first"), str(tmp_path / "second"), "--tolerance", "0"]) == 0
    found = compared(CompareInput(tmp_path / "first", tmp_path / "heavier")).comparison
    moved = {change.key[1:]: change for change in found.changes if change.kind == "value"}
    assert {change.key[0] for change in found.changes if change.topic == "estimate"} == {"ssb-02"}
    shift = moved["utilization", "static_utilization"].shift
    assert shift is not None
    assert -2.1 < shift < -1.0
