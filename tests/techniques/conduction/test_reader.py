"""Staircases as people write them into tables, and as these get damaged."""

from __future__ import annotations

import numpy as np
import pytest
from staircases import record

from cathodelab.core.errors import CathodelabError, OtherData
from cathodelab.core.records import Provenance
from cathodelab.core.samples import NamedFile, Sample
from cathodelab.formats.conformance import conformance
from cathodelab.formats.readers import reader_for
from cathodelab.formats.recording import Recorded
from cathodelab.formats.table import Table
from cathodelab.techniques.conduction.read import staircase_from_table, staircase_of
from cathodelab.techniques.conduction.staircase_text import CONDUCTION_READERS, STAIRCASE_TEXT, read_staircase_text

RECORD = record((0, 0.01, 0.02), hold=1000)


def text(
    labels: str, factors: tuple[float, float, float] = (1, 1, 1), *, delimiter: str = ",", comma: bool = False
) -> bytes:
    """A table under these labels, its values multiplied."""
    columns = (RECORD.time_second, RECORD.voltage_volt, RECORD.current_ampere)
    rows = zip(*(factor * column for factor, column in zip(factors, columns, strict=True)), strict=True)
    lines = [delimiter.join(f"{value:.9g}" for value in row) for row in rows]
    body = "\n".join(lines)
    return f"{labels}\n{body.replace('.', ',') if comma else body}\n".encode()


@pytest.mark.parametrize(
    ("labels", "factors"),
    [
        ("time_s,voltage_V,current_A", (1, 1, 1)),
        ("Time (s),Ewe (mV),<I> (mA)", (1, 1e3, 1e3)),
        ("t/min,U/V,I/µA", (1 / 60, 1, 1e6)),
        ("Zeit [h],Spannung [mV],Strom [nA]", (1 / 3600, 1e3, 1e9)),
        ('"elapsed time / s","cell voltage / V","current / A"', (1, 1, 1)),
    ],
)
def test_labels_and_units_are_understood(labels: str, factors: tuple[float, float, float]) -> None:
    """Names in two languages, units in every bracket."""
    table = read_staircase_text(text(labels, factors))
    assert table.column("test_time_second") == pytest.approx(RECORD.time_second)
    assert table.column("voltage_volt") == pytest.approx(RECORD.voltage_volt, abs=1e-9)
    assert table.column("current_ampere") == pytest.approx(RECORD.current_ampere, rel=1e-6, abs=1e-15)


def test_comments_semicolons_and_decimal_commas_are_read() -> None:
    """As a German spreadsheet writes them, below two lines of comment."""
    content = b"# pellet 7\n# steel\n" + text("time_s;voltage_V;current_A", delimiter=";", comma=True)
    assert read_staircase_text(content).column("current_ampere") == pytest.approx(RECORD.current_ampere, rel=1e-6)


@pytest.mark.parametrize("label", ["current", "I", "current_mOhm", "current (counts)"])
def test_a_current_without_a_known_unit_is_refused(label: str) -> None:
    """A guess would be wrong by 1000, and nothing would show it."""
    with pytest.raises(CathodelabError, match="changes the conductivity by its factor") as caught:
        read_staircase_text(text(f"time_s,voltage_V,{label}"))
    assert caught.value.code == "unit-unknown"
    assert "current_A" in caught.value.what_to_do


def test_other_columns_are_kept_by_name() -> None:
    """Never fatal."""
    lines = text("time_s,voltage_V,current_A").decode().splitlines()
    content = "\n".join([lines[0] + ",temperature_degC", *(f"{line},25.0" for line in lines[1:])])
    assert read_staircase_text(content.encode()).unknown_columns == ("temperature_degC",)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"time_s,voltage_V,current_A\n", "file-without-rows"),
        (b"time_s,voltage_V\n1,0\n", "column-missing"),
        (b"time_s,voltage_V,current_A\n1,0,1e-6\n2,0\n", "file-truncated"),
        (b"time_s,voltage_V,current_A\n1,0,overload\n", "value-not-a-number"),
        (b"time_s,voltage_V,current_A\n1,0,nan\n", "value-not-a-number"),
    ],
)
def test_a_damaged_file_is_one_clear_error(content: bytes, code: str) -> None:
    """With the line."""
    with pytest.raises(CathodelabError) as caught:
        read_staircase_text(content)
    assert caught.value.code == code


def test_the_reader_keeps_the_promises_of_a_reader() -> None:
    """The kit for all readers."""
    good = text("time_s,voltage_V,current_A")
    broken = [
        one.sentence for one in conformance(STAIRCASE_TEXT, "pellet.csv", good, mutated=60) if one.passed is False
    ]
    assert not broken


def test_it_takes_no_file_of_a_cycler() -> None:
    """These readers know more of their own files; they are asked first."""
    bdf = b"Test Time / s,Voltage / V,Current / A\n1,0,1e-6\n"
    assert next(one.id for one in CONDUCTION_READERS if one.takes("a.csv", bdf)) == "bdf-csv"
    own = text("time_s,voltage_V,current_A")
    assert next(one.id for one in CONDUCTION_READERS if one.takes("a.csv", own)) == "staircase-text"
    with pytest.raises(CathodelabError):
        reader_for("a.csv", own)


def _recorded(table: Table, name: str) -> Recorded:
    return Recorded(table, Provenance(name, "", "staircase-text", "1"), NamedFile(name, "conduction_file"))


def test_a_table_becomes_a_staircase_with_its_source_and_two_files_are_refused() -> None:
    """Two records behind each other would be one that never was."""
    table = read_staircase_text(text("time_s,voltage_V,current_A"))
    found = staircase_of([_recorded(table, "a.csv")], Sample("p", "pellet"), {})
    assert found.provenance[0].file == "a.csv"
    assert found.current_ampere == pytest.approx(RECORD.current_ampere)
    with pytest.raises(CathodelabError, match="a row of its own") as caught:
        staircase_of([_recorded(table, "a.csv"), _recorded(table, "b.csv")], Sample("p", "pellet"), {})
    assert caught.value.code == "several-staircases"


def test_a_table_of_something_else_is_other_data() -> None:
    """Impedance spectra, say."""
    with pytest.raises(OtherData, match="impedance spectra"):
        staircase_from_table(Table("impedance spectra", {"frequency_hertz": np.ones(3)}))
