"""Every number on the pages of the whole study is that of the estimate or check it came from, rounded alike."""

from __future__ import annotations

import csv
import math
import re
import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from delivery import Delivered
from pages import VERDICTS, cell_sections, section_of
from reading import Table
from shown import number, places, plain_unit, quantity, three, with_interval
from wanted import Headline, Wanted

from cathodelab.analyses.variance import Interval


def _three_digits(value: float) -> str:
    """A number that is shown without its interval."""
    return number(value, max(2 - Decimal(value).adjusted(), 0))


def test_the_overview(delivered: Delivered) -> None:
    """Every number of every cell in the unit of its head, own part, truth that was set, and exactly the failed checks."""
    known = delivered.wanted
    grids = [table for section in delivered.page if section.id == "overview" for _, table in section.tables]
    with (delivered.folder.parent / "truth.csv").open(encoding="utf-8", newline="") as lines:
        truth = {row["cell"]: float(row["static_utilization"]) for row in csv.DictReader(lines)}
    shown = {cell: [entry for table in grids for entry in _row(table, cell)] for cell in known.cells}
    heads = [head for table in grids for head in table.heads]
    titles = [
        head.partition("/")[0] for head in heads if head.partition("/")[0] in {one.title for one in known.headlines}
    ]
    assert titles == [one.title for one in known.headlines]
    for cell, row in shown.items():
        last: Headline | None = None
        for head, text in zip(heads, row, strict=True):
            title, _, unit = head.partition("/")
            last = next((one for one in known.headlines if one.title == title), last)
            one = known.headline(cell, last) if last else None
            digits = places(one.minus, one.plus) if one else 1
            if title in ("own part", "truth (set)") or (last and title == last.title):
                assert last is not None
                assert plain_unit(unit) == last.unit
            if title == "own part":
                assert text == (f"± {number(known.own(cell) * 100, digits)}" if one else "–")
            elif title == "truth (set)":
                assert text == number(100 * truth[cell] if cell in truth else None, digits)
            elif title == "Checks":
                assert text == _verdict(known, cell)
            elif title in ("Cell", "Batch"):
                assert text == {"Cell": cell, "Batch": known.batch(cell)}[title]
            else:
                assert last is not None
                wanted = "–" if one is None else quantity(one) if last.interval else _three_digits(one.value)
                assert text == wanted, f"{cell}, {head}"


def _row(table: Table, cell: str) -> tuple[str, ...]:
    (found,) = [row for row in table.rows if row[0] == cell]
    return found


def _verdict(known: Wanted, cell: str) -> str:
    failed = known.failed_checks(cell)
    if not any(name == cell for name, _ in known.sets):
        return "✗ failed, see there"
    return "✗ " + ", ".join(failed) if failed else "✓ none failed"


def test_the_first_sentence(delivered: Delivered) -> None:
    """The range of every number, how many cells have it, and which of them have a check that failed."""
    known = delivered.wanted
    text = next(section for section in delivered.page if section.id == "overview").text
    for shown in known.headlines:
        found = [one for cell in known.cells if (one := known.headline(cell, shown)) is not None]
        values = [one.value for one in found]
        widths = [half for one in found for half in (one.minus, one.plus) if math.isfinite(half)]
        widest = max([*widths, (max(values) - min(values)) / 10])
        low, high = (number(end, places(widest, widest)) for end in (min(values), max(values)))
        (said,) = re.findall(rf"(?:\. |; ){re.escape(shown.title)} ([^;]*?)(?:;|\. )", text)
        of = "" if len(found) == len(known.cells) else f" (of {len(found)})"
        ends, _, unit = said.removesuffix(of).rpartition(low if low == high else high)
        assert f"{ends}{high}" == (low if low == high else f"{low} to {high}"), said
        assert said.endswith(of)
        assert plain_unit(unit) == shown.unit
    failing = [cell for cell in known.cells if known.failed_checks(cell)]
    assert f"A check failed in {len(failing)} of them: {', '.join(failing)}." in text
    assert "Without any result: ssb-08;" in text


def test_no_other_table_stays_untested(delivered: Delivered) -> None:
    """Those of the study: results here below and above, settings and files in other tests."""
    known = (
        "own part/ %",
        "Retention/ %",
        "sd within",
        "Compared",
        "r observed",
        "Verdict",
        "gross/ mAh g⁻¹",
        "Setting",
        "SHA-256",
        "Shoulder charge/ mAh g⁻¹",
    )
    pages = cell_sections(delivered).values()
    tables = [table for section in delivered.page if section not in pages for _, table in section.tables]
    assert not [table.place for table in tables if not any(head in table.heads for head in known)]


def test_the_scatter(delivered: Delivered) -> None:
    """Means and standard deviations with their intervals, in the unit of the row."""
    _, table = section_of(delivered, "Mixing", "sd within")
    shown = [
        one
        for one in delivered.wanted.batches.scatter
        if one.metric in ("static utilization", "gross capacity", "active capacity")
    ]
    assert [tuple(row.values()) for row in table.records] == [
        (
            f"{one.metric}{f', {one.rate}' if one.rate else ''} / {one.unit}",
            one.procedure,
            f"{one.components.cells} / {one.components.batches}",
            three(one.components.mean),
            three(one.components.sd_within),
            three(one.components.sd_between),
            number(100 * one.components.sd_total.value / one.components.mean.value, 1),
            number(one.weighing_sd, 2),
        )
        for one in shown
    ]


def test_the_sentence_on_the_scatter(delivered: Delivered) -> None:
    """Mean and standard deviations of the slowest rate's capacity, procedure by procedure."""
    section, _ = section_of(delivered, "Mixing", "sd within")
    rows = [one for one in delivered.wanted.batches.scatter if one.procedure != "all cells"]
    first = next(one for one in rows if one.metric == "gross capacity")
    for one in rows:
        parts = one.components
        if (one.metric, one.rate) == (first.metric, first.rate):
            batches = f"{parts.batches} batch{'es' if parts.batches > 1 else ''}"
            said = f"{one.procedure}: {number(parts.mean.value, 1)} {one.unit} over {parts.cells} cells of {batches}"
            assert said in section.text
            assert f"{number(parts.sd_within.value, 1)} within them" in section.text
            assert f"(weighing alone {number(one.weighing_sd, 1)})" in section.text


def _needed(count: Interval) -> str:
    """Batches and in brackets those of the ends of the scatter's interval."""
    if math.isnan(count.low):
        return f"{'> 200' if math.isinf(count.value) else int(count.value)} (?)"
    texts = ["> 200" if math.isinf(one) else str(int(one)) for one in (count.value, count.low, count.high)]
    return f"{texts[0]} ({texts[1]} to {texts[2]})"


def test_the_procedures_compared(delivered: Delivered) -> None:
    """Difference and ratio with their intervals, batches that would be needed."""
    _, table = section_of(delivered, "Compared", "p")
    assert [tuple(row.values()) for row in table.records] == [
        (
            f"{one.metric}{f', {one.rate}' if one.rate else ''}",
            f"{one.first} − {one.second}",
            three(one.difference.difference),
            number(one.difference.probability, 2),
            three(one.difference.ratio_of_scatter),
            " / ".join(_needed(count) for _, count in one.batches_needed),
        )
        for one in delivered.wanted.batches.comparisons
    ]


def test_the_correlations(delivered: Delivered) -> None:
    """Observed, by weighing alone, corrected, and the band without any true correlation."""
    _, table = section_of(delivered, "r observed", "R²")
    for row, (name, rate, one) in zip(table.records, delivered.wanted.batches.correlations, strict=True):
        assert list(row.values())[:-1] == [
            name,
            rate,
            str(one.cells),
            number(one.observed, 2),
            number(one.observed**2, 2),
            number(one.weighing_only, 2),
            number(one.corrected, 2),
            f"{number(one.null_low, 2)} to {number(one.null_high, 2)}",
        ]
        within = one.null_low <= one.observed <= one.null_high
        assert row["Beyond it?"].split(":")[0] == (
            "cannot say" if math.isnan(one.observed) else "no" if within else "yes"
        )


def test_the_causes_of_loss(delivered: Delivered) -> None:
    """Of the slowest and the fastest rate, each with its standard uncertainty."""
    _, table = section_of(delivered, "gross/ mAh g⁻¹", "unexplained/ mAh g⁻¹")
    rates = [metric.rate for metric in delivered.wanted.batches.metrics if metric.name == "gross capacity"]
    wanted = [one for one in delivered.wanted.losses if one.piece.rate in (rates[0], rates[-1])]
    for row, one in zip(table.records, wanted, strict=True):
        assert (row["Cell"], row["Rate"]) == (one.cell, one.piece.rate)
        assert row["gross/ mAh g⁻¹"] == number(one.piece.gross, 1)
        for head, shown in list(row.items())[3:]:
            cause = head.removesuffix("/ mAh g⁻¹").replace(" ", "_")
            value, standard = getattr(one.piece, cause), one.piece.standard[cause]
            error = "?" if math.isnan(standard) else number(standard, 1)
            assert shown == ("not told apart" if math.isnan(value) else f"{number(value, 1)} ± {error}")


def test_the_degrees_of_mixing(delivered: Delivered) -> None:
    """Mean with its standard uncertainty and the number of cells, a row a batch, a column a quantity."""
    _, table = section_of(delivered, "Batch", "Shoulder charge/ mAh g⁻¹")
    found = {(one.batch, one.quantity.name.capitalize()): one for one in delivered.wanted.degrees}
    assert [row["Batch"] for row in table.records] == list(dict.fromkeys(batch for batch, _ in found))
    shown = 0
    for row in table.records:
        for head, text in list(row.items())[1:]:
            one = found.get((str(row["Batch"]), head.partition("/")[0]))
            half = 0.0 if one is None else one.standard
            assert text == ("–" if one is None else f"{with_interval(one.mean, half, half)} ({len(one.cells)})")
            shown += one is not None
    assert shown == len(found)


def test_the_checks_of_the_batches(delivered: Delivered) -> None:
    """Verdict, name, sentence."""
    _, table = section_of(delivered, "Verdict", "Check", "What was found")
    assert [tuple(row.values()) for row in table.records] == [
        (VERDICTS[one.passed], one.name.replace("_", " "), one.sentence) for one in delivered.wanted.batches.checks
    ]


def test_the_resistances_compared(delivered: Delivered) -> None:
    """Charges, potentials and resistances of both, the second cell first; the ratio with its standard uncertainty."""
    _, table = section_of(delivered, "Ratio at one state", "Verdict")
    for row, pair in zip(table.records, delivered.wanted.pairs, strict=True):
        first, second, out = pair.first, pair.second, pair.outcome
        halves = [one.resistance * one.relative_standard for one in (second, first)]
        areal = [with_interval(one.resistance, half, half) for one, half in zip((second, first), halves, strict=True)]
        half = out.ratio * out.ratio_standard
        assert list(row.items()) == [
            ("Cells, spectra", f"{second.cell} ({second.number}) / {first.cell} ({first.number})"),
            ("q of both/ mAh g⁻¹", "; ".join(number(state.charge_mAh_g, 1) for state in reversed(pair.states))),
            ("E of both †/ V", f"{number(second.potential_volt, 3)}; {number(first.potential_volt, 3)}"),
            ("R · A of both/ Ω cm²", "; ".join(areal)),
            ("Ratio at one state", with_interval(out.ratio, half, half)),
            ("Verdict", out.verdict),
            ("Why", out.sentence),
        ]
        for one in (first, second):
            estimate = delivered.wanted.sets[one.cell, "impedance"].estimate("cathode_resistance")
            assert one.resistance == estimate.value


def test_what_was_not_evaluated(delivered: Delivered) -> None:
    """The failed cell, once where all of its methods met the same, with its status and all four fields of the error."""
    text = next(section for section in delivered.page if section.id == "faults").text
    failed = [one for one in delivered.wanted.outcomes if one.status == "failed"]
    assert {one.sample for one in failed} == {"ssb-08"}
    error = failed[0].error
    assert error is not None
    assert {str(one.error) for one in failed} == {str(error)}
    said = f"ssb-08: failed. {error.what} [{error.where}]. {error.why} {error.what_to_do}"
    assert " ".join(text.split()).count(said) == 1
