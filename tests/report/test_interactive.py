"""The page for looking closer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("width", [1200, 480])
def test_every_figure_is_drawn_when_it_comes_into_view(written: Path, opened: Any, width: int) -> None:
    """Headless Chromium under the page's own security policy: no request, no message, no sideways scrolling."""
    path = written / "results" / "interactive.html"
    watched = opened(path, width)
    page = watched.page
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert 0 < page.locator(".js-plotly-plot").count() < 16
    for number in range(page.locator("[data-number]").count()):
        page.locator("[data-number]").nth(number).scroll_into_view_if_needed()
        page.wait_for_selector(f'[data-number="{number}"] .main-svg')
    assert page.locator(".js-plotly-plot").count() == 16
    assert page.locator("canvas").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert watched.asked_for() == [path.resolve().as_uri()]
    assert watched.messages == []


def test_the_camera_saves_a_png_named_after_the_figure(written: Path, opened: Any, tmp_path: Path) -> None:
    """Under the page's own security policy, three times as many pixels as on the screen."""
    page = opened(written / "results" / "interactive.html", 1200).page
    place = page.locator("#utilization-overview .js-plotly-plot")
    place.hover()
    with page.expect_download() as saved:
        place.locator('[data-title^="Download"]').click()
    assert saved.value.suggested_filename == "utilization-overview.png"
    saved.value.save_as(tmp_path / "figure.png")
    content = (tmp_path / "figure.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == 3 * round(place.bounding_box()["width"])


def test_the_page_holds_the_script_once_and_nothing_from_elsewhere(written: Path) -> None:
    """Two scripts and the data; no source, no style from outside; only these scripts may run."""
    text = (written / "results" / "interactive.html").read_text(encoding="utf-8")
    starts = re.findall(r"<script[^>]*>", text)
    assert starts == ['<script id="figures" type="application/json">', "<script>", "<script>"]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert policy[1].count("'sha256-") == 2
    assert "unsafe-eval" not in policy[1]
    assert text.count("plotly.js v") == 1


def test_it_shows_the_numbers_of_the_csv_files(written: Path) -> None:
    """The same points, to seven digits."""
    text = (written / "results" / "interactive.html").read_text(encoding="utf-8")
    data = re.search(r'type="application/json">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    figure = json.loads(data[1])[2]
    curve = next(trace for trace in figure["data"] if trace.get("name") == "reference (liquid electrolyte)")
    lines = (written / "results" / "figures" / "ssb-01-utilization.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if "reference (liquid electrolyte)" in line]
    assert len(rows) == len(curve["x"]) == 300
    for x, y, row in zip(curve["x"], curve["y"], rows, strict=True):
        assert x == pytest.approx(float(row[3]), rel=1e-6, abs=1e-9)
        assert y == pytest.approx(float(row[4]), rel=1e-6)


def test_without_script_it_points_to_the_report(written: Path) -> None:
    """The report itself needs none."""
    text = (written / "results" / "interactive.html").read_text(encoding="utf-8")
    assert '<noscript><div class="banner"><strong>Scripts are off.</strong>' in text
    assert "<script" not in (written / "results" / "report.html").read_text(encoding="utf-8")
