"""A quick look at files of cycling tests: a table a file, faults in words."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from cathodelab.apps.cli import main
from cathodelab.formats.bdf import write_bdf_text
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns

DECIMALS = {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0}


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    """Two cycles of a cell of 10 mg."""
    truth = CyclingTruth(parasitic=0.02)
    columns = cycling_columns(truth, cycles_of((0.1, 0.1)), Recording(rows=200), np.random.default_rng(1))
    path = tmp_path / "one test.bdf.csv"
    write_bdf_text(path, {name: columns[name] for name in DECIMALS}, DECIMALS)
    return path


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_a_file_gives_a_table_of_its_cycles(test_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Charges in mAh and, with the mass, per gram; no shoulder, whose limit is against Li+/Li."""
    folder = test_file.parent / "tables"
    assert main(["cycles", str(test_file), "--folder", str(folder), "--mass", "10"]) == 0
    assert "2 cycles; first whole one" in capsys.readouterr().out
    rows = _table(folder / "one_test.bdf.csv")
    assert [row["cycle"] for row in rows] == ["1", "2"]
    discharge = float(rows[1]["discharge / mAh"])
    assert float(rows[1]["gross_discharge_capacity / mAh/g"]) == pytest.approx(discharge * 100, rel=1e-6)
    assert float(rows[1]["coulombic_efficiency / 1"]) == pytest.approx(1 / 1.02, abs=2e-3)
    assert float(rows[1]["discharge_c_rate / 1/h"]) == pytest.approx(0.1, rel=0.01)
    assert not any("shoulder" in name for name in rows[0])
    assert main(["cycles", str(test_file), "--folder", str(folder)]) == 0
    assert not any("mAh/g" in name or "c_rate" in name for name in _table(folder / "one_test.bdf.csv")[0])


def test_the_fault_of_one_file_leaves_the_others(test_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, foreign and without current: one clear line each, exit code 1; a mass below zero is refused."""
    folder = test_file.parent / "tables"
    foreign = test_file.parent / "words.txt"
    foreign.write_text("hello\nworld\n")
    rest = test_file.parent / "rest.bdf.csv"
    columns = {"test_time_second": np.arange(5.0), "voltage_volt": np.full(5, 3.0), "current_ampere": np.zeros(5)}
    write_bdf_text(rest, columns, dict.fromkeys(columns, 3))
    files = [str(test_file.parent / "missing.csv"), str(foreign), str(rest), str(test_file)]
    assert main(["cycles", *files, "--folder", str(folder)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 4
    assert "cannot be read" in said[0]
    assert "No reader takes" in said[1]
    assert "no charge and no discharge" in said[2]
    assert "2 cycles" in said[3]
    assert main(["cycles", str(test_file), "--mass", "-1", "--folder", str(folder)]) == 2
    assert main(["cycles", str(test_file), "--mass", "0.001", "--folder", str(folder)]) == 1
    text = capsys.readouterr().out
    assert "times the capacity that defines 1C" in text
    assert "See --mass. See --basis." in text, "where this door has what the error asks for"
    for words in ("cells.csv", "study.toml", "cam_mass_mg"):
        assert words not in text


def test_a_measurement_is_never_written_over(test_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder of the files as the folder of the tables: neither the file itself nor another's export is touched."""
    raw = test_file.rename(test_file.parent / "a.csv")
    other = raw.parent / "b.txt"
    other.write_bytes(raw.read_bytes())
    export = raw.parent / "b.csv"
    export.write_text("an export of b\n")
    before = raw.read_bytes()
    assert main(["cycles", str(raw), str(other), "--folder", str(raw.parent)]) == 1
    assert capsys.readouterr().out.count("would be written over") == 2
    assert (raw.read_bytes(), export.read_text()) == (before, "an export of b\n")


def test_a_quick_look_says_what_readers_note_and_what_is_doubtful(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that begins mid-cycle, its counter gone on: below its line, beside its table and in JSON."""
    rows = [
        "Data_Point,Test_Time(s),Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Charge_Capacity(Ah),Discharge_Capacity(Ah)"
    ]
    for step, (flow, begin, charge) in enumerate([(2e-4, 4e-4, 1.6e-3), (-2e-4, 0.0, 1.5e-3)] * 2):
        counted = begin if step == 0 else 0.0
        up, down = np.linspace(3.0, 4.2, 31), np.linspace(4.1, 2.5, 31)
        for place in range(31):
            moved = counted + (charge - counted) * place / 30
            second = moved / 2e-4 * 3600
            volt = (up if flow > 0 else down)[place]
            rows.append(
                f"{len(rows)},{step * 40000 + second:.1f},{second:.1f},{step % 2 + 1},{step // 2 + 1},{flow:.7f},{volt:.5f},"
                f"{moved if flow > 0 else 0:.8f},{moved if flow < 0 else 0:.8f}"
            )
    path = tmp_path / "arbin.csv"
    path.write_text("\n".join(rows) + "\n")
    folder = tmp_path / "tables"
    assert main(["cycles", str(path), "--folder", str(folder), "--mass", "10"]) == 0
    said = capsys.readouterr().out
    assert "first whole one 1.6 mAh charged, 1.5 mAh discharged" in said
    assert "doubt: Before the first row the cycler had counted 0.4 mAh of the charge" in said
    assert "note: The net charge was rebuilt from the Arbin's" in said
    table = _table(folder / "arbin.csv")
    assert [float(row["charge / mAh"]) for row in table] == pytest.approx([1.6, 1.6])
    assert table[0]["mean_charge_potential / V"] == ""
    assert "counted 0.4 mAh" in (folder / "arbin-notes.txt").read_text()
    assert not any("-0" in row["gross_charge_capacity_cv / mAh/g"] for row in table)


def test_a_record_of_one_row_stops_no_other_file(test_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A test that has just begun."""
    one = test_file.parent / "one.bdf.csv"
    one.write_text("Test Time / s,Voltage / V,Current / A\n0,3.0,0.0002\n")
    assert main(["cycles", str(one), str(test_file), "--folder", str(test_file.parent / "tables")]) == 0
    assert "1 cycle, none whole" in capsys.readouterr().out


def test_a_half_cell_of_an_anode_begins_with_the_discharge(test_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The pairing can be asked for."""
    assert main(["cycles", str(test_file), "--folder", str(test_file.parent / "tables"), "--begins", "discharge"]) == 0
    assert "3 cycles" in capsys.readouterr().out


def test_a_file_of_another_format_is_read_by_a_declared_map_and_its_faults_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The map that the message offers is what the option takes."""
    path, maps = tmp_path / "own.csv", tmp_path / "maps.toml"
    path.write_text("made by us\nZeit/h;U/mV;I/mA\n0,0;3500;0,1\n0,5;3600;0,1\n1,0;3700;0,1\n")
    call = ["cycles", str(path), "--folder", str(tmp_path / "out")]
    assert main(call) == 1
    offered = capsys.readouterr().out.partition("text file with\n")[2]
    assert offered.startswith("[columns.mine]\ntime = ")
    maps.write_text(offered)
    assert main([*call, "--columns", str(maps)]) == 0
    for text, words in (("[columns.a]\ntime = 1\n", "needed"), ("x = ", "no TOML"), ("", "no table [columns.NAME]")):
        maps.write_text(text)
        assert main([*call, "--columns", str(maps)]) == 1
        assert words in capsys.readouterr().out.replace("\n", " ")
