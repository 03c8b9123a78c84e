"""`check` opens the files: what each is, and what to do about those that no reader takes."""

from __future__ import annotations

from pathlib import Path

from cathodelab.operations.model import FolderInput
from cathodelab.operations.study import checked

HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file\n"
GOOD = "Test Time / s,Voltage / V,Current / A\n0,3,0\n1,3,0\n"


def study(folder: Path, *files: str, toml: str = "") -> Path:
    """A study of one cell for each of these files."""
    rows = "".join(f"c{number},cell,10,0.1,Li,{file}\n" for number, file in enumerate(files))
    (folder / "cells.csv").write_text(HEAD + rows)
    (folder / "study.toml").write_text(f"schema_version = 1\n{toml}")
    return folder


def test_files_are_counted_by_format_and_those_that_are_not_read_come_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "b.csv").write_text("Zeit/h,U/V,I/A\n0,3,0\n1,3,0\n")
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = checked(FolderInput(study(tmp_path, "a.csv", "b.csv", "c.png", "d.csv")))
    text = "\n".join(found.lines())
    assert not found.complete
    assert "1 of Battery Data Format (bdf-csv)" in text
    assert "Not read: b.csv (cell c1): No reader takes this file" in text
    assert 'time = { column = "Zeit/h", unit = "h" }' in text
    assert "[columns.mine]" in text
    assert "a picture (PNG)" in text
    assert "Missing file: d.csv" in text
    record = found.record()
    assert [one["reader"] for one in record["files"]] == ["bdf-csv", "", ""]
    assert record["files"][1]["error"]["code"] == "format-unknown"


def test_a_map_that_reads_the_file_makes_the_check_pass(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a remark\n\nZeit/h,U/V,I/A\n0,3,0\n1,3,0\n")
    units = {"time": ("Zeit/h", "h"), "voltage": ("U/V", "V"), "current": ("I/A", "A")}
    toml = "[columns.mine]\n" + "".join(f'{k} = {{ column = "{c}", unit = "{u}" }}\n' for k, (c, u) in units.items())
    found = checked(FolderInput(study(tmp_path, "b.csv", toml=toml)))
    assert found.complete
    assert "1 of your column map (columns.mine)" in "\n".join(found.lines())


def test_of_a_file_outside_the_study_nothing_is_shown(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("password,number\nabc,1\ndef,2\n")
    folder = tmp_path / "study"
    folder.mkdir()
    text = "\n".join(checked(FolderInput(study(folder, "../secret.csv"))).lines())
    assert "password" not in text
    assert "outside the study's folder" in text
