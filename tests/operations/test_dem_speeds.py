"""Stress records and speeds side by side, from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.stress import common_reading, stress_record_from


def test_a_run_writes_its_stress_record_when_it_has_settled(run_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before that it says from when on; then in all six readings, named."""
    folder = run_file.with_suffix("")
    assert main(["dem", "run", str(run_file), "--outputs", "1"]) == 0
    assert "No stress record yet: means are taken from 0.00025 s on." in capsys.readouterr().out
    assert not (folder / "stress_record.json").exists()
    assert main(["dem", "run", str(run_file)]) == 0
    assert "Stress intensity" in capsys.readouterr().out
    data = json.loads((folder / "stress_record.json").read_text())
    records = [stress_record_from(one) for one in data["records"]]
    assert len({one.reading for one in records}) == 6
    assert records[0].reading == "collision: ended; work: half"
    assert records[0].speed_rpm == pytest.approx(20_000)


def test_speeds_stand_side_by_side_and_are_not_run_twice(run_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two speeds, then a third: those that are there stay as they are; the record of each speed is in one file."""
    assert main(["dem", "speeds", str(run_file), "--speeds", "20000,10000"]) == 0
    folder = run_file.with_name("mixer_speeds")
    before = (folder / "10000rpm" / "restart.npz").stat().st_mtime_ns
    assert main(["dem", "speeds", str(run_file), "--speeds", "10000,15000,20000"]) == 0
    assert (folder / "10000rpm" / "restart.npz").stat().st_mtime_ns == before
    rows = [
        row
        for row in csv.DictReader((folder / "speeds.csv").read_text().splitlines())
        if (row["collision"], row["work"]) == ("ended", "half")
    ]
    assert [float(row["speed_rpm"]) for row in rows] == [10_000, 15_000, 20_000]
    intensity = [float(row["stress_intensity_j_kg"]) for row in rows]
    assert intensity[0] < intensity[2]
    assert all(float(row["grain_diameter_um"]) == 300 for row in rows)
    records = [stress_record_from(one) for one in json.loads((folder / "stress_records.json").read_text())["records"]]
    first = [one for one in records if one.reading == records[0].reading]
    assert common_reading(first) == "collision: ended; work: half"
    assert [one.stress_intensity_j_kg for one in first] == pytest.approx(intensity, rel=1e-6)
    assert "15000 1/min: Stress intensity" in capsys.readouterr().out
    assert (folder / "15000rpm" / "stress_record.json").exists()
    assert (folder / "speeds.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("speeds", "match"), [("1000,1000", "positive and different"), ("-1", "0.001 or more"), ("fast", "numbers")]
)
def test_speeds_that_are_none_are_refused(
    run_file: Path, capsys: pytest.CaptureFixture[str], speeds: str, match: str
) -> None:
    """Before anything is run."""
    assert main(["dem", "speeds", str(run_file), f"--speeds={speeds}"]) == 2
    assert match in capsys.readouterr().err
    assert not run_file.with_name("mixer_speeds").exists()


def test_a_machine_without_a_speed_is_refused(
    run_file: Path, run_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A die does not turn."""
    head = run_text.split("[machine]", maxsplit=1)[0]
    run_file.write_text(head + '[machine]\nkind = "die"\ndie_material = "steel"\npiston_material = "steel"\n')
    assert main(["dem", "speeds", str(run_file), "--speeds", "1000"]) == 2
    assert "The machine of kind die has no speed" in capsys.readouterr().err
