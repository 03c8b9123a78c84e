"""Neware csv exports of BTSDA and BTS: record layer alone or layers in one another, English or Chinese labels, any delimiter."""

from __future__ import annotations

from dataclasses import replace

from cathodelab.formats.neware.labels import KNOWN, NEWARE, RECORD, is_neware_header
from cathodelab.formats.shared.cycler_table import COUNTERS, NEEDED, cycler_table
from cathodelab.formats.shared.dates import clock_over_spans, dated_spans
from cathodelab.formats.shared.instrument_text import found_header, read_columns
from cathodelab.formats.shared.labels import parted, placed
from cathodelab.formats.table import Table

_LAYERS = b",,"
"""What a line of the record layer begins with, where cycles, steps and records stand in one another."""


def is_neware_text(head: str) -> bool:
    """Whether the first line is a header of the record layer, or the third of one with three layers."""
    lines = head.split("\n", 3)
    if is_neware_header(_labels(lines[0])):
        return True
    return len(lines) > 2 and _is_layered(lines[0], lines[1]) and is_neware_header([*_labels(lines[2]), "step type"])


def _is_layered(first: str, second: str) -> bool:
    return first.lower().startswith("cycle index") and second.lower().startswith(",step index")


def _labels(line: str) -> list[str]:
    delimiter = max(("\t", ";", ","), key=line.count)
    return [one.strip().strip('"') for one in line.rstrip("\r").split(delimiter)]


def read_neware_text(content: bytes) -> Table:
    """Neware csv -> table with a step count that never falls and the net charge from its counters."""
    notes: list[str] = []
    lines = content[:4096].decode("latin-1").split("\n", 2)
    if len(lines) > 2 and _is_layered(lines[0], lines[1]):
        content = _record_layer(content)
        notes.append("The file holds cycles, steps and records in one another; its records were taken.")
    text = found_header(content, 0, 0)
    places, unknown = placed(text.header, KNOWN, NEEDED, 1)
    places.pop("dates", None)  # compared by the first and the last row alone
    if all(name in places for name in COUNTERS):
        places.pop("counter_ampere_hour", None)
    raw, state = read_columns(text, places)
    spans = dated_spans(text)
    del text, content  # a decoded text is as large as its numbers
    table = cycler_table(NEWARE, raw, state, [one for one in unknown if parted(one)[0] not in RECORD], notes)
    return replace(table, metadata=clock_over_spans(spans, table.columns["test_time_second"]))


def _record_layer(content: bytes) -> bytes:
    """The records of a file with three layers, each with the numbers of its cycle and step and the type of the step."""
    lines = content.split(b"\n")
    width = lines[0].count(b",") + 1
    found = [b"Cycle Index,Step Index,Step Type" + lines[2].lstrip(b"\xef\xbb\xbf")[1:]]
    cycle, step, kind = b"", b"", b""
    for line in lines[3:]:
        if line.startswith(_LAYERS):
            found.append(b",".join((cycle, step, kind)) + line[1:])
        elif line.startswith(b","):
            _, step, _, kind, *_ = *line.split(b",", 4), b"", b"", b""
        elif line.strip():
            cells = line.split(b",")
            cycle = cells[0]
            step, _, kind, *_ = *cells[width : width + 3], b"", b"", b""
    return b"\n".join(found) + b"\n"
