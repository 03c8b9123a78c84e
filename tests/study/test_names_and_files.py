"""Names that could do harm, and files that are none: problems at ``check``, never a hang or a leak."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cathodelab.core.errors import CathodelabError, Problem, StudyInvalid
from cathodelab.core.spreadsheets import harmless
from cathodelab.formats.arbin.hdf5 import read_arbin_hdf5
from cathodelab.report.html import page
from cathodelab.study import regular_files
from cathodelab.study.manifest import load_study
from cathodelab.study.regular_files import content_of
from cathodelab.study.rows import not_as_name, one_file
from cathodelab.study.run import run_study


@pytest.mark.parametrize(
    "name",
    ["a\x1b[31m", "a\nb", "a\u202eb", "a\x81", "x" * 101, "\U0001f600" * 26, "CON", "nul.", "lpt1.a", "..", "a/b"],
)
def test_names_that_no_file_or_terminal_can_bear_are_refused(name: str) -> None:
    """Control and format characters, lengths, names of devices."""
    assert not_as_name(name)


@pytest.mark.parametrize("name", ["ssb-01", "Zelle Ä 3", "电池", "x" * 100, "console", "a.b"])
def test_names_of_any_language_are_taken(name: str) -> None:
    """A hundred bytes of them."""
    assert not_as_name(name) == []


def test_names_that_differ_by_case_or_coding_are_refused(known_truth: Path) -> None:
    """On some systems they would be one file."""
    assert one_file("Caf\u00e9") == one_file("cafe\u0301")
    table = (known_truth / "cells.csv").read_text()
    assert "ssb-02" in table
    (known_truth / "cells.csv").write_text(table.replace("\nssb-02,", "\nSSB-01,"))
    with pytest.raises(StudyInvalid, match="differ by more than case"):
        load_study(known_truth)


def test_a_control_character_in_the_title_is_refused(known_truth: Path) -> None:
    """It would reach the terminal."""
    (known_truth / "study.toml").write_text('schema_version = 1\ntitle = "a\\u001b[31m"\n')
    with pytest.raises(StudyInvalid, match="control characters"):
        load_study(known_truth)


def test_pipes_devices_folders_and_huge_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without opening them: a pipe would never end."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match=r"pipe or a device|folder"):
            content_of(path)
    (tmp_path / "large").write_bytes(b"12345")
    assert content_of(tmp_path / "large") == b"12345"
    monkeypatch.setattr(regular_files, "LARGEST_BYTES", 4)
    with pytest.raises(OSError, match="are read"):
        content_of(tmp_path / "large")


def test_a_pipe_as_a_raw_file_is_the_failure_of_its_cell(known_truth: Path) -> None:
    """The others are evaluated."""
    (known_truth / "ssb-01.csv").unlink()
    os.mkfifo(known_truth / "ssb-01.csv")
    results = run_study(known_truth)
    error = results.cell("ssb-01").outcomes["utilization"].error
    assert isinstance(error, CathodelabError)
    assert (error.code, "pipe" in str(error)) == ("file-unreadable", True)
    assert results.cell("ssb-02").outcomes["utilization"].status == "ok"


def test_a_file_outside_the_study_is_said_and_not_quoted(known_truth: Path) -> None:
    """By a path, by a link: doubtful entries of ``check`` and report; none of its words in a message."""
    secret = known_truth.parent / "secret.csv"
    secret.write_text("machine x login y password root-secret-line\n")
    (known_truth / "ssb-01.csv").unlink()
    (known_truth / "ssb-01.csv").symlink_to(secret)
    table = (known_truth / "cells.csv").read_text()
    (known_truth / "cells.csv").write_text(table.replace("ssb-02.csv", "../secret.csv"))
    study = load_study(known_truth)
    assert sum("outside" in str(one) for one in study.doubts) == 2
    results = run_study(known_truth)
    words = " ".join(str(one.error) for one in results.outcomes)
    assert "outside the study's folder" in words
    assert "secret-line" not in words


def test_pages_allow_no_forms_and_no_other_base() -> None:
    """``default-src`` does not cover these."""
    for template in ("report.html.jinja", "interactive.html.jinja"):
        text = (Path(str(page.__code__.co_filename)).parent / template).read_text(encoding="utf-8")
        assert "form-action 'none'; base-uri 'none'" in text


def test_a_long_list_of_problems_is_cut_and_counted() -> None:
    """Forty thousand empty rows are no twenty megabytes of words."""
    problems = tuple(Problem("cells.csv", f"row {row}", "cell", "", "a text") for row in range(40_000))
    error = StudyInvalid("study", problems)
    assert "and 39950 more" in str(error)
    assert len(str(error)) < 5000
    assert len(error.problems) == 40_000


@pytest.mark.parametrize("text", ["=1", "a;=1+1", "a; +1+1", "a\t@SUM", "a\n=1"])
def test_no_part_of_a_name_begins_a_formula(text: str) -> None:
    """Where a program may begin another entry too; numbers and dashes inside stay as they are."""
    assert not re.search(r"(^|[;\t\n])\s*[=+@]", harmless(text))
    assert [harmless(one) for one in ("-0.25", "a;-0.25", "hand-1", "a; b-c")] == [
        "-0.25",
        "a;-0.25",
        "hand-1",
        "a; b-c",
    ]


def test_storage_outside_of_an_hdf5_file_is_not_read(data: Path) -> None:
    """It could be any file of the machine."""
    case = data.parent / "cases" / "attack" / "leak.h5"
    if not case.is_file():
        pytest.skip(f"no {case}")
    with pytest.raises(CathodelabError, match="another file"):
        read_arbin_hdf5(case.read_bytes())


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "**a*[.csv", "a/" + "y" * 400 + "/b*.csv"])
def test_a_file_name_that_no_system_takes_is_a_missing_file(demo_study: Path, name: str) -> None:
    """Of that sample; `check` and the run of the others go on."""
    (demo_study / "files.csv").write_text(f"sample,technique,file\nssb-02,cycling,{name}\n", encoding="utf-8")
    study = load_study(demo_study)
    results = run_study(demo_study)
    assert any(one.file == name for one in study.sample("cell", "ssb-02").files)
    assert results.cell("ssb-01").outcomes["utilization"].status == "ok"
    failed = [one.error for one in results.outcomes if one.sample == "ssb-02" and one.status == "failed"]
    assert failed
    assert all(error is not None and error.code in ("file-missing", "no-file", "file-unreadable") for error in failed)


def test_a_workbook_without_sheets_is_one_problem(demo_study: Path) -> None:
    """No traceback."""
    (demo_study / "cells.csv").unlink()
    book = openpyxl.Workbook()
    book.save(demo_study / "cells.xlsx")
    with zipfile.ZipFile(demo_study / "cells.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = re.sub(rb"<sheets>.*</sheets>", b"<sheets></sheets>", parts["xl/workbook.xml"])
    with zipfile.ZipFile(demo_study / "cells.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(StudyInvalid) as caught:
        load_study(demo_study)
    assert [one.file for one in caught.value.problems] == ["cells.xlsx"]
