"""The report: self-contained, complete, quiet in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.report.numbers import percent, quantity
from cathodelab.report.write import write_results
from cathodelab.study.run import run_study


@pytest.fixture(scope="module")
def written(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with its results."""
    folder = Path(shutil.copytree(demo_template, tmp_path_factory.mktemp("report") / "demo"))
    write_results(run_study(folder))
    return folder


def _chromium() -> str:
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
    )
    if not path:
        reason = "no Chromium on this machine"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.mark.parametrize("width", [1200, 480])
def test_a_browser_makes_no_request_and_reports_no_error(written: Path, width: int) -> None:
    """Headless Chromium: one file, no console message, every figure drawn, no sideways scrolling of the page."""
    from playwright.sync_api import sync_playwright

    report = (written / "results" / "report.html").resolve().as_uri()
    requests: list[str] = []
    messages: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(report)
        figures = page.locator("figure svg").count()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        broken = page.evaluate(
            "[...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.hash)).length"
        )
        browser.close()
    assert [url for url in requests if not url.startswith("data:")] == [report]
    assert messages == []
    assert figures == 9
    assert overflow <= 0
    assert broken == 0


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
    assert all(target.startswith(("#", "data:,")) for target in targets)
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
        "What no check shows",
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
    assert sheet["A1"].value == "SYNTHETIC DATA: generated, not measured"
    rows = [
        row
        for row in sheet.iter_rows(min_row=3, values_only=True)
        if row[0] == "ssb-01" and row[3] == "static_utilization"
    ]
    assert rows[0][4] == pytest.approx(value)
    line = next(
        line
        for line in (folder / "tables" / "estimates.csv").read_text().splitlines()
        if line.startswith("ssb-01,") and "static_utilization" in line
    )
    assert float(line.split(",")[4]) == pytest.approx(value)
    assert sorted(path.suffix for path in (folder / "figures").glob("ssb-01-*")) == [".csv", ".png", ".svg"]


def test_text_of_the_manifest_is_never_taken_for_markup_or_formula(written: Path, tmp_path: Path) -> None:
    """A hostile batch name."""
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    sheet = (
        (folder / "cells.csv").read_text().replace("machine-1", "<script>alert(1)</script>").replace("hand-1", "=1+1")
    )
    (folder / "cells.csv").write_text(sheet)
    text = write_results(run_study(folder)).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert load_workbook(folder / "results" / "report.xlsx")["estimates"]["B3"].value == "=1+1"
    assert load_workbook(folder / "results" / "report.xlsx")["estimates"]["B3"].data_type == "s"


def test_figures_of_cells_that_left_are_removed_and_other_files_stay(written: Path, tmp_path: Path) -> None:
    """Only what a run wrote is taken away."""
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    (folder / "results" / "figures" / "mine.svg").write_text("mine")
    lines = (folder / "cells.csv").read_text().splitlines()
    (folder / "cells.csv").write_text("\n".join(line for line in lines if not line.startswith("ssb-01")) + "\n")
    write_results(run_study(folder))
    names = {path.name for path in (folder / "results" / "figures").iterdir()}
    assert "ssb-01-utilization.svg" not in names
    assert {"mine.svg", "ssb-02-utilization.svg"} <= names
    assert not list((folder / "results").rglob("*.part"))


def test_a_generated_study_without_known_truth_is_reported_too(written: Path, tmp_path: Path) -> None:
    """Names in truth.csv that fit no cell."""
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
    (folder / "truth.csv").write_text("cell,static_utilization\nother,0.8\n")
    assert "Synthetic data." in write_results(run_study(folder)).read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_says_so(written: Path, tmp_path: Path) -> None:
    """A folder stands where the workbook should go."""
    folder = Path(shutil.copytree(written, tmp_path / "copy"))
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
