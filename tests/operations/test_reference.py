"""Reference pages from declarations."""

from __future__ import annotations

from pathlib import Path

import pytest

from cathodelab.core.settings import knobs
from cathodelab.operations.reference import PAGES, write_reference
from cathodelab.study.manifest import kinds_of_samples
from cathodelab.techniques.utilization.model import UtilizationSettings

COMMITTED = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All pages by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in write_reference(tmp_path_factory.mktemp("pages"))}


def test_the_committed_pages_are_those_of_the_declarations(pages: dict[str, str]) -> None:
    """`cathodelab reference docs/reference` was run after the last change."""
    assert sorted(path.stem for path in COMMITTED.glob("*.md")) == sorted(PAGES)
    for name, text in pages.items():
        assert (COMMITTED / f"{name}.md").read_text(encoding="utf-8") == text, name


def test_what_is_declared_stands_there(pages: dict[str, str]) -> None:
    """Columns with units, settings with defaults, checks and error codes by name."""
    for kind in kinds_of_samples().values():
        assert f"| {kind.id} |" in pages["kinds"]
        assert all(f"| `{column.name}` |" in pages["columns"] for column in kind.columns)
    assert all(f"| `{name}` |" in pages["settings"] for name in knobs(UtilizationSettings))
    assert "| `end_of_rest` |" in pages["checks"]
    assert "| `file-missing` |" in pages["errors"]
    assert "| `maccor-text` (" in pages["formats"]
    assert "What it cannot see:" in pages["methods"]
