"""The report as a PDF."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from cathodelab.apps.cli import main
from cathodelab.core.document import Document, Drawing, Entry, Grid, Head, Notice, Paragraph, Section, with_contents
from cathodelab.core.errors import CathodelabError
from cathodelab.report import pdf as module
from cathodelab.report.pdf import report_pdf, require_typst


def _document(text: str) -> Document:
    grid = Grid(text, (Head(text, text), Head("n", number=True)), ((Entry(text, "code"), Entry("1", share=0.5)),), (0,))
    blocks = (Paragraph(text, lead=text), grid, Notice(text, text), Drawing("absent", 1, text))
    return with_contents(Document(text, text, (Section("a", text, blocks, group=text),), text))


def test_the_demonstration_has_a_pdf_with_pages_and_contents(written: Path) -> None:
    """A PDF with an outline, written beside the page."""
    content = (written / "results" / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-1.")
    assert b"/Outlines" in content
    pages = re.search(rb"/Type /Pages\s*/Count (\d+)", content)
    assert pages is None or int(pages[1]) >= 16


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        "$x^2$ *bold* _em_ `raw`",
        '#import "@preview/x:1.0.0"',
        "\\u{41} <label> @ref",
        "= head",
        "电池 ⁺θΩ",
    ],
)
def test_texts_of_a_user_are_never_markup(text: str) -> None:
    """Whatever stands in a name, it is set as it stands."""
    assert report_pdf(_document(text), {}, {}).startswith(b"%PDF")


def test_the_layout_loads_nothing_from_elsewhere() -> None:
    """No package, no file: data only."""
    layout = (files("cathodelab.report") / "report.typ").read_text(encoding="utf-8")
    assert "@preview" not in layout
    assert "#import" not in layout
    assert "read(" not in layout


def test_without_the_extra_a_run_says_so_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, demo_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the extra is named, nothing is written."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(CathodelabError, match="typst"):
        require_typst()
    assert main(["run", str(demo_study), "--pdf"]) == 2
    assert 'pip install "cathodelab[pdf]"' in capsys.readouterr().err
    assert not (demo_study / "results").exists()


def test_figures_for_a_paper_need_no_extra(monkeypatch: pytest.MonkeyPatch, demo_study: Path) -> None:
    """Pdf of figures, for one column too, but no report.pdf."""
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert main(["run", str(demo_study), "--paper"]) == 0
    names = {path.name for path in (demo_study / "results" / "figures").iterdir()}
    assert {"ssb-01-utilization.pdf", "ssb-01-utilization-8.4cm.pdf", "ssb-01-utilization-8.4cm.svg"} <= names
    assert not (demo_study / "results" / "report.pdf").exists()
