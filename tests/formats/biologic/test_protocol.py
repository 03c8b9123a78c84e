"""Settings files of EC-Lab, written by the tests in its layout, and the same lines in headers of real exports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.core.protocol import Protocol
from cathodelab.formats.biologic.protocol import protocol_of_text
from cathodelab.formats.damage import mutations
from cathodelab.formats.readers import read_table

HEAD = """EC-LAB SETTING FILE

Number of linked techniques : 3

Filename : C:\\ours\\written by the tests.mps

Device : MPG-2
Electrode connection : standard
Ewe ctrl range : min = 0.00 V, max = 5.00 V
Safety Limits :
\tEwe min = 1.50 V
\tEwe max = 4.40 V
\tDo not start on E overload
Mass of active material : 9.000 mg
 at x = 1.000
Battery capacity : 1.500 mA.h
Electrode surface area : 0.785 cm²
Characteristic mass : 9.000 mg
Cycle Definition : Charge/Discharge alternance

"""


def _lines(*rows: tuple[str, ...]) -> str:
    return "".join("".join(f"{cell:<20}" for cell in row) + "\n" for row in rows)


GCPL = "Technique : 1\nGalvanostatic Cycling with Potential Limitation\n" + _lines(
    ("Ns", "0", "1", "2"),
    ("Set I/C", "I", "I", "C / N"),
    ("Is", "0.000", "75.000", "-150.000"),
    ("unit Is", "mA", "µA", "µA"),
    ("N", "1.00", "1.00", "10.00"),
    ("EM (V)", "0.000", "3.700", "2.000"),
    ("tR (h:m:s)", "1:00:0.0000", "8:00:0.0000", "0:00:0.0000"),
    ("goto Ns'", "0", "0", "1"),
)
MODULO_BAT = "\nTechnique : 2\nModulo Bat\n" + _lines(
    ("Ns", "0", "1"),
    ("ctrl_type", "Rest", "CC"),
    ("Apply I/C", "I", "I"),
    ("ctrl1_val", "", "0.500"),
    ("ctrl1_val_unit", "", "mA"),
    ("lim1_type", "Time", "Ecell"),
    ("lim1_value", "10.000", "3700.000"),
    ("lim1_value_unit", "s", "mV"),
)
LOOP = "\nTechnique : 3\nLoop\n" + _lines(("goto Ne", "1"), ("nt times", "10"))
FILE = HEAD + GCPL + MODULO_BAT + LOOP


def _read(text: str, encoding: str = "latin-1") -> Protocol:
    protocol = protocol_of_text(read_table("a.mps", text.encode(encoding))[0].settings_text)
    assert protocol is not None
    return protocol


def test_techniques_are_kept_in_order_with_their_lines_as_printed() -> None:
    protocol = protocol_of_text(read_table("a.mps", FILE.encode("latin-1"))[0].settings_text)
    assert protocol is not None
    assert [technique.name for technique in protocol.techniques] == [
        "Galvanostatic Cycling with Potential Limitation",
        "Modulo Bat",
        "Loop",
    ]
    gcpl, bat, loop = protocol.techniques
    assert gcpl.text("unit Is", 1) == "µA"
    assert (bat.text("ctrl1_val", 0), bat.text("ctrl1_val", 1)) == ("", "0.500")
    assert (loop.text("nt times", 0), loop.sequences) == ("10", 1)
    assert protocol.settings["Electrode surface area"] == "0.785 cm²"


def test_constant_currents_become_steps_in_units() -> None:
    """75 µA as such, C/10 of 1.5 mAh, and 0.5 mA of a Modulo Bat with its limit in mV; rests are no steps."""
    protocol = protocol_of_text(read_table("a.mps", FILE.encode("latin-1"))[0].settings_text)
    assert protocol is not None
    assert [step.current_ampere for step in protocol.steps] == pytest.approx([75e-6, 150e-6, 500e-6])
    assert [step.potential_limit_volt for step in protocol.steps] == pytest.approx([3.7, 2.0, 3.7])
    assert protocol.steps[0].rest_second == 8 * 3600
    assert (protocol.lowest_volt, protocol.highest_volt) == (1.5, 4.4)
    assert (protocol.active_mass_milligram, protocol.capacity_ampere_hour) == (9.0, 1.5e-3)


def test_decimal_commas_and_other_encodings_say_the_same() -> None:
    """Latin-1, UTF-8, Windows line ends, and the decimal commas of a German EC-Lab."""
    steps = repr(_read(FILE).steps)
    comma = re.sub(r"(?<=\d)\.(?=\d)", ",", FILE).replace("\n", "\r\n")
    assert repr(_read(FILE, "utf-8").steps) == steps
    assert repr(_read(comma).steps) == steps


def test_masses_that_the_software_enters_itself_count_as_not_entered() -> None:
    for mass in ("0.001 mg", "0.001 g", "7000.000 mg", "0.000 mg", "no number"):
        text = FILE.replace("Mass of active material : 9.000 mg", f"Mass of active material : {mass}")
        protocol = protocol_of_text(read_table("a.mps", text.encode())[0].settings_text)
        assert protocol is not None
        if mass != "0.001 g":  # 1 mg may well be meant
            assert protocol.active_mass_milligram != protocol.active_mass_milligram  # nan


def test_a_protocol_survives_the_cache(tmp_path: Path) -> None:
    from cathodelab.formats.readers import reader_for
    from cathodelab.study.cache import TableCache, content_hash

    content = FILE.encode()
    cache, reader = TableCache(tmp_path), reader_for("a.mps", content)
    cache.store(content_hash(content), reader, reader.read(content))
    again = cache.table(content_hash(content), reader)
    assert again is not None
    assert repr(protocol_of_text(again.settings_text)) == repr(_read(FILE))


DEFECTS = {
    "no settings file": ("header-broken", FILE.replace("EC-LAB SETTING FILE", "Settings")),
    "empty": ("file-empty", ""),
    "a technique missing": ("file-truncated", FILE[: FILE.index("\nTechnique : 3")]),
    "cut off before the last parameters": ("file-truncated", FILE[: FILE.index("Loop") + 5]),
    "no techniques": ("header-broken", HEAD),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_one_defect_gives_the_one_clear_error(defect: str) -> None:
    code, text = DEFECTS[defect]
    with pytest.raises(CathodelabError) as caught:
        read_table("a.mps", text.encode())
    assert caught.value.code == code


def test_headers_of_real_exports_say_what_was_intended(data: Path) -> None:
    """C / N and C x N of the capacity that was entered; what the record then shows is 68.0 µA."""
    path = data / "cycling/yadg/gcpl.issue_211.mpt"
    protocol = protocol_of_text(read_table(path.name, path.read_bytes())[0].settings_text)
    assert protocol is not None
    assert [step.current_ampere for step in protocol.steps] == pytest.approx([68e-6, 68e-6])
    assert [step.potential_limit_volt for step in protocol.steps] == [0.5, -0.6]
    assert protocol.active_mass_milligram == 0.79


def test_safety_limits_of_a_real_export_are_found(data: Path) -> None:
    path = data / "cycling/PyProBE/Sample_data_biologic_01_MB_CA1.txt"
    protocol = protocol_of_text(read_table(path.name, path.read_bytes())[0].settings_text)
    assert protocol is not None
    assert (protocol.lowest_volt, protocol.highest_volt) == (2.4, 4.3)
    assert {step.potential_limit_volt for step in protocol.steps} == {2.5, 4.2}


def test_a_damaged_protocol_is_refused_or_read_and_raises_nothing_later(data: Path) -> None:
    """Settings are parsed when they are asked for: whatever stands there then, it is no exception."""
    path = data / "cycling/yadg/gcpl.issue_211.mpt"
    export = path.read_bytes()[:12_000]
    export = export[: export.rindex(b"\n") + 1]
    for name, content in (("a.mps", FILE.encode("latin-1")), (path.name, export)):
        for bad in mutations(content, name, 300):
            try:
                table, _ = read_table(name, bad)
            except CathodelabError as error:
                assert error.what_to_do
            else:
                protocol = protocol_of_text(table.settings_text)
                assert protocol is None or protocol.techniques
