"""The method card says what was measured, with the numbers of the table."""

from __future__ import annotations

from pathlib import Path

from cathodelab.techniques.utilization.card import BLIND, CARD, FALSE_ALARMS_PERCENT

TABLE = Path(__file__).resolve().parents[3] / "benchmarks" / "checks.md"


def rows() -> dict[tuple[str, str], list[str]]:
    """Flaw and strength -> the other cells of the row."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 9:
            found[cells[0], cells[1]] = cells[2:]
    return found


def test_the_blind_ranges_of_the_card_are_those_of_the_table() -> None:
    """Bias, and how many of the biased cells are found."""
    table = rows()
    for one in BLIND:
        bias, _, found, *_ = table[one.flaw, one.strength]
        assert float(bias) == one.bias_percent
        assert float(found) == one.found_percent
        assert one.found_percent < 90
        assert f"{one.found_percent:.0f} %" in CARD.cannot_see
        assert f"{abs(one.bias_percent):.0f} %" in CARD.cannot_see
    assert float(table["sound", "0"][4]) == FALSE_ALARMS_PERCENT
    assert f"{FALSE_ALARMS_PERCENT:.1f} %" in CARD.cannot_see


def test_every_blind_row_of_the_table_is_on_the_card() -> None:
    """Flaws of which fewer than nine in ten biased cells are found."""
    missed = {key for key, (_, _, found, *_) in rows().items() if found and found[0].isdigit() and float(found) < 90}
    assert missed == {(one.flaw, one.strength) for one in BLIND}
