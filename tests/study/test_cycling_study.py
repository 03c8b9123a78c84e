"""Studies of cycling cells: without a reference, with real files, with damaged ones."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from cathodelab.formats.bdf import write_bdf_text
from cathodelab.study.run import run_study
from cathodelab.study.store import results_record, tables
from cathodelab_validation.cycler import CyclingTruth, Recording, cycles_of, cycling_columns

DECIMALS = {"test_time_second": 1, "voltage_volt": 6, "current_ampere": 9, "step_count": 0}
HEADER = ["cell", "role", "cam_mass_mg", "cam_mass_standard_uncertainty_mg", "counter_electrode", "file", "batch"]


def _study(folder: Path, rows: list[list[str]]) -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "cells.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([HEADER, *rows])
    return folder


def _write(path: Path, rates: tuple[float, ...] = (0.1, 0.3)) -> None:
    columns = cycling_columns(CyclingTruth(), cycles_of(rates), Recording(rows=60), np.random.default_rng(1))
    path.parent.mkdir(exist_ok=True)
    write_bdf_text(path, {name: columns[name] for name in DECIMALS}, DECIMALS)


def test_cycles_need_no_reference(tmp_path: Path) -> None:
    """Utilization is skipped with the reason; cycles, batches and tables are there."""
    for name in ("a", "b"):
        _write(tmp_path / "study" / f"{name}.bdf.csv")
    folder = _study(
        tmp_path / "study",
        [[name, "cell", "10", "0.1", "In/InLi", f"{name}.bdf.csv", "batch-1"] for name in ("a", "b")],
    )
    results = run_study(folder)
    found = results.cell("a").outcomes
    assert (found["utilization"].status, found["cycling"].status) == ("skipped", "ok")
    assert found["utilization"].error is not None
    assert found["utilization"].error.code == "no-reference"
    assert "active" not in found, "it does not apply: there is no utilization"
    sheets = tables(results)
    assert {"cycles", "features", "steps", "scatter"} <= set(sheets)
    assert len(sheets["cycles"].rows) == 2 * 2
    assert results_record(results)["batches"]["scatter"][0]["cells"] == 2.0


def test_cells_that_only_cycle_are_skipped_in_a_study_with_a_reference(known_truth: Path) -> None:
    """With rests between the half cycles and without any: "no titration", no fault; the cycles are there."""
    rests = cycles_of((0.1, 0.3))
    for name, protocol in (("ssb-01", rests), ("ssb-02", [phase for phase in rests if phase.kind != "rest"])):
        columns = cycling_columns(CyclingTruth(), protocol, Recording(rows=60), np.random.default_rng(1))
        write_bdf_text(known_truth / f"{name}.csv", {key: columns[key] for key in DECIMALS}, DECIMALS)
    results = run_study(known_truth)
    for name in ("ssb-01", "ssb-02"):
        found = results.cell(name).outcomes
        assert (found["utilization"].status, found["cycling"].status) == ("skipped", "ok")
        error = found["utilization"].error
        assert error is not None
        assert error.code == "no-titration"
        assert "no titration in the record" in str(error)


def test_the_same_file_twice_is_one_failed_cell(tmp_path: Path) -> None:
    """The other cell is evaluated."""
    (tmp_path / "study").mkdir()
    _write(tmp_path / "study" / "a.bdf.csv")
    shutil.copy(tmp_path / "study" / "a.bdf.csv", tmp_path / "study" / "copy.bdf.csv")
    rows = [["a", "a.bdf.csv"], ["twice", "a.bdf.csv;copy.bdf.csv"]]
    folder = _study(tmp_path / "study", [[name, "cell", "10", "0.1", "In/InLi", file, ""] for name, file in rows])
    results = run_study(folder)
    assert results.cell("a").outcomes["cycling"].status == "ok"
    failed = results.cell("twice").outcomes["cycling"]
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code == "file-twice"


def test_cycling_does_not_apply_to_a_record_without_cycles(tmp_path: Path) -> None:
    """A titration alone: no outcome, on a cold and on a warm run."""
    from cathodelab.operations.demo import write_demo_study

    write_demo_study(tmp_path / "demo", 3)
    for _ in range(2):
        found = run_study(tmp_path / "demo").cell("ssb-01").outcomes
        assert found["utilization"].status == "ok"
        assert "cycling" not in found


@pytest.mark.parametrize("file", ["PyProBE/sample_data_arbin.csv", "cellpy/20200624_test001_cc_01.h5"])
def test_records_of_a_few_rows_are_evaluated_as_far_as_they_go(tmp_path: Path, data: Path, file: str) -> None:
    """13 rows, too few to know their noise; 47 rows whose own count of charge stands still under current."""
    if file.endswith(".h5"):
        pytest.importorskip("h5py")
    (tmp_path / "study").mkdir()
    name = Path(file).name
    shutil.copy(data / "cycling" / file, tmp_path / "study" / name)
    results = run_study(_study(tmp_path / "study", [["a", "cell", "10", "0.1", "Li", name, ""]]))
    assert results.cell("a").outcomes["cycling"].status == "ok"
    if file.endswith(".h5"):
        check = next(one for one in results.of("cycling")[0][1].checks if one.name == "charge_counted")
        assert check.passed is False
        assert "stands still" in check.sentence


@pytest.mark.parametrize(
    ("file", "mass", "cycles"),
    [
        ("fastnda/test_2.ndax", "1.1", 54),
        ("datalab/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr", "4.9", 7),
        ("navani/arbin_example.res", "3", 4),
        ("cellpy/maccor_001.txt", "9000", 5),
    ],
)
def test_real_files_of_four_cyclers(tmp_path: Path, data: Path, file: str, mass: str, cycles: int) -> None:
    """Neware, BioLogic, Arbin, Maccor: cycles as counted by eye, and dQ/dV that holds their charge."""
    (tmp_path / "study").mkdir()
    shutil.copy(data / "cycling" / file, tmp_path / "study" / Path(file).name)
    folder = _study(tmp_path / "study", [["real", "cell", mass, "0.01", "Li", Path(file).name, ""]])
    found = run_study(folder).cell("real").outcomes["cycling"]
    assert found.status == "ok", found.error
    assert found.result.cycles.count == cycles
    for curve in found.result.curves:
        step = curve.potential_volt[1] - curve.potential_volt[0]
        assert float(np.sum(curve.density_mAh_V) * step) == pytest.approx(curve.charge_mAh, rel=1e-6)


def test_cells_without_any_shoulder_charge_have_batches(tmp_path: Path) -> None:
    """Two ordinary cells that never go below 3.62 V against Li⁺/Li: a mean of zero has no coefficient of variation, no fault."""
    parts = np.array([(0, 0.2, 3.1, 3.1), *[(2e-4, 8, 3.1, 3.7), (0, 0.2, 3.7, 3.65), (-2e-4, 7.5, 3.6, 3.1)] * 2])
    (tmp_path / "study").mkdir()
    for name, factor in (("a", 1.0), ("b", 1.02)):
        columns = {
            "test_time_second": 3600 * np.cumsum(np.repeat(parts[:, 1] / 60, 60)),
            "voltage_volt": np.linspace(parts[:, 2], parts[:, 3], 60).T.ravel(),
            "current_ampere": factor * np.repeat(parts[:, 0], 60),
            "step_count": np.repeat(np.arange(1.0, len(parts) + 1), 60),
        }
        write_bdf_text(tmp_path / "study" / f"{name}.bdf.csv", columns, DECIMALS)
    rows = [[name, "cell", "10", "0.06", "In/InLi", f"{name}.bdf.csv", ""] for name in ("a", "b")]
    results = run_study(_study(tmp_path / "study", rows))
    batches = next(one for one in results.studies if one.method == "batches")
    assert (batches.status, batches.error) == ("ok", None)
    (shoulder,) = [one for one in results_record(results)["batches"]["scatter"] if one["metric"] == "shoulder charge"]
    assert shoulder["mean"] == 0.0
    assert shoulder["variation total / %"] is None


_ARBIN = (
    "Data_Point,Test_Time(s),Date_Time,Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Charge_Capacity(Ah),"
    "Discharge_Capacity(Ah)"
)
_STEPS = ((0, 0.5, 3.0, 3.0), (0.2, 8, 3.0, 4.2), (0, 0.5, 4.2, 4.1), (-0.2, 7.5, 4.1, 2.5), (0, 0.5, 2.5, 3.0)) * 2


def _arbin(every: int) -> list[list[float]]:
    """Rows of two cycles of 1.6 mAh charge and 1.5 mAh discharge: time, step time, step, cycle, mA, V, mAh of both counters."""
    rows, begin = [], 0.0
    for number, (current, hours, first, last) in enumerate(_STEPS):
        for minute in range(0, round(60 * hours) + 1, every):
            charge, share = abs(current) * minute / 60, minute / (60 * hours)
            counted = (charge if current > 0 else 0.0, charge if current < 0 else 0.0)
            now = [begin + 60.0 * minute, 60.0 * minute, number % 5 + 1, number // 5 + 1, current]
            rows.append([*now, first + (last - first) * share, *counted])
        begin += 3600 * hours
    return rows


def _as_text(rows: list[list[float]], time: float = 0.0, counted: float = 0.0, step_time: float = 0.0) -> str:
    """As exported; less what the clock, the counter and the clock of the step that goes on had read before."""
    lines, step = [_ARBIN], rows[0][2:4]
    for number, (now, of_step, index, cycle, current, volt, up, down) in enumerate(rows, 1):
        less, earlier = (counted, step_time) if [index, cycle] == step else (0.0, 0.0)
        lines.append(
            f"{number},{now - time:.1f},2026-01-01,{of_step - earlier:.1f},{index},{cycle},{current / 1e3:.7f},{volt:.5f},"
            f"{(up - less) / 1e3:.8f},{down / 1e3:.8f}"
        )
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(("every", "way"), [(1, "goes on"), (1, "clock anew"), (1, "all anew"), (30, "goes on")])
def test_a_test_that_goes_on_in_a_second_file_loses_no_charge(tmp_path: Path, every: int, way: str) -> None:
    """Parted in the middle of the first charge; what lies between the files is the counter's, also of rows every half an hour."""
    rows, cut = _arbin(every), 3600 * 4.5
    before, after = [row for row in rows if row[0] <= cut], [row for row in rows if row[0] > cut]
    time = {"goes on": 0.0, "clock anew": after[0][0], "all anew": before[-1][0]}[way]
    anew = (before[-1][6], before[-1][1]) if way == "all anew" else (0.0, 0.0)
    folder = _study(tmp_path / "study", [["a", "cell", "10", "0.1", "Li", "a.csv;b.csv", ""]])
    (folder / "a.csv").write_text(_as_text(before))
    (folder / "b.csv").write_text(_as_text(after, time, *anew))
    table = run_study(folder).cell("a").outcomes["cycling"].result.cycles
    np.testing.assert_allclose(table.of("charge"), [1.6, 1.6], rtol=1e-6)
    np.testing.assert_allclose(table.of("discharge"), [1.5, 1.5], rtol=1e-6)
