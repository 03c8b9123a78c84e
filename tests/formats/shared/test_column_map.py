"""Any delimited table through a declared map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.formats.kinds import OURS
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.column_map import ColumnMap, column_map
from cathodelab.formats.table import TableKind

DECLARED: dict[str, Any] = {
    "time": {"column": "t/h", "unit": "h"},
    "voltage": {"column": "Ewe", "unit": "mV"},
    "current": {"column": "I", "unit": "mA"},
    "skip_rows": 1,
}
TEXT = "made by a lab\nt/h;Ewe;I;remark\n0,0;3500,5;1,5;a\n0,5;3600,5;1,5;b\n"


def test_units_are_converted_and_unknown_columns_kept() -> None:
    """Hours, millivolts and milliamperes with decimal commas."""
    declared, problems = column_map("mylab", DECLARED, "study.toml")
    assert declared is not None
    assert not problems
    table, reader = read_table("cell.txt", TEXT.encode("latin-1"), (declared,))
    assert reader.id == "columns.mylab"
    assert table.columns["test_time_second"].tolist() == [0.0, 1800.0]
    assert table.columns["voltage_volt"].tolist() == pytest.approx([3.5005, 3.6005])
    assert table.columns["current_ampere"].tolist() == pytest.approx([0.0015, 0.0015])
    assert table.unknown_columns == ("remark",)


def test_every_problem_of_a_map_is_reported() -> None:
    """Unknown key, unknown unit, missing column, wrong option."""
    declared, problems = column_map(
        "bad",
        {"tme": {"column": "t"}, "voltage": {"column": "U", "unit": "kV"}, "current": "I", "skip_rows": "two"},
        "study.toml",
    )
    assert declared is None
    assert {problem.column for problem in problems} == {"tme", "voltage", "current", "skip_rows", "time"}


def test_a_map_asked_for_by_name_names_the_missing_label() -> None:
    """The map was chosen in cells.csv, the file has another header."""
    declared, _ = column_map("mylab", DECLARED, "study.toml")
    assert declared is not None
    with pytest.raises(CathodelabError, match=r"lacks Ewe .*header \(line 2\)"):
        read_table("cell.txt", TEXT.replace("Ewe", "U").encode(), (declared,), "mylab")


def test_an_unknown_format_shows_the_header_that_was_found() -> None:
    """And says how to go on."""
    with pytest.raises(CathodelabError, match="State what its columns mean") as caught:
        read_table("cell.txt", b"a,b,c\n1,2,3\n")
    assert caught.value.code == "format-unknown"
    assert [one.about for one in caught.value.hints] == ["map"]
    assert "a,b,c" in caught.value.where


def test_a_label_whose_unit_is_not_the_declared_one_is_said(data: Path) -> None:
    """A real BDF file whose time claims seconds and holds milliseconds: refused as it is, read by a declared map."""
    path = next((data / "cycling/battery-data-format").glob("*.csv"))
    with pytest.raises(CathodelabError, match="milliseconds were taken for seconds") as caught:
        read_table(path.name, path.read_bytes())
    assert caught.value.hints == (MEANING,)
    names = {"time": "test_time_second", "voltage": "voltage_volt", "current": "current_ampere"}
    units = {"time": "ms", "voltage": "V", "current": "A"}
    declared, _ = column_map(
        "basytec", {key: {"column": name, "unit": units[key]} for key, name in names.items()}, "study.toml"
    )
    assert declared is not None
    table, _ = read_table(path.name, path.read_bytes(), (declared,), "basytec")
    assert table.rows == 17860
    assert 147 < table.column("test_time_second")[-1] / 3600 < 148
    assert [note for note in table.notes if "claims a unit 1000 times" in note] == list(table.notes)


def mapped(table: dict[str, Any], *kinds: TableKind) -> tuple[ColumnMap | None, dict[str, str]]:
    """A map, and what is allowed for every entry that is wrong."""
    declared, problems = column_map("mine", table, "study.toml", (*OURS, *kinds))
    return declared, {problem.column: problem.allowed for problem in problems}


def test_any_canonical_column_of_the_kind_may_be_declared() -> None:
    """By its name or by a short word; temperatures with their zero."""
    declared, wrong = mapped(
        {
            "time": {"column": "t", "unit": "min"},
            "voltage_volt": {"column": "U", "unit": "mV"},
            "current": {"column": "I", "unit": "µA", "factor": -1},
            "cycle": {"column": "n"},
            "temperature": {"column": "T", "unit": "K"},
        }
    )
    assert not wrong
    assert declared is not None
    table = declared.read(b"t,U,I,n,T\n0,3500,5,1,298.15\n1,3600,5,1,299.15\n")
    assert table.kind == "cycling"
    assert table.columns["test_time_second"].tolist() == [0.0, 60.0]
    assert table.columns["current_ampere"].tolist() == pytest.approx([-5e-6, -5e-6])
    assert table.columns["cycle_count"].tolist() == [1.0, 1.0]
    assert table.columns["temperature_t1_celsius"].tolist() == pytest.approx([25.0, 26.0])


def test_spectra_can_be_declared() -> None:
    """With the sign that an instrument leaves out, from modulus and phase, and one sweep after the other."""
    rows = [(10.0**k, 100.0 + k, 10.0 * k) for k in (4, 3, 2, 1)] * 2
    text = "f,a,b\n" + "".join(f"{f / 1e3},{z},{minus}\n" for f, z, minus in rows)
    parts = {"frequency": {"column": "f", "unit": "kHz"}, "real": {"column": "a", "unit": "Ω"}}
    declared, wrong = mapped(
        {"kind": "impedance spectra", **parts, "imaginary": {"column": "b", "unit": "Ohm", "factor": -1}}
    )
    assert not wrong
    assert declared is not None
    table = declared.read(text.encode())
    assert table.columns["frequency_hertz"][:4] == pytest.approx([1e4, 1e3, 1e2, 10.0])
    assert table.columns["imaginary_impedance_ohm"][:4] == pytest.approx([-40.0, -30.0, -20.0, -10.0])
    assert table.columns["spectrum_count"].tolist() == [1.0] * 4 + [2.0] * 4
    polar, wrong = mapped(
        {
            "kind": "impedance spectra",
            "frequency": {"column": "f", "unit": "Hz"},
            "modulus": {"column": "a", "unit": "Ohm"},
            "phase": {"column": "b", "unit": "deg"},
        }
    )
    assert not wrong
    assert polar is not None
    table = polar.read(b"f,a,b\n100,2,-60\n10,2,-90\n")
    assert table.columns["real_impedance_ohm"] == pytest.approx([1.0, 0.0], abs=1e-12)
    assert table.columns["imaginary_impedance_ohm"] == pytest.approx([-(3**0.5), -2.0])
    assert any("modulus and phase" in note for note in table.notes)
    with pytest.raises(CathodelabError, match="no frequency above zero"):
        polar.read(b"f,a,b\n100,2,-60\n0,2,-90\n")


PRESSED = TableKind(
    "pressed pellets",
    needed=("pressure_megapascal", "thickness_micrometre"),
    columns=("mass_milligram", "area_square_centimetre"),
    words={"pressure": "pressure_megapascal", "thickness": "thickness_micrometre"},
)


def test_a_kind_of_ones_own_brings_its_columns_and_their_units() -> None:
    table = {
        "kind": "pressed pellets",
        "pressure": {"column": "p", "unit": "bar"},
        "thickness": {"column": "h", "unit": "mm"},
        "area_square_centimetre": {"column": "A", "unit": "mm²"},
    }
    declared, wrong = mapped(table, PRESSED)
    assert not wrong
    assert declared is not None
    found = declared.read(b"p;h;A\n500;1,25;78,5\n1000;1,20;78,5\n")
    assert found.kind == "pressed pellets"
    assert found.columns["pressure_megapascal"].tolist() == pytest.approx([50.0, 100.0])
    assert found.columns["thickness_micrometre"].tolist() == pytest.approx([1250.0, 1200.0])
    assert found.columns["area_square_centimetre"].tolist() == pytest.approx([0.785, 0.785])
    assert mapped(table)[1].keys() == {"kind"}, "nobody registered it"


@pytest.mark.parametrize(
    ("changed", "column", "allowed"),
    [
        ({"pressure": {"column": "p", "unit": "N"}}, "pressure", "unit one of MPa, kPa, GPa, Pa"),
        ({"pressure": {"column": "p"}}, "pressure", "unit one of MPa"),
        ({"pressure": {"column": "p", "unit": "MPa", "factor": 0}}, "pressure", "a number other than 0"),
        ({"pressure": {"column": "p", "unit": "MPa", "factor": float("nan")}}, "pressure", "a number other than 0"),
        ({"pressure": {"column": "p", "unit": "MPa", "scale": 2}}, "pressure", "column, unit and factor"),
        ({"pressure": {"column": "", "unit": "MPa"}}, "pressure", "label in the file"),
        ({"pressure_megapascal": {"column": "q", "unit": "MPa"}}, "pressure_megapascal", "once only"),
        ({"voltage": {"column": "U", "unit": "V"}}, "voltage", "one of pressure, thickness"),
        ({"skip_rows": 1.0}, "skip_rows", "written without a decimal point: 1"),
        ({"skip_rows": -1}, "skip_rows", "0 or more"),
        ({"delimiter": 1}, "delimiter", "a text"),
        ({"kind": "pressed"}, "kind", "pressed pellets"),
    ],
)
def test_every_mistake_of_a_map_is_said_with_what_is_allowed(
    changed: dict[str, Any], column: str, allowed: str
) -> None:
    table = {
        "kind": "pressed pellets",
        "pressure": {"column": "p", "unit": "MPa"},
        "thickness": {"column": "h", "unit": "µm"},
        **changed,
    }
    declared, wrong = mapped(table, PRESSED)
    assert declared is None
    assert wrong.keys() == {column}
    assert allowed in wrong[column]


def test_what_is_missing_is_that_of_the_nearest_set_of_columns() -> None:
    """Modulus without phase lacks the phase, not real and imaginary part."""
    table = {
        "kind": "impedance spectra",
        "frequency": {"column": "f", "unit": "Hz"},
        "modulus": {"column": "Z", "unit": "Ohm"},
    }
    assert mapped(table)[1] == {"phase": "needed"}


@pytest.mark.parametrize(
    ("label", "unit", "said"),
    [
        ("p / MPa", "kPa", "1000 times"),
        ("p [MPa]", "bar", "10 times"),
        ("p (MPa)", "MPa", ""),
        ("p", "kPa", ""),
        ("p / p0", "kPa", ""),
    ],
)
def test_a_declared_unit_is_believed_and_the_label_that_claims_another_is_named(
    label: str, unit: str, said: str
) -> None:
    declared, _ = mapped(
        {
            "kind": "pressed pellets",
            "pressure": {"column": label, "unit": unit},
            "thickness": {"column": "h", "unit": "µm"},
        },
        PRESSED,
    )
    assert declared is not None
    notes = declared.read(f"{label};h\n500;1250\n".encode()).notes
    assert bool(notes) == bool(said)
    assert all(said in note for note in notes)


def test_a_temperature_in_another_unit_than_its_label_claims_is_named() -> None:
    table = {word: {"column": word, "unit": unit} for word, unit in (("time", "s"), ("voltage", "V"), ("current", "A"))}
    declared, _ = mapped({**table, "temperature": {"column": "T / °C", "unit": "K"}})
    assert declared is not None
    found = declared.read("time,voltage,current,T / °C\n0,3,1,298.15\n".encode())
    assert found.columns["temperature_t1_celsius"].tolist() == pytest.approx([25.0])
    assert "claims another unit than" in found.notes[0]


def test_maps_that_give_other_numbers_have_other_versions() -> None:
    """The version is part of the key of the cache."""
    versions = set()
    for change in ({}, {"skip_rows": 2}, {"decimal": ","}, {"time": {"column": "t/h", "unit": "min"}},
                   {"current": {"column": "I", "unit": "mA", "factor": -1}}):  # fmt: skip
        declared, _ = mapped({**DECLARED, **change})
        assert declared is not None
        versions.add(declared.version)
    assert len(versions) == 5
