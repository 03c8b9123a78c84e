"""The command line: exit codes and what is printed where."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.operation import Operation
from cathodelab.core.settings import knobs
from cathodelab.operations.table import OPERATIONS


def test_run_json_prints_one_object_and_nothing_else(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Schema of the results; NaN is null."""
    assert main(["run", str(demo_study), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["schema_version"] == 2
    assert record["samples"]["cell"] == record["cells"]
    assert {"study", "cells", "checks", "outcomes", "provenance"} <= set(record)
    utilization = record["cells"]["ssb-01"]["utilization"]["estimates"]
    assert set(utilization["static_utilization"]) >= {"value", "minus", "plus", "unit", "level", "per"}
    assert utilization["static_utilization"]["level"] == 0.683
    assert utilization["reference_offset"]["unit"] == "V"
    assert {"static_loss", "kinetic_loss"} <= set(record["cells"]["ssb-01"]["losses"]["estimates"])
    assert set(record["checks"][0]) == {
        "cell",
        "kind",
        "sample",
        "method",
        "name",
        "passed",
        "value",
        "limit",
        "sentence",
        "weight",
    }
    assert {check["passed"] for check in record["checks"]} == {True, False, None}
    assert set(record["outcomes"][0]) == {"cell", "kind", "sample", "method", "status", "error"}
    matrix = record["covariance"]["utilization.static_utilization"]
    assert len(matrix["matrix"]) == len(matrix["cells"]) == 7
    assert json.loads((demo_study / "results" / "results.json").read_text())["cells"] == record["cells"]


def test_progress_and_errors_go_to_standard_error(demo_study: Path) -> None:
    """A pipe gets JSON only."""
    done = subprocess.run(
        [sys.executable, "-m", "cathodelab", "run", str(demo_study), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    json.loads(done.stdout)
    assert done.stdout.count("\n") == 1


def test_some_failed_outcomes_give_exit_code_1_and_the_others_results(
    demo_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One broken file."""
    (demo_study / "raw" / "ssb-02.bdf.csv").write_text("")
    assert main(["run", str(demo_study)]) == 1
    text = capsys.readouterr().out
    assert text.count("failed. The file is empty [cell ssb-02, raw/ssb-02.bdf.csv") == 1, "once for all methods"
    assert "ssb-02, utilization, " in text
    assert "skipped" not in text, "a titration has neither cycles nor spectra: that needs no words"
    assert "ssb-03" in text
    assert "ssb-02" in (demo_study / "results" / "report.html").read_text(encoding="utf-8")


def test_a_reason_that_many_cells_share_is_said_once(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No reference: all utilizations are skipped, one line says so."""
    manifest = demo_study / "cells.csv"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(line for line in lines if ",reference," not in line) + "\n")
    assert main(["run", str(demo_study)]) == 0
    text = capsys.readouterr().out
    assert text.count("7 solid-state cells, utilization") == 1
    assert "The first, ssb-01: The study has no reference cell" in text


def test_invalid_study_gives_exit_code_2_and_writes_nothing(
    demo_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All problems, on standard error; as JSON on request."""
    (demo_study / "study.toml").write_text("schema_version = 7\n")
    assert main(["run", str(demo_study), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"][0]["allowed"] == "1"
    assert "schema_version: '7'. Allowed: 1." in err
    assert not (demo_study / "results").exists()
    assert main(["check", str(demo_study.parent / "nowhere")]) == 2


def test_internal_errors_give_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of ours is not silent and not taken for a fault of the data."""
    from dataclasses import replace

    from cathodelab.apps import cli

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "OPERATIONS", tuple(replace(one, function=broken) for one in cli.OPERATIONS))
    assert main(["check", str(tmp_path)]) == 3
    assert "not in your data" in capsys.readouterr().err


class _Unwritable(io.StringIO):
    """An output whose disk is full, or whose reader has left; it fails when it is flushed, as a buffered one does."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def flush(self) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2, "could not be printed: No space left"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 0, ""),
    ],
)
def test_an_output_that_takes_nothing_is_said_where_it_is_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, code: int, said: str
) -> None:
    """A full disk, in a sentence and by the exit code; a reader who left wants no more."""
    from cathodelab.apps import cli

    ended: list[int] = []
    errors = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["cathodelab", "init", str(tmp_path / "study")])
    monkeypatch.setattr(sys, "stdout", _Unwritable(error))
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr(os, "_exit", ended.append)
    cli.command()
    assert ended == [code]
    assert said in errors.getvalue()
    assert bool(said) == bool(errors.getvalue())
    assert (tmp_path / "study" / "cells.csv").is_file()


def test_init_check_and_run_lead_a_new_user_to_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The template is refused as empty, not as broken; a second init overwrites nothing."""
    folder = tmp_path / "mine"
    assert main(["init", str(folder)]) == 0
    assert main(["check", str(folder)]) == 2
    assert "one row for each cell" in capsys.readouterr().err
    assert main(["init", str(folder)]) == 2
    sheet = folder / "cells.csv"
    sheet.write_text(sheet.read_text().replace("#liquid", "liquid").replace("#ssb", "ssb"))
    assert main(["check", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "Missing file: raw/liquid-01.csv" in out
    assert "0 % of the required" in out


def test_check_of_a_good_study(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Completeness score and what is missing."""
    assert main(["check", str(demo_study)]) == 0
    assert "missing required: fabrication_pressure_MPa, stack_pressure_MPa" in capsys.readouterr().out


def test_report_command_writes_the_report(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without opening a browser."""
    assert main(["report", str(demo_study), "--no-open"]) == 0
    assert (demo_study / "results" / "report.html").is_file()
    assert "SYNTHETIC" in capsys.readouterr().out


def test_a_console_without_all_letters_gets_the_rest(demo_study: Path) -> None:
    """Western Windows consoles have no superscript plus: the message comes all the same."""
    lines = (demo_study / "study.toml").read_text().replace("0.62", "2.62")
    (demo_study / "study.toml").write_text(lines)
    done = subprocess.run(
        [sys.executable, "-m", "cathodelab", "run", str(demo_study)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        check=False,
    )
    assert done.returncode == 1
    assert b"vs. Li?/Li" in done.stdout


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: str(one.name))
def test_options_are_those_that_are_declared_with_unit_range_and_default(
    operation: Operation, capsys: pytest.CaptureFixture[str]
) -> None:
    """The help comes from the declaration, and every default is allowed."""
    with pytest.raises(SystemExit):
        main([*operation.name.split(), "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--json" in text
    for name, (default, about) in knobs(operation.inputs).items():
        assert about.meaning in text.replace("- ", "-")
        if about.required:
            continue
        assert f"--{name}" in text
        assert about.taken(default) == (default, "")
        if about.kind is not bool:
            assert f"({about.allowed}" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "x", "--jobs", "-1"], "--jobs is -1"),
        (["run", "x", "--jobs", "1.5"], "a whole number, 0 to 1024"),
        (["plan", "x", "--uncertainty", "nan"], "a number in %, 0.001 to 100; nan is none"),
        (["demo", "x", "--seed", "one"], "--seed is one"),
        (["cycles", "x", "--mass", "-1", "--basis", "0"], "--basis: a number in mAh/g, 1 or more"),
        (["impedance", "x", "--area", "-1"], "--area is -1"),
        (["dem", "run", "x", "--outputs", "-3"], "a whole number, 0 or more"),
        (["dem", "calibrate", "x", "--jobs", "0"], "a whole number, 1 to 1024"),
    ],
)
def test_an_input_that_is_not_allowed_is_refused_before_anything_is_read(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one way for all commands, as JSON too; nothing is written."""
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--json"]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert json.loads(out)["error"]["code"] == "input-invalid"
    assert not list(tmp_path.iterdir())


def test_every_command_can_answer_in_one_object(demo_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts of a study, missing files, titrations, written files."""
    assert main(["check", str(demo_study), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert (checked["samples"], checked["missing_files"]) == ({"cell": 7, "reference": 1}, [])
    (demo_study / "raw" / "ssb-02.bdf.csv").unlink()
    assert main(["check", str(demo_study), "--json"]) == 1
    missing = json.loads(capsys.readouterr().out)["missing_files"]
    assert missing == [{"sample": "cell ssb-02", "file": "raw/ssb-02.bdf.csv"}]
    assert main(["plan", str(demo_study), "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    chosen = planned["titrations"][planned["chosen"]]
    assert (chosen["minus"] + chosen["plus"]) / 2 <= 0.015
    assert chosen["usable"]
    assert main(["init", str(demo_study.parent / "new"), "--json"]) == 0
    assert {Path(name).name for name in json.loads(capsys.readouterr().out)["files"]} == {"cells.csv", "study.toml"}
