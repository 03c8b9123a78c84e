"""One spectrum as every instrument exports it: the same complex numbers come out, or the column that is missing is named."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table

FREQUENCY = np.logspace(6, -1, 36)
IMPEDANCE = 40 + 100 / (1 + (1j * 2 * np.pi * FREQUENCY * 1e-3) ** 0.9)
MODULUS, PHASE = np.abs(IMPEDANCE), np.rad2deg(np.angle(IMPEDANCE))


def _text(head: str, columns: list[np.ndarray], between: str = ",", end: str = "\n") -> str:
    lines = [between.join(f"{value:.9e}" for value in row) for row in np.transpose(columns)]
    return end.join([head, *lines, ""])


RE, IM = IMPEDANCE.real, IMPEDANCE.imag
ZERO = np.zeros(36)
DIALECTS = {
    "Ivium": _text("freq. /Hz,Z1 /ohm,Z2 /ohm", [FREQUENCY, RE, -IM]).encode(),
    "NOVA with Ω and °": _text("Frequency (Hz);Z (Ω);-Phase (°)", [FREQUENCY, MODULUS, -PHASE], ";").encode(),
    "NOVA with a decimal comma": _text("Frequency (Hz);Z' (Ω);-Z'' (Ω)", [FREQUENCY, RE, -IM], ";").replace(".", ",").encode(),
    "Novocontrol": _text(
        "Cell 1, T 25C\nFreq. [Hz]\tZs' [Ohms]\tZs'' [Ohms]\t|Zs| [Ohms]\tPhase(Zs) [deg]",
        [FREQUENCY, RE, IM, MODULUS, PHASE], "\t",
    ).encode(),
    "PalmSens in UTF-16": _text(
        "Date and time:,2026-01-02\nNotes:\n\nImpedimetric\nfreq / Hz,neg. Phase / °,Idc / uA,Z' / Ohm,-Z'' / Ohm,Z / Ohm",
        [FREQUENCY, -PHASE, ZERO, RE, -IM, MODULUS],
    ).encode("utf-16"),
    "Zahner": _text(
        "Thales impedance export\nNumber  Frequency/Hz  Impedance/Ohm  Phase/deg",
        [np.arange(36.0), FREQUENCY, MODULUS, PHASE], "  ",
    ).encode(),
    "single blanks": _text("freq/Hz Re(Z)/Ohm -Im(Z)/Ohm", [FREQUENCY, RE, -IM], " ").encode(),
    "savetxt": _text("# made by numpy", [FREQUENCY, RE, IM], " ").encode(),
    "words": _text("frequency,real,imaginary", [FREQUENCY, RE, IM]).encode(),
    "kΩ in GBK": _text("freq/Hz,Re(Z)/kΩ,-Im(Z)/kΩ", [FREQUENCY, RE / 1e3, -IM / 1e3]).encode("gbk"),
    "CH Instruments": _text(
        "A.C. Impedance\n\nFreq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg\n", [FREQUENCY, RE, IM, MODULUS, PHASE], ", "
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_spectrum_of_any_instrument_gives_the_same_numbers(dialect: str) -> None:
    content = DIALECTS[dialect]
    if dialect == "savetxt":
        content = content.partition(b"\n")[2]
    table, _ = read_table("a.csv", content)
    assert table.kind == "impedance spectra"
    found = table.column("real_impedance_ohm") + 1j * table.column("imaginary_impedance_ohm")
    np.testing.assert_allclose(found, IMPEDANCE, rtol=1e-6)
    np.testing.assert_allclose(table.column("frequency_hertz"), FREQUENCY, rtol=1e-6)


def test_an_aborted_gamry_file_keeps_its_spectrum() -> None:
    """Another table follows it, and an entry that says that it was aborted."""
    rows = [
        f"\t{n}\t{n}\t{f:.6e}\t{z.real:.9e}\t{z.imag:.9e}"
        for n, (f, z) in enumerate(zip(FREQUENCY, IMPEDANCE, strict=True))
    ]
    head = ["EXPLAIN", "TAG\tEISPOT", "ZCURVE\tTABLE", "\tPt\tTime\tFreq\tZreal\tZimag", "\t#\ts\tHz\tohm\tohm"]
    tail = [
        "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted",
        "FRACURVE\tTABLE\t128",
        "\tPt\tT\tVf",
        "\t#\ts\tV",
        "\t0\t1\t2",
    ]
    table, _ = read_table("a.DTA", "\r\n".join([*head, *rows, *tail, ""]).encode())
    assert table.rows == 36
    assert set(table.column("spectrum_count")) == {1.0}


def test_an_impedance_without_its_frequencies_is_refused_with_the_column_that_is_missing() -> None:
    """EC-Lab exports what is ticked; the potential is not the reason."""
    head = ["EC-Lab ASCII FILE", "Nb header lines : 3", "time/s\tEwe/V\tRe(Z)/Ohm\t-Im(Z)/Ohm\tI/mA\t"]
    rows = [f"{n}\t3.7\t{z.real}\t{-z.imag}\t0\t" for n, z in enumerate(IMPEDANCE)]
    with pytest.raises(CathodelabError, match="no column for frequency") as caught:
        read_table("a.mpt", "\r\n".join([*head, *rows, ""]).encode())
    assert caught.value.code == "column-missing"
