"""Files that hold several spectra without saying so: sweeps down and up, repeats, sets side by side, tables of one instrument."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.formats.readers import read_table
from cathodelab.formats.spectra.text import read_gamry, read_spectra_csv
from cathodelab.formats.table import Table

FREQUENCIES = np.logspace(5, 0, 20)
HEAD = "freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm"


def values(resistance: float) -> np.ndarray:
    """A spectrum of a resistance beside a capacitance, shape (20, 3)."""
    z = 40 + resistance / (1 + 2j * np.pi * FREQUENCIES * 1e-3)
    return np.column_stack([FREQUENCIES, z.real, -z.imag])


def csv_of(rows: np.ndarray, head: str = HEAD) -> bytes:
    return "\n".join([head, *(",".join(f"{one:.6g}" for one in row) for row in rows)]).encode()


def resistances(table: Table) -> list[float]:
    """Real part at the lowest frequency of each spectrum."""
    count, real = table.column("spectrum_count"), table.column("real_impedance_ohm")
    frequency = table.column("frequency_hertz")
    found = []
    for number in np.unique(count):
        own = count == number
        found.append(float(real[own][np.argmin(frequency[own])]))
    return found


@pytest.mark.parametrize("turning_point_twice", [True, False])
def test_a_sweep_down_and_up_again_is_two_spectra(*, turning_point_twice: bool) -> None:
    """Whether the lowest frequency was measured once or twice."""
    up = values(150)[::-1]
    table = read_spectra_csv(csv_of(np.concatenate([values(100), up if turning_point_twice else up[1:]])))
    found = resistances(table)
    assert len(found) == 2
    assert found[0] == pytest.approx(140, rel=0.01)
    assert found[1] == pytest.approx(190, rel=0.01)


def test_points_out_of_order_are_no_second_sweep() -> None:
    """Three frequencies measured again in between."""
    rows = values(100)
    table = read_spectra_csv(csv_of(np.concatenate([rows[:10], rows[7:9], rows[10:]])))
    assert len(resistances(table)) == 1


def test_every_frequency_twice_is_two_spectra() -> None:
    """Repeats at each frequency before the next one."""
    rows = np.stack([values(100), values(150)], axis=1).reshape(-1, 3)
    table = read_spectra_csv(csv_of(rows))
    assert resistances(table) == pytest.approx([140, 190], rel=0.01)
    assert any("2 times in succession" in note for note in table.notes)


def test_sets_of_columns_side_by_side_are_spectra() -> None:
    """Three sets, the last one shorter."""
    wide = np.concatenate([values(100), values(150), values(200)], axis=1)
    text = csv_of(wide, ",".join([HEAD] * 3)).decode().splitlines()
    text[-3:] = [",".join([*line.split(",")[:6], "", "", ""]) for line in text[-3:]]
    table = read_spectra_csv("\n".join(text).encode())
    count = table.column("spectrum_count")
    assert [int(np.sum(count == number)) for number in (1, 2, 3)] == [20, 20, 17]
    assert resistances(table)[:2] == pytest.approx([140, 190], rel=0.01)
    assert any("3 sets" in note for note in table.notes)


def test_two_tables_of_one_file_are_two_spectra_without_a_common_clock() -> None:
    """Gamry: the name of the second table carries its number of rows where the time stands."""
    lines = ["EXPLAIN", "TAG\tEISPOT"]
    for resistance in (100, 150):
        lines += ["ZCURVE\tTABLE\t20", "\tPt\tTime\tFreq\tZreal\tZimag", "\t#\ts\tHz\tohm\tohm"]
        lines += [
            f"\t{place}\t{place + 1}\t{row[0]:.6g}\t{row[1]:.6g}\t{-row[2]:.6g}"
            for place, row in enumerate(values(resistance))
        ]
    table = read_gamry("\n".join(lines).encode())
    assert resistances(table) == pytest.approx([140, 190], rel=0.01)
    assert "test_time_second" not in table.columns
    assert any("clock starts anew" in note for note in table.notes)


def test_an_ohm_sign_and_single_blanks_are_read() -> None:
    """UTF-8 labels, and what numpy.savetxt writes by default."""
    plain = read_spectra_csv(csv_of(values(100)))
    sign, reader = read_table("a.csv", csv_of(values(100), "freq/Hz,Re(Z)/Ω,-Im(Z)/Ω"))
    assert reader.id == "spectra-csv"
    blanks, reader = read_table("a.txt", csv_of(values(100)).split(b"\n", 1)[1].replace(b",", b" "))
    assert reader.id == "spectra-csv"
    for table in (sign, blanks):
        np.testing.assert_allclose(table.column("real_impedance_ohm"), plain.column("real_impedance_ohm"))
