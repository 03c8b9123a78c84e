"""Spectra from text exports: the real files, every defect one clear error, mutations nothing else."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table
from cathodelab.formats.spectra.text import read_spectra_csv

HEAD = "freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm\n"
ROWS = "1000,100,20\n100,120,40\n10,160,30\n"


@pytest.mark.parametrize(
    ("name", "reader", "points", "first", "capacitive"),
    [
        ("lpscl_ion_blocking_m25C_RelaxIS.txt", "relaxis-text", 79, 1799427.625 - 8093785.5j, True),
        ("gamry_example.DTA", "gamry-dta", 72, 825.8584 - 1367.239j, True),
        ("gamry_drift_corrected.dta", "gamry-dta", 55, 691.6887 - 148.9397j, True),
        ("zplot_example.z", "zplot-text", 21, 147.77 - 11.335j, True),
        ("autolab_example.txt", "autolab-text", 41, 0.013785863964281 + 0.007191946305823j, False),
        ("versastudio_example.par", "versastudio-par", 61, 55.31571 + 4.575431j, False),
        ("impedancepy_exampleData.csv", "spectra-csv", 66, 0.0494998977640506 - 0.020438698544418925j, True),
        ("ssb_sample2_PEIS_at_rest.csv", "spectra-csv", 890, 47.457394592 - 17.989451897j, True),
    ],
)
def test_real_files(data: Path, name: str, reader: str, points: int, first: complex, *, capacitive: bool) -> None:
    """The reader that takes each file, its points, its first impedance with the sign of the formula."""
    table, taken = read_table(name, (data / "impedance" / name).read_bytes())
    assert taken.id == reader
    assert table.kind == "impedance spectra"
    assert table.rows == points
    z = table.column("real_impedance_ohm") + 1j * table.column("imaginary_impedance_ohm")
    assert z[0] == pytest.approx(first)
    assert (z[0].imag < 0) == capacitive
    assert table.column("frequency_hertz").min() > 0


def test_the_same_pellet_reads_the_same_from_three_programs(data: Path) -> None:
    """RelaxIS against EC-Lab's text; their order differs."""
    folder = data / "impedance"
    found = []
    for name in ("lpscl_ion_blocking_m25C_RelaxIS.txt", "lpscl_ion_blocking_m25C.txt"):
        table, _ = read_table(name, (folder / name).read_bytes())
        order = np.argsort(table.column("frequency_hertz"))
        found.append(
            [
                table.column(column)[order]
                for column in ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
            ]
        )
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_drift_corrected_columns_are_taken_and_said(data: Path) -> None:
    """Last point of the file: 163521.3 -207613.7j corrected, 163443.2 -207897.9j as measured."""
    table, _ = read_table("a.dta", (data / "impedance" / "gamry_drift_corrected.dta").read_bytes())
    assert table.column("real_impedance_ohm")[-1] == pytest.approx(163521.3)
    assert any("drift-corrected" in note for note in table.notes)


def test_ten_loops_are_ten_spectra_with_time_potential_and_current(data: Path) -> None:
    """The rows without a frequency between them are no points."""
    table, _ = read_table("a.csv", (data / "impedance" / "ssb_sample2_PEIS_at_rest.csv").read_bytes())
    assert table.column("spectrum_count").max() == 10
    assert {"test_time_second", "voltage_volt", "current_ampere"} <= table.columns.keys()
    assert any("no frequency" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (HEAD, "file-without-rows", "no rows"),
        (HEAD + ROWS[:-4], "file-truncated", "cut off"),
        (HEAD + ROWS.replace("100,120", "100"), "row-incomplete", "Line 3"),
        (HEAD + ROWS.replace("120", "nan"), "value-not-a-number", "'nan' is no number"),
        (HEAD + ROWS.replace("120", "oops"), "value-not-a-number", "line 3"),
        (HEAD + ROWS.replace("100,120", "oops,120"), "value-not-a-number", "'oops' is no number"),
        (HEAD.replace("freq/Hz", "x") + ROWS, "column-missing", "no line of labels"),
        ("freq/Hz,|Z|/Ohm,phase/rad\n" + ROWS, "phase-impossible", "degrees were named radians"),
        ("", "file-empty", "empty"),
    ],
)
def test_one_defect_gives_one_clear_error(content: str, code: str, words: str) -> None:
    """What, where, why and what to do."""
    with pytest.raises(CathodelabError) as caught:
        read_spectra_csv(content.encode())
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "rows", "expected"),
    [
        ("freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm", "1000,100,20", 100 - 20j),
        ("Frequency (Hz);Z' (Ohm);Z'' (Ohm)", "1000,0;100,0;-20,0", 100 - 20j),
        ("f/kHz\tZreal/kOhm\tZimag/kOhm", "1\t0.1\t-0.02", 100 - 20j),
        ("freq/Hz,|Z|/Ohm,phase/deg", "1000,100,-90", -100j),
        ("freq/Hz,|Z|/Ohm,phase/rad", f"1000,100,{-np.pi / 2}", -100j),
        ("freq/MHz,Re(Z)/Ohm,Im(Z)/Ohm", "0.001,100,-20", 100 - 20j),
    ],
)
def test_labels_units_and_signs(labels: str, rows: str, expected: complex) -> None:
    """Every way to write the same point."""
    table = read_spectra_csv(f"{labels}\n{rows}\n".encode())
    z = table.column("real_impedance_ohm")[0] + 1j * table.column("imaginary_impedance_ohm")[0]
    assert z == pytest.approx(expected)
    assert table.column("frequency_hertz")[0] == pytest.approx(1000)


def test_sweeps_one_after_the_other_are_counted() -> None:
    """Three sweeps without a number of their own; one point out of order is not a sweep."""
    sweep = "1000,100,20\n100,120,40\n10,160,30\n1,200,10\n"
    table = read_spectra_csv((HEAD + 3 * sweep).encode())
    assert table.column("spectrum_count").tolist() == [1.0] * 4 + [2.0] * 4 + [3.0] * 4
    swapped = "1000,100,20\n10,160,30\n100,120,40\n1,200,10\n0.1,210,5\n0.01,220,5\n"
    assert read_spectra_csv((HEAD + swapped).encode()).column("spectrum_count").max() == 1


@pytest.mark.parametrize(
    "name",
    ["gamry_drift_corrected.dta", "zplot_example.z", "autolab_example.txt", "lpscl_ion_blocking_m25C_RelaxIS.txt"],
)
def test_mutations_give_a_table_or_the_one_clear_error(data: Path, name: str) -> None:
    """40 seeded mutations of each: bytes changed, cut out or doubled."""
    content = (data / "impedance" / name).read_bytes()
    for seed in range(40):
        chance = random.Random(f"{name} {seed}")
        spoilt = bytearray(content)
        for _ in range(chance.randint(1, 5)):
            place = chance.randrange(len(spoilt))
            kind = chance.randrange(3)
            if kind == 0:
                spoilt[place] = chance.randrange(256)
            elif kind == 1:
                del spoilt[place : place + chance.randrange(200)]
            else:
                spoilt[place:place] = spoilt[place : place + chance.randrange(200)]
        with contextlib.suppress(CathodelabError):
            table, _ = read_table(name, bytes(spoilt))
            assert table.rows > 0
