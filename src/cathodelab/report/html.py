"""The report as one self-contained page without script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cathodelab.report.document import Document

if TYPE_CHECKING:
    from jinja2 import Template


def report_html(document: Document, drawn: Mapping[str, bytes]) -> str:
    """The whole report as text; no script, nothing from elsewhere. ``drawn``: svg by the figure's id."""
    svgs = {name: inline_svg(f"f{number}", svg) for number, (name, svg) in enumerate(drawn.items(), 1)}
    return page("report.html.jinja", document=document, svgs=svgs)


def page(template: str, **content: Any) -> str:  # noqa: ANN401 - a template takes anything
    """A template of this package filled in, with the report's style sheet as ``style``."""
    style = (files("cathodelab.report") / "report.css").read_text(encoding="utf-8")
    return _template(template).render(style=style, **content)


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((files("cathodelab.report") / name).read_text(encoding="utf-8"))


def inline_svg(prefix: str, svg: bytes) -> str:
    """A figure as an svg element for a page; ids are made unique by the prefix, the caption beside it describes it."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    for attribute in ('id="', "url(#", 'xlink:href="#'):
        text = text.replace(attribute, f"{attribute}{prefix}-")
    return text.replace("<svg ", f'<svg role="img" aria-describedby="{prefix}-caption" ', 1)
