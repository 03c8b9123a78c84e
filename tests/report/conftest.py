"""The demonstration with its results, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cathodelab.report.write import write_results
from cathodelab.study.run import run_study


@pytest.fixture(scope="session")
def written(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with its results, PDF and figures for a paper included; never changed, copied by those who change."""
    folder = Path(shutil.copytree(demo_template, tmp_path_factory.mktemp("report") / "demo"))
    write_results(run_study(folder), pdf=True, paper=True)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    """A writable copy of the demonstration with its results (and what is cached of it)."""
    return Path(shutil.copytree(written, tmp_path / "copy"))


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


class Watched:
    """A page, what it asked for, and what it complained about."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.messages: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def asked_for(self) -> list[str]:
        """Requests beside what the page itself holds."""
        return [url for url in self.requests if not url.startswith(("data:", "blob:"))]


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[Path, int], Watched]]:
    """Opens a file at a width in headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])

        def open_page(path: Path, width: int) -> Watched:
            watched = Watched(browser.new_page(viewport={"width": width, "height": 900}))
            watched.page.goto(path.resolve().as_uri())
            return watched

        yield open_page
        browser.close()
