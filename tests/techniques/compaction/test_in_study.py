"""A study of pellets alone: tables in, outcomes and numbers out, from the cache alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from compaction_pellets import COMPLIANCE, PRESSURES, both, file, heckel_um

from cathodelab.report.write import write_results
from cathodelab.study.run import run_study
from cathodelab.study.store import results_record

MATERIALS = "material,density_g_cm3,density_standard_uncertainty_g_cm3\nncm85,4.78,0.02\nlpscl,1.64,0.01\n"
COMPOSITES = "composite,made_from\nc1,ncm85: 70; lpscl: 30\n"
HEAD = ",".join(
    (
        *("pellet", "made_from", "mass_mg", "diameter_mm", "thickness_um", "fabrication_pressure_MPa"),
        *("press_compliance_um_MPa", "press", "columns", "compaction_file\n"),
    )
)
ROWS = (
    "curve,c1,200,10,,,0.02,hand,,curve.csv\n"
    "forces,c1,200,10,,,0.02,hand,,forces.txt\n"
    "single,c1,200,10,930,380,,,,\n"
    "mapped,c1,200,10,,,0.02,hand,mine,mapped.csv\n"
)
MAP = """schema_version = 1
[columns.mine]
kind = "compaction"
pressure = { column = "druck", unit = "bar" }
in_die = { column = "hoehe", unit = "mm" }
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two curves, a pellet with nothing but its thickness, and a file that a declared column map reads."""
    for name, text in (("materials.csv", MATERIALS), ("composites.csv", COMPOSITES), ("pellets.csv", HEAD + ROWS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "study.toml").write_text(MAP, encoding="utf-8")
    thickness = heckel_um()
    under = thickness - COMPLIANCE * PRESSURES
    (tmp_path / "curve.csv").write_bytes(both(thickness))
    force = np.pi / 4 * 100 * PRESSURES
    (tmp_path / "forces.txt").write_bytes(file({"Kraft [N]": force, "Dicke in der Matrize [mm]": under / 1e3}, "\t"))
    (tmp_path / "mapped.csv").write_bytes(file({"druck": 10 * PRESSURES, "hoehe": under / 1e3}))
    return tmp_path


def test_pellets_have_outcomes_of_their_own_methods_and_none_of_cells(study: Path) -> None:
    """Curves are evaluated, a stated thickness gives a porosity, nothing fails."""
    results = run_study(study)
    assert not results.failed
    sound = {(one.sample, one.method) for one in results.outcomes if one.status == "ok"}
    assert sound == {
        ("curve", "compaction"),
        ("forces", "compaction"),
        ("single", "porosity"),
        ("mapped", "compaction"),
    }
    assert {one.method for one in results.outcomes} <= {"compaction", "porosity"}
    found = {one.sample: one.result.estimates for one in results.outcomes if one.status == "ok"}
    solid = 10 * 200 / (np.pi / 4) / (1 / (0.7 / 4.78 + 0.3 / 1.64))
    for name in ("curve", "forces", "mapped"):
        density = found[name].estimate("relative_density_in_die").value
        assert density == pytest.approx(solid / heckel_um()[-1], rel=1e-5), name
    assert found["single"].estimate("porosity").value == pytest.approx(1 - solid / 930, rel=1e-6)


def test_a_second_run_takes_everything_from_the_cache_and_says_the_same(study: Path) -> None:
    """Results are classes of plain fields, kept and found again."""
    first = results_record(run_study(study))
    again = run_study(study)
    assert not again.read_anew
    second = results_record(again)
    assert first["samples"] == second["samples"]


def test_a_report_of_pellets_is_written(study: Path) -> None:
    """Page, workbook and tables with every point."""
    folder = study / "results"
    write_results(run_study(study))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "porosity, ejected" in page
    assert "Heckel" in page
    points = (folder / "tables" / "compaction_points.csv").read_text(encoding="utf-8").splitlines()
    assert len(points) == 1 + 4 * PRESSURES.size


def test_a_wrong_pellet_does_not_take_the_others_with_it(study: Path) -> None:
    """Its error names the pellet and what may be wrong."""
    text = (study / "pellets.csv").read_text(encoding="utf-8").replace("curve,c1,200", "curve,c1,300")
    (study / "pellets.csv").write_text(text, encoding="utf-8")
    results = run_study(study)
    (failed,) = results.failed
    assert (failed.sample, failed.method) == ("curve", "compaction")
    assert failed.error is not None
    assert failed.error.code == "density-above-one"
    assert "pellet curve" in str(failed.error)


def test_in_the_die_and_out_of_it_may_stand_in_two_files_and_repeats_may_not(study: Path) -> None:
    """Two files of one kind are two fillings of the die: two pellets."""
    thickness = heckel_um()
    outside = file({"pressure (MPa)": PRESSURES[::3], "thickness out of die (um)": 1.02 * thickness[::3]})
    (study / "outside.csv").write_bytes(outside)
    rows = (study / "pellets.csv").read_text(encoding="utf-8")
    (study / "pellets.csv").write_text(rows.replace("forces.txt", "forces.txt;outside.csv"), encoding="utf-8")
    found = {one.sample: one for one in run_study(study).outcomes if one.method == "compaction"}
    assert found["forces"].status == "ok"
    assert [one.mode for one in found["forces"].result.branches] == ["in_die", "out_of_die"]
    (study / "pellets.csv").write_text(rows.replace("forces.txt", "forces.txt;curve.csv"), encoding="utf-8")
    found = {one.sample: one for one in run_study(study).outcomes if one.method == "compaction"}
    assert found["forces"].error is not None
    assert found["forces"].error.code == "several-curves"
    assert "pellet of its own" in found["forces"].error.what_to_do
