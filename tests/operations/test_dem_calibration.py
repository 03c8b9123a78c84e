"""Calibration from the command line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError


def test_a_calibration_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """One clear error, no trace."""
    from cathodelab.operations.dem_calibration import calibrate

    with pytest.raises(CathodelabError, match="cannot be read"):
        calibrate(tmp_path / "nothing.toml")


def test_a_yield_ratio_is_read_from_a_compaction_curve(
    run_file: Path, run_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A calibration file with a curve beside it; what is written says which forces were used."""
    head = run_text.split("[machine]", maxsplit=1)[0].replace("diameter_um = 300", "diameter_um = 600")
    run_file.write_text(
        head + '[machine]\nkind = "die"\nradius_mm = 1.5\nheight_mm = 5\nspeed_m_s = 0.5\n'
        'die_material = "steel"\npiston_material = "steel"\n'
        '[calibration]\nkind = "compaction"\ncurve = "pressed.csv"\nstandard_uncertainty = 0.05\n'
        "lowest = 0.003\nhighest = 0.02\ntrials = 3\nparticles = 40\n"
    )
    run_file.with_name("pressed.csv").write_text("force_n,height_mm\n0.2,1.5\n0.5,1.42\n1.0,1.32\n1000.0,0.8\n")
    assert main(["dem", "calibrate", str(run_file)]) == 0
    found = json.loads(run_file.with_suffix(".json").read_text())
    assert found["parameter"] == "yield_ratio"
    assert 0.003 <= found["value"] <= 0.02
    assert "forces up to" in found["checks"][-1]["sentence"]
    assert [row["used"] for row in found["curve"]] == [False, True, True, False]
    assert [row["within_law"] for row in found["curve"]] == [True, True, True, False]
    assert found["curve"][2]["predicted_strain"] == pytest.approx(found["curve"][2]["measured_strain"], abs=0.1)
    assert found["curve"][1]["pressure_mpa"] == pytest.approx(0.5 / (math.pi * 1.5**2))
    said = capsys.readouterr().out
    assert "yield_ratio = " in said
    assert "note (forces_within_law): 2 forces up to 1 N" in said
    assert run_file.with_suffix(".svg").stat().st_size > 1000


def test_a_wider_measured_die_gives_the_same_pressures(run_file: Path, run_text: str) -> None:
    """Four times the forces on twice the diameter: nothing changes but the forces that are named."""
    head = run_text.split("[machine]", maxsplit=1)[0].replace("diameter_um = 300", "diameter_um = 600")
    head += '[machine]\nkind = "die"\nradius_mm = 1.5\nheight_mm = 5\nspeed_m_s = 0.5\n'
    head += (
        'die_material = "steel"\npiston_material = "steel"\n[calibration]\nkind = "compaction"\ncurve = "pressed.csv"\n'
    )
    head += "standard_uncertainty = 0.05\nlowest = 0.003\nhighest = 0.02\ntrials = 3\nparticles = 40\n"
    found = []
    for scale, more in ((1.0, ""), (4.0, "measured_die_mm = 6\n")):
        run_file.write_text(head + more)
        rows = "".join(f"{scale * force},{height}\n" for force, height in ((0.2, 1.5), (0.5, 1.42), (1.0, 1.32)))
        run_file.with_name("pressed.csv").write_text("force_n,height_mm\n" + rows)
        assert main(["dem", "calibrate", str(run_file)]) == 0
        found.append(json.loads(run_file.with_suffix(".json").read_text()))
    assert found[0]["value"] == pytest.approx(found[1]["value"])
    for one, other in zip(found[0]["curve"], found[1]["curve"], strict=True):
        assert one["pressure_mpa"] == pytest.approx(other["pressure_mpa"])
        assert 4 * one["force_n"] == pytest.approx(other["force_n"])
