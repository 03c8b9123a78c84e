"""Every maker's export gives the same two cycles, says what was rebuilt, and keeps the promises of a reader."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from tests.formats.stand_ins import STAND_INS, Rows
from tests.formats.test_dialects import charges

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.conformance import conformance
from cathodelab.formats.declared.makers import DECLARED
from cathodelab.formats.readers import READERS, read_table


@pytest.mark.parametrize("reader_id", STAND_INS)
def test_the_two_cycles_come_out_of_every_makers_export(rows: Rows, reader_id: str) -> None:
    name, write = STAND_INS[reader_id]
    table, reader = read_table(name, write(rows))
    assert reader.id == reader_id
    assert table.rows == 30
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0], rel=2e-3)
    assert table.column("current_ampere").min() == pytest.approx(-1.0)
    assert table.column("voltage_volt").max() == pytest.approx(3.9)
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210, abs=0.01)


@pytest.mark.parametrize("reader_id", STAND_INS)
def test_every_makers_reader_keeps_the_promises_of_a_reader(rows: Rows, reader_id: str) -> None:
    """Of one table: the kit changes the rows that it finds last in a file."""
    name, write = STAND_INS[reader_id]
    reader = next(one for one in READERS if one.id == reader_id)
    broken = [one.sentence for one in conformance(reader, name, write(rows[:15]), mutated=20) if one.passed is False]
    assert not broken


@pytest.mark.parametrize("reader_id", STAND_INS)
def test_a_makers_export_is_the_same_in_any_encoding(rows: Rows, reader_id: str) -> None:
    """With a mark of UTF-8, as software on Chinese and Japanese systems writes it, in UTF-16, and packed."""
    name, write = STAND_INS[reader_id]
    content = write(rows)
    plain, _ = read_table(name, content)
    text = content.decode("latin-1" if reader_id == "basytec-text" else "utf-8")
    for other in (text.encode("utf-8-sig"), text.encode("utf-16"), gzip.compress(content)):
        table, reader = read_table(name, other)
        assert reader.id == reader_id
        assert all(np.array_equal(plain.columns[one], table.columns[one]) for one in plain.columns)


CSV = ("novonix-csv", "pec-csv", "land-csv", "digatron-csv", "squidstat-csv", "ivium-text")


@pytest.mark.parametrize("reader_id", CSV)
def test_a_makers_csv_is_the_same_with_semicolons_decimal_commas_and_other_ends_of_lines(
    rows: Rows, reader_id: str
) -> None:
    """As a spreadsheet on a German system, or another program, writes it again."""
    name, write = STAND_INS[reader_id]
    content = write(rows)
    plain, _ = read_table(name, content)
    commas = content.replace(b",", b";").replace(b".", b",")
    for other in (commas, content.replace(b"\r\n", b"\n"), content + b"\r\n\r\n", content.rstrip(b"\r\n")):
        table, reader = read_table(name, other)
        assert reader.id == reader_id
        assert all(np.array_equal(plain.columns[one], table.columns[one]) for one in plain.columns)


def test_every_declaration_has_a_stand_in_and_says_after_what_it_was_made() -> None:
    assert {one.id for one in DECLARED} <= set(STAND_INS)
    assert all(one.made_after.startswith(("a real file", "a stand-in")) for one in DECLARED)
    assert all(one.menu.endswith(".") for one in DECLARED)


def test_a_restart_inside_a_novonix_file_is_joined_and_said(rows: Rows) -> None:
    table, _ = read_table("a.csv", STAND_INS["novonix-csv"][1](rows))
    assert any("started anew 1 times in this file" in note for note in table.notes)
    assert np.all(np.diff(table.column("test_time_second")) >= 0)


def test_a_balance_of_charge_is_told_from_a_count_of_the_step(rows: Rows) -> None:
    """Makers do not say which it is; the current does."""
    balance, _ = read_table("a.csv", STAND_INS["digatron-csv"][1](rows))
    step, _ = read_table("a.csv", STAND_INS["land-csv"][1](rows))
    assert any("taken as the net charge" in note for note in balance.notes)
    assert any("one count of charge, which starts from zero" in note for note in step.notes)
    np.testing.assert_allclose(
        balance.column("net_charge_ampere_hour"), step.column("net_charge_ampere_hour"), atol=1e-9
    )


def test_a_makers_file_without_a_needed_column_names_it(rows: Rows) -> None:
    content = STAND_INS["land-csv"][1](rows).replace(b"Voltage/V", b"Volt/V")
    with pytest.raises(CathodelabError) as caught:
        read_table("a.csv", content)
    assert caught.value.code == "format-unknown"


def test_real_files_of_basytec_and_novonix_agree_with_their_own_charge(data: object) -> None:
    folder = data / "cycling/PyProBE"  # type: ignore[operator]
    table, reader = read_table("a.txt", (folder / "basytec.txt").read_bytes())
    assert (reader.id, table.rows) == ("basytec-text", 74)
    assert table.column("net_charge_ampere_hour")[-1] == pytest.approx(0.001248916998009 + 1e-15, rel=1e-6)
    table, reader = read_table("a.csv", (folder / "novonix_uhpc_2_13.csv").read_bytes())
    assert (reader.id, table.rows) == ("novonix-csv", 207)
    assert table.column("net_charge_ampere_hour")[-1] == pytest.approx(1.70652976)
