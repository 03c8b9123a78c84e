"""The report: self-contained, complete, quiet in a browser."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import percent, quantity
from cathodelab.report.figures import StudyFigures
from cathodelab.report.write import write_results
from cathodelab.study.run import run_study


@pytest.mark.parametrize("width", [1200, 480])
def test_a_browser_makes_no_request_and_reports_no_error(written: Path, opened: Any, width: int) -> None:
    """Headless Chromium: one file, no console message, every figure drawn, no sideways scrolling of the page."""
    report = written / "results" / "report.html"
    watched = opened(report, width)
    page = watched.page
    figures = page.locator("figure svg").count()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash)).length"
    )
    smallest = page.evaluate("Math.min(...[...document.querySelectorAll('figure svg')].map(f => f.clientWidth))")
    clipped = page.evaluate(
        "[...document.querySelectorAll('td, th')].filter(c => c.scrollWidth > c.clientWidth + 1).length"
    )
    assert watched.asked_for() == [report.resolve().as_uri()]
    assert watched.messages == []
    assert figures == 2 + 2 * 7
    assert smallest >= 600  # letters of a figure stay as large as in print
    assert overflow <= 0
    assert broken == 0
    assert clipped == 0


def test_every_file_a_figure_names_is_there(written: Path) -> None:
    """Pictures for one column and two, and the numbers beside each."""
    text = (written / "results" / "report.html").read_text(encoding="utf-8")
    links = {unquote(link.partition("#")[0]) for link in re.findall(r'href="([^"#:]+)(?:#[^"]*)?"', text)}
    assert "figures/ssb-01-utilization-8.4cm.pdf" in links
    assert len(links) == 1 + 9 * 5 + 7 * 3
    assert [link for link in links if not (written / "results" / link).is_file()] == []


def test_every_table_has_heads_and_every_picture_a_description(written: Path) -> None:
    """For those who hear the page."""
    text = (written / "results" / "report.html").read_text(encoding="utf-8")
    tables, described = text.count("<table>"), re.findall(r'<svg role="img" aria-describedby="([^"]+)"', text)
    assert tables == text.count("<caption>") == text.count("<thead>") > 20
    assert text.count("<th scope=row") > 100
    assert len(described) == len(set(described)) == 16
    assert all(f'<figcaption id="{one}">' in text for one in described)


def test_figures_count_alike_on_both_pages(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the page's order, whatever the one in which methods give them (here: the other way round)."""
    forward = StudyFigures.all.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(StudyFigures, "all", property(lambda figures: tuple(reversed(forward(figures)))))
    write_results(run_study(copy))
    report = (copy / "results" / "report.html").read_text(encoding="utf-8")
    closer = (copy / "results" / "interactive.html").read_text(encoding="utf-8")
    there = re.findall(r"<h2>Figure (\d+): (\S+) ", closer)
    assert there == re.findall(r'Figure (\d+)\.</strong>.*?interactive\.html#([^"]+)"', report)
    described = re.findall(r'<svg role="img" aria-describedby="([^"]+)"', report)
    assert described == re.findall(r'<figcaption id="([^"]+)">', report), "each by the caption below it"
    assert len(described) == len(there) == 16


def test_nothing_in_the_page_points_elsewhere(written: Path) -> None:
    """No script, no link, no image, no style from outside; no machine path."""
    text = (written / "results" / "report.html").read_text(encoding="utf-8")
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Collector().feed(text)
    assert not [tag for tag, _ in tags if tag in ("script", "iframe", "img", "object")]
    targets = [value or "" for _, attrs in tags for key, value in attrs.items() if key in ("href", "src", "xlink:href")]
    assert all(target.startswith(("#", "data:,", "figures/", "interactive.html#")) for target in targets)
    assert str(written) not in text
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_the_page_says_what_a_reader_must_know(written: Path) -> None:
    """Synthetic banner, truth, reference electrode, mass basis, checks, hashes, settings."""
    text = re.sub(r"\s+", " ", (written / "results" / "report.html").read_text(encoding="utf-8"))
    for words in (
        "Synthetic data.",
        "truth (set)",
        "vs. Li⁺/Li",
        "per mass of active material weighed in",
        "Where the interval comes from",
        "What no check of the titration shows",
        "reference_electrode",
        "sha-256",
    ):
        assert words.lower() in text.lower(), words


def test_workbook_json_and_csv_hold_the_same_numbers(written: Path) -> None:
    """One cell, four places."""
    folder = written / "results"
    record = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    value = record["cells"]["ssb-01"]["utilization"]["estimates"]["static_utilization"]["value"]
    sheet = load_workbook(folder / "report.xlsx")["estimates"]
    rows = [
        row
        for row in sheet.iter_rows(min_row=5, values_only=True)
        if row[:2] == ("cell", "ssb-01") and row[4] == "static_utilization"
    ]
    assert rows[0][5] == pytest.approx(value)
    line = next(
        line
        for line in (folder / "tables" / "estimates.csv").read_text().splitlines()
        if line.startswith("cell,ssb-01,") and "static_utilization" in line
    )
    assert float(line.split(",")[5]) == pytest.approx(value)
    assert sorted(path.name for path in (folder / "figures").glob("ssb-01-utilization*")) == [
        "ssb-01-utilization-8.4cm.pdf",
        "ssb-01-utilization-8.4cm.svg",
        "ssb-01-utilization.csv",
        "ssb-01-utilization.pdf",
        "ssb-01-utilization.svg",
    ]


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_text_of_the_manifest_is_never_taken_for_markup_or_formula(copy: Path, opened: Any) -> None:
    """Hostile names of study, batch and cell: in page, interactive page, PDF, workbook and csv."""
    sheet = (copy / "cells.csv").read_text()
    sheet = sheet.replace("machine-1", f'"{HOSTILE}"').replace("hand-1", "=1+1").replace("slow-1", "#link() $x$ *b* \\")
    sheet = sheet.replace("ssb-01,", "@SUM(1) <b>&amp;' #%,")
    (copy / "cells.csv").write_text(sheet)
    study = (copy / "study.toml").read_text()
    title = HOSTILE.replace('"', "'")
    (copy / "study.toml").write_text(re.sub(r"title = .*", lambda _: f'title = "{title}"', study))
    with pytest.raises(StudyInvalid, match="names files"):
        run_study(copy)
    (copy / "cells.csv").write_text(sheet.replace("@SUM(1) <b>&amp;", "@SUM(1) &amp;"))
    report = write_results(run_study(copy), pdf=True)
    assert "<script" not in report.read_text(encoding="utf-8")
    for path in (report, copy / "results" / "interactive.html"):
        watched = opened(path, 1200)
        assert watched.page.evaluate("document.querySelectorAll('img, b').length") == 0
        assert watched.page.title().startswith(title)
        assert watched.messages == []
    book = load_workbook(copy / "results" / "report.xlsx")
    assert {cell.data_type for page in book for row in page.iter_rows() for cell in row} <= {"s", "n", "b"}
    assert "=1+1" in {cell.value for cell in book["overview"]["B"]}
    for path in (copy / "results").rglob("*.csv"):
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
            assert not [text for text in row if text.startswith(("=", "@"))]


def test_figures_of_cells_that_left_are_removed_and_other_files_stay(copy: Path) -> None:
    """Only what a run wrote is taken away; PDF of older numbers goes too, and no link to it stays."""
    folder = copy
    assert list((folder / "results" / "figures").glob("*.pdf"))
    (folder / "results" / "figures" / "mine.svg").write_text("mine")
    lines = (folder / "cells.csv").read_text().splitlines()
    (folder / "cells.csv").write_text("\n".join(line for line in lines if not line.startswith("ssb-01")) + "\n")
    write_results(run_study(folder))
    names = {path.name for path in (folder / "results" / "figures").iterdir()}
    assert not [name for name in names if name.startswith("ssb-01")]
    assert not (folder / "results" / "report.pdf").exists()
    assert {"mine.svg", "ssb-02-utilization.svg"} <= names
    assert not [name for name in names if name.endswith(".pdf") or "8.4cm" in name]
    text = (folder / "results" / "report.html").read_text(encoding="utf-8")
    assert '.pdf"' not in text
    assert "8.4cm" not in text
    assert not list((folder / "results").rglob("*.part"))


def test_a_generated_study_without_known_truth_is_reported_too(copy: Path) -> None:
    """Names in truth.csv that fit no cell."""
    folder = copy
    (folder / "truth.csv").write_text("cell,static_utilization\nother,0.8\n")
    assert "Synthetic data." in write_results(run_study(folder)).read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_says_so(copy: Path) -> None:
    """A folder stands where the workbook should go."""
    folder = copy
    (folder / "results" / "report.xlsx").unlink()
    (folder / "results" / "report.xlsx").mkdir()
    with pytest.raises(CathodelabError, match=r"report\.xlsx cannot be written") as caught:
        write_results(run_study(folder))
    assert "Excel" in caught.value.what_to_do


def test_numbers_show_two_digits_of_their_half_width() -> None:
    """And unknown widths say so."""
    assert percent(Estimate(0.7641, 0.0102, 0.0113)) == "76.4 % (+1.1 −1.0)"
    assert quantity(Estimate(-1.3112, 0.031, 0.031)) == "−1.311 ± 0.031"
    assert quantity(Estimate(140.2, 12.0, 12.0)) == "140 ± 12"
    assert quantity(Estimate(140.2)) == "140.2 (± unknown)"
    assert quantity(None) == "–"
