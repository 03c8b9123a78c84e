"""Battery Data Format: labels and machine names, csv and parquet, read and written.

Names follow the BDF ontology (labels as ``Voltage / V``, machine names as ``voltage_volt``; + current = charge).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cathodelab.core.arrays import FloatArray, frozen
from cathodelab.core.errors import MEANING, CathodelabError
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


def is_bdf_text(head: str) -> bool:
    """Whether the first line names two of BDF's three required columns; the error then shows what the third is called."""
    line = head.splitlines()[0] if head else ""
    return sum(any(label in line for label in LABELS[name]) for name in REQUIRED) >= len(REQUIRED) - 1


def read_bdf_text(content: bytes) -> Table:
    """BDF csv -> table. Raises a CathodelabError for empty, truncated or non-numeric files."""
    text = found_header(content, 0, 0)
    wanted, unknown = _known(text.header)
    columns, _ = read_columns(text, {name: Place(position, 1.0) for name, position in wanted.items()})
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
        columns[name] = frozen(values)
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
        for label in labels:
            if label in header:
                wanted[name] = header.index(label)
                break
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
