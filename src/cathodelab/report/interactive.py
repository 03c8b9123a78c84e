"""The page for looking closer: every figure of the report, to zoom and to point at."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cathodelab.core.document import Document
from cathodelab.core.figure import FigureSpec
from cathodelab.figures.plotly_figure import browser_script
from cathodelab.report.html import Page, page

_START = """\
"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
const options = {responsive: true, displaylogo: false, plotlyServerURL: ""};
const draw = (place) => {
  const figure = figures[place.dataset.number];
  place.textContent = "";
  const picture = {format: "png", scale: 3, filename: place.parentElement.id};
  Plotly.newPlot(place, figure.data, figure.layout, {...options, toImageButtonOptions: picture});
};
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) { watch.unobserve(entry.target); draw(entry.target); }
  }
}, {rootMargin: "300px"});
for (const place of document.querySelectorAll("[data-number]")) {
  place.style.minHeight = figures[place.dataset.number].layout.height + "px";
  watch.observe(place);
}
"""


FIGURES = "figures"


def interactive_page(document: Document, specs: Sequence[FigureSpec]) -> Page:
    """One self-contained page: plotly's script once, each figure drawn when it comes into view.

    To be filled with the ``FIGURES`` (:func:`record_of`).

    Only these two scripts may run (their hashes stand in the page's security policy); nothing is loaded from elsewhere.
    """
    library = browser_script().replace("</script", "<\\/script").replace("<!--", "<\\!--")
    hashes = " ".join(f"'{_hash(script)}'" for script in (library, _START))
    given = {"document": document, "specs": specs, "library": library, "start": _START, "hashes": hashes}
    return Page([FIGURES], lambda places: page("interactive.html.jinja", record=places[FIGURES], **given))


def record_of(figures: Sequence[str]) -> str:
    """The data of the page; ``figures``: the specs as plotly has them, JSON texts."""
    return f"[{','.join(figures)}]".replace("<", "\\u003c")


def _hash(script: str) -> str:
    """As the security policy of a page wants it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
