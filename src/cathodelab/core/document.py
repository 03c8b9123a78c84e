"""Content of the report, independent of layout: the web page and the PDF are made from the same document.

All texts are plain text: entries of a user's table are never interpreted as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Tone = Literal["", "good", "bad", "unknown", "soft", "strong", "code"]


@dataclass(frozen=True)
class Entry:
    """One entry of a table: a text, how it is set, the id of the section it leads to, a share (0 to 1) shown as a bar."""

    text: str
    tone: Tone = ""
    target: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Head:
    """Head of a column of a grid with its unit. Numbers stand to the right; ``wide`` columns share the room that is left."""

    title: str
    unit: str = ""
    number: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; ``about`` names it for those who do not see it. The first column names the row."""

    about: str
    columns: tuple[Head, ...]
    rows: tuple[tuple[Entry, ...], ...]
    soft_rows: tuple[int, ...] = ()
    kind: Literal["grid"] = "grid"


@dataclass(frozen=True)
class Paragraph:
    """Running text, perhaps with a first word that stands out."""

    text: str
    lead: str = ""
    soft: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Headline:
    """The one number of a page and what follows it in small."""

    text: str
    after: str = ""
    kind: Literal["headline"] = "headline"


@dataclass(frozen=True)
class Subtitle:
    """Title of a part of a section."""

    text: str
    kind: Literal["subtitle"] = "subtitle"


@dataclass(frozen=True)
class Bullets:
    """A list."""

    lines: tuple[str, ...]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True)
class Notice:
    """A text in a box: what a reader must not miss."""

    lead: str
    text: str
    fault: bool = True
    kind: Literal["notice"] = "notice"


@dataclass(frozen=True)
class Drawing:
    """A figure by its id, with the files that hold it (name shown, path relative to the report)."""

    id: str
    number: int
    caption: str
    files: tuple[tuple[str, str], ...] = ()
    kind: Literal["drawing"] = "drawing"


Block = Grid | Paragraph | Headline | Subtitle | Bullets | Notice | Drawing


@dataclass(frozen=True)
class Section:
    """A part of the report; ``group`` is set for pages of samples: the heading under which the contents list them."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    aside: str = ""
    group: str | None = None


@dataclass(frozen=True)
class Document:
    """The whole report."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: str
    banner: Notice | None = None
    contents: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(default=())
    """Groups of (heading, ((id, title), ...)) for the contents; the group without heading comes first."""

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """All figures by their numbers."""
        found = [block for section in self.sections for block in section.blocks if isinstance(block, Drawing)]
        return tuple(sorted(found, key=lambda one: one.number))


def with_contents(document: Document) -> Document:
    """The document with its contents: sections first, then the pages of the samples, group by group."""
    groups: dict[str, list[tuple[str, str]]] = {"": []}
    for section in document.sections:
        groups.setdefault(section.group or "", []).append((section.id, section.title))
    contents = tuple((heading, tuple(entries)) for heading, entries in groups.items() if entries)
    return replace(document, contents=contents)


def texts(*entries: str) -> tuple[Entry, ...]:
    """A row of plain texts."""
    return tuple(Entry(entry) for entry in entries)


def anchors(names: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> dict[tuple[str, str], str]:
    """An id for each (kind, name): letters, digits and hyphens only, no two alike and none that is taken."""
    found: dict[tuple[str, str], str] = {}
    used = set(taken)
    for kind, name in names:
        plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in f"{kind}-{name}")
        anchor, number = plain, 1
        while anchor in used:
            number += 1
            anchor = f"{plain}-{number}"
        used.add(anchor)
        found[kind, name] = anchor
    return found
