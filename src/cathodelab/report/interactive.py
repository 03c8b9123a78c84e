"""The page for looking closer: every figure of the report, to zoom and to point at."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cathodelab.core.figure import FigureSpec
from cathodelab.figures.plotly_figure import browser_script
from cathodelab.report.document import Document
from cathodelab.report.html import page

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


def interactive_page(document: Document, specs: Sequence[FigureSpec], figures: Sequence[str]) -> str:
    """One self-contained page: plotly's script once, each figure drawn when it comes into view.

    ``figures`` are the specs as plotly has them, JSON texts.

    Only these two scripts may run (their hashes stand in the page's security policy); nothing is loaded from elsewhere.
    """
    library = browser_script().replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return page(
        "interactive.html.jinja",
        document=document,
        specs=specs,
        library=library,
        start=_START,
        hashes=" ".join(f"'{_hash(script)}'" for script in (library, _START)),
        record=f"[{','.join(figures)}]".replace("<", "\\u003c"),
    )


def _hash(script: str) -> str:
    """As the security policy of a page wants it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
