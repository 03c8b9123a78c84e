"""The report as a PDF, set by typst from the same document as the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from importlib.util import find_spec
from typing import cast

from cathodelab.core.document import Document
from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import FigureSpec


def require_typst() -> None:
    """Nothing, or a clear error: asked before a long run, not after it.

    Raises:
        CathodelabError: the extra ``pdf`` is not installed.
    """
    if find_spec("typst") is None:
        raise CathodelabError(
            "extra-missing",
            "A PDF needs the package typst",
            where="the Python environment",
            why="It is large (about 80 MB) and therefore an extra.",
            what_to_do='Install it: pip install "cathodelab[pdf]"; or print report.html from a browser.',
        )


def report_pdf(document: Document, drawn: Mapping[str, bytes], specs: Mapping[str, FigureSpec]) -> bytes:
    """The whole report on A4 pages. ``drawn``: svg by the figure's id, ``specs``: the figures, for their width.

    The document goes to typst as data, so that no text of a user is read as its markup. The fonts are those that typst
    brings along; fonts of the system only fill in for scripts that these lack.

    Raises:
        CathodelabError: the extra ``pdf`` is not installed.
    """
    require_typst()
    import typst

    record = asdict(document)
    record["drawings"] = {
        name: {"svg": svg.decode("utf-8"), "width_cm": specs[name].width_cm} for name, svg in drawn.items()
    }
    made = typst.Compiler((files("cathodelab.report") / "report.typ").read_bytes()).compile(
        format="pdf", sys_inputs={"report": json.dumps(record, ensure_ascii=False)}
    )
    return cast("bytes", made)
