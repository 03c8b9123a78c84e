"""Text exports of EC-Lab and BT-Lab: real files, our own small ones, and one defect each."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.biologic.rebuild import spectrum_count
from cathodelab.formats.biologic.text import read_biologic_text
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import READERS, read_table, reader_for
from cathodelab.formats.table import Table

REAL = (
    "cycling/PyBOP/T-cell_pOCV_data.txt",
    "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt",
    "cycling/PyProBE/Sample_data_biologic_02_MB_CA1.txt",
    "cycling/yadg/bcd.issue_241.mpt",
    "cycling/yadg/gcpl.issue_211.mpt",
    "cycling/yadg/geis.mpt",
    "cycling/yadg/mb.issue_149.mpt",
    "cycling/yadg/peis.mpt",
    "impedance/biologic_example.mpt",
    "impedance/lpscl_ion_blocking_m25C.txt",
)
SPECTRA_OF = {"geis.mpt": 61, "mb.issue_149.mpt": 16}

Columns = dict[str, list[float]]


def charge_and_rest() -> Columns:
    """Ten rows of charge at 1 mA for 10 s each, ten of rest, ten of discharge: what EC-Lab's columns would hold."""
    current = [1.0] * 10 + [0.0] * 10 + [-1.0] * 10
    increment = [0.0, *(value * 10 / 3600 for value in current[1:])]
    return {
        "mode": [1.0] * 10 + [3.0] * 10 + [1.0] * 10,
        "Ns": [0.0] * 10 + [1.0] * 10 + [2.0] * 10,
        "time/s": [10.0 * row for row in range(30)],
        "Ewe/V": [3.5 + 0.01 * row for row in range(30)],
        "I/mA": current,
        "dq/mA.h": increment,
        "(Q-Qo)/mA.h": list(np.cumsum(increment)),
        "half cycle": [0.0] * 20 + [1.0] * 10,
    }


def written(
    columns: Columns, *, decimal: str = ".", end: str = "\n", software: str = "EC-Lab", extra: str = ""
) -> bytes:
    """A text export as EC-Lab writes it: header block, labels with a tab at the end, numbers with three-digit exponents."""
    rows = zip(*columns.values(), strict=True)
    table = ["\t".join(columns) + "\t"]
    table += ["\t".join(f"{value:.7E}".replace("E+", "E+0").replace("E-", "E-0") for value in row) for row in rows]
    text = end.join([line.replace(".", decimal) if number else line for number, line in enumerate(table)]) + end
    head = [f"{software} ASCII FILE", "Nb header lines : 7 ", "", "Modulo Bat", "Device : VMP3 (SN 1)", extra]
    return (end.join(head) + end + text).encode("latin-1")


def without(label: str) -> Columns:
    """The example without one column."""
    return {name: values for name, values in charge_and_rest().items() if name != label}


def changed(label: str, row: int, value: float) -> Columns:
    """The example with one value changed."""
    columns = charge_and_rest()
    columns[label][row] = value
    return columns


def renamed(old: str, new: str, factor: float = 1.0) -> Columns:
    """The example with a label renamed and its values scaled."""
    return {
        new if label == old else label: [value * factor for value in values] if label == old else values
        for label, values in charge_and_rest().items()
    }


def spectra_among_rows() -> Columns:
    """Charge, a spectrum of four frequencies twice (with 0.5 mA flowing), charge again."""
    current = [1.0] * 5 + [0.5] * 8 + [1.0] * 5
    frequency = [0.0] * 5 + [1e3, 1e2, 1e1, 1.0] * 2 + [0.0] * 5
    increment = [0.0, *(value * 10 / 3600 for value in current[1:])]
    real = [0.0 if value == 0 else 10.0 for value in frequency]
    return {
        "Ns": [0.0] * 5 + [1.0] * 8 + [2.0] * 5,
        "time/s": [10.0 * row for row in range(18)],
        "Ewe/V": [3.5] * 18,
        "I/mA": current,
        "(Q-Qo)/mA.h": list(np.cumsum(increment)),
        "freq/Hz": frequency,
        "Re(Z)/Ohm": real,
        "-Im(Z)/Ohm": [value / 2 for value in real],
        "half cycle": [0.0] * 18,
    }


@pytest.mark.parametrize("name", REAL)
def test_every_real_text_is_read(data: Path, name: str) -> None:
    """Every BioLogic text beside the project is taken by this reader and read."""
    table, reader = read_table(Path(name).name, (data / name).read_bytes())
    assert reader.id == "biologic-text"
    assert table.rows > 20
    assert all(np.isfinite(column).all() for column in table.columns.values())


@pytest.mark.parametrize(("name", "spectra"), SPECTRA_OF.items())
def test_spectra_inside_cycling_files_are_kept_apart(data: Path, name: str, spectra: int) -> None:
    """The cycling table holds no impedance; its companion holds every spectrum, capacitive ones negative."""
    table, _ = read_table(name, (data / "cycling" / "yadg" / name).read_bytes())
    assert table.kind == "cycling"
    assert not any("impedance" in column or "frequency" in column for column in table.columns)
    assert table.spectra is not None
    assert table.spectra.column("spectrum_count")[-1] == spectra
    assert np.median(table.spectra.column("imaginary_impedance_ohm")) < 0


@pytest.mark.parametrize("name", REAL)
def test_charge_of_half_cycles_agrees_with_the_instrument_or_the_table_says_why(data: Path, name: str) -> None:
    """Charge from current and time per half cycle is the instrument's to 0.1 %, else a note gives both."""
    assert_charge_agrees_or_is_explained(read_table("file.txt", (data / name).read_bytes())[0])


def assert_charge_agrees_or_is_explained(table: Table) -> None:
    """Sum of current times interval against the instrument's count, written anew: mean inside a step, else the later row."""
    if table.kind != "cycling" or "net_charge_ampere_hour" not in table.columns:
        return
    current, step = table.column("current_ampere"), table.column("step_count")
    mean = np.where(np.diff(step) == 0, (current[1:] + current[:-1]) / 2, current[1:])
    ours = mean * np.diff(table.column("test_time_second")) / 3600
    instrument = np.diff(table.column("net_charge_ampere_hour"))
    half = table.column("half_cycle_count")[1:]
    charges = [(abs(ours[half == one].sum()), abs(instrument[half == one].sum())) for one in np.unique(half)]
    largest = max(max(pair) for pair in charges)
    worst = max(abs(a - b) / max(a, b) for a, b in charges if max(a, b) > 0.01 * largest)
    explained = any("differs from the instrument's own" in note for note in table.notes)
    assert explained == (worst > 1e-3) or abs(worst - 1e-3) < 2e-4


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("software", ["EC-Lab", "BT-Lab"])
def test_decimal_sign_line_end_and_software_change_nothing(decimal: str, end: str, software: str) -> None:
    """The same numbers from every dialect."""
    table = read_biologic_text(written(charge_and_rest(), decimal=decimal, end=end, software=software))
    np.testing.assert_allclose(table.column("current_ampere"), np.array(charge_and_rest()["I/mA"]) / 1000)
    np.testing.assert_allclose(table.column("voltage_volt"), charge_and_rest()["Ewe/V"])
    np.testing.assert_array_equal(table.column("step_count"), charge_and_rest()["Ns"])
    assert table.metadata["software"] == software
    assert table.metadata["device"] == "VMP3 (SN 1)"
    assert table.notes == ()


def test_units_of_the_label_are_converted_and_unknown_columns_kept() -> None:
    """A and mA in one file; a label that is not known is kept, never fatal."""
    columns = {
        **without("I/mA"),
        "I/A": [value / 1000 for value in charge_and_rest()["I/mA"]],
        "Analog IN 7/V": [0.0] * 30,
    }
    table = read_biologic_text(written(columns))
    np.testing.assert_allclose(table.column("current_ampere"), np.array(charge_and_rest()["I/mA"]) / 1000)
    assert table.unknown_columns == ("Analog IN 7/V",)


@pytest.mark.parametrize("columns", [without("I/mA"), {**charge_and_rest(), "I/mA": [0.0] * 30}])
def test_absent_or_zero_current_is_rebuilt_from_charge_and_said(columns: Columns) -> None:
    """The rebuilt current is the true one in every row but the first, which has no row before it."""
    table = read_biologic_text(written(columns))
    expected = np.array(charge_and_rest()["I/mA"]) / 1000
    np.testing.assert_allclose(table.column("current_ampere")[1:], expected[1:], rtol=1e-6, atol=1e-12)
    assert any("current was rebuilt" in note for note in table.notes)


def test_steps_and_half_cycles_are_rebuilt_from_the_current_and_said() -> None:
    """A table of time, potential and current alone gets steps and half cycles; a rest belongs to what went before."""
    columns = {label: charge_and_rest()[label] for label in ("time/s", "Ewe/V", "I/mA")}
    table = read_biologic_text(written(columns))
    np.testing.assert_array_equal(table.column("step_count"), charge_and_rest()["Ns"])
    np.testing.assert_array_equal(table.column("half_cycle_count"), charge_and_rest()["half cycle"])
    assert sum("rebuilt" in note for note in table.notes) == 2


def test_net_charge_goes_on_where_a_loop_sets_it_back() -> None:
    """(Q-Qo) that starts anew with a loop is continued, and said."""
    columns = charge_and_rest()
    charge = np.array(columns["(Q-Qo)/mA.h"])
    again = {label: values + values for label, values in columns.items()}
    again["time/s"] = [10.0 * row for row in range(60)]
    again["(Q-Qo)/mA.h"] = [*(charge + 1), *charge]
    table = read_biologic_text(written(again))
    expected = np.concatenate([charge + 1, charge + charge[-1] + 1]) / 1000
    np.testing.assert_allclose(table.column("net_charge_ampere_hour"), expected, atol=1e-9)
    assert any("back to zero 1 time;" in note for note in table.notes)


def test_charge_that_differs_from_the_current_is_said() -> None:
    """An instrument whose charge is 1 % off its current gets a note with both numbers."""
    table = read_biologic_text(written(renamed("(Q-Qo)/mA.h", "(Q-Qo)/mA.h", 1.01)))
    assert any("differs from the instrument's own by up to 0.99%" in note for note in table.notes)
    assert read_biologic_text(written(renamed("(Q-Qo)/mA.h", "(Q-Qo)/mA.h", 1.0005))).notes == ()


def test_a_spectrum_with_charge_leaves_one_row_with_its_mean_current() -> None:
    """The row after a spectrum lends its current to no sweep: the charge of the cycling rows is the whole charge."""
    table = read_biologic_text(written(spectra_among_rows()))
    assert table.spectra is not None
    np.testing.assert_array_equal(table.spectra.column("spectrum_count"), [1, 1, 1, 1, 2, 2, 2, 2])
    np.testing.assert_allclose(table.spectra.column("imaginary_impedance_ohm"), -5.0)
    assert table.rows == 11
    np.testing.assert_allclose(table.column("current_ampere")[5], 0.5e-3, rtol=1e-5)
    np.testing.assert_array_equal(table.column("step_count"), [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2])
    assert_charge_agrees_or_is_explained(table)
    assert not any("differs" in note for note in table.notes)


def test_spectra_alone_make_no_cycling_record() -> None:
    """A file of impedance is refused where cycling is needed, in plain words."""
    spectra = read_biologic_text(written({"freq/Hz": [10.0, 1.0], "Re(Z)/Ohm": [2.0, 2.0], "-Im(Z)/Ohm": [1.0, 1.0]}))
    with pytest.raises(CathodelabError, match="holds impedance spectra and no cycling rows"):
        cycling_record([spectra], [Provenance("a.mpt", "", "biologic-text", "1")])


def test_parts_of_a_test_join_although_one_has_a_column_more() -> None:
    """A temperature in one part alone does not keep two parts of a test from being joined."""
    first = charge_and_rest()
    later = {"time/s": [1e6 + one for one in first["time/s"]], "Temperature/°C": [25.0] * 30}
    parts = [first, {**first, **later}]
    tables = [read_biologic_text(written(part)) for part in parts]
    record = cycling_record(tables, [Provenance("a.mpt", "", "biologic-text", "1")] * 2)
    assert record.voltage_volt.size == 60


def test_impedance_from_modulus_and_phase() -> None:
    """A file with |Z| and phase alone: minus 45 degrees is capacitive."""
    table = read_biologic_text(
        written({"freq/Hz": [10.0, 1.0], "|Z|/Ohm": [2.0, 2.0], "Phase(Z)/deg": [-45.0, -45.0], "time/s": [0.0, 1.0]})
    )
    assert table.kind == "impedance spectra"
    np.testing.assert_allclose(table.column("imaginary_impedance_ohm"), -np.sqrt(2.0))
    assert any("computed from |Z| and phase" in note for note in table.notes)


def test_a_count_that_goes_on_inside_a_sweep_is_one_spectrum() -> None:
    """EC-Lab counts on when a limit is met during a sweep; the sweep goes on."""
    frequency = np.array([100.0, 10.0, 1.0, 100.0, 10.0, 1.0])
    number = np.array([0.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    np.testing.assert_array_equal(spectrum_count(frequency, np.arange(6.0), number), [1, 1, 1, 2, 2, 2])


def _cell(content: bytes, line: int, old: bytes, new: bytes) -> bytes:
    lines = content.split(b"\n")
    lines[line] = lines[line].replace(old, new, 1)
    return b"\n".join(lines)


GOOD = written(charge_and_rest())
DEFECTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file-empty"),
    "cut in the first line": (GOOD[:10], "header-broken"),
    "cut in the header block": (GOOD[:60], "file-truncated"),
    "cut in the labels": (GOOD[: GOOD.index(b"Ns")], "file-truncated"),
    "cut after the labels": (GOOD[: GOOD.index(b"cycle\t") + 7], "file-without-rows"),
    "cut in a row": (GOOD[:-30], "file-truncated"),
    "cut in the last number": (GOOD[:-3], "file-truncated"),
    "header length missing": (GOOD.replace(b"lines : 7", b"lines : x"), "header-broken"),
    "header length wrong": (GOOD.replace(b"lines : 7", b"lines : 5"), "header-broken"),
    "one decimal comma": (_cell(GOOD, 9, b".", b","), "value-not-a-number"),
    "one decimal point": (_cell(written(charge_and_rest(), decimal=","), 9, b",", b"."), "value-not-a-number"),
    "no potential": (written(without("Ewe/V")), "column-missing"),
    "no time": (written(without("time/s")), "column-missing"),
    "neither current nor charge": (
        written({name: values for name, values in charge_and_rest().items() if name in {"time/s", "Ewe/V"}}),
        "column-missing",
    ),
    "NaN": (written(changed("Ewe/V", 4, float("nan"))), "value-not-a-number"),
    "infinite": (written(changed("I/mA", 4, float("inf"))), "value-not-a-number"),
    "a word": (_cell(GOOD, 12, b"\t", b"\tXXX"), "value-not-a-number"),
    "clock time": (_cell(GOOD, 12, b"5.0000000E+001", b"11/19/2024 15:14:45"), "value-not-a-number"),
    "a row too short": (_cell(GOOD, 12, b"\t", b""), "row-incomplete"),
    "a row too long": (_cell(GOOD, 12, b"\t", b"\t1\t"), "row-incomplete"),
    "time backwards": (written(changed("time/s", 5, 1.0)), "time-backwards"),
    "another unit in the label": (written(renamed("Ewe/V", "Ewe/kV")), "column-missing"),
    "mV called V": (written(renamed("Ewe/V", "Ewe/V", 1000)), "impossible-scale"),
    "µA called mA": (written(renamed("I/mA", "I/mA", 1e6)), "impossible-scale"),
    "charge beyond reason": (written(renamed("(Q-Qo)/mA.h", "(Q-Qo)/mA.h", 1e12)), "impossible-scale"),
    "binary garbage": (random.Random(1).randbytes(4000), "file-not-text"),
    "foreign text": (b"Frequency;Z\n1;2\n", "header-broken"),
    "too many columns": (b"time/s\tEwe/V\t" + b"a\t" * 5000 + b"\n", "header-broken"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_one_defect_gives_the_one_clear_error(defect: str) -> None:
    """Each broken file ends in its own error, with all four fields said."""
    content, code = DEFECTS[defect]
    with pytest.raises(CathodelabError) as caught:
        read_table("test.mpt", content)
    assert caught.value.code == code
    assert all(caught.value.as_record().values())


def test_the_error_names_the_line_of_the_cell() -> None:
    """A clock time in the sixth row is found in line 13 of the file, and shown."""
    with pytest.raises(CathodelabError, match=r"line 13: '.*11/19/2024 15:14:45"):
        read_table("test.mpt", DEFECTS["clock time"][0])


def test_a_column_that_is_not_needed_is_left_out_where_it_holds_no_number() -> None:
    """A temperature that failed does not cost the file."""
    columns = {**charge_and_rest(), "Temperature/°C": [25.0] * 29 + [float("nan")]}
    table = read_biologic_text(written(columns))
    assert "temperature_t1_celsius" not in table.columns
    assert any("was left out" in note for note in table.notes)


def test_the_extension_decides_nothing_when_the_content_speaks() -> None:
    """An export keeps its reader under any name; garbage called .mpt gets this reader's error."""
    assert reader_for("test.mpr", GOOD).id == "biologic-text"
    assert reader_for("test.txt", GOOD).id == "biologic-text"
    assert reader_for("test.mpt", b"garbage").id == "biologic-text"
    with pytest.raises(CathodelabError, match="No reader takes this file"):
        reader_for("test.txt", b"garbage")
    assert len({reader.id for reader in READERS}) == len(READERS)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Content with one to eight small damages: bytes changed, lost, doubled, put in, or the end cut off."""
    damaged = content
    for _ in range(chance.choice([1, 1, 2, 8])):
        place = chance.randrange(min(len(damaged), chance.choice([300, 12000, len(damaged)])) or 1)
        length = chance.choice([1, 2, 7, 100, 5000])
        head, tail = damaged[:place], damaged[place:]
        damaged = head + chance.choice(
            [
                chance.randbytes(1) + tail[1:],
                tail[length:],
                chance.randbytes(length) + tail,
                tail[:length] + tail,
                b"",
                chance.choice([b"\xff" * 4, b"\x00" * 4, b"NaN ", b"1E99", b"\t\t\n\n", b",.,."]) + tail[4:],
            ]
        )
    return damaged


def test_random_damage_ends_in_a_table_or_the_one_error(data: Path) -> None:
    """150 seeded mutations of real texts: never another exception, and each within two seconds."""
    contents = [(data / name).read_bytes() for name in REAL]
    for seed in range(150):
        chance = random.Random(seed)
        content = mutated(chance.choice(contents), chance)
        begun = time.process_time()
        try:
            read_table("test.mpt", content)
        except CathodelabError as error:
            assert all(error.as_record().values())
        assert time.process_time() - begun < 2
