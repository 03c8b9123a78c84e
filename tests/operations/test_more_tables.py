"""`init --tables`: the further tables of a study from its table of cells."""

from __future__ import annotations

from pathlib import Path

from cathodelab.operations.more_tables import write_tables
from cathodelab.study.manifest import load_study

CELLS = (
    "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,batch,mixing_method,cam_name,additive\n"
    "ref,reference,5,0.05,Li,r.csv,,,NCM85,\n"
    "a,cell,10,0.1,Li,a.csv,b1,hand,NCM85,none\n"
    "b,cell,10,0.1,Li,b.csv,b1,hand,NCM85,none\n"
    "c,cell,10,0.1,Li,c.csv,b2,mixer,NCM85,VGCF\n"
)


def test_the_study_with_its_further_tables_is_the_same_study(tmp_path: Path) -> None:
    """Batches become composites with what their cells say of them, powders materials; the study stays valid."""
    (tmp_path / "cells.csv").write_text(CELLS)
    before = load_study(tmp_path)
    paths, said = write_tables(tmp_path)
    assert [path.name for path in paths] == ["materials.csv", "composites.csv", "pellets.csv", "files.csv"]
    assert said == ()
    study = load_study(tmp_path)
    assert study.nameless == ()
    assert study.sample("composite", "b1").word("mixing_method") == "hand"
    assert {one.id: one.entries["role"] for one in study.samples if one.kind == "material"} == {
        "NCM85": "active material",
        "VGCF": "additive",
    }
    assert [one.details["mixing_method"] for one in study.cells[1:]] == ["hand", "hand", "mixer"]
    assert before.cell("a").cam_mass == study.cell("a").cam_mass


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """A second time nothing is written."""
    (tmp_path / "cells.csv").write_text(CELLS)
    write_tables(tmp_path)
    before = (tmp_path / "composites.csv").read_bytes()
    paths, said = write_tables(tmp_path)
    assert paths == ()
    assert said[0] == "materials: there already, left as it is."
    assert (tmp_path / "composites.csv").read_bytes() == before


def test_contradictions_are_said(tmp_path: Path) -> None:
    """A batch mixed by hand and by mixer has no method, and a word about it."""
    (tmp_path / "cells.csv").write_text(CELLS.replace("b.csv,b1,hand", "b.csv,b1,mixer"))
    _, said = write_tables(tmp_path)
    assert any("hand (a) and mixer (b)" in one for one in said)
    assert "refused" in said[-1]
    lines = (tmp_path / "composites.csv").read_text().splitlines()
    row = dict(zip(lines[-3].split(","), lines[-2].split(","), strict=True))
    assert (row["composite"], row["mixing_method"], row["cam_name"]) == ("b1", "", "NCM85")
