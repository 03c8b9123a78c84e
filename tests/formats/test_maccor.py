"""Maccor text: every dialect of the data, our own small files, and files with one defect each."""

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.rebuild import half_cycles


def test_our_own_export_is_read_with_signs_steps_and_net_charge(maccor_bytes: bytes) -> None:
    table, reader = read_table("cell.txt", maccor_bytes)
    assert reader.id == "maccor-text"
    assert table.rows == 30
    assert np.array_equal(np.unique(table.column("step_count")), np.arange(1, 7))
    assert set(np.sign(table.column("current_ampere"))) == {-1.0, 0.0, 1.0}
    net = table.column("net_charge_ampere_hour")
    assert net.max() == pytest.approx(1.0)
    assert net[-1] == pytest.approx(0.0)
    assert table.unknown_columns == ("ES",)
    assert any("state letter" in note for note in table.notes)
    assert any("step count was rebuilt" in note for note in table.notes)


@pytest.mark.parametrize(
    ("path", "rows", "steps", "charges"),
    [
        ("cellpy/maccor_001.txt", 6704, 24, 9),
        ("beep/xTESLADIAG_000019_CH70.070", 11669, 95, 61),
        ("PyProBE/sample_data_maccor.csv", 15, 2, 1),
    ],
)
def test_real_files_are_read_and_their_charge_agrees_or_says_why(
    data: Path, path: str, rows: int, steps: int, charges: int
) -> None:
    table, reader = read_table(path, (data / "cycling" / path).read_bytes())
    halves = half_cycles(dict(table.columns))
    assert (reader.id, table.rows, int(table.column("step_count")[-1])) == ("maccor-text", rows, steps)
    assert halves.cycler.size >= charges
    large = np.abs(halves.cycler) > 0.01 * np.abs(halves.cycler).max()
    apart = np.abs(halves.integral / halves.cycler - 1)[large]
    assert (apart <= 1e-3).all() or any("this allows the difference" in note for note in table.notes)


def test_unsigned_current_without_states_is_said_to_be_of_unknown_direction(data: Path) -> None:
    table, _ = read_table("a.csv", (data / "cycling/PyProBE/sample_data_maccor.csv").read_bytes())
    assert any("neither signs nor a column of states" in note for note in table.notes)


def test_decimal_commas_throughout_are_understood(maccor_bytes: bytes) -> None:
    table, _ = read_table("cell.txt", maccor_bytes)
    commas, _ = read_table("cell.txt", maccor_bytes.replace(b".", b","))
    assert all(np.array_equal(table.columns[name], commas.columns[name]) for name in table.columns)


def test_a_discharge_written_as_positive_is_turned(maccor_bytes: bytes) -> None:
    turned = maccor_bytes.replace(b"\tC\t", b"\tX\t").replace(b"\tD\t", b"\tC\t").replace(b"\tX\t", b"\tD\t")
    first, _ = read_table("cell.txt", maccor_bytes)
    second, _ = read_table("cell.txt", turned)
    assert np.array_equal(first.column("current_ampere"), -second.column("current_ampere"))


def _lines(content: bytes) -> list[bytes]:
    return content.split(b"\r\n")


DEFECTS = {
    "cut off within the last line": ("file-truncated", lambda c: c[:-24]),
    "a decimal comma in one cell": ("value-not-a-number", lambda c: c.replace(b"3.700000", b"3,700000", 1)),
    "no potential": ("column-missing", lambda c: c.replace(b"Volts", b"Vlts")),
    "a NaN": ("value-not-a-number", lambda c: c.replace(b"3.700000", b"NaN", 1)),
    "an empty cell": ("value-not-a-number", lambda c: c.replace(b"3.700000", b"", 1)),
    "no rows": ("file-without-rows", lambda c: b"\r\n".join(_lines(c)[:3])),
    "time backwards": (
        "time-backwards",
        lambda c: b"\r\n".join([*_lines(c)[:10], _lines(c)[11], _lines(c)[10], *_lines(c)[12:]]),
    ),
    "an unknown unit": ("unit-unknown", lambda c: c.replace(b"Volts", b"Voltage (kV)")),
    "a clock that is none": ("value-not-a-number", lambda c: c.replace(b"0d 01:00:10", b"0d 01:00:x0")),
    "zero bytes": ("file-not-text", lambda c: c[:200] + b"\x00" * 50 + c[200:]),
    "garbage": ("format-unknown", lambda _: bytes(range(256)) * 9),
    "another kind of file": ("format-unknown", lambda c: b"\x89PNG\r\n\x1a\n" + c[:20]),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_one_defect_gives_the_one_clear_error(maccor_bytes: bytes, defect: str) -> None:
    code, spoil = DEFECTS[defect]
    spoilt = spoil(maccor_bytes)
    assert spoilt != maccor_bytes
    with pytest.raises(CathodelabError) as caught:
        read_table("cell.txt", spoilt)
    assert caught.value.code == code
    assert caught.value.what_to_do


def test_a_row_under_current_with_another_letter_takes_the_direction_of_its_step(maccor_bytes: bytes) -> None:
    """A suspended step: the row before tells its direction, and it is said."""
    lines = maccor_bytes.split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if b"\tD\t" in line) + 2
    lines[at] = lines[at].replace(b"\tD\t", b"\tS\t")
    table, _ = read_table("cell.txt", b"\r\n".join(lines))
    same, _ = read_table("cell.txt", maccor_bytes)
    assert np.array_equal(table.column("current_ampere"), same.column("current_ampere"))
    assert any("1 rows with current and another state letter" in note for note in table.notes)


def test_a_step_under_current_without_any_direction_is_refused(maccor_bytes: bytes) -> None:
    """Charged or discharged? The file does not say, and a guess would be wrong half of the time."""
    with pytest.raises(CathodelabError) as caught:
        read_table("cell.txt", maccor_bytes.replace(b"\tD\t", b"\tX\t"))
    assert caught.value.code == "direction-unknown"
