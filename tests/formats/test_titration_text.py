"""Titration text tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.formats.readers import read_table


@pytest.mark.parametrize(
    ("name", "kind", "rows", "unknown"),
    [
        ("LIB_titration-data.txt", "titration curve", 76, ("GITTstep", "q_err_neg from instr [mAh/g]")),
        ("badSSB_titration-data.txt", "relaxed potentials", 7, ()),
        ("badSSB_measurement.txt", "potential against charge", 133_081, ()),
    ],
)
def test_the_three_published_tables_are_told_apart_and_read(
    data: Path, name: str, kind: str, rows: int, unknown: tuple[str, ...]
) -> None:
    """All columns known but the step number and a repeated one."""
    table, reader = read_table(name, (data / "ctc" / name).read_bytes())
    assert (reader.id, table.kind, table.rows) == ("titration-text", kind, rows)
    assert table.unknown_columns == unknown


def test_a_curve_needs_potential_and_charge() -> None:
    """Other columns may be missing."""
    table, _ = read_table("curve.txt", b"OCV [V]\tQ [mAh]\n3.5\t0.1\n3.6\t0.2\n")
    np.testing.assert_allclose(table.columns["relaxed_potential_volt"], [3.5, 3.6])
    with pytest.raises(CathodelabError) as caught:
        read_table("curve.txt", b"OCV [V]\tq [mAh]\n3.5\t0.1\n")
    assert caught.value.code == "format-unknown"
