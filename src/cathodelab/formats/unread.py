"""Files that no reader takes: what they are, the likeliest reason, and what a person with that instrument can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cathodelab.core.errors import MEANING, CathodelabError, Hint
from cathodelab.formats.described import DESCRIBED
from cathodelab.formats.shared.column_map import ColumnMap
from cathodelab.formats.shared.labels import parted
from cathodelab.formats.shared.mapped_text import likeliest, suggestion

_HEAD = 65536


@dataclass(frozen=True)
class Unread:
    """A kind of file that is not read.

    Args:
        what: what it is.
        why: why it is no measurement, or is not read.
        what_to_do: the next step.
    """

    what: str
    why: str
    what_to_do: str


_NO_DATA = "It holds no rows of a measurement."
_OWN_FORMAT = "It is a format of the maker's own software, which is not public."
_MENUS = {name: one.menu for name, one in DESCRIBED.items() if one.menu}
_NAME_THE_EXPORT = "Name the cycler's file or its text export instead."

_MAGIC: tuple[tuple[bytes, Unread], ...] = (
    (b"%PDF", Unread("a PDF document", _NO_DATA, _NAME_THE_EXPORT)),
    (b"\x89PNG", Unread("a picture (PNG)", _NO_DATA, _NAME_THE_EXPORT)),
    (b"\xff\xd8\xff", Unread("a picture (JPEG)", _NO_DATA, _NAME_THE_EXPORT)),
    (b"GIF8", Unread("a picture (GIF)", _NO_DATA, _NAME_THE_EXPORT)),
    (b"II*\0", Unread("a picture (TIFF)", _NO_DATA, _NAME_THE_EXPORT)),
    (b"MM\0*", Unread("a picture (TIFF)", _NO_DATA, _NAME_THE_EXPORT)),
    (b"CPY", Unread("a project of Origin", _OWN_FORMAT, "Export the worksheet as ASCII, or name the cycler's file.")),
    (b"MATLAB ", Unread("a file of MATLAB", "It states no units.", "Write its columns to a csv with writetable and state them.")),
    (b"\x93NUMPY", Unread("an array of numpy", "Its columns have no names.", "Save it with numpy.savetxt and a line of labels.")),
    (b"SQLite format 3", Unread("a database (SQLite)", "Its tables are not known.", "Export the table of records as csv.")),
    (b"PAR1", Unread("a parquet file", "Its name has another ending.", "Rename it, and name its columns as BDF does.")),
    (b"PK\x03\x04", Unread("a zip archive or workbook that is cut off", "It has no directory.", "Copy it, or unpack it.")),
    (b"EC-Lab LOG FILE", Unread("a log of EC-Lab (.mpl)", _NO_DATA, f"Name the .mpr beside it. {_MENUS['biologic-mpr']}")),
    (b"BIO-LOGIC", Unread("a damaged file of EC-Lab", "Its first bytes are those of no measurement.", "Copy the .mpr again.")),
)  # fmt: skip
_ENDINGS: dict[str, Unread] = {
    **dict.fromkeys(
        (".cex", ".ccs"), Unread("a binary file of LAND", _OWN_FORMAT, _MENUS["land-csv"])
    ),
    **dict.fromkeys((".idf", ".ids", ".sqf"), Unread("a binary file of Ivium", _OWN_FORMAT, _MENUS["ivium-text"])),
    ".pssession": Unread("a session of PSTrace (PalmSens)", _OWN_FORMAT, "In PSTrace choose Data, Export to csv."),
    ".nox": Unread("a binary file of NOVA (Autolab)", _OWN_FORMAT, _MENUS["nova-text"]),
    **dict.fromkeys(
        (".ism", ".isc", ".isx"), Unread("a binary file of Zahner", _OWN_FORMAT, "In Zahner Analysis export it as ASCII.")
    ),
    ".res": Unread("a damaged Arbin .res", "Its first bytes are not those of an Access database.", "Copy it again."),
    ".nda": Unread("a Neware .nda of an unknown version", "Its first bytes are not known.", _MENUS["neware-nda"]),
    ".docx": Unread("a text document", _NO_DATA, _NAME_THE_EXPORT),
    ".pptx": Unread("a presentation", _NO_DATA, _NAME_THE_EXPORT),
    ".ods": Unread("a spreadsheet of LibreOffice", "Of workbooks .xlsx and .xls are read.", "Save it as .xlsx."),
}  # fmt: skip
"""Ending -> what a file is that no reader takes although its ending promises a measurement."""


def _of_cycles(names: set[str]) -> bool:
    return "cycle index" in names and not names & {"voltage", "current", "total time", "test time"}


_LAYERS: tuple[tuple[Callable[[set[str]], bool], Unread], ...] = (
    (
        lambda names: _of_cycles(names) and bool(names & {"chg. cap.", "dchg. cap.", "step type"}),
        Unread("Neware's table of cycles or steps", "It holds sums, no records over time.", _MENUS["neware-text"]),
    ),
    (
        lambda names: _of_cycles(names) and bool(names & {"charge capacity", "vmax on cycle", "coulombic efficiency"}),
        Unread(
            "Arbin's statistics by cycle", "It holds sums, no records over time.",
            "In MITS Pro's Data Watcher export the raw data of the channel (Test_Time, Step_Index, Current, Voltage).",
        ),
    ),
)  # fmt: skip


def unread(name: str, content: bytes, maps: Sequence[ColumnMap] = ()) -> CathodelabError:
    """The error for a file that no reader takes; of a packed or Chinese text the content beneath.

    Args:
        name: its name.
        content: its bytes, or its first ones.
        maps: declared column maps, none of which fits.
    """
    known = _known(name, content)
    if known is not None:
        return CathodelabError(
            "format-unknown",
            f"The file is {known.what}",
            where=first_line(content),
            why=known.why,
            what_to_do=known.what_to_do,
        )
    return _unknown_text(content, maps)


def _known(name: str, content: bytes) -> Unread | None:
    """What a file is by its first bytes, its ending, or its labels."""
    magic = next((kind for start, kind in _MAGIC if content.startswith(start)), None)
    ending = next((kind for one, kind in _ENDINGS.items() if name.lower().endswith(one)), None)
    if magic or ending:
        return ending if content.startswith(b"PK") and ending else magic or ending
    return _of_binary(name) if b"\0" in content[:_HEAD] else _of_text(content)


def _of_binary(name: str) -> Unread:
    if re.search(r"\.\d{3}$", name):
        return Unread("a binary file, by its ending a raw file of Maccor", _OWN_FORMAT, _MENUS["maccor-text"])
    return Unread(
        "not text and of no known binary format",
        "Its first bytes are those of no instrument that is known.",
        "Export the measurement as text from the instrument's software.",
    )


def _of_text(content: bytes) -> Unread | None:
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith((b"{", b"[{")):
        protocol = b"unicycler" in content[:_HEAD] or b'"method"' in content[:_HEAD]
        what = "a protocol (JSON): what a cycler should do" if protocol else "a JSON file"
        return Unread(what, "It holds no measurement as a table of rows.", _NAME_THE_EXPORT)
    if start[:300].lower().startswith((b"<!doctype html", b"<html")):
        return Unread("a web page", _NO_DATA, "The link led to a page and not to the file: download it again.")
    return _of_labels(content)


def _of_labels(content: bytes) -> Unread | None:
    """Gamry's files without current, and layers of sums."""
    if content.startswith(b"EXPLAIN"):
        tag = re.search(rb"\nTAG\t(\w+)", content[:_HEAD])
        word = tag[1].decode("ascii", errors="replace") if tag else "another technique"
        return Unread(
            f"a Gamry file ({word}) without a table of time, potential and current or of impedance",
            "Its tables are other ones.",
            _MENUS["gamry-cycling"],
        )
    near = likeliest(content)
    names = set() if near is None else {parted(cell)[0] for cell in near.cells}
    return next((kind for fits, kind in _LAYERS if fits(names)), None)


def _unknown_text(content: bytes, maps: Sequence[ColumnMap]) -> CathodelabError:
    near = likeliest(content)
    said = " ".join(one.lacks(content) for one in maps)
    if near is None:
        return CathodelabError(
            "format-unknown",
            "No reader takes this file, and no table of numbers with labels was found in it",
            where=first_line(content),
            why=said or "A measurement is a line of labels with rows of numbers below it.",
            what_to_do="Export the measurement again as text with a line of labels, or state what its columns mean.",
            hints=(MEANING,),
        )
    seen = ", ".join(cell for cell in near.cells if cell)[:300]
    return CathodelabError(
        "format-unknown",
        "No reader takes this file: it is a table whose labels are of no format that is known",
        where=first_line(content),
        why=f"{said or 'No known instrument writes these labels.'} These columns were seen in line {near.line + 1}: {seen}.",
        what_to_do="State what its columns mean.",
        hints=(Hint("map", suggestion(near.cells)),),
    )


def first_line(content: bytes) -> str:
    """First line of a file, by which a user recognises it, or a remark that it is no text."""
    text = content[:_HEAD].decode("utf-8", errors="replace").removeprefix("\ufeff")
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if any(not sign.isprintable() and sign not in "\t\ufffd" for sign in line):
        return "the file is not text"
    return f"first line: {line[:120]!r}"
