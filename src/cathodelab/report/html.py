"""The report as one self-contained page without script."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cathodelab.core.document import Document

if TYPE_CHECKING:
    from jinja2 import Template


class Page:
    """A page that is written while its figures are still being drawn: its text, with places for them.

    Args:
        places: names of what will be filled in.
        write: the text, given what to write at each place meanwhile.
    """

    def __init__(self, places: Iterable[str], write: Callable[[Mapping[str, str]], str]) -> None:
        mark = secrets.token_hex(16)  # no text of a user's holds it
        self._pieces = write({name: f"{mark}{name}{mark}" for name in places}).split(mark)

    def filled(self, contents: Mapping[str, str]) -> str:
        """The whole text."""
        return "".join(contents[piece] if number % 2 else piece for number, piece in enumerate(self._pieces))


def report_page(document: Document, figures: Iterable[str]) -> Page:
    """The whole report; no script, nothing from elsewhere. To be filled with svg elements (:func:`inline_svg`) by id."""
    return Page(figures, lambda svgs: page("report.html.jinja", document=document, svgs=svgs))


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
