"""Electrodes by the names that labs give them, and their potentials in a study."""

from __future__ import annotations

from pathlib import Path

import pytest

from cathodelab.core.electrodes import ELECTRODES, electrode_name, electrode_of
from cathodelab.core.errors import CathodelabError
from cathodelab.study.manifest import Study, load_study

HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,{more}\n"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("In-Li", "In/InLi"), ("LiIn", "In/InLi"), ("In / InLi", "In/InLi"), ("inli", "In/InLi"), ("In|InLi", "In/InLi"),
        ("Li metal", "Li"), ("Li+/Li", "Li"), ("lithium", "Li"), ("Li4Ti5O12", "LTO"), ("Graphite", "graphite"),
        ("LiC6", "graphite"), ("silicon", "Si"), ("Na", "Na"),
    ],
)  # fmt: skip
def test_an_electrode_is_known_however_it_is_spelled(written: str, name: str) -> None:
    assert electrode_name(written) == name


def test_no_spelling_means_two_electrodes_and_only_plateaus_are_steady() -> None:
    spellings = [spelling for one in ELECTRODES for spelling in one.spellings]
    assert len(spellings) == len(set(spellings))
    assert [one.name for one in ELECTRODES if not one.steady] == ["graphite", "Si"]
    assert electrode_of("sodium") is None


def study(folder: Path, electrode: str, more: str = "", values: str = "") -> Study:
    """A study of one cell against this electrode."""
    (folder / "a.csv").write_text("Test Time / s,Voltage / V,Current / A\n0,3,0\n")
    (folder / "cells.csv").write_text(HEAD.format(more=more) + f"a,cell,10,0.1,{electrode},a.csv,{values}\n")
    (folder / "study.toml").write_text("schema_version = 1\n[reference_electrode]\noffset_volt = 0.615\n")
    return load_study(folder)


@pytest.mark.parametrize(
    ("electrode", "name", "volt", "half"),
    [
        ("Li-In", "In/InLi", 0.615, 0.004),
        ("LTO", "LTO", 1.55, 0.01),
        ("Li", "Li", 0.0, 0.0),
        ("graphite", "graphite", 0.1, 0.05),
    ],
)
def test_a_cell_has_the_potential_of_its_electrode(
    tmp_path: Path, electrode: str, name: str, volt: float, half: float
) -> None:
    found = study(tmp_path, electrode)
    cell = found.view(found.samples[0])
    assert (cell.counter_electrode, cell.offset.value, cell.offset.plus) == (name, volt, half)
    doubts = [one for one in found.doubts if one.column == "counter_electrode"]
    assert bool(doubts) == (name == "graphite")


def test_any_other_electrode_is_named_with_its_potential(tmp_path: Path) -> None:
    columns = "reference_offset_volt,reference_offset_standard_uncertainty_volt"
    found = study(tmp_path, "Ag/AgCl", columns, "3.24,0.01")
    cell = found.view(found.samples[0])
    assert (cell.counter_electrode, cell.offset.value, cell.offset.plus) == ("Ag/AgCl", 3.24, 0.01)
    with pytest.raises(CathodelabError, match="or another one together with reference_offset_volt"):
        study(tmp_path, "Ag/AgCl")
