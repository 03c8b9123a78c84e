"""Samples made from samples: tables, links, shares, inheritance, contradictions, files."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from openpyxl import Workbook

from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.core.samples import materials_of, only_parent
from cathodelab.study.manifest import Study, load_study

CELLS = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file,batch,made_from\n"
MATERIALS = (
    "material,role,made_from,density_g_cm3,cam_name,coating\n"
    "ncm,active material,,4.75,NCM85,\n"
    "ncm-c1,active material,ncm: 98; shell: 2,,,LiNbO3\n"
    "shell,additive,,4.6,,\n"
    "lic,electrolyte,,2.59,,\n"
    "vgcf,additive,,1.96,,\n"
)
COMPOSITES = (
    "composite,made_from,drawn_from,mixing_method,mixing_time_min,cam_mass_fraction\n"
    "premix,ncm-c1: 80; lic: 20,,mill,30,0.8\n"
    "final,premix: 95; vgcf: 5,,mixer,10,0.76\n"
    "final-2,,final,,,\n"
)
PELLETS = "pellet,made_from,thickness_um\np1,final,500\np2,final-2,480\n"


def _written(folder: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def chain(tmp_path: Path) -> Study:
    """Coated blend -> premix -> composite -> three cells and two pellets."""
    rows = "ref,reference,5,0.05,Li,r.csv,,\n"
    rows += "".join(f"c{i},cell,10,0.1,In/InLi,c{i}.csv,final,\n" for i in (1, 2, 3))
    return load_study(
        _written(tmp_path, cells=CELLS + rows, materials=MATERIALS, composites=COMPOSITES, pellets=PELLETS)
    )


def test_a_cell_knows_its_composite_its_premix_and_its_powders(chain: Study) -> None:
    """Words come from the nearest sample that states them; shares multiply along the chain."""
    cell = chain.sample("cell", "c1")
    assert [{one.id for one in generation} for generation in cell.generations] == [
        {"c1"},
        {"final"},
        {"premix", "vgcf"},
        {"ncm-c1", "lic"},
        {"ncm", "shell"},
    ]
    assert (cell.word("mixing_method"), cell.number("mixing_time_min"), cell.word("cam_name")) == (
        "mixer",
        10.0,
        "NCM85",
    )
    assert (cell.group, cell.word("coating")) == ("final", "LiNbO3")
    assert chain.cell("c1").details["mixing_method"] == "mixer"
    shares = {one.id: share for one, share in materials_of(chain.sample("composite", "final"))}
    assert shares == pytest.approx({"ncm": 0.95 * 0.8 * 0.98, "shell": 0.95 * 0.8 * 0.02, "lic": 0.19, "vgcf": 0.05})
    assert sum(shares.values()) == pytest.approx(1.0)


def test_a_sample_drawn_from_a_run_has_what_the_run_has(chain: Study) -> None:
    """Two pellets, one of the run and one of a sample drawn from it: one recipe."""
    first, second = (chain.sample("pellet", name) for name in ("p1", "p2"))
    assert first.word("mixing_method") == second.word("mixing_method") == "mixer"
    assert {one.id for one, _ in materials_of(second)} == {one.id for one, _ in materials_of(first)}
    assert second.number("thickness_um") == 480.0
    assert chain.nameless == ()


def test_a_circle_is_named(tmp_path: Path) -> None:
    """Of three, and of one with itself."""
    text = "composite,made_from\na,b\nb,c\nc,a\n"
    with pytest.raises(StudyInvalid, match="A circle: a -> b -> c -> a"):
        load_study(_written(tmp_path, composites=text))
    with pytest.raises(StudyInvalid, match="A circle: a -> a"):
        load_study(_written(tmp_path, composites="composite,made_from\na,a\n"))


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ("ncm: 0.8; lic: 0.2", "sum to 1. They look like fractions of 1"),
        ("ncm: 80; lic: 23", "sum to 103"),
        ("ncm: 80; lic", "shares of all parts, or of none"),
        ("ncm: 80; ncm: 20", "every name once"),
        ("ncm: -80; lic: 180", "names with shares in mass %"),
        ("ncm: eighty; lic: 20", "names with shares in mass %"),
    ],
)
def test_shares_that_cannot_be_are_refused(tmp_path: Path, shares: str, words: str) -> None:
    """What, where and what is allowed."""
    tables = {"materials": MATERIALS, "composites": f"composite,made_from\nx,{shares}\n"}
    with pytest.raises(StudyInvalid, match=r"composites\.csv, row 2 \(x\), made_from") as caught:
        load_study(_written(tmp_path, **tables))
    assert words in str(caught.value)


def test_only_shares_that_sum_to_one_look_like_fractions(tmp_path: Path) -> None:
    """A sum of 30 is no slip of the unit, and nobody is sent there."""
    tables = {"materials": MATERIALS, "composites": "composite,made_from\nx,ncm: 20; lic: 10\n"}
    with pytest.raises(StudyInvalid, match="They sum to 30") as caught:
        load_study(_written(tmp_path, **tables))
    assert "fractions" not in str(caught.value)


def test_only_columns_of_files_csv_that_nobody_declares_are_kept_as_they_are(tmp_path: Path) -> None:
    """Those that say whose file it is, and conditions of a technique, are understood."""
    rows = "a,cell,10,0.1,In/InLi,a.csv,,\n"
    files = "sample,technique,file,part,repeat,state,weather\na,cycling,b.csv,,,,rain\n"
    study = load_study(_written(tmp_path, cells=CELLS + rows, files=files))
    assert [name for name in study.unknown_columns if "files" in name] == ["weather (files)"]


def test_what_needs_the_active_material_refuses_a_blend(tmp_path: Path) -> None:
    """Two active materials in one composite: neither is *the* one, and both are named."""
    text = "composite,made_from\nblend,ncm: 50; lmfp: 50\n"
    materials = "material,cam_name,density_g_cm3\nncm,NCM85,4.75\nlmfp,LMFP,3.5\n"
    study = load_study(_written(tmp_path, materials=materials, composites=text))
    blend = study.sample("composite", "blend")
    with pytest.raises(CathodelabError, match=r"cam_name differs .*ncm: NCM85, lmfp: LMFP"):
        blend.word("cam_name")
    with pytest.raises(CathodelabError, match=r"ncm.*lmfp"):
        only_parent(blend, "material")
    assert only_parent(study.sample("material", "ncm"), "composite") is None


def test_a_batch_may_have_the_name_of_its_cell(tmp_path: Path) -> None:
    """Names are unique within a kind; a batch without a row has no data of its own, and is counted."""
    rows = "ref,reference,5,0.05,Li,r.csv,,\nx,cell,10,0.1,In/InLi,c.csv,x,\n"
    study = load_study(_written(tmp_path, cells=CELLS + rows))
    assert study.sample("cell", "x").group == "x"
    assert [(one.kind, one.id) for one in study.nameless] == [("composite", "x")]


def test_contradictions_are_doubts_without_a_composites_table_and_refused_with_one(tmp_path: Path) -> None:
    """One mixing run, one recipe; none of two words is taken."""
    head = CELLS.strip() + ",mixing_method\n"
    rows = "ref,reference,5,0.05,Li,r.csv,,,\na,cell,10,0.1,Li,a.csv,b1,,hand\nb,cell,10,0.1,Li,b.csv,b1,,mixer\n"
    study = load_study(_written(tmp_path, cells=head + rows))
    (doubt,) = study.doubts
    assert (doubt.row, doubt.column, doubt.weight) == ("batch b1", "mixing_method", "doubtful")
    assert "hand (a) and mixer (b)" in str(doubt)
    assert "mixing_method" not in study.cell("a").details
    assert study.sample("cell", "a").word("mixing_method") == ""
    with pytest.raises(StudyInvalid, match=r"mixing_method is mill \(b1\) and hand \(a\) and mixer \(b\)"):
        load_study(_written(tmp_path, composites="composite,mixing_method\nb1,mill\n"))


def test_the_sheets_of_one_workbook_are_a_study_and_two_sources_are_refused(tmp_path: Path) -> None:
    """study.xlsx; beside it cells.csv would be a second table of cells."""
    book = Workbook()
    book.remove(book.active)
    for name, text in (("pellets", PELLETS), ("composites", COMPOSITES), ("materials", MATERIALS)):
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([float(x) if x.replace(".", "").isdigit() else x or None for x in line.split(",")])
    book.save(tmp_path / "study.xlsx")
    study = load_study(tmp_path)
    assert {one.kind for one in study.samples} == {"pellet", "composite", "material"}
    assert study.sample("pellet", "p1").number("thickness_um") == 500.0
    with pytest.raises(StudyInvalid, match="one source for the table pellets"):
        load_study(_written(tmp_path, pellets=PELLETS))


def test_usual_ranges_are_doubts_and_words_for_numbers_are_problems(tmp_path: Path) -> None:
    """A pellet of 500 mm is doubted; `n/a` is missing; `eighty` is refused."""
    study = load_study(_written(tmp_path, pellets="pellet,thickness_um,mass_mg\np,0.5,n/a\n"))
    assert "thickness_um: '0.5'. Is the unit right? Usual: 20 to 20000 um" in str(study.doubts[0])
    assert math.isnan(study.sample("pellet", "p").number("mass_mg"))
    with pytest.raises(StudyInvalid, match="mass_mg: 'eighty'"):
        load_study(_written(tmp_path, pellets="pellet,thickness_um,mass_mg\np,500,eighty\n"))


def test_files_csv_names_repeats_and_patterns(tmp_path: Path) -> None:
    """Every file of a pattern, in order; unknown techniques and samples are problems."""
    for number in (2, 1):
        (tmp_path / f"z{number}.csv").write_text("x")
    rows = "ref,reference,5,0.05,Li,r.csv,,\nc,cell,10,0.1,In/InLi,c.csv,c,\n"
    files = "sample,kind,technique,file,repeat,state\nc,cell,impedance,z*.csv,,cycled\n"
    study = load_study(_written(tmp_path, cells=CELLS + rows, files=files))
    named = [(one.file, one.column, one.state) for one in study.sample("cell", "c").files]
    assert named == [("c.csv", "file", ""), ("z1.csv", "spectra_file", "cycled"), ("z2.csv", "spectra_file", "cycled")]
    wrong = "sample,technique,file\nnobody,impedance,z1.csv\nc,alchemy,z1.csv\nc,impedance,z1.csv\n"
    with pytest.raises(StudyInvalid) as caught:
        load_study(_written(tmp_path, files=wrong))
    text = str(caught.value)
    assert "'nobody'. Allowed: the name of a sample of this study" in text
    assert "'alchemy'. Allowed: one of" in text
    assert "which of them is meant: cell, composite" in text
