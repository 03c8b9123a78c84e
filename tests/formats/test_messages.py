"""Twenty messages on files that are not read: each names the instrument's own menu or the person's next step."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import READERS, read_table
from cathodelab.formats.shared.column_map import column_map

TABLE = b"Zeit/h;U/mV;I/mA\n0,0;3500;0,1\n0,5;3501;0,1\n1,0;3502;0,1\n"
CUT_OFF = gzip.compress(TABLE * 99, mtime=0)[:-30]
GAMRY = b"EXPLAIN\r\nTAG\tCORPOT\r\nCURVE\tTABLE\t1\r\n\tPt\tT\tVf\r\n\t#\ts\tV\r\n\t0\t0\t3.5\r\n"
ECLAB = "EC-Lab ASCII FILE\nNb header lines : 4\nChronopotentiometry\ntime/s\tEwe/V\t\n0\t3.5\t\n1\t3.5\t\n"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CUT = "DataPoint,Step Index,Step Type,Total Time,Current(mA),Voltage(V)\n1,1,Rest,00:00:00,0,3.5\n2,1,Re"


def _zip(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


MESSAGES: dict[str, tuple[str, bytes, str, str]] = {
    "a picture": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(80), "a picture (PNG)", "Name the cycler's file"),
    "a PDF": ("a.pdf", b"%PDF-1.7\n", "a PDF document", "Name the cycler's file or its text export"),
    "LAND binary": ("a.cex", bytes(range(256)), "a binary file of LAND", "In LANDdt choose Export, the tab Record"),
    "Ivium binary": ("a.idf", bytes(range(256)), "a binary file of Ivium", "In IviumSoft choose File, Export data"),
    "PalmSens session": ("a.pssession", b'{"type": 1}', "a session of PSTrace", "In PSTrace choose Data, Export to csv"),
    "NOVA binary": ("a.nox", bytes(range(256)), "a binary file of NOVA", "In NOVA add Export data (ASCII)"),
    "Zahner binary": ("a.ism", bytes(range(256)), "a binary file of Zahner", "In Zahner Analysis export it as ASCII"),
    "Maccor binary": ("a.017", bytes(range(256)), "a raw file of Maccor", "In Maccor's MIMS Client export the test as text"),
    "EC-Lab log": ("a.mpl", b"EC-Lab LOG FILE\n", "a log of EC-Lab (.mpl)", "Name the .mpr beside it"),
    "another Gamry technique": ("a.dta", GAMRY, "a Gamry file (CORPOT) without", "In Gamry Framework keep the .DTA file"),
    "a protocol": ("a.json", b'{\n "unicycler": {"version": 1}}', "a protocol (JSON)", "Name the cycler's file"),
    "a web page": ("a.csv", b"<!DOCTYPE html><html>", "a web page", "download it again"),
    "Neware's cycles": (
        "a.csv", b"Cycle Index,Chg. Cap.(mAh),DChg. Cap.(mAh)\n1,1.5,1.4\n", "Neware's table of cycles or steps",
        "In BTSDA choose Export, the layer `record`",
    ),
    "Arbin's statistics": (
        "a.csv", b"Cycle_Index,Charge_Capacity(Ah),Vmax_On_Cycle(V)\n1,1.5,4.2\n", "Arbin's statistics by cycle",
        "In MITS Pro's Data Watcher export the raw data",
    ),
    "an archive of several": ("a.zip", _zip("a.csv", "b.csv"), "holds 2 files: a.csv, b.csv", "Unpack it and name the file"),
    "a cut off gzip": ("a.gz", CUT_OFF, "The gzip file cannot be read", "Copy it from the cycler again"),
    "EC-Lab without current": ("a.mpt", ECLAB.encode(), "no column for current", "Export the file again with EC-Lab"),
    "a cut off text": ("a.csv", CUT.encode(), "the file was cut off", "Copy or export the file again"),
    "an empty file": ("a.csv", b"", "The file is empty", "Export the measurement again"),
    "columns that nobody knows": (
        "a.csv", TABLE, "These columns were seen in line 1: Zeit/h, U/mV, I/mA", "State what its columns mean",
    ),
    "no table": ("a.txt", b"notes of a day in the lab\n", "no table of numbers with labels", "with a line of labels"),
    "a workbook of something": ("a.xls", OLD + bytes(600), "not text and of no known", "Export the measurement as text"),
}  # fmt: skip
"""Case -> name, content, what has to be said, the next step."""


@pytest.mark.parametrize("case", MESSAGES)
def test_a_file_that_is_not_read_says_what_it_is_and_the_next_step(case: str) -> None:
    name, content, said, step = MESSAGES[case]
    with pytest.raises(CathodelabError) as caught:
        read_table(name, content)
    text = str(caught.value)
    assert said in text
    assert step in caught.value.what_to_do
    assert not any(reader.id in text for reader in READERS), "names of our own code help nobody"


def test_unknown_columns_come_with_a_map_that_is_ready_to_paste_and_then_reads_the_file() -> None:
    """What the message offers is what the study takes."""
    import tomllib

    with pytest.raises(CathodelabError) as caught:
        read_table("a.csv", TABLE)
    (hint,) = caught.value.hints
    declared, problems = column_map("mine", tomllib.loads(hint.name), "study.toml")
    assert not problems
    assert declared is not None
    table, _ = read_table("a.csv", TABLE, (declared,))
    assert table.column("test_time_second").tolist() == pytest.approx([0, 1800, 3600])
    assert table.column("voltage_volt").tolist() == pytest.approx([3.5, 3.501, 3.502])
    assert table.column("current_ampere").tolist() == pytest.approx([1e-4] * 3)


def test_a_map_that_nearly_fits_names_the_label_that_is_not_there() -> None:
    units = {"time": ("Zeit/h", "h"), "voltage": ("U/mV", "mV"), "current": ("I / mA", "mA")}
    declared, _ = column_map("mylab", {k: {"column": c, "unit": u} for k, (c, u) in units.items()}, "study.toml")
    assert declared is not None
    with pytest.raises(CathodelabError) as caught:
        read_table("a.csv", TABLE, (declared,))
    assert "[columns.mylab] wants 'I / mA'; line 1 of the file has Zeit/h, U/mV, I/mA." in caught.value.why
