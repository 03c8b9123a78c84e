"""Discrete elements from the command line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError

_FILE = """
[run]
duration_s = 0.0005
output_interval_s = 0.00025
step_s = 2.5e-7
[particles]
diameter_um = 300
count = 60
[materials.powder]
density_g_cm3 = 2.417
young_modulus_gpa = 0.228
[materials.steel]
density_g_cm3 = 7.85
young_modulus_gpa = 200
[[contacts]]
between = ["powder", "powder"]
static_friction = 0.46
dynamic_friction = 0.31
yield_ratio = 0.00756
[[contacts]]
between = ["powder", "steel"]
static_friction = 0.45
dynamic_friction = 0.25
yield_ratio = 0.0256
[machine]
kind = "mixer"
tip_radius_mm = 3.0
gap_mm = 0.7
hub_radius_mm = 1.5
blades = 3
blade_thickness_mm = 0.8
length_mm = 1.0
speed_rpm = 20000
ramp_s = 0.0002
chamber_material = "steel"
rotor_material = "steel"
end_material = "steel"
"""


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    """A small mixer."""
    pytest.importorskip("warp")
    path = tmp_path / "mixer.toml"
    path.write_text(_FILE)
    return path


def test_a_run_goes_on_where_it_stopped_and_writes_its_report(
    run_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One output, then the other; tables, figures, snapshot, picture."""
    assert main(["dem", "run", str(run_file), "--outputs", "1"]) == 0
    assert len((run_file.with_suffix("") / "intervals.csv").read_text().splitlines()) == 2
    assert main(["dem", "run", str(run_file)]) == 0
    folder = run_file.with_suffix("")
    assert len((folder / "intervals.csv").read_text().splitlines()) == 3
    names = ("stress.csv", "summary.json", "particles.vtk", "particles.parquet", "particles.png", "stress_curve.svg")
    assert all((folder / name).stat().st_size > 100 for name in names)
    assert json.loads((folder / "summary.json").read_text())["particles"] == 60
    assert "wrote" in capsys.readouterr().out


def test_a_report_without_a_run_and_a_bad_file_give_exit_code_2(
    run_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is said on standard error."""
    assert main(["dem", "report", str(run_file)]) == 2
    assert "has not been run" in capsys.readouterr().err
    run_file.write_text(_FILE.replace("gap_mm = 0.7", "gap_mm = -1"))
    assert main(["dem", "run", str(run_file)]) == 2
    assert "gap" in capsys.readouterr().err


def test_the_example_can_be_run_and_explains_every_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written, read as it stands and with every comment of the machine's table; never overwritten."""
    import dataclasses
    import tomllib

    from cathodelab.simulation.dem.runfile import plan_from, read_run_file
    from cathodelab.simulation.dem.runtables import ContactTable, MixerTable, ParticleTable, RunTable

    path = tmp_path / "mixer.toml"
    assert main(["dem", "init", str(path)]) == 0
    plan = read_run_file(path)
    assert plan.count == 1171
    text = path.read_text()
    for table in (RunTable, ParticleTable, ContactTable, MixerTable):
        assert all(f"{one.name} = " in text for one in dataclasses.fields(table))
    # the commented entries are right as well: uncommented in their tables they change nothing
    head = text.split("# [machine]")[0].replace("\n# ", "\n")
    kept = "\n".join(line for line in head.splitlines() if " = " in line or line.startswith("["))
    assert plan_from(tomllib.loads(kept), path).digest() == plan.digest()
    assert main(["dem", "init", str(path)]) == 2
    assert "there already" in capsys.readouterr().err


def test_a_calibration_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """One clear error, no trace."""
    from cathodelab.operations.dem import calibrate

    with pytest.raises(CathodelabError, match="cannot be read"):
        calibrate(tmp_path / "nothing.toml")


def test_grain_sizes_stand_side_by_side(run_file: Path) -> None:
    """Coarser grains are fewer in the same volume."""
    import csv

    from cathodelab.operations.dem import compare_grains

    (table,) = compare_grains(run_file, [300, 424], 1)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [row["particles"] for row in rows] == ["60", "21"]
    assert all(float(row["stress_intensity_j_kg"]) > 0 for row in rows)


def test_an_animation_goes_on_with_the_run(run_file: Path) -> None:
    """One picture of what is there and one of each output; the pictures differ."""
    from PIL import Image

    assert main(["dem", "animate", str(run_file), "--pictures", "2"]) == 0
    folder = run_file.with_suffix("")
    with Image.open(folder / "particles.gif") as film:
        assert film.n_frames == 3
        frames = []
        for number in range(3):
            film.seek(number)
            frames.append(film.convert("RGB").tobytes())
    assert len(set(frames)) == 3
    assert (folder / "restart.npz").exists()


def test_a_dask_cluster_gives_the_runs_of_this_machine(run_file: Path) -> None:
    """The same table, bit for bit; where nobody answers it is said."""
    distributed = pytest.importorskip("distributed")
    from cathodelab.operations.dem import compare_grains

    (here,) = compare_grains(run_file, [300, 424], 1)
    table = here.read_bytes()
    shutil.rmtree(here.parent)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        (there,) = compare_grains(run_file, [300, 424], 1, cluster.scheduler_address)
    assert there.read_bytes() == table


def test_without_dask_the_error_names_the_extra(run_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is run."""
    from cathodelab.operations.dem import compare_grains

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CathodelabError, match="distributed") as raised:
        compare_grains(run_file, [300], 1, "tcp://127.0.0.1:8786")
    assert "cathodelab[dask]" in raised.value.what_to_do
    assert not run_file.with_name("mixer_grains").exists()


def test_a_yield_ratio_is_read_from_a_compaction_curve(run_file: Path) -> None:
    """A calibration file with a curve beside it; what is written says which forces were used."""
    head = _FILE.split("[machine]", maxsplit=1)[0].replace("diameter_um = 300", "diameter_um = 600")
    run_file.write_text(
        head + '[machine]\nkind = "die"\nradius_mm = 1.5\nheight_mm = 5\nspeed_m_s = 0.5\n'
        'die_material = "steel"\npiston_material = "steel"\n'
        '[calibration]\nkind = "compaction"\ncurve = "pressed.csv"\nstandard_uncertainty = 0.05\n'
        "lowest = 0.003\nhighest = 0.02\ntrials = 3\nparticles = 40\n"
    )
    run_file.with_name("pressed.csv").write_text("force_n,height_mm\n0.2,1.5\n0.5,1.42\n1.0,1.32\n")
    assert main(["dem", "calibrate", str(run_file)]) == 0
    found = json.loads(run_file.with_suffix(".json").read_text())
    assert found["parameter"] == "yield_ratio"
    assert 0.003 <= found["value"] <= 0.02
    assert "forces up to" in found["checks"][-1]["sentence"]
    assert run_file.with_suffix(".svg").stat().st_size > 1000
