"""A quick look at files of spectra: every file for itself, figures beside, faults in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cathodelab.apps.cli import main
from cathodelab.core.errors import CathodelabError
from cathodelab.operations.impedance import looked_at
from cathodelab.operations.model import SpectraInput
from cathodelab.operations.spectra_look import SpectraLook

FREQUENCIES = np.logspace(6, -1, 57)


def spectrum(cathode: float, seed: int) -> np.ndarray:
    turn = 2j * np.pi * FREQUENCIES
    z = 40 + cathode / (1 + (turn * 1.6e-4) ** 0.85) + 10 / (1 + (turn * 0.05) ** 0.85) + 1 / (0.3 * turn**0.55)
    chance = np.random.default_rng(seed)
    noisy: np.ndarray = z + 0.003 * np.abs(z) * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size))
    return noisy


def write(path: Path, *spectra: np.ndarray) -> Path:
    """Loops, times and potentials in a csv."""
    rows = [
        f"{f},{z.real},{z.imag},{3600 * loop + t},{3.6 + 0.02 * loop},{loop}"
        for loop, one in enumerate(spectra)
        for t, (f, z) in enumerate(zip(FREQUENCIES, one, strict=True))
    ]
    path.write_text("freq/Hz,Re(Z)/Ohm,Im(Z)/Ohm,time/s,Ewe/V,loop_index\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good cell.csv", spectrum(105, 1))


def look(*files: Path, **given: object) -> SpectraLook:
    folder = files[0].parent / "look"
    return looked_at(SpectraInput(files, folder, **given), lambda items, *_: items)  # type: ignore[arg-type]


def test_one_file_gives_resistances_and_figures(good: Path) -> None:
    """The cathode with its interval, per area; Nyquist, Bode and residuals as png, svg, csv and caption."""
    output = look(good, area=0.5)
    found = output.files[0]
    assert found.result is not None
    cathode = found.result.estimates.estimate("cathode_resistance")
    assert cathode.value == pytest.approx(52.5, abs=4 * cathode.plus)
    assert {path.suffix for path in found.figures} == {".png", ".svg", ".csv", ".txt"}
    assert all(path.stat().st_size > 100 for path in found.figures)
    assert output.complete
    assert not output.comparison


def test_a_sequence_has_a_waterfall_and_courses(tmp_path: Path) -> None:
    """Over time and over the potential, with units and the counter electrode on the axes."""
    path = write(tmp_path / "hold.csv", *(spectrum(80 + 10 * k, k) for k in range(4)))
    output = look(path, counter="In/InLi", circuit="R-(RQ)-(RQ)-Q")
    names = {one.name for one in output.files[0].figures}
    assert {"hold-impedance-waterfall.png", "hold-impedance-course.png"} <= names
    table = (tmp_path / "look" / "hold-impedance-course.csv").read_text()
    assert "time since the first spectrum / h" in table
    assert "E vs. In/InLi / V" in table
    assert "R · A / Ω cm²" in table


def test_the_fault_of_one_file_leaves_the_others(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; missing, mistaken and foreign files each with a reason; one object with --json."""
    mistaken = write(good.parent / "conj.csv", spectrum(105, 1).conj())
    words = good.parent / "words.csv"
    words.write_text("hello\nworld\n")
    folder = str(good.parent / "look")
    files = [str(good.parent / "missing.csv"), str(mistaken), str(words), str(good)]
    assert main(["impedance", *files, "--folder", folder]) == 1
    text = capsys.readouterr().out
    assert "No such file" in text
    assert "wrong sign" in text
    assert "No reader takes this file" in text
    assert "cathode (R_2):" in text
    assert main(["impedance", *files, "--folder", folder, "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert [one["error"] is None for one in record["files"]] == [False, False, False, True]
    assert record["files"][1]["error"]["code"] == "spectrum-mistaken"
    assert "cathode" in {row["role"] for row in record["files"][3]["resistances"]}
    assert record["files"][3]["spectra"][0]["kramers_kronig_valid"] is True


def test_advice_fits_files_without_a_study(tmp_path: Path) -> None:
    """Columns to name, not a study.toml that is not there; following the advice gives a result."""
    foreign, cycling, photo = (tmp_path / name for name in ("foreign.csv", "cycling.csv", "photo.csv"))
    rows = [f"{f},{z.real},{-z.imag}" for f, z in zip(FREQUENCIES, spectrum(105, 1), strict=True)]
    foreign.write_text("\n".join(["col1,value a,value b", *rows]) + "\n")
    cycling.write_text("Test Time / s,Voltage / V,Current / A\n" + "".join(f"{t},3.6,0.001\n" for t in range(60)))
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(300))
    for one, words in zip(
        look(foreign, cycling, photo).files, ("col1,value a,value b", "no impedance", "a picture (JPEG)"), strict=True
    ):
        text = str(one.error)
        assert words in text
        assert ("frequency/Hz, Re(Z)/Ohm, Im(Z)/Ohm" in text) == (one.path != photo)
        assert "study.toml" not in text
        assert "cells.csv" not in text
    foreign.write_text("\n".join(["frequency/Hz,Re(Z)/Ohm,-Im(Z)/Ohm", *rows]) + "\n")
    assert look(foreign).complete


def test_all_good_is_exit_code_0_and_a_senseless_call_2(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Circuit, area and states of charge are checked before any file is read."""
    folder = ["--folder", str(good.parent / "look")]
    assert main(["impedance", str(good), *folder, "--circuit", "R-(RQ)-(RQ)-Q", "--area", "0.785"]) == 0
    capsys.readouterr()
    for wrong, words in (
        (["--circuit", "R-(XQ)"], "no circuit"),
        (["--area", "-1"], "a number in cm², 0 to 1000000"),
        (["--charge", "1,2"], "2 states of charge for 1 files"),
        (["--charge", "abc"], "numbers in mAh/g"),
    ):
        assert main(["impedance", str(good), *folder, *wrong]) == 2
        assert words in capsys.readouterr().err


def test_states_of_charge_say_whether_files_may_be_compared(good: Path) -> None:
    """Unknown, different, the same; equal names get numbers."""
    other = good.parent / "other"
    other.mkdir()
    twin = write(other / "good cell.csv", spectrum(60, 2))
    circuit = "R-(RQ)-(RQ)-Q"
    assert "not stated" in look(good, twin, circuit=circuit).comparison[0]
    assert "must not be compared" in look(good, twin, circuit=circuit, charge=(100.0, 190.0)).comparison[0]
    same = look(good, twin, circuit=circuit, charge=(190.0,))
    assert "may be compared" in same.comparison[0]
    assert [one.name for one in same.files] == ["good_cell", "good_cell-2"]


def test_a_folder_that_cannot_be_made_is_said(good: Path) -> None:
    """A file stands there."""
    with pytest.raises(CathodelabError, match="cannot be made"):
        looked_at(SpectraInput((good,), good / "below"), lambda items, *_: items)


def test_a_figure_is_never_written_over_a_measurement(tmp_path: Path) -> None:
    """A spectrum that has the name of another one's figure stays as it is; that is the other one's fault, said clearly."""
    one = write(tmp_path / "cell.csv", spectrum(105, 1))
    figure = next(path for path in look(one).files[0].figures if path.suffix == ".csv")
    other = write(tmp_path / figure.name, spectrum(80, 2))
    before = other.read_bytes()
    output = looked_at(SpectraInput((one, other), tmp_path), lambda items, *_: items)
    assert other.read_bytes() == before
    error = output.files[0].error
    assert error is not None
    assert error.code == "would-overwrite"
    assert output.files[1].error is None


def test_a_damaged_spectrum_without_a_range_of_frequencies_is_said_in_words(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No circuit has time constants that differ in it: never a fault of ours."""
    case = data.parent / "cases" / "attack" / "m44.DTA"
    if not case.is_file():
        pytest.skip(f"no {case}")
    assert main(["impedance", str(case)]) == 1
    assert "No circuit can be fitted" in capsys.readouterr().out
