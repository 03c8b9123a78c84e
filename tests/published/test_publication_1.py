"""Numbers printed in Publication I; ids from the list of printed numbers.

The formula wins over the print; nothing is tuned. Data: the published cells of the test data, folder ``ctc``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.formats.readers import read_table
from cathodelab.formats.table import Table
from cathodelab.techniques.utilization.method import static_utilization
from cathodelab.techniques.utilization.model import UtilizationResult, UtilizationSettings
from cathodelab.techniques.utilization.published import published_reference_errors
from cathodelab.techniques.utilization.read import titration_from_table

REFERENCE = Cell("LIB", "reference", Estimate(5.25, 0.09, 0.09, "mg"), "Li", Estimate(0, 0, 0), ("x",))
BAD = Cell("bad", "cell", Estimate(9.0, 0.1, 0.1, "mg"), "Li", Estimate(0, 0.004, 0.004), ("x",), reference="LIB")
PRINTED_WINDOWS = [53.5, 67.5, 79.9, 83.0, 75.0, 89.0]
PRINTED_ERRORS = [(5, 3), (7, 3), (6, 4), (10, 5), (10, 5), (18, 5)]
PUBLISHED = UtilizationSettings(mode="published")


def _table(data: Path, name: str) -> Table:
    return read_table(name, (data / "ctc" / name).read_bytes())[0]


def _bad_cell(data: Path, settings: UtilizationSettings) -> UtilizationResult:
    reference = titration_from_table(_table(data, "LIB_titration-data.txt"))
    cell = titration_from_table(_table(data, "badSSB_titration-data.txt"))
    return static_utilization(BAD, cell, REFERENCE, reference, settings, 200.0)


def test_every_window_of_the_bad_cell_and_its_printed_errors(data: Path) -> None:
    """53.5, 67.5, 79.9, 83.0, 75.0, 89.0 %; 54 +5 -3, 68 +7 -3, 80 +6 -4, 83 +10 -5, 75 +10 -5, 89 +18 -5."""
    result = _bad_cell(data, PUBLISHED)
    windows = [result.estimates.estimate(window.estimate_name) for window in result.windows]
    assert [round(100 * one.value, 1) for one in windows] == PRINTED_WINDOWS
    assert [(round(100 * one.plus), round(100 * one.minus)) for one in windows] == PRINTED_ERRORS


def test_theta_bad_all_windows(data: Path) -> None:
    """74.7 +- 11.5 %, population standard deviation over all six windows."""
    one = _bad_cell(data, PUBLISHED).estimates.estimate("static_utilization")
    assert (round(100 * one.value, 1), round(100 * one.plus, 1)) == (74.7, 11.5)
    assert one.minus == one.plus


def test_theta_bad(data: Path) -> None:
    """theta_bad: 76.4 +- 5.8 % for windows 2 to 5, given as an argument."""
    settings = UtilizationSettings(mode="published", windows=(2, 3, 4, 5))
    one = _bad_cell(data, settings).estimates.estimate("static_utilization")
    assert (round(100 * one.value, 1), round(100 * one.plus, 1)) == (76.4, 5.8)


def test_the_default_mode_stands_beside_it_with_reasons(data: Path) -> None:
    """The first window starts at the edge of the reference; the others disagree, and the check says so."""
    result = _bad_cell(data, UtilizationSettings())
    assert [window.number for window in result.windows if window.dropped] == [1]
    assert "outermost points" in result.windows[0].dropped
    agree = next(check for check in result.checks if check.name == "windows_agree")
    assert agree.passed is False
    one = result.estimates.estimate("static_utilization")
    assert 0.74 < one.value < 0.82
    assert one.plus > 0.02


ERROR_COLUMNS = {
    "potential_error_instrument_volt": "instrument_potential",
    "potential_error_self_discharge_volt": "self_discharge_potential",
    "potential_error_relaxation_volt": "relaxation_potential",
    "current_error_instrument_milliampere": "instrument_current_mA",
    "charge_error_instrument_milliampere_hour": "instrument_charge",
    "charge_error_cumulative_milliampere_hour": "cumulative_charge",
    "charge_error_self_discharge_milliampere_hour": "self_discharge_charge",
    "potential_error_plus_volt": "potential_plus",
    "potential_error_minus_volt": "potential_minus",
}


@pytest.mark.parametrize("column", ERROR_COLUMNS)
def test_error_columns_of_the_table_are_recomputed(data: Path, column: str) -> None:
    """From its own potential, current, time, slope and self-discharge columns, to 1e-6."""
    table = _table(data, "LIB_titration-data.txt")
    settings = UtilizationSettings(current_range_mA=1.0)
    errors = published_reference_errors(titration_from_table(table), settings)
    np.testing.assert_allclose(getattr(errors, ERROR_COLUMNS[column]), table.columns[column], rtol=1e-6, atol=1e-15)


def test_specific_charge_errors_of_the_table_are_recomputed(data: Path) -> None:
    """Eq. 12: all contributions of the charge added, the mass last."""
    table = _table(data, "LIB_titration-data.txt")
    settings = UtilizationSettings(current_range_mA=1.0)
    errors = published_reference_errors(titration_from_table(table), settings)
    q = table.column("corrected_charge_milliampere_hour") / 5.25 * 1000
    from_mass = q * 0.09 / 5.25
    instrument = errors.cumulative_charge / 5.25 * 1000
    lost = errors.self_discharge_charge / 5.25 * 1000
    expected = {
        "specific_charge_milliampere_hour_per_gram": q,
        "specific_charge_error_mass_milliampere_hour_per_gram": from_mass,
        "specific_charge_error_instrument_milliampere_hour_per_gram": instrument,
        "specific_charge_error_plus_without_mass_milliampere_hour_per_gram": instrument,
        "specific_charge_error_minus_without_mass_milliampere_hour_per_gram": instrument + lost,
        "specific_charge_error_plus_milliampere_hour_per_gram": instrument + from_mass,
        "specific_charge_error_minus_milliampere_hour_per_gram": instrument + lost + from_mass,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(values, table.columns[name], rtol=1e-6, err_msg=name)


def test_the_table_s_corrected_charge_holds_the_charge_before_the_titration(data: Path) -> None:
    """Q0 = 0.11622757 mAh."""
    table = _table(data, "LIB_titration-data.txt")
    before = table.column("corrected_charge_milliampere_hour") - table.column("charge_milliampere_hour")
    np.testing.assert_allclose(before, 0.11622757, atol=1e-8)


def test_instrument_figures() -> None:
    """dU_instr 0.7 mV at 3.7 V; dI_instr 0.18 uA at 52.5 uA in the 1 mA range; dQ_instr 0.06 uAh in 20 min."""
    settings = UtilizationSettings()
    potential = settings.potential_gain_limit * 3.7 + settings.potential_offset_limit_volt
    current_uA = settings.current_gain_limit * 52.5 + settings.current_offset_limit_of_range * 1000
    assert round(potential * 1e3, 1) == 0.7
    assert round(current_uA, 2) == 0.18
    assert round(current_uA / 3, 2) == 0.06


def test_f_relax() -> None:
    """f_relax: 1.63 = (8 + 5) / 8; ambiguous in the source, the whole rest times f is what is used."""
    assert UtilizationSettings().relaxation_factor_cell == pytest.approx((8 + 5) / 8, abs=0.006)


def test_the_raw_record_of_the_bad_cell_gives_another_first_window(data: Path) -> None:
    """The table starts window 1 at 3.5465 V; the raw record ends that rest at 3.5622 V, and the window becomes 68 %.

    Windows 2 to 6 agree with the table within 0.2 %.
    """
    from cathodelab.core.records import Provenance
    from cathodelab.formats.cell_records import cycling_record
    from cathodelab.techniques.utilization.rests import titration_from_record

    table = _table(data, "badSSB_measurement.txt")
    raw = titration_from_record(cycling_record([table], [Provenance("", "", "", "")]), PUBLISHED)
    reference = titration_from_table(_table(data, "LIB_titration-data.txt"))
    result = static_utilization(BAD, raw, REFERENCE, reference, PUBLISHED, 200.0)
    values = [100 * result.estimates.estimate(window.estimate_name).value for window in result.windows]
    assert values[0] == pytest.approx(68.1, abs=0.2)
    np.testing.assert_allclose(values[1:], PRINTED_WINDOWS[1:], atol=0.2)
