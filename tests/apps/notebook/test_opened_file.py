"""One file in a notebook: columns with units, cycles, and dQ/dV of a cell whose curve is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cathodelab
from cathodelab.apps.notebook.opened_file import OpenedFile

CURRENT_AMPERE, HOURS, LOW, HIGH = 1e-3, 2.0, 3.0, 4.0
ROWS = 721


@pytest.fixture
def file(tmp_path: Path) -> OpenedFile:
    """Two cycles at 1 mA between 3 and 4 V, 2 h each way, the potential straight over the charge: dQ/dV is 2 mAh/V."""
    rng = np.random.default_rng(4)
    up = np.linspace(LOW, HIGH, ROWS)
    lines, time = ["Test Time / s,Voltage / V,Current / A,Step Count / 1"], 0.0
    for number, direction in enumerate((1, -1, 1, -1), 1):
        for voltage in up[::direction]:
            lines.append(f"{time:.3f},{voltage + rng.normal(0, 2e-5):.6f},{direction * CURRENT_AMPERE},{number}")
            time += 3600 * HOURS / (ROWS - 1)
    path = tmp_path / "cell.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return cathodelab.read(path)


def test_columns_have_their_units(file: OpenedFile) -> None:
    """By name as arrays, all as a frame."""
    assert file.units["voltage_volt"] == "V"
    assert file["current_ampere"].max() == pytest.approx(CURRENT_AMPERE)
    assert file.table().height == 4 * ROWS
    assert "voltage_volt / V" in file._repr_html_()
    with pytest.raises(cathodelab.CathodelabError, match="no column potential"):
        file["potential"]


def test_cycles_have_their_charges_with_uncertainty(file: OpenedFile) -> None:
    """1 mA for 2 h; specific capacities appear with the mass."""
    cycles = file.cycles()
    assert cycles["charge / mAh"].to_list() == pytest.approx([2.0, 2.0], rel=3e-3)
    assert (cycles["± charge / mAh"] > 0).all()
    assert not [name for name in cycles.columns if "mAh/g" in name]
    with_mass = file.cycles(cam_mass_mg=10.0)
    assert with_mass["gross_charge_capacity / mAh/g"].to_list() == pytest.approx([200.0, 200.0], rel=3e-3)


def test_differential_charge_is_that_of_the_curve_within_its_uncertainty(file: OpenedFile) -> None:
    """2 mAh/V in every bin inside, of every cycle and direction; its integral is the charge."""
    curve = file.differential(1, direction="charge")
    inside = curve.filter((curve["potential_volt"] > 3.05) & (curve["potential_volt"] < 3.95))
    off = (inside["differential_charge_mAh_V"] - 2.0) / inside["standard_uncertainty_mAh_V"]
    assert inside.height > 100
    assert abs(inside["differential_charge_mAh_V"].mean() - 2.0) < 0.01
    assert 0.55 < (off.abs() < 1).mean() < 0.85
    step = curve["potential_volt"][1] - curve["potential_volt"][0]
    assert step * curve["differential_charge_mAh_V"].sum() == pytest.approx(2.0, rel=5e-3)
    every = file.differential()
    assert sorted({tuple(row) for row in every.select("cycle", "direction").rows()}) == [
        (1, -1),
        (1, 1),
        (2, -1),
        (2, 1),
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda file: file.differential(7), "no cycle 7.*1 to 2"),
        (lambda file: file.differential(direction="up"), "charge, discharge and both"),
        (lambda file: file.cycles(smoothing=1), "smoothing"),
        (lambda file: file.cycles(largest_smoothing_volt="wide"), "largest_smoothing_volt"),
        (lambda file: file.spectra(), "spectrum"),
    ],
)
def test_wrong_wishes_get_one_clear_error(file: OpenedFile, call: object, said: str) -> None:
    """What there is stands in it."""
    with pytest.raises(cathodelab.CathodelabError, match=f"(?s){said}"):
        call(file)  # type: ignore[operator]


def test_a_file_that_is_missing_or_unknown_names_itself(tmp_path: Path) -> None:
    """One clear error each."""
    (tmp_path / "notes.txt").write_text("hello\n", encoding="utf-8")
    for name in ("nothing.mpr", "notes.txt"):
        with pytest.raises(cathodelab.CathodelabError, match=name):
            cathodelab.read(tmp_path / name)


def test_differential_charge_of_a_real_mpr_takes_four_lines(data: Path) -> None:
    """As a notebook has it."""
    lines = [
        "import cathodelab",
        f"curve = cathodelab.read({str(data / 'cycling/yadg/bcd.issue_241.mpr')!r}).differential()",
    ]
    assert len(lines) <= 4
    names: dict[str, object] = {}
    exec("\n".join(lines), names)  # noqa: S102 - the lines are those above
    curve = names["curve"]
    assert curve["differential_charge_mAh_V"].max() > 0  # type: ignore[index]
    assert curve["standard_uncertainty_mAh_V"].is_not_nan().any()  # type: ignore[index]


def test_spectra_of_a_real_file_are_rows_of_frequencies(data: Path) -> None:
    """With number, time and potential of each spectrum."""
    spectra = cathodelab.read(data / "impedance/gamry_example.DTA").spectra()
    assert spectra["spectrum"].unique().to_list() == [1.0]
    assert spectra["frequency_hertz"].max() == pytest.approx(200015.6)
