"""What a reader may return besides a single table: several named parts, each a table or a grid of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import FILES, CathodelabError
from cathodelab.core.records import Provenance
from cathodelab.core.samples import NamedFile
from cathodelab.formats.table import Table


@dataclass(frozen=True, eq=False)
class Grid(ReadOnlyArrays):
    """Numbers on two or three axes: an image, a map, a stack of mass images.

    Args:
        kind: what it is, a registered word of its technique.
        values: read-only, shape (rows, columns) or (layers, rows, columns).
        unit: unit of the values.
        axes: what each axis is, in the order of the shape.
        pixel_um: edge of a pixel, um; ``nan`` where the file does not say it.
        words: what else the file said.
        notes: what the reader rebuilt or found odd.
    """

    kind: str
    values: FloatArray
    unit: str
    axes: tuple[str, ...]
    pixel_um: float = float("nan")
    words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.values.ndim not in (2, 3) or self.values.ndim != len(self.axes):
            raise ValueError(f"a grid has two or three axes with a name each, not {self.values.shape} and {self.axes}")


Part = Table | Grid


@dataclass(frozen=True, eq=False)
class Recording:
    """A file of several parts by name, in the order of the file, with words on the whole of it."""

    parts: Mapping[str, Part]
    words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Content = Table | Grid | Recording
"""What a reader returns."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a file holds, where it came from, and how the study names it: part, repeat, state, conditions."""

    content: Content
    source: Provenance
    named: NamedFile

    @property
    def table(self) -> Table:
        """The table, where the file is one.

        Raises:
            CathodelabError: it holds something else.
        """
        return single_table(self.content, self.source.file)


def single_table(content: Content, where: str) -> Table:
    """The table that a file holds.

    Raises:
        CathodelabError: it holds something else.
    """
    if isinstance(content, Table):
        return content
    held = f"the parts {', '.join(content.parts)}" if isinstance(content, Recording) else "a grid of numbers"
    raise CathodelabError(
        "no-table",
        "The file holds no single table",
        where=where,
        why=f"It holds {held}.",
        what_to_do="Name the part that is meant (column `part`).",
        hints=(FILES,),
    )


def part_of(content: Content, name: str, where: str) -> Content:
    """The part of a recording that a study names; the whole where it names none.

    Raises:
        CathodelabError: there is no such part.
    """
    if not name:
        return content
    parts: Mapping[str, Part] = content.parts if isinstance(content, Recording) else {}
    if name in parts:
        return parts[name]
    raise CathodelabError(
        "part-missing",
        f"The file has no part {name!r}",
        where=where,
        why=f"It has {', '.join(parts)}." if parts else "It holds one measurement without named parts.",
        what_to_do="Correct the part (column `part`), or leave it empty for the whole file.",
        hints=(FILES,),
    )
