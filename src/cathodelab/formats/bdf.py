"""Battery Data Format: labels and machine names, csv and parquet, read and written.

Names follow the BDF ontology (labels as ``Voltage / V``, machine names as ``voltage_volt``; + current = charge).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
from cathodelab.core.units import conversion
from cathodelab.formats.parquet import parquet_columns
from cathodelab.formats.shared.instrument_text import found_header, read_columns
from cathodelab.formats.shared.labels import Place
from cathodelab.formats.table import Table, no_rows

LABELS: dict[str, tuple[str, ...]] = {
    "test_time_second": ("Test Time / s", "test_time_second"),
    "voltage_volt": ("Voltage / V", "voltage_volt"),
    "current_ampere": ("Current / A", "current_ampere"),
    "step_count": ("Step Count / 1", "step_count"),
    "net_charge_ampere_hour": ("Net Capacity / Ah", "net_capacity_ah"),
}
"""Canonical column -> its names in files; the first one is written."""

REQUIRED = ("test_time_second", "voltage_volt", "current_ampere")
_NAMES = {
    "test time": "test_time_second",
    "voltage": "voltage_volt",
    "current": "current_ampere",
    "step count": "step_count",
    "net capacity": "net_charge_ampere_hour",
}
"""Name without its unit -> canonical column."""
_UNIT_WORDS = {
    "millisecond": "ms", "second": "s", "minute": "min", "hour": "h", "volt": "V", "millivolt": "mV", "ampere": "A",
    "milliampere": "mA", "microampere": "µA", "ah": "Ah", "mah": "mAh",
}  # fmt: skip
"""Words of units at the end of machine names, older ones too."""
_LABEL = re.compile(r"(?P<name>[A-Za-z ]+?) +/ +(?P<unit>\S+)")


def is_bdf_text(head: str) -> bool:
    """Whether the first line names two of BDF's three required columns; the error then shows what the third is called."""
    line = head.splitlines()[0] if head else ""
    labels = line.split(max(("\t", ";", ","), key=line.count))
    named = {name for name, _ in map(_meaning, labels) if name in REQUIRED}
    return len(named) >= len(REQUIRED) - 1


def _meaning(label: str) -> tuple[str, float]:
    """Column of a label and the factor from its unit: ``Test Time / h``, ``test_time_millisecond``; empty for others."""
    text = label.strip().strip('"').removeprefix("\ufeff")
    match = _LABEL.fullmatch(text)
    if match:
        name, unit = _NAMES.get(" ".join(match["name"].lower().split()), ""), match["unit"]
    else:
        start, _, word = text.lower().rpartition("_")
        name, unit = _NAMES.get(start.replace("_", " "), ""), _UNIT_WORDS.get(word, "?")
        if text == "step_count":
            name, unit = "step_count", "1"
    found = conversion(unit, name) if name else None
    return ("", 1.0) if found is None else (name, found.factor)


def read_bdf_text(content: bytes) -> Table:
    """BDF csv -> table. Raises a CathodelabError for empty, truncated or non-numeric files."""
    text = found_header(content, 0, 0)
    wanted, unknown = _known(text.header)
    places = {name: Place(position, _meaning(text.header[position])[1]) for name, position in wanted.items()}
    columns, _ = read_columns(text, places)
    return Table("cycling", columns, unknown)


def read_bdf_parquet(content: bytes) -> Table:
    """BDF parquet -> table."""
    found = parquet_columns(content, [label for labels in LABELS.values() for label in labels])
    header = found.header
    wanted, unknown = _known(header)
    if found.rows == 0:
        raise no_rows()
    columns = {}
    for name, position in wanted.items():
        if header[position] in found.nested:
            raise _nested(header[position], found.nested[header[position]])
        values = found.columns[header[position]]
        bad = ~np.isfinite(values)
        if bad.any():
            raise CathodelabError(
                "value-not-a-number",
                f"{int(bad.sum())} values are no finite numbers",
                where=f"column {header[position]!r}, first in row {int(np.argmax(bad)) + 1}",
                why=f"Every row needs a finite {name.replace('_', ' ')}.",
                what_to_do="Correct or remove these rows in a copy.",
            )
        factor = _meaning(header[position])[1]
        columns[name] = frozen(values if factor == 1.0 else values * factor)
    return Table("cycling", columns, unknown)


def _nested(label: str, kind: str) -> CathodelabError:
    return CathodelabError(
        "value-not-a-number",
        f"Its entries are no numbers but {kind[:60]}",
        where=f"column {label[:80]!r}",
        why="Every row needs one finite number in this column.",
        what_to_do="Write the file with plain numbers in its columns.",
    )


def write_bdf_text(path: Path, columns: Mapping[str, FloatArray], decimals: Mapping[str, int]) -> None:
    """Write a BDF csv with a fixed number of decimals for each column."""
    names = list(columns)
    lines = [",".join(LABELS[name][0] for name in names)]
    texts = [[f"{value:.{decimals[name]}f}" for value in columns[name]] for name in names]
    lines += [",".join(row) for row in zip(*texts, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_bdf_parquet(path: Path, columns: Mapping[str, FloatArray]) -> None:
    """Write a BDF parquet with machine names, as the format requires."""
    import polars as pl

    pl.DataFrame({LABELS[name][1]: np.asarray(column) for name, column in columns.items()}).write_parquet(path)


def _known(header: tuple[str, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Positions of the known columns, and the labels of the others."""
    wanted = {}
    for name, labels in LABELS.items():
        exact = [label for label in labels if label in header]
        others = [label for label in header if _meaning(label)[0] == name]
        if exact or others:
            wanted[name] = header.index((exact or others)[0])
    missing = [LABELS[name][0] for name in REQUIRED if name not in wanted]
    if missing:
        raise CathodelabError(
            "column-missing",
            f"The table lacks {', '.join(missing)}",
            where="header: " + ", ".join(header)[:200],
            why="Battery Data Format needs Test Time / s, Voltage / V and Current / A.",
            what_to_do="Export these columns, or state which columns hold them.",
            hints=(MEANING,),
        )
    unknown = tuple(label for position, label in enumerate(header) if position not in wanted.values())
    return wanted, unknown
