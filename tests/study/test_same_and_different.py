"""Doubts about tables: one file under two samples, and companions of another material."""

from __future__ import annotations

from pathlib import Path

from cathodelab.study.manifest import load_study

_HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,cam_name,file\n"


def _study(folder: Path, *rows: str, files: str = "") -> list[str]:
    """Doubts about a study of these rows; raw files hold their own name, 40,000 times."""
    (folder / "raw").mkdir(exist_ok=True)
    for name in ("a", "b", "r"):
        (folder / "raw" / f"{name}.csv").write_text(name * 40_000)
    (folder / "raw" / "copy of a.csv").write_text("a" * 40_000)
    (folder / "cells.csv").write_text(_HEAD + "".join(f"{row}\n" for row in rows))
    if files:
        (folder / "files.csv").write_text(f"sample,technique,file,part\n{files}")
    return [str(one) for one in load_study(folder).doubts]


def test_one_file_under_two_cells_is_said(tmp_path: Path) -> None:
    """By its name and by its content; files of one size with other content are others."""
    rows = ("a,cell,10,0.1,Li,NCM811,raw/a.csv", "b,cell,10,0.1,Li,NCM811,raw/{}.csv")
    assert _study(tmp_path, rows[0], rows[1].format("b")) == []
    (same,) = _study(tmp_path, rows[0], rows[1].format("a"))
    assert "cell b, file: 'raw/a.csv'. The same file is named for cell a" in same
    (copied,) = _study(tmp_path, rows[0], rows[1].format("copy of a"))
    assert "The same file, a copy of raw/a.csv, is named for cell a" in copied


def test_parts_of_one_file_are_no_copies(tmp_path: Path) -> None:
    """A file of several measurements is named for each of them; the same part twice is said."""
    rows = ("a,cell,10,0.1,Li,NCM811,", "b,cell,10,0.1,Li,NCM811,")
    assert _study(tmp_path, *rows, files="a,cycling,raw/a.csv,one\nb,cycling,raw/a.csv,two\n") == []
    assert len(_study(tmp_path, *rows, files="a,cycling,raw/a.csv,one\nb,cycling,raw/a.csv,one\n")) == 1


def test_a_cell_that_is_left_out_may_have_the_file(tmp_path: Path) -> None:
    """So is a file that is not there, which is an error of its own."""
    head, rows = _HEAD, ("a,cell,10,0.1,Li,NCM811,raw/none.csv", "b,cell,10,0.1,Li,NCM811,raw/none.csv")
    assert _study(tmp_path, *rows) == []
    assert head.count(",") == rows[0].count(",")


def test_a_reference_of_another_material_is_said(tmp_path: Path) -> None:
    """Spelling with other blanks and signs is the same; without a name nothing is known."""
    cell = "a,cell,10,0.1,In/InLi,NCM811,raw/a.csv"
    assert _study(tmp_path, cell, "r,reference,5,0.1,Li,ncm-811,raw/r.csv") == []
    assert _study(tmp_path, cell, "r,reference,5,0.1,Li,,raw/r.csv") == []
    (other,) = _study(tmp_path, cell, "r,reference,5,0.1,Li,LiFePO4,raw/r.csv")
    assert "The reference r is of LiFePO4: a comparison with it is one of two materials." in other
