"""The study folder: every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.study.manifest import load_study

HEADER = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,batch,operator_mood\n"
GOOD = HEADER + "liquid-01,reference,5.0,0.05,Li,a.csv,,\nssb-01,cell,10.0,0.1,In/InLi,b.csv;c.csv,hand-1,fine\n"


def _study(folder: Path, cells: str = GOOD, toml: str = "") -> Path:
    (folder / "cells.csv").write_text(cells)
    if toml:
        (folder / "study.toml").write_text(toml)
    return folder


def test_only_cells_csv_runs_on_defaults(tmp_path: Path) -> None:
    """In/InLi at 0.62 V +- 4 mV, 1C = 200 mAh/g; unknown columns kept; several files."""
    study = load_study(_study(tmp_path))
    cell = study.cell("ssb-01")
    assert (cell.offset.value, cell.offset.plus) == (0.62, 0.004)
    assert study.c_rate.basis_mAh_g == 200.0
    assert cell.files == ("b.csv", "c.csv")
    assert cell.reference == "liquid-01"
    assert study.unknown_columns == ("operator_mood",)
    assert cell.details["operator_mood"] == "fine"
    assert study.cell("liquid-01").offset.value == 0.0


def test_excel_gives_the_same_study(tmp_path: Path) -> None:
    """cells.xlsx with numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in GOOD.splitlines():
        sheet.append([float(x) if x.replace(".", "").isdigit() else x for x in line.split(",")])
    book.save(tmp_path / "cells.xlsx")
    study = load_study(tmp_path)
    assert study.cell("ssb-01").cam_mass.value == 10.0
    assert study.cell("ssb-01").batch == "hand-1"


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """File, row, column, value, what is allowed."""
    cells = (
        HEADER.strip()
        + ",excluded,exclusion_reason,coating_mass_fraction\n"
        + (
            "a,sell,0,0.1,Na,x.csv,,,,,\n"
            "a,cell,ten,-1,Li,,,,,,\n"
            "b,cell,10,0.1,Li,x.csv,,,yes,,2\n"
            "c/d,cell,10,0.1,Li,x.csv,,,perhaps,,\n"
        )
    )
    toml = (
        'schema_version = 2\ncolour = "red"\n[methods.utilisation]\n[methods.utilization]\nmode = "x"\n'
        "[reference_electrode]\noffset = 1\n"
    )
    with pytest.raises(StudyInvalid) as caught:
        load_study(_study(tmp_path, cells, toml))
    found = {
        (
            problem.row.split(" ")[0] + problem.row.split(" ")[1][:1] if problem.row.startswith("row") else problem.row,
            problem.column,
        )
        for problem in caught.value.problems
    }
    expected = {
        ("row2", "role"),
        ("row2", "cam_mass_mg"),
        ("row2", "counter_electrode"),
        ("row3", "cam_mass_mg"),
        ("row3", "cam_mass_standard_uncertainty_mg"),
        ("row3", "file"),
        ("row3", "cell"),
        ("row4", "coating_mass_fraction"),
        ("row4", "exclusion_reason"),
        ("row5", "excluded"),
        ("row5", "cell"),
        ("", "schema_version"),
        ("", "colour"),
        ("[methods.utilisation]", ""),
        ("[methods.utilization]", "mode"),
        ("[reference_electrode]", "offset"),
    }
    assert expected <= found
    assert "Allowed: cell or reference" in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("", "a header and one row for each sample"),
        (HEADER, "one row for each cell"),
        ("cell,role\na,cell\n", "required columns"),
        (GOOD + "liquid-02,reference,5,0.1,Li,z.csv,,\n", "with several reference cells"),
        (GOOD.replace("cell,role", "cell,cell"), "every column once"),
        ("\x00\x01", "readable table"),
    ],
)
def test_unusable_tables_say_what_is_allowed(tmp_path: Path, cells: str, words: str) -> None:
    """Empty, header only, columns missing, which reference, twice, binary."""
    with pytest.raises(StudyInvalid, match="study cannot be run") as caught:
        load_study(_study(tmp_path, cells))
    assert words in str(caught.value)


def test_missing_folder_and_broken_toml(tmp_path: Path) -> None:
    """The path and the line."""
    with pytest.raises(CathodelabError, match="There is no folder"):
        load_study(tmp_path / "nowhere")
    with pytest.raises(StudyInvalid, match="line 1"):
        load_study(_study(tmp_path, toml="schema_version = = 1\n"))


def test_coating_is_subtracted_from_mass_and_uncertainty(tmp_path: Path) -> None:
    """2 wt% of coating are not active material."""
    text = (
        HEADER.strip() + ",coating_mass_fraction\nr,reference,5,0.05,Li,a.csv,,,\ns,cell,10,0.1,In/InLi,b.csv,,,0.02\n"
    )
    cell = load_study(_study(tmp_path, text)).cell("s")
    assert cell.cam_mass.value == pytest.approx(9.8)
    assert cell.cam_mass.plus == pytest.approx(0.098)


def test_a_row_may_state_its_own_counter_electrode(tmp_path: Path) -> None:
    """Potentials that were converted before keep the uncertainty of the conversion."""
    text = (
        HEADER.strip()
        + ",reference_offset_volt,reference_offset_standard_uncertainty_volt\n"
        + ("r,reference,5,0.05,Li,a.csv,,,,\ns,cell,10,0.1,Li,b.csv,,,0,0.004\n")
    )
    cell = load_study(_study(tmp_path, text)).cell("s")
    assert (cell.offset.value, cell.offset.plus) == (0.0, 0.004)


def test_decimal_commas_and_semicolons_of_a_german_excel(tmp_path: Path) -> None:
    """cells.csv saved by a spreadsheet with decimal commas."""
    text = GOOD.replace("b.csv;c.csv", "b.csv").replace(",", ";").replace(".0", ",0")
    assert load_study(_study(tmp_path, text)).cell("ssb-01").cam_mass.value == 10.0


def test_empty_lines_above_the_heads_do_not_hide_the_separator(tmp_path: Path) -> None:
    """Nor do comments between them, whatever signs they hold."""
    text = GOOD.replace("b.csv;c.csv", "b.csv").replace(",", ";").replace(".0", ",0")
    study = load_study(_study(tmp_path, f"\n  \n# a, comment, with, commas\n\n{text}"))
    assert [cell.id for cell in study.cells] == [cell.id for cell in load_study(_study(tmp_path, text)).cells]
    assert study.cell("ssb-01").cam_mass.value == 10.0


def test_lines_with_a_number_sign_are_comments(tmp_path: Path) -> None:
    """As in the template; row numbers stay those of the file."""
    text = "# a comment, with commas\n" + GOOD.replace("hand-1", "").replace("10.0", "no")
    with pytest.raises(StudyInvalid, match=r"row 4 \(ssb-01\), cam_mass_mg: 'no'"):
        load_study(_study(tmp_path, text))
