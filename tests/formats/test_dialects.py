"""One test in every dialect that labs have: the same two cycles come out, or the one sentence that says what is wrong."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from tests.formats.stand_ins import Rows

from cathodelab.core.errors import CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.formats.cell_records import cycling_record
from cathodelab.formats.readers import read_table
from cathodelab.formats.shared.rebuild import half_cycles
from cathodelab.formats.table import Table

TYPES = {"R": "Rest", "C": "CC Chg", "D": "CC DChg"}
CHINESE = {"R": "搁置", "C": "恒流充电", "D": "恒流放电"}


def clock(seconds: float) -> str:
    """Hours, minutes, seconds."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def table_text(labels: str, lines: Sequence[Sequence[object]], between: str = ",", end: str = "\n") -> str:
    """Labels and rows."""
    return end.join([labels.replace(",", between), *(between.join(map(str, line)) for line in lines), ""])


def charges(table: Table) -> list[float]:
    """Size of the half cycles, Ah."""
    columns = dict(table.columns)
    if "net_charge_ampere_hour" not in columns:
        current, time = columns["current_ampere"], columns["test_time_second"]
        moved = np.where(np.sign(current[1:]) == np.sign(current[:-1]), current[1:], 0.0) * np.diff(time) / 3600
        columns["net_charge_ampere_hour"] = np.concatenate([[0.0], np.cumsum(moved)])
    return [abs(float(one)) for one in half_cycles(columns).cycler]


def neware(rows: Rows, *, unsigned: bool = False, types: dict[str, str] = TYPES) -> list[list[object]]:
    """Record, cycle, step, type, clock of the step, of the test, mA, V, mAh within the step."""
    return [
        [
            row["record"], row["cycle"], row["step"], types[str(row["state"])], clock(float(row["within"])),
            clock(float(row["time"])), abs(float(row["current"]) * 1e3) if unsigned else float(row["current"]) * 1e3,
            row["voltage"], float(row["charge"]) * 1e3,
        ]
        for row in rows
    ]  # fmt: skip


NEWARE = "DataPoint,Cycle Index,Step Index,Step Type,Time,Total Time,Current(mA),Voltage(V),Capacity(mAh)"


def _without(lines: list[list[object]], places: set[int]) -> list[list[object]]:
    return [[cell for place, cell in enumerate(line) if place not in places] for line in lines]


def _days(lines: list[list[object]]) -> list[list[object]]:
    return [[*line[:5], f"0-{line[5]}", *line[6:]] for line in lines]


def _commas(text: str) -> str:
    return text.replace(",", ";").replace(".", ",")


def _layered(rows: Rows) -> bytes:
    found = [
        "Cycle Index,Chg. Cap.(Ah),DChg. Cap.(Ah)",
        ",Step Index,Step Number,Step Type,Step Time",
        ",,DataPoint,Time,Total Time,Current(A),Voltage(V),Capacity(Ah)",
    ]
    before: tuple[object, object] = (0, 0)
    for row in rows:
        cycle, step = row["cycle"], row["step"]
        if (cycle, step) != before:
            head = f"{cycle},1,1," if cycle != before[0] else ","
            found.append(f"{head}{step},{step},{TYPES[str(row['state'])]},00:00:00")
        before = (cycle, step)
        times = f"{clock(float(row['within']))},{clock(float(row['time']))}"
        found.append(f",,{row['record']},{times},{row['current']},{row['voltage']},{row['charge']}")
    return "\n".join([*found, ""]).encode()


NEWARE_DIALECTS: dict[str, Callable[[Rows], bytes]] = {
    "unsigned current": lambda rows: table_text(NEWARE, neware(rows, unsigned=True)).encode(),
    "no step index": lambda rows: table_text(
        "DataPoint,Step Type,Time,Total Time,Current(mA),Voltage(V),Capacity(mAh)", _without(neware(rows), {1, 2})
    ).encode(),
    "semicolons and decimal commas": lambda rows: _commas(table_text(NEWARE, neware(rows))).encode(),
    "days in the clock": lambda rows: table_text(NEWARE, _days(neware(rows))).encode(),
    "no clock of the test": lambda rows: table_text(
        NEWARE.replace("Total Time,", ""), _without(neware(rows), {5})
    ).encode(),
    "µA in Latin-1": lambda rows: _micro(rows).encode("latin-1"),
    "μA in GBK": lambda rows: _micro(rows).replace("µ", "μ").encode("gbk"),
    "μA in UTF-8": lambda rows: _micro(rows).replace("µ", "μ").encode(),
    "UTF-16": lambda rows: table_text(NEWARE, neware(rows)).encode("utf-16"),
    "UTF-16 without a mark": lambda rows: table_text(NEWARE, neware(rows)).encode("utf-16-le"),
    "Chinese in GBK": lambda rows: _chinese(rows).encode("gbk"),
    "Chinese in UTF-8": lambda rows: _chinese(rows).encode("utf-8-sig"),
    "layers in one another": _layered,
    "old labels": lambda rows: table_text(
        "Record ID,Cycle ID,Step ID,Step Name,Time(h:min:s.ms),Total Time,Current(mA),Voltage(V),Capacity(mAh)",
        neware(rows),
    ).encode(),
    "lines of an old Macintosh": lambda rows: table_text(NEWARE, neware(rows), end="\r").encode(),
}


def _micro(rows: Rows) -> str:
    lines = [[*line[:6], float(str(line[6])) * 1e3, line[7], float(str(line[8])) * 1e3] for line in neware(rows)]
    return table_text(NEWARE.replace("(mA", "(µA"), lines)


def _chinese(rows: Rows) -> str:
    labels = "数据序号,循环号,工步号,工步类型,时间,总时间,电流(mA),电压(V),容量(mAh)"
    return table_text(labels, neware(rows, types=CHINESE))


@pytest.mark.parametrize("dialect", NEWARE_DIALECTS)
def test_a_neware_csv_of_any_dialect_gives_the_two_cycles(rows: Rows, dialect: str) -> None:
    table, reader = read_table("a.csv", NEWARE_DIALECTS[dialect](rows))
    assert reader.id == "neware-text"
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert table.column("current_ampere").min() == pytest.approx(-1.0)
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210)
    assert table.column("step_count")[-1] == 6


def test_what_was_rebuilt_of_a_neware_csv_is_said(rows: Rows) -> None:
    said = {
        "unsigned current": "has no sign in this file",
        "no step index": "no step number; steps were rebuilt from its states",
        "no clock of the test": "no clock of the test; those of the steps were put one behind the other",
        "layers in one another": "its records were taken",
    }
    for dialect, words in said.items():
        table, _ = read_table("a.csv", NEWARE_DIALECTS[dialect](rows))
        assert any(words in note for note in table.notes), dialect


def test_a_column_of_time_that_is_nowhere_is_named(rows: Rows) -> None:
    content = table_text(
        NEWARE.replace("Total Time,", "").replace("Time,", ""), _without(neware(rows), {4, 5})
    ).encode()
    with pytest.raises(CathodelabError, match="The Neware export has no clock"):
        read_table("a.csv", content)


def _packed(content: bytes, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return stream.getvalue()


def _stored(content: bytes, name: str) -> bytes:
    """As written by programs that do not compress: the text stands in the archive as it is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def test_a_packed_file_is_read_like_the_file_in_it_and_it_is_said(maccor_bytes: bytes) -> None:
    plain, _ = read_table("a.txt", maccor_bytes)
    for name, content in (
        ("a.zip", _packed(maccor_bytes, "folder/a.txt", "__MACOSX/._a.txt")),
        ("stored.zip", _stored(maccor_bytes, "a.txt")),
        ("a.txt.gz", gzip.compress(maccor_bytes)),
        ("twice.zip", _packed(gzip.compress(maccor_bytes), "a.txt.gz")),
    ):
        table, reader = read_table(name, content)
        assert reader.id == "maccor-text"
        assert all(np.array_equal(plain.columns[one], table.columns[one]) for one in plain.columns)
        assert any("unpacked from" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_packed(b"x", "a.csv", "b.csv"), "holds 2 files: a.csv, b.csv. One file of one test is read. Unpack it"),
        (_packed(b"x", "__MACOSX/._a.csv"), "holds no file"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(80), "7-Zip archive"),
        (gzip.compress(b"Test Time / s" * 999, mtime=0)[:-40], "The gzip file cannot be read"),
        (gzip.compress(bytes(1 << 26), mtime=0), "would unpack"),
    ],
    ids=["two files", "no file", "7-Zip", "cut off", "too large"],
)
def test_an_archive_that_is_not_opened_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(CathodelabError) as caught:
        read_table("a.zip", content)
    assert words in str(caught.value)


def kit(rows: Rows, *, minutes: bool, blank: bool, charge: bool = True, dates: bool = True) -> bytes:
    """A Maccor text with decimal commas whose times state no unit."""
    by = 60.0 if minutes else 1.0
    labels = "Rec\tCycle P\tCycle C\tStep\tTestTime\tStepTime\tCap. [Ah]\tCurrent [A]\tVoltage [V]\tMd\tDPT Time"
    lines = []
    for row in rows:
        time, within = float(row["time"]), float(row["within"])
        date = f"0{1 + int(time // 86400)}/01/2026 {clock(time % 86400)}" if dates else "-"
        cells = [f"{time / by:.6f}", f"{within / by:.6f}", f"{float(row['charge']) if charge else 0:.8f}"]
        cells += [f"{abs(float(row['current'])):.6f}", f"{row['voltage']:.4f}"]
        line = [
            row["record"],
            0,
            row["cycle"],
            row["step"],
            *(one.replace(".", ",") for one in cells),
            row["state"],
            date,
        ]
        lines.append("\t".join(map(str, line)) + "\t" * blank)
    return "\r\n".join(["Name:\tcell", labels + "\t" * blank, *([""] * blank), *lines, ""]).encode()


@pytest.mark.parametrize(
    ("said", "told"), [({}, "the dates of the rows say"), ({"dates": False}, "the cycler's count of charge says")]
)
@pytest.mark.parametrize("blank", [True, False])
def test_maccor_times_without_a_unit_are_minutes_where_dates_or_charge_say_so(
    rows: Rows, said: dict[str, bool], told: str, *, blank: bool
) -> None:
    table, reader = read_table("a.txt", kit(rows, minutes=True, blank=blank, **said))
    assert reader.id == "maccor-text"
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210, rel=1e-4)
    assert any(told in note for note in table.notes)
    seconds, _ = read_table("a.txt", kit(rows, minutes=False, blank=blank, **said))
    assert charges(seconds) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert not any("minutes" in note for note in seconds.notes)


def test_times_whose_unit_nothing_confirms_are_said(rows: Rows) -> None:
    """Seconds or minutes: without dates and charge the file does not tell."""
    content = kit(rows, minutes=True, blank=False, dates=False).replace(b"Cap. [Ah]", b"VAR1")
    table, _ = read_table("a.txt", content)
    assert any("neither dates nor a count of charge confirm it" in note for note in table.notes)


def test_maccor_thousands_in_quotes_and_no_record_number(rows: Rows) -> None:
    labels = "Cyc#,Step,TestTime(s),StepTime(s),Capacity(Ah),Current(A),Voltage(V),State"
    lines = [
        f'{row["cycle"]},{row["step"]},"{float(row["time"]):,.2f}","{float(row["within"]):,.2f}",{row["charge"]},'
        f"{abs(float(row['current']))},{row['voltage']:.4f},{row['state']}"
        for row in rows
    ]
    table, reader = read_table("a.csv", "\r\n".join([labels, *lines, ""]).encode())
    assert reader.id == "maccor-text"
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210)


@pytest.mark.parametrize(
    "labels", ["Test Time / h,Voltage / mV,Current / mA", "test_time_hour,voltage_millivolt,current_milliampere"]
)
def test_a_bdf_csv_in_other_units_is_converted(rows: Rows, labels: str) -> None:
    lines = [[float(row["time"]) / 3600, float(row["voltage"]) * 1e3, float(row["current"]) * 1e3] for row in rows]
    table, reader = read_table("a.csv", table_text(labels, lines).encode())
    assert reader.id == "bdf-csv"
    assert charges(table) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert table.column("voltage_volt").max() == pytest.approx(3.9)
    assert table.column("test_time_second")[-1] == pytest.approx(2 * 7210)


def mpt(technique: str, labels: str, lines: Sequence[Sequence[object]], end: str = "\r\n") -> bytes:
    """A text of EC-Lab with the shortest header."""
    head = ["EC-Lab ASCII FILE", "Nb header lines : 5 ", "", technique, labels.replace(",", "\t") + "\t"]
    return (end.join([*head, *("\t".join(map(str, line)) + "\t" for line in lines)]) + end).encode("latin-1")


def _gcpl(rows: Rows, first: int = 0, last: int = 99) -> list[list[object]]:
    """mode, Ns, time, potential, mA, mAh since the first row."""
    net, found = 0.0, []
    chosen = rows[first:last]
    for before, row in zip([chosen[0], *chosen], chosen, strict=False):
        same = before["step"] == row["step"] and before["cycle"] == row["cycle"]
        net += 1e3 * float(row["current"]) * (float(row["charge"]) - float(before["charge"])) if same else 0.0
        mode = 3 if row["state"] == "R" else 1
        found.append([mode, int(row["step"]) - 1, row["time"], row["voltage"], float(row["current"]) * 1e3, net])
    return found


def test_averaged_labels_blank_last_lines_and_absolute_time_of_ec_lab(rows: Rows) -> None:
    labels = "mode,Ns,time/s,Ewe/V,I/mA,(Q-Qo)/mA.h"
    plain, _ = read_table("a.mpt", mpt("GCPL", labels, _gcpl(rows)))
    averaged, _ = read_table("a.mpt", mpt("GCPL", labels.replace("Ewe/V", "<Ewe/V>"), _gcpl(rows)))
    blank, _ = read_table("a.mpt", mpt("GCPL", labels, _gcpl(rows)) + b"\r\n\r\n")
    dated = [
        [*line[:2], f"01/02/2026 {clock(float(str(line[2])) // 1)}.{1000 * (float(str(line[2])) % 1):03.0f}", *line[3:]]
        for line in _gcpl(rows)
    ]
    absolute, _ = read_table("a.mpt", mpt("GCPL", labels, dated))
    for table in (averaged, blank, absolute):
        assert all(np.array_equal(plain.columns[one], table.columns[one]) for one in plain.columns)
    assert charges(plain) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert any("absolute time" in note for note in absolute.notes)


def test_rests_in_files_of_their_own_belong_to_the_cell(rows: Rows) -> None:
    """EC-Lab writes one file for each technique, and none of a rest has a current."""
    labels = "mode,Ns,time/s,Ewe/V,I/mA,(Q-Qo)/mA.h"
    rest = [[3, float(t), 3.9 - 0.01 * t / 60] for t in range(0, 3601, 60)]
    files = [
        mpt("Galvanostatic Cycling", labels, _gcpl(rows, 5, 10)),
        mpt("Open Circuit Voltage", "mode,time/s,Ewe/V", rest),
        mpt("Galvanostatic Cycling", labels, _gcpl(rows, 10, 15)),
    ]
    tables = [read_table("a.mpt", content)[0] for content in files]
    assert any("the cell rested" in note for note in tables[1].notes)
    record = cycling_record(tables, [Provenance(str(n), str(n), "", "") for n in range(3)])
    assert record.voltage_volt.size == 5 + len(rest) + 5
    assert record.net_charge_ampere_hour is not None
    np.testing.assert_allclose(record.net_charge_ampere_hour[5 : 5 + len(rest)], 1.0)
    assert record.net_charge_ampere_hour[-1] == pytest.approx(0.0, abs=1e-9)


def test_a_technique_of_potential_is_said(rows: Rows) -> None:
    """Its half cycles are no charges and discharges of a cell."""
    labels = "mode,Ns,time/s,Ewe/V,I/mA,(Q-Qo)/mA.h"
    table, _ = read_table("a.mpt", mpt("Cyclic Voltammetry", labels, _gcpl(rows)))
    assert any("not of a galvanostatic test" in note for note in table.notes)
    assert not any("galvanostatic" in note for note in read_table("a.mpt", mpt("GCPL", labels, _gcpl(rows)))[0].notes)


def test_a_file_without_current_that_is_no_rest_is_refused(rows: Rows) -> None:
    """A missing column is no rest."""
    lines = [line[:4] for line in _gcpl(rows)]
    with pytest.raises(CathodelabError, match="no column for current"):
        read_table("a.mpt", mpt("Galvanostatic Cycling", "mode,Ns,time/s,Ewe/V", lines))
