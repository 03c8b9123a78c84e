"""Compaction tables as labs write them, and as they get damaged."""

from __future__ import annotations

import numpy as np
import pytest
from compaction_pellets import PRESSURES, file, heckel_um

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.conformance import conformance
from cathodelab.formats.kinds import OURS
from cathodelab.techniques.compaction.labels import Meaning, Undecided, meaning_of
from cathodelab.techniques.compaction.reader import READER, READERS, read_compaction_text
from cathodelab.techniques.compaction.table_kind import COMPACTION, LENGTHS

THICKNESS = heckel_um()
GOOD = file({"pressure (MPa)": PRESSURES, "thickness in die (mm)": THICKNESS / 1e3})


def lengths(content: bytes, what: str) -> np.ndarray:
    """Lengths of one kind, um."""
    table = read_compaction_text(content)
    return table.column("length_micrometre")[table.column("length_index") == LENGTHS.index(what)]


@pytest.mark.parametrize(
    ("label", "quantity", "factor"),
    [
        ("pressure_MPa", "pressure", 1.0),
        ("Pressdruck in N/mm²", "pressure", 1.0),
        ("p / kN/cm2", "pressure", 10.0),
        ("compaction pressure [bar]", "pressure", 0.1),
        ("Standardkraft [N]", "force", 1e-3),
        ("Force (kN)", "force", 1.0),
        ("thickness_in_die_mm", "in die", 1e3),
        ("h in die / µm", "in die", 1.0),
        ("height under load (mm)", "in die", 1e3),
        ("thickness out of die (\N{GREEK SMALL LETTER MU}m)", "out of die", 1.0),
        ("Dicke nach Entlastung [mm]", "out of die", 1e3),
        ("thickness unloaded, mm", "out of die", 1e3),
        ("Dicke [mm]", "somewhere", 1e3),
        ("Traversenweg / mm", "displacement", 1e3),
        ("mass (g)", "mass", 1e3),
    ],
)
def test_labels_of_labs_are_understood(label: str, quantity: str, factor: float) -> None:
    """English and German, with brackets, slashes, underscores or words before the unit."""
    found = meaning_of(label)
    assert isinstance(found, Meaning)
    assert found.quantity == quantity
    assert found.factor == pytest.approx(factor)


@pytest.mark.parametrize(
    "label", ["diameter (mm)", "oil pressure (bar)", "time (s)", "thickness error (um)", "initial height (mm)", "h_m"]
)
def test_other_lengths_and_pressures_are_none_of_a_compaction(label: str) -> None:
    """A diameter is a length and no thickness; the pressure of a pump's oil is none on the powder."""
    assert meaning_of(label) is None or isinstance(meaning_of(label), Undecided)


def test_a_label_without_a_unit_is_refused_and_not_guessed() -> None:
    """Mm and um differ by a thousand: nobody guesses."""
    with pytest.raises(CathodelabError, match="states no unit") as caught:
        read_compaction_text(b"pressure (MPa);thickness in die\n1;1500\n2;1400\n")
    assert caught.value.code == "unit-unknown"
    assert "thickness in die" in caught.value.what
    with pytest.raises(CathodelabError, match="has the unit 'V'"):
        read_compaction_text(b"pressure (V);thickness in die (mm)\n1;1.5\n2;1.4\n")


def test_kilograms_and_tons_of_a_press_are_no_forces_until_they_are_named_so() -> None:
    """The gauge of a hand press: kgf and tf are forces, kg is a mass and t is nothing that is known."""
    for unit in ("kg", "t"):
        found = meaning_of(f"load ({unit})")
        assert isinstance(found, Undecided)
        assert "kgf" in found.units
    for unit, factor in (("kgf", 9.80665e-3), ("tf", 9.80665)):
        known = meaning_of(f"load ({unit})")
        assert isinstance(known, Meaning)
        assert known.factor == pytest.approx(factor)


def test_both_thicknesses_of_a_line_are_two_readings_and_an_empty_cell_is_none() -> None:
    """Not every pellet is ejected at every pressure."""
    out = np.where(np.arange(PRESSURES.size) % 3 == 0, THICKNESS * 1.02, np.nan)
    content = file({"pressure (MPa)": PRESSURES, "thickness in die (um)": THICKNESS, "thickness out of die (um)": out})
    assert lengths(content, "in die") == pytest.approx(THICKNESS, abs=1e-5)
    assert lengths(content, "out of die") == pytest.approx(out[np.isfinite(out)], abs=1e-5)
    pressure = read_compaction_text(content).column("pressure_megapascal")
    assert pressure.size == PRESSURES.size + 5


def test_an_empty_row_and_a_word_are_no_thickness() -> None:
    """A row needs at least one number, and n/a is none."""
    for bad in (b"1;\n", b"1;n/a\n", b"1;nan\n", b"1;inf\n", b"1;1e300\n", b"1;1_0\n"):
        with pytest.raises(CathodelabError, match="is no number"):
            read_compaction_text(b"pressure (MPa);thickness in die (um)\n" + bad + b"2;1400\n")


def test_units_in_a_row_below_the_labels_are_read() -> None:
    """As testing machines write them."""
    content = b"Standardkraft;Traversenweg;Zeit\nN;mm;s\n100;0.5;1\n200;0.6;2\n"
    table = read_compaction_text(content)
    assert table.column("force_kilonewton") == pytest.approx([0.1, 0.2])
    assert lengths(content, "displacement") == pytest.approx([500.0, 600.0])
    assert table.unknown_columns == ("Zeit",)


def test_decimal_commas_are_understood_and_commas_for_both_are_refused() -> None:
    """Semicolons and decimal commas; commas alone cannot be parted."""
    assert lengths(GOOD.replace(b".", b","), "in die") == pytest.approx(THICKNESS, abs=1e-3)
    with pytest.raises(CathodelabError, match="semicolons or tabs"):
        read_compaction_text(GOOD.replace(b".", b",").replace(b";", b","))


def test_pressures_in_bar_are_converted_and_doubted() -> None:
    """The manometer of a hydraulic press shows its oil."""
    content = file({"pressure (bar)": 10 * PRESSURES, "thickness in die (um)": THICKNESS})
    table = read_compaction_text(content)
    assert table.column("pressure_megapascal") == pytest.approx(PRESSURES)
    assert "oil" in table.notes[0]


def test_comments_blank_lines_and_latin_letters_do_no_harm() -> None:
    """A text of another encoding, a remark above, blank lines within."""
    content = "# pellet 7\n\nDruck (MPa)\tDicke in der Matrize (µm)\n1\t1500\n\n2\t1400\n".encode("latin-1")
    assert READER.takes("a.txt", content)
    assert lengths(content, "in die") == pytest.approx([1500.0, 1400.0])


def test_the_reader_keeps_the_promises_of_a_reader() -> None:
    """Every promise, or the sentence that says which is broken."""
    for check in conformance(READER, "pellet.csv", GOOD, mutated=150, kinds=(*OURS, COMPACTION)):
        assert check.passed is not False, check.sentence


def test_files_of_a_cycler_are_not_taken() -> None:
    """It takes what names a load and a thickness, and nothing else."""
    assert not READER.takes("a.csv", b"Test Time (s),Current (A),Voltage (V)\n0,0.1,3\n")
    assert READERS == (READER,)
    assert READER.takes("pellet.csv", GOOD)
